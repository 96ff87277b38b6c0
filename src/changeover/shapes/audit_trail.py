"""The Setup Audit Trail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from msgspec import Meta, Struct

from changeover.org.model import events
from changeover.org.model.orgs import Door
from changeover.shapes.pages import Page

Side = dict[str, Any] | None


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One row: who did what through which door."""

    number: int
    at: datetime
    event: Annotated[str, Meta(description="`subject:object:verb`.", examples=["connected-app:app:migrated"])]
    subject: Annotated[str, Meta(description="What was acted upon: the app's API name, the username.")]
    actor: Annotated[str, Meta(description="Username.")]
    door: Door
    before: Annotated[Side, Meta(description="What was there; null where nothing was.")]
    after: Annotated[Side, Meta(description="What is there now; null where nothing is.")]
    text: str

    @classmethod
    def of(cls, entry: events.AuditEntry) -> Self:
        """Return the shape of a row."""
        return cls(
            number=entry.number,
            at=entry.at,
            event=entry.event,
            subject=entry.subject,
            actor=entry.actor,
            door=entry.door,
            before=None if entry.before is None else dict(entry.before),
            after=None if entry.after is None else dict(entry.after),
            text=entry.text,
        )


class AuditPage(Page, frozen=True, kw_only=True):
    """One page of the Setup Audit Trail, the newest row first."""

    items: tuple[AuditEntry, ...]
    open_ended: Annotated[
        bool,
        Meta(
            description="Whether there are more rows than `total` says: beyond 10,000 nobody counts, and"
            " `pages` only tells whether there is a next one."
        ),
    ]
