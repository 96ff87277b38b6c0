"""Connected and external client apps, and what bears on their verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.names import namespace_of
from changeover.apps.reference import Reference
from changeover.migration.account import Account
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.migration.situation import Neighbour


class AppType(StrEnum):
    """App Type in App Manager."""

    CONNECTED = "Connected"
    CONNECTED_MANAGED = "Connected (Managed)"


class Origin(StrEnum):
    """How an app came into the org."""

    CREATED = "created"
    IMPORTED = "imported"
    MIGRATED = "migrated"


@dataclass(frozen=True, kw_only=True)
class ConnectedAppRecord:
    """A connected app as the org holds it. `document` never holds the consumer secret (see `secret_set`)."""

    app_id: str
    document: ConnectedApp
    state: State
    verdict: Verdict
    """As of today; the finer reasons come from `app_manager.assess_app`."""
    origin: Origin
    version: int
    """Counts every change of the app or of its assessment: a page that shows another is stale."""
    secret_set: bool
    installed: bool
    """Installed from a package, so not local."""
    user_provisioning: bool
    dynamic_registration: bool
    created_at: datetime
    modified_at: datetime
    modified_by: str
    """Username."""
    source_path: str | None = None
    """The file it was imported from."""

    @property
    def api_name(self) -> str:
        """The document's full name."""
        return self.document.full_name

    @property
    def label(self) -> str:
        """The label, or the API name where the label is missing or empty."""
        return self.document.label or self.document.full_name

    @property
    def app_type(self) -> AppType:
        """Connected, or Connected (Managed) for an installed or namespaced app."""
        managed = self.installed or namespace_of(self.api_name) is not None
        return AppType.CONNECTED_MANAGED if managed else AppType.CONNECTED

    @property
    def read_only(self) -> bool:
        """Whether it has been migrated: nothing may change it until its external client app is deleted."""
        return self.state is State.MIGRATED


@dataclass(frozen=True, kw_only=True)
class ExternalClientAppRecord:
    """An external client app as the org holds it. No document of it holds a secret."""

    app_id: str
    app: ExternalClientApp
    """As it is now."""
    at_migration: ExternalClientApp
    """As migration (or import) made it."""
    origin: Origin
    account: Account | None
    """Where each field came from, secrets masked; None where it was imported."""
    connected_app: str | None
    """API name of the connected app that deleting it makes active again."""
    made_by: str
    """Username."""
    made_at: datetime
    modified_by: str
    modified_at: datetime
    version: int
    secret_set: bool
    secret_changed: bool
    """Whether the secret is another than at migration."""

    @property
    def api_name(self) -> str:
        """The header's full name."""
        return self.app.api_name

    @property
    def label(self) -> str:
        """The label, or the API name where the label is missing or empty."""
        return self.app.header.label or self.app.api_name


class StagedState(StrEnum):
    """What staged credentials are; Salesforce's words (Connect REST API, App Oauth Staged Credentials)."""

    ACTIVE = "Active"
    """They may be used beside the app's own, and become the app's own when they are rotated."""
    ROTATED = "Rotated"
    """They were the app's own until a rotation."""
    EXPIRED = "Expired"


@dataclass(frozen=True, kw_only=True)
class StagedCredentials:
    """A second pair of consumer key and secret of an external client app; the secret is kept apart."""

    staged_id: str
    app_id: str
    consumer_key: str
    secret_set: bool
    rotated: bool
    created_by: str
    """Username."""
    created_at: datetime
    expires_at: datetime

    def state(self, now: datetime) -> StagedState:
        """Return what they are at a time."""
        if now >= self.expires_at:
            return StagedState.EXPIRED
        return StagedState.ROTATED if self.rotated else StagedState.ACTIVE


@dataclass(frozen=True, kw_only=True)
class KeptVerdict:
    """What is stored of an assessment; what depends on the day is told apart."""

    verdict: Verdict
    blocked_from: date | None
    """The day on which it turns into blocked, None where it does not."""
    digest: str
    """Of what it rests on: another one is another version of the app."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What stands around a connected app and bears on its verdict; most apps have little of it."""

    neighbour: Neighbour | None
    """The external client app of the app's name."""
    in_other_orgs: bool
    """Whether another org of the installation has an app with its consumer key."""
    window: tuple[datetime, datetime] | None
    """The first and the last login of the org's Login History, None where it is empty."""
    logins: bool
    """Whether Login History has rows under the app's label."""
    label_shared: bool
    """Whether another app of the org bears its label."""
    part_names: bool
    """Whether other apps have parts whose names begin as those of its external client app would."""
    push: bool
    deliveries: bool
    briefcases: bool
    references: bool
    """Whether it has push settings, deliveries of notifications, briefcases, imported references."""


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """What the admin confirms in the Migrate dialog, and of which state of the app."""

    local: bool = False
    no_username_password: bool = False
    despite_evidence: bool = False
    """Said for this very app, against the evidence shown."""
    seen_version: int | None = None
    """`ConnectedAppRecord.version` of the page; None where nothing was shown beforehand (command line)."""
    given_by: str | None = None
    """Username of who confirmed, where it is not who migrates: somebody else's batch that was resumed."""


@dataclass(frozen=True, kw_only=True)
class Provisioning:
    """User provisioning of a connected app."""

    app: str
    """API name."""
    enabled: bool
    reference: Reference | None
    """The UserProvisioningConfig as its file says it; None where only the switch in Setup was set."""
