"""Login History."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct

from changeover.org.model import events
from changeover.shapes.pages import Page


class Login(Struct, frozen=True, kw_only=True):
    """One row of Login History."""

    at: datetime
    username: str
    application: Annotated[str, Meta(description="The app's label: Salesforce names no other thing.")]
    login_type: str
    sub_type: Annotated[str, Meta(examples=["OauthUsernamePassword"])]
    status: str
    source_ip: str
    login_url: str

    @classmethod
    def of(cls, row: events.LoginRow) -> Self:
        """Return the shape of a row."""
        return cls(**{name: getattr(row, name) for name in cls.__struct_fields__})


class LoginPage(Page, frozen=True, kw_only=True):
    """One page of Login History, the newest row first."""

    items: tuple[Login, ...]
    open_ended: Annotated[
        bool,
        Meta(
            description="Whether there are more rows than `total` says: beyond 10,000 nobody counts, and"
            " `pages` only tells whether there is a next one."
        ),
    ]
