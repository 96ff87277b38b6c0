"""What an org holds: frozen records. What the store keeps, the acts return, and the doors show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.names import namespace_of
from changeover.apps.reference import Reference
from changeover.migration.account import Account
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.migration.situation import Neighbour
from changeover.org.permissions import Permission


class Door(StrEnum):
    """Through which door an act came in."""

    BROWSER = "browser"
    REST = "rest"
    COMMAND_LINE = "command line"
    API = "Salesforce API"
    """Salesforce's own REST and SOAP APIs, with an access token of an app."""


class Edition(StrEnum):
    """Salesforce editions."""

    GROUP = "Group"
    ESSENTIALS = "Essentials"
    PROFESSIONAL = "Professional"
    ENTERPRISE = "Enterprise"
    PERFORMANCE = "Performance"
    UNLIMITED = "Unlimited"
    DEVELOPER = "Developer"


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
class Actor:
    """A signed-in user and the door. What the user may do is read in the act's own transaction."""

    org_id: str
    user_id: str
    username: str
    door: Door


@dataclass(frozen=True, kw_only=True)
class Org:
    """An org. `org_id` has 18 characters."""

    org_id: str
    name: str
    edition: Edition
    my_domain: str
    """`acme`, of `acme.my.salesforce.com`."""
    enterprise_admitted: bool = False
    """Company Information: whether Enterprise counts among the editions that may migrate (the article's list
    leaves it out, a release note has it)."""
    connected_app_creation_allowed: bool = False
    """The exception that Salesforce Support grants since Spring '26."""
    external_client_apps_enabled: bool = True
    """The opt-in of External Client App settings."""
    username_password_blocked: bool = False
    """OauthOidcSettings.blockOAuthUnPwFlow."""
    user_agent_blocked: bool = False
    """OauthOidcSettings.blockOAuthUsrAgtFlow."""
    secrets_over_rest: bool = False
    """"Allow access to External Client App consumer secrets via REST API"."""
    pkce_required: bool = False
    """OauthOidcSettings.isPkceRequired."""
    code_credentials_allowed: bool = False
    """OauthOidcSettings.oAuthCdCrdtFlowEnable; blocked by default at Salesforce."""
    soap_login_blocked: bool = False
    """Whether login() of the SOAP API is refused; at Salesforce it is in new orgs."""
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A profile. A placeholder is a name that an imported file mentions and the org lacked."""

    profile_id: str
    name: str
    permissions: frozenset[Permission]
    placeholder: bool = False


@dataclass(frozen=True, kw_only=True)
class PermissionSet:
    """A permission set; `api_name` is what apps name it by."""

    permission_set_id: str
    api_name: str
    label: str
    permissions: frozenset[Permission]
    placeholder: bool = False


@dataclass(frozen=True, kw_only=True)
class User:
    """A user. The username is unique over all orgs; a placeholder is nobody and cannot sign in."""

    user_id: str
    org_id: str
    username: str
    name: str
    email: str
    profile: str | None
    """Name of the profile; a placeholder has none."""
    permission_sets: tuple[str, ...]
    """API names."""
    active: bool = True
    placeholder: bool = False
    locked_until: datetime | None = None


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
class Standing:
    """Where an active user stands: in which org, and with which permissions."""

    org_id: str
    permissions: frozenset[str]
    """API names of all that profile and permission sets hold."""


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


class Credential(StrEnum):
    """Which push credential is stored."""

    APPLE_P12 = "Apple P12 certificate"
    APPLE_P8 = "Apple P8 key"
    ANDROID_SERVER_KEY = "Android server key"
    ANDROID_SERVICE_ACCOUNT = "Android service account"


@dataclass(frozen=True, kw_only=True)
class PushSettings:
    """Push settings of a connected app for one service. The credentials themselves stay sealed."""

    service: str
    """`Apple` or `Android`."""
    credential: Credential
    environment: str | None = None
    """Apple: `Sandbox` or `Production`."""
    application_bundle: str | None = None
    key_identifier: str | None = None
    team_identifier: str | None = None
    fcm_project: str | None = None
    certificate_expires: date | None = None
    """Read from the P12 certificate."""
    full_content: bool = False
    """Whether notifications hold the full content."""


@dataclass(frozen=True, kw_only=True)
class LoginRow:
    """One row of Login History. `application` is the app's label: Salesforce names no other thing."""

    at: datetime
    username: str
    application: str
    login_type: str = ""
    sub_type: str = ""
    """As the API spells it: `OauthUsernamePassword`."""
    status: str = ""
    source_ip: str = ""
    login_url: str = ""

    @property
    def refused(self) -> bool:
        """Whether the login did not go through; a row without a status counts as one that did."""
        return self.status.casefold() not in {"", "success"}


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One row of the Setup Audit Trail."""

    number: int
    at: datetime
    event: str
    """`subject:object:verb`, see `audit.Event`."""
    subject: str
    """What was acted upon: the app's API name, the username."""
    actor: str
    """Username."""
    door: Door
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    text: str
    """One sentence for the reader."""


@dataclass(frozen=True, kw_only=True)
class Provisioning:
    """User provisioning of a connected app."""

    app: str
    """API name."""
    enabled: bool
    reference: Reference | None
    """The UserProvisioningConfig as its file says it; None where only the switch in Setup was set."""


@dataclass(frozen=True, kw_only=True)
class NotificationType:
    """A notification type of Notification Builder."""

    api_name: str
    label: str
    custom: bool


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Whether a notification type is delivered to a connected app."""

    app: str
    """API name."""
    label: str
    enabled: bool


@dataclass(frozen=True, kw_only=True)
class DeliverySettings:
    """A notification type with every connected app that it may go to; migrated apps are absent."""

    notification_type: NotificationType
    apps: tuple[Delivery, ...]


@dataclass(frozen=True, kw_only=True)
class Briefcase:
    """A briefcase of Briefcase Builder and its connected apps; migrated apps are absent."""

    api_name: str
    label: str
    description: str
    active: bool
    apps: tuple[str, ...]
    """API names."""


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """A personal API token; only its digest is stored."""

    token_id: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked: bool


@dataclass(frozen=True, kw_only=True)
class StoredToken:
    """A token as it is looked up by digest."""

    token: ApiToken
    user_id: str


@dataclass(frozen=True, kw_only=True)
class Session:
    """A browser session as its user sees it."""

    session_id: str
    """Names it and opens nothing: of the id in the cookie only a digest is stored."""
    created_at: datetime
    last_used_at: datetime
    """To the minute or so: each note is a write."""
    expires_at: datetime
    """When it ends if nobody uses it before."""
    address: str
    """From where the user signed in, as the server saw it: behind a proxy, the proxy's."""
    browser: str
    """Name and system as the browser told them: `Firefox on Windows`."""


@dataclass(frozen=True, kw_only=True)
class StoredSession:
    """A session as it is looked up by digest."""

    session: Session
    user_id: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one app of a batch (migrate several, import)."""

    name: str
    """The app's API name."""
    result: str
    """Migrate: `migrated`, `skipped`, `failed`. Revert: `reverted`, `skipped`, `failed`.
    Import: `created`, `updated`, `unchanged`, `refused`."""
    code: str | None = None
    """Code of the error, where there was one."""
    message: str = ""
    remedy: str = ""


class BatchKind(StrEnum):
    """What a batch does with each of its apps."""

    MIGRATE = "migrate"
    REVERT = "revert"


class BatchState(StrEnum):
    """How a batch stands."""

    RUNNING = "running"
    """To be run: some process is at it, or the next one that runs batches takes it up."""
    STOPPED = "stopped"
    """Nobody goes on with it before somebody resumes it."""
    DONE = "done"
    """Every app has its outcome."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A run of migrate several, or of the undo of one. What became of each app is read page by page."""

    batch_id: str
    kind: BatchKind
    state: BatchState
    started_at: datetime
    started_by: str
    """Username of who gave the confirmations."""
    actor: Actor
    """As whom its apps are migrated: who started it, or resumed it last."""
    total: int
    """How many apps it has."""
    results: Mapping[str, int]
    """How many apps have which result so far."""
    alive_until: datetime | None = None
    """While a process is at it: by when that one will have given another sign of life."""
    of_batch: str | None = None
    """The batch that this one undoes."""
    halted: str = ""
    """Why it stopped by itself."""

    @property
    def door(self) -> Door:
        """Through which it was started or resumed last."""
        return self.actor.door

    @property
    def count(self) -> int:
        """How many apps have their outcome."""
        return sum(self.results.values())

    @property
    def done(self) -> bool:
        """Whether every app has its outcome."""
        return self.state is BatchState.DONE

    def alive(self, now: datetime) -> bool:
        """Whether some process is at it."""
        return self.state is BatchState.RUNNING and self.alive_until is not None and self.alive_until > now


@dataclass(frozen=True, kw_only=True)
class BatchApp:
    """An app of a batch as it was chosen, to be done."""

    position: int
    name: str
    despite_evidence: bool = False
    seen_version: int | None = None
    """Version that was seen: of the connected app (migrate), of the external client app (revert)."""
    external_id: str | None = None
    """Revert: id of the external client app that the batch made; another one of its name is left alone."""
