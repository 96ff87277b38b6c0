"""The records of apps of both kinds, and of what belongs to an app."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.reference import Reference
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.org.consumers import Holders, StagedConsumer
from changeover.org.lists import (
    AppAccess,
    AppKind,
    AppNames,
    AppQuery,
    AppRow,
    ExternalClientAppQuery,
    ExternalClientAppRow,
    Page,
)
from changeover.org.model.apps import (
    ConnectedAppRecord,
    ExternalClientAppRecord,
    KeptVerdict,
    Provisioning,
    StagedCredentials,
    Surroundings,
)
from changeover.org.model.beside_apps import PushSettings


class ConnectedApps(Protocol):
    """Connected apps. Documents go in with their secret and come out without it."""

    def get(self, org_id: str, api_name: str, *, lock: bool = False) -> ConnectedAppRecord | None:
        """Return an app by API name, without regard to case. `lock`: nobody else may change it meanwhile."""

    def scan(self, org_id: str, *, app_id: str | None = None) -> Iterator[ConnectedAppRecord]:
        """Yield apps by API name, as they are read: all, or the one of an id."""

    def page(self, org_id: str, query: AppQuery) -> Page[AppRow]:
        """Return a page of App Manager."""

    def counts(self, org_id: str) -> Mapping[Verdict, int]:
        """Return how many apps have which verdict today."""

    def names(self, org_id: str, labels: Iterable[str] | None = None) -> Iterator[str]:
        """Yield API names in order: of all apps, or of those that bear one of the labels."""

    def holder_of_key(self, org_id: str, consumer_key: str) -> str | None:
        """Return the API name of the app with a consumer key."""

    def surroundings(self, org_id: str, record: ConnectedAppRecord) -> Surroundings:
        """Return what stands around an app, in one question to the database."""

    def secret(self, app_id: str) -> str | None:
        """Return the consumer secret in clear."""

    def unsealed(self, record: ConnectedAppRecord) -> ConnectedApp:
        """Return an app's document with its secrets in place."""

    def several(self, org_id: str, names: Iterable[str]) -> Iterator[ConnectedApp]:
        """Yield apps of these names with their secrets in place, in any order."""

    def add(self, org_id: str, record: ConnectedAppRecord) -> None:
        """Add an app; secrets in its document are sealed."""

    def save(self, record: ConnectedAppRecord) -> None:
        """Write an app as it is now. Secrets that its document holds are sealed, those it lacks stay."""

    def turn(self, record: ConnectedAppRecord, state: State, kept: KeptVerdict | None = None) -> None:
        """Write another state of an app and count its version; with it the verdict, where it is given."""

    def set_secret(self, app_id: str, secret: str | None) -> None:
        """Seal another consumer secret, or unset it."""

    def assess(self, app_id: str, kept: KeptVerdict) -> bool:
        """Store a verdict with what it rests on.

        Returns whether the digest is another than before; the app's version is then counted.
        """

    def delete(self, app_id: str) -> None:
        """Delete an app with all that hangs on it."""


class References(Protocol):
    """References to connected apps that were imported."""

    def provisioned(self, org_id: str) -> tuple[Provisioning, ...]:
        """Return the apps with user provisioning on, or with a configuration of it, by API name."""

    def of(self, app_id: str) -> tuple[Reference, ...]:
        """Return the references to an app that were imported, by file and path."""

    def replace(self, app_id: str, references: Iterable[Reference]) -> bool:
        """Write the references to an app anew; returns whether they changed."""


class ExternalClientApps(Protocol):
    """External client apps. Documents go in with their secrets and come out without them."""

    def get(self, org_id: str, api_name: str, *, lock: bool = False) -> ExternalClientAppRecord | None:
        """Return an app by API name, without regard to case."""

    def scan(self, org_id: str, *, app_id: str | None = None) -> Iterator[ExternalClientAppRecord]:
        """Yield apps by API name, as they are read: all, or the one of an id."""

    def page(self, org_id: str, query: ExternalClientAppQuery) -> Page[ExternalClientAppRow]:
        """Return a page of External Client App Manager."""

    def names(self, org_id: str) -> Iterator[str]:
        """Yield API names in order."""

    def holder_of_key(self, org_id: str, consumer_key: str) -> str | None:
        """Return the API name of the app with a consumer key, be it that of its staged credentials."""

    def part_holders(self, org_id: str, app: ExternalClientApp) -> Mapping[str, str]:
        """Return which parts of an app bear the name of a part of another app, and that app, by component."""

    def secret(self, app_id: str) -> str | None:
        """Return the consumer secret in clear."""

    def unsealed(self, app_id: str) -> ExternalClientApp:
        """Return the app as it is now with all its secrets in place."""

    def add(
        self, org_id: str, record: ExternalClientAppRecord, connected_app_id: str | None = None
    ) -> ExternalClientAppRecord:
        """Add an app; secrets in `record.app` are sealed.

        `connected_app_id`: the connected app that `record.connected_app` names.
        Returns the app as `get` would.
        """

    def save(self, record: ExternalClientAppRecord) -> None:
        """Write `record.app` as it is now. Secrets that it holds are sealed, those it lacks stay."""

    def link(self, record: ExternalClientAppRecord, connected_app_id: str | None) -> None:
        """Say which connected app it was made from."""

    def delete(self, app_id: str) -> None:
        """Delete an app."""


class StagedCredentialsOfApps(Protocol):
    """Staged credentials of external client apps, at most one pair an app; they end with their app."""

    def of(self, app_id: str, *, lock: bool = False) -> StagedCredentials | None:
        """Return those of an app. `lock`: nobody else may change them meanwhile."""

    def secret(self, staged: StagedCredentials) -> str | None:
        """Return their secret in clear."""

    def put(self, org_id: str, staged: StagedCredentials, secret: str | None) -> None:
        """Write those of an app anew; the secret is sealed."""

    def remove(self, app_id: str) -> None:
        """Remove those of an app."""

    def forget_expired(self, now: datetime) -> None:
        """Delete those whose time has been over for a day."""


class Consumers(Protocol):
    """Who holds a consumer key, as every login asks for it."""

    def holders(self, org_id: str, consumer_key: str) -> Holders:
        """Return the apps with a consumer key: as of one moment, whatever else is committed meanwhile."""

    def staged(self, org_id: str, consumer_key: str) -> StagedConsumer | None:
        """Return the staged credentials with a consumer key, expired ones too."""


class AppAccesses(Protocol):
    """What apps say of profiles and permission sets: their own documents, and nothing beside them."""

    def naming(self, org_id: str, kind: str, apps: AppKind) -> Iterator[AppNames]:
        """Yield the apps that name any profile or permission set (`granting.PROFILE`, `PERMISSION_SET`)."""

    def in_force(self, org_id: str, apps: AppKind) -> tuple[AppAccess, ...]:
        """Return the apps whose profiles and permission sets decide and may be changed, by label."""


class Push(Protocol):
    """Push settings of connected apps."""

    def list(self, app_id: str) -> tuple[PushSettings, ...]:
        """Return an app's settings, one a service."""

    def credentials(self, app_id: str, service: str) -> Mapping[str, str]:
        """Return the sealed credentials of a service in clear."""

    def put(self, app_id: str, settings: PushSettings, credentials: Mapping[str, str]) -> None:
        """Write the settings of a service anew."""

    def remove(self, app_id: str, service: str) -> bool:
        """Remove the settings of a service; returns whether there were any."""
