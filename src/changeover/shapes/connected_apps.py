"""Connected apps: a row of App Manager, one app whole, what a migration would make of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct

from changeover.apps.reference import Reference as AppReference
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.org.lists import AppRow
from changeover.org.model.apps import AppType, ConnectedAppRecord, Origin
from changeover.shapes.documents import ConnectedAppMetadata, Leaf, settings_of
from changeover.shapes.pages import Page

Version = Annotated[
    int, Meta(description="Counts every change of the app and of its assessment; the ETag holds it.", ge=1)
]


class ConnectedAppRow(Struct, frozen=True, kw_only=True):
    """One row of App Manager."""

    api_name: str
    label: str
    description: str
    app_type: AppType
    state: State
    verdict: Verdict
    modified_at: datetime
    version: Version

    @classmethod
    def of(cls, row: AppRow) -> Self:
        """Return the shape of a row."""
        return cls(
            api_name=row.api_name,
            label=row.label,
            description=row.description,
            app_type=row.app_type,
            state=row.state,
            verdict=row.verdict,
            modified_at=row.modified_at,
            version=row.version,
        )


class ConnectedAppPage(Page, frozen=True, kw_only=True):
    """One page of App Manager."""

    items: tuple[ConnectedAppRow, ...]


class ConnectedApp(Struct, frozen=True, kw_only=True):
    """A connected app with all its settings and policies, without its consumer secret."""

    api_name: str
    label: str
    app_type: AppType
    state: State
    verdict: Annotated[Verdict, Meta(description="As of today; the reasons are in the assessment.")]
    read_only: Annotated[
        bool, Meta(description="True once it has been migrated, until its external client app is deleted.")
    ]
    origin: Origin
    installed: Annotated[bool, Meta(description="Installed from a package, so not local.")]
    user_provisioning: bool
    dynamic_registration: bool
    secret_set: bool
    created_at: datetime
    modified_at: datetime
    modified_by: Annotated[str, Meta(description="Username.")]
    source_path: Annotated[str | None, Meta(description="The file it was imported from.")]
    version: Version
    settings: Annotated[
        ConnectedAppMetadata, Meta(description="Values under Salesforce's element names; no secret.")
    ]
    leaves: Annotated[tuple[Leaf, ...], Meta(description="The same values, and elements that no type knows.")]

    @classmethod
    def of(cls, record: ConnectedAppRecord) -> Self:
        """Return the shape of a connected app."""
        return cls(
            api_name=record.api_name,
            label=record.label,
            app_type=record.app_type,
            state=record.state,
            verdict=record.verdict,
            read_only=record.read_only,
            origin=record.origin,
            installed=record.installed,
            user_provisioning=record.user_provisioning,
            dynamic_registration=record.dynamic_registration,
            secret_set=record.secret_set,
            created_at=record.created_at,
            modified_at=record.modified_at,
            modified_by=record.modified_by,
            source_path=record.source_path,
            version=record.version,
            settings=settings_of(record.document),
            leaves=Leaf.all_of(record.document),
        )


class Reference(Struct, frozen=True, kw_only=True):
    """A place outside the app that names it."""

    kind: Annotated[str, Meta(description="Metadata type of the referring file.")]
    file: str
    path: Annotated[str, Meta(description="The leaf that names the app.")]
    app: str

    @classmethod
    def of(cls, reference: AppReference) -> Self:
        """Return the shape of a reference."""
        return cls(kind=reference.kind, file=reference.file, path=reference.path, app=reference.app)


class ConsumerDetails(Struct, frozen=True, kw_only=True):
    """Consumer key and secret. Each look at them is a row of the audit trail."""

    consumer_key: str | None
    consumer_secret: Annotated[str | None, Meta(description="Null where none has been set.")]
