"""Parameters that many operations take."""

from __future__ import annotations

from typing import Annotated, cast

from litestar.params import QueryParameter
from msgspec import Meta, Struct

from changeover.org.editing import Changes

PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=1_000_000, description="Counted from 1.")]
PageSize = Annotated[int, QueryParameter(name="page_size", ge=1, le=200, description="Items a page.")]
Search = Annotated[str, QueryParameter(name="q", max_length=255, description="What is searched for.")]
Confirmed = Annotated[
    bool,
    QueryParameter(
        name="confirmed", description="Whether the deletion is confirmed; nothing is deleted without."
    ),
]

Value = str | bool | int | None | list[str | dict[str, str | bool | int]]
NewValues = Annotated[
    dict[str, Value],
    Meta(
        description="By leaf path without the last index. A text, a switch or a number; null takes the"
        " element out; a list replaces a repeated element, of texts (`oauthConfig/scopes`) or of groups"
        " (`ipRanges`).",
        examples=[{"label": "Billing", "oauthConfig/scopes": ["Api", "RefreshToken"]}],
    ),
]


class Edit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to settings or policies. What is not named stays."""

    changes: NewValues


def given(changes: dict[str, Value]) -> Changes:
    """Return changes as acts take them; a list of texts and groups mixed is refused there."""
    return cast("Changes", changes)


class PasswordCheck(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Proof that it is the user: their password, given anew."""

    password: Annotated[str, Meta(max_length=1024)]
