"""The records of which a plan consists. Their fields are the JSON of a plan file, name by name.

A plan is a head, the apps one by one, and an end; a reader never needs more than one app in memory. No record
holds a secret. The texts under the fields are the descriptions in the JSON schema (`tools/plan_schema.py`).
A change that an older reader would misread counts `FORMAT`; a new field with a default does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from changeover.migration.account import Kind
from changeover.migration.finding import Severity, Status, Verdict

FORMAT = 1
"""Version of the format of plan files; the schema of each version is published with the package."""


class SourceKind(StrEnum):
    """Where the apps of a plan live."""

    FOLDER = "folder"
    ZIP = "zip"
    FILE = "file"
    ORG = "org"


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Which Changeover made the plan: another one might make something else of the same app."""

    version: str
    """Version of Changeover."""
    digest: str
    """SHA-256 of the code that judges and maps, so that two builds of one version are told apart."""


@dataclass(frozen=True, kw_only=True)
class OrgIdentity:
    """The org of a plan, as far as it bears on what a migration makes."""

    org_id: str
    name: str
    my_domain: str
    """`acme`, of `acme.my.salesforce.com`."""
    edition: str


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the apps live, and the switches there that bear on a migration."""

    kind: SourceKind
    name: str
    """Name of the folder, of the archive or of the org."""
    path: str | None
    """From the plan's folder to the source, steps parted by `/`; null for an org."""
    org: OrgIdentity | None
    """Null for files: they do not say of which org they are."""
    switches: dict[str, bool | None]
    """Settings of the whole org by name; null where the files do not tell."""


@dataclass(frozen=True, kw_only=True)
class LoginWindow:
    """The time that the Login History covers."""

    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class PlanHead:
    """What is said once: who made the plan, when, with what, of which source."""

    format: int
    """Version of this format."""
    engine: Engine
    source: Source
    made_at: datetime
    made_by: str
    """Who made the plan: a username of the org, or the name under which its maker works on the machine."""
    today: date
    """The day on which rules with a date were judged."""
    logins: LoginWindow | None
    """Null where no Login History was read."""


class Asked(StrEnum):
    """What somebody must confirm before an app is migrated."""

    LOCAL = "local"
    NO_USERNAME_PASSWORD = "no-username-password"  # noqa: S105 - the name of a confirmation
    DESPITE_EVIDENCE = "despite-evidence"


@dataclass(frozen=True, kw_only=True)
class Given:
    """A confirmation that somebody gave."""

    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """One thing to confirm, and who confirmed it."""

    what: Asked
    rule: str | None
    """Of `despite-evidence`: id of the rule whose finding speaks against the migration."""
    statement: str
    """What is confirmed, in one sentence; of `despite-evidence`, the evidence against it."""
    given: Given | None
    """Null as long as nobody has confirmed it."""


@dataclass(frozen=True, kw_only=True)
class LastUser:
    """A user whom Login History saw in the app."""

    user: str
    """Username or user id, as the rows tell."""
    flow: str
    """LoginSubType: `OauthWebServer`."""
    last: datetime
    """The last login of this flow, whoever of its users it was."""


@dataclass(frozen=True, kw_only=True)
class PlannedLeaf:
    """One element of the external client app that will be made."""

    path: str
    """XPath below the root element: `customAttributes[1]/key`."""
    value: str | None
    """The element's text; null for a secret, which no plan holds."""
    secret: str | None = None
    """For a secret: where the source has it, a leaf path of the connected app; `""` where no single place."""


@dataclass(frozen=True, kw_only=True)
class PlannedComponent:
    """One metadata component that will be made: the header, or a part."""

    type: str
    """Metadata type: `ExtlClntAppOauthSettings`."""
    full_name: str
    leaves: tuple[PlannedLeaf, ...]


@dataclass(frozen=True, kw_only=True)
class PlannedExternalClientApp:
    """The external client app that will be made, whole but for secrets."""

    api_name: str
    components: tuple[PlannedComponent, ...]
    """The header first."""


@dataclass(frozen=True, kw_only=True)
class Lost:
    """What the external client app will not have."""

    source: str
    """Leaf path in the connected app; of a reference: the referring file, a colon, the leaf path there."""
    value: str
    """The value as it stood; a secret is masked."""
    consequence: str


@dataclass(frozen=True, kw_only=True)
class PlannedFinding:
    """One statement of one rule about the app."""

    rule: str
    """Id of the rule: `canvas`."""
    title: str
    """The rule in a few words: "Canvas is on"."""
    severity: Severity
    status: Status
    evidence: str
    """What was seen in this app, in one sentence, secrets masked."""
    remedy: str
    """What to do about it, in one sentence."""
    source: str
    """Where the rule comes from: document and section."""


@dataclass(frozen=True, kw_only=True)
class PlannedHidden:
    """A rule that could not be judged from what was read."""

    rule: str
    where_to_look: str


@dataclass(frozen=True, kw_only=True)
class PlannedTarget:
    """A leaf of the result: `component` is `App_glbloauth.ecaGlblOauth`, `path` an XPath in it."""

    component: str
    path: str
    value: str

    def __str__(self) -> str:
        return f"{self.component}/{self.path}"


@dataclass(frozen=True, kw_only=True)
class PlannedEntry:
    """What becomes of one leaf of the source, or of one reference to the app."""

    source: str
    """Leaf path in the connected app; of a reference: the referring file, a colon, the leaf path there."""
    kind: Kind
    value: str
    """The source's value as it stood."""
    targets: tuple[PlannedTarget, ...]
    note: str = ""
    """What the reader should know; of a lost one, the consequence."""


@dataclass(frozen=True, kw_only=True)
class PlannedAdded:
    """A leaf of the result that comes from no leaf of the source, and why it is there."""

    target: PlannedTarget
    why: str
    decision: str | None = None
    """Id of the decision that it rests on, None where a document says so."""


@dataclass(frozen=True, kw_only=True)
class PlannedApp:
    """One connected app of a plan."""

    api_name: str
    label: str
    path: str | None
    """The app's file, relative to the source; of an app of an org, the file it was imported from."""
    app_id: str | None
    """Record id of an app of an org."""
    fingerprint: str
    """SHA-256 of the app, the places that refer to it, and the org's edition and switches; see the guide."""
    verdict: Verdict
    findings: tuple[PlannedFinding, ...]
    not_visible: tuple[PlannedHidden, ...]
    confirmations: tuple[Confirmation, ...]
    """What must be confirmed before the app is migrated; none where it cannot be, or has been."""
    owner: str | None
    """Who answers for the app, from the list of owners."""
    contact: str | None
    """Whom to tell: from the list of owners, else the app's contact e-mail."""
    wave: str | None
    last_users: tuple[LastUser, ...]
    external_client_app: PlannedExternalClientApp
    account: tuple[PlannedEntry, ...]
    """One entry for every leaf of the connected app and for every place that refers to it."""
    added: tuple[PlannedAdded, ...]
    """Every other leaf that will be made, and why."""
    lost: tuple[Lost, ...]
    """The entries of the account that are lost, once more."""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A row of the list of owners."""

    app: str
    owner: str | None = None
    contact: str | None = None
    wave: str | None = None


@dataclass(frozen=True, kw_only=True)
class FileTrouble:
    """A file of the source that could not be used."""

    path: str
    line: int | None
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class PlanEnd:
    """What is known once all apps have been read."""

    verdicts: dict[str, int]
    """How many apps of the plan have which verdict."""
    unknown_owners: tuple[Owner, ...]
    """Rows of the list of owners whose app the source does not have."""
    errors: tuple[FileTrouble, ...]
    """Files that could not be used; what stands in them is in no plan."""
