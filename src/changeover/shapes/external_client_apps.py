"""External client apps: a row of the manager, one app whole, what is loose, what deleting it loses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct

from changeover.apps.types import BY_DOCUMENT
from changeover.migration.loose import Loose
from changeover.org import external_client_apps as acts
from changeover.org.lists import ExternalClientAppRow as Row
from changeover.org.model.apps import ExternalClientAppRecord, Origin
from changeover.shapes.documents import Component
from changeover.shapes.pages import Page

Version = Annotated[int, Meta(description="Counts every change of the app; the ETag holds it.", ge=1)]
ConnectedAppName = Annotated[
    str | None, Meta(description="API name of the connected app that deleting this one makes active again.")
]


class ExternalClientAppRow(Struct, frozen=True, kw_only=True):
    """One row of External Client App Manager."""

    api_name: str
    label: str
    description: str
    origin: Origin
    connected_app: ConnectedAppName
    made_by: Annotated[str, Meta(description="Username.")]
    made_at: datetime
    version: Version

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return the shape of a row."""
        return cls(
            api_name=row.api_name,
            label=row.label,
            description=row.description,
            origin=row.origin,
            connected_app=row.connected_app,
            made_by=row.made_by,
            made_at=row.made_at,
            version=row.version,
        )


class ExternalClientAppPage(Page, frozen=True, kw_only=True):
    """One page of External Client App Manager."""

    items: tuple[ExternalClientAppRow, ...]


class ExternalClientApp(Struct, frozen=True, kw_only=True):
    """An external client app with its header and all its parts, without secrets."""

    api_name: str
    label: str
    origin: Origin
    connected_app: ConnectedAppName
    distribution_state: str | None
    consumer_key: str | None
    secret_set: bool
    secret_changed: Annotated[bool, Meta(description="Whether the secret is another than at migration.")]
    made_by: Annotated[str, Meta(description="Username.")]
    made_at: datetime
    modified_by: Annotated[str, Meta(description="Username.")]
    modified_at: datetime
    version: Version
    components: Annotated[tuple[Component, ...], Meta(description="The header first.")]

    @classmethod
    def of(cls, record: ExternalClientAppRecord) -> Self:
        """Return the shape of an external client app."""
        return cls(
            api_name=record.api_name,
            label=record.label,
            origin=record.origin,
            connected_app=record.connected_app,
            distribution_state=record.app.header.distribution_state,
            consumer_key=record.app.consumer_key,
            secret_set=record.secret_set,
            secret_changed=record.secret_changed,
            made_by=record.made_by,
            made_at=record.made_at,
            modified_by=record.modified_by,
            modified_at=record.modified_at,
            version=record.version,
            components=Component.all_of(record.app),
        )


class LostChange(Struct, frozen=True, kw_only=True):
    """A change since migration that a deletion throws away; a secret is masked."""

    target: Annotated[str, Meta(examples=["Billing_oauth.ecaOauth/commaSeparatedOauthScopes"])]
    at_migration: Annotated[str | None, Meta(description="Null where nothing was.")]
    now: Annotated[str | None, Meta(description="Null where nothing is.")]


class Losses(Struct, frozen=True, kw_only=True):
    """What deleting an external client app loses."""

    api_name: str
    connected_app: ConnectedAppName
    version: Version
    changes: tuple[LostChange, ...]
    key_changed: Annotated[bool, Meta(description="Whether its consumer key, rotated since, ends with it.")]
    secret_changed: Annotated[bool, Meta(description="Whether its secret, set since, ends with it.")]
    staged: Annotated[bool, Meta(description="Whether it has staged credentials, which end with it.")]

    @classmethod
    def of(cls, losses: acts.Losses) -> Self:
        """Return the shape of what is lost."""
        return cls(
            api_name=losses.app.api_name,
            connected_app=losses.connected_app,
            version=losses.app.version,
            changes=tuple(
                LostChange(
                    target=f"{change.component}/{change.path}",
                    at_migration=change.at_migration,
                    now=change.now,
                )
                for change in losses.changes
            ),
            key_changed=losses.key_changed,
            secret_changed=losses.secret_changed,
            staged=losses.staged,
        )


class TighteningChange(Struct, frozen=True, kw_only=True):
    """One leaf that a tightening sets."""

    path: Annotated[str, Meta(examples=["ecaGlblOauth/isPkceRequired"])]
    value: str


class LoosePoint(Struct, frozen=True, kw_only=True):
    """Something that is looser than it need be."""

    id: str
    title: str
    why: Annotated[str, Meta(description="What follows from leaving it as it is.")]
    beforehand: Annotated[str, Meta(description="What to make sure of before tightening.")]
    changes: Annotated[tuple[TighteningChange, ...], Meta(description="The one step that tightens it.")]

    @classmethod
    def of(cls, point: Loose) -> Self:
        """Return the shape of a loose point."""
        return cls(
            id=point.id,
            title=point.title,
            why=point.why,
            beforehand=point.beforehand,
            changes=tuple(
                TighteningChange(path=f"{BY_DOCUMENT[each.part].suffix}/{each.path}", value=each.value)
                for each in point.changes
            ),
        )
