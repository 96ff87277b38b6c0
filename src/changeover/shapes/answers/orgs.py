"""What the commands on orgs print with `--json`."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from changeover.shapes.answers.common import Refused
from changeover.shapes.audit_trail import AuditEntry
from changeover.shapes.connected_apps import ConnectedAppRow
from changeover.shapes.external_client_apps import Losses
from changeover.shapes.imports import FileProblem, ImportedApp
from changeover.shapes.login_history import Login
from changeover.shapes.oauth_usage import AppUsage, Connection, OauthToken, UserUsage
from changeover.shapes.orgs import Org
from changeover.shapes.outcomes import Batch, BatchLosses, Outcome
from changeover.shapes.people import ApiToken, AppAccess, PermissionSet, Profile, Session, User


class AccessList(Struct, frozen=True, kw_only=True):
    """The answer of the commands of `changeover access`: the apps that name the profile or permission set."""

    apps: tuple[AppAccess, ...]


class Apps(Struct, frozen=True, kw_only=True):
    """The answer of `changeover apps`."""

    apps: tuple[ConnectedAppRow, ...]
    error: Refused | UnsetType = UNSET


class Audit(Struct, frozen=True, kw_only=True):
    """The answer of `changeover audit`."""

    entries: tuple[AuditEntry, ...]
    error: Refused | UnsetType = UNSET


class BatchList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover batches`."""

    batches: tuple[Batch, ...]


class BatchStopped(Struct, frozen=True, kw_only=True):
    """The answer of `changeover batches BATCH --stop`."""

    batch: Batch


class BatchOutcomes(Struct, frozen=True, kw_only=True):
    """What became of the apps of a batch, one after the other."""

    outcomes: tuple[Outcome, ...]
    error: Refused | UnsetType = UNSET


class BatchLost(Struct, frozen=True, kw_only=True):
    """The answer of `changeover revert --batch BATCH --list`."""

    lost: BatchLosses


class Check(Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str


class Doctor(Struct, frozen=True, kw_only=True):
    """The answer of `changeover doctor`."""

    checks: tuple[Check, ...]


class Export(Struct, frozen=True, kw_only=True):
    """The answer of `changeover export`."""

    directory: str
    apps: int
    files_written: int


class ImportedHistory(Struct, frozen=True, kw_only=True):
    """A Login History that was imported."""

    file: str
    read: int
    new: int
    notes: tuple[str, ...]


class Import(Struct, frozen=True, kw_only=True):
    """The answer of `changeover import`."""

    apps: tuple[ImportedApp, ...]
    login_history: tuple[ImportedHistory, ...]
    errors: tuple[FileProblem, ...]


class OrgCreate(Struct, frozen=True, kw_only=True):
    """The answer of `changeover org create`."""

    org: Org
    username: str
    password: Annotated[str, Meta(description="Shown this once.")]


class ClientNeeds(Struct, frozen=True, kw_only=True):
    """What one client has to be told."""

    client: str
    environment: Annotated[dict[str, str], Meta(description="Variables, by name.")]
    example: Annotated[
        tuple[str, ...], Meta(description="A call that logs in, in the client's own language.")
    ]
    missing: Annotated[str | None, Meta(description="What the server lacks for this client.")]


class OrgEnv(Struct, frozen=True, kw_only=True):
    """The answer of `changeover org env`."""

    org: str
    login_url: str
    clients: tuple[ClientNeeds, ...]


class OrgList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover org list`."""

    orgs: tuple[Org, ...]


class OrgChanged(Struct, frozen=True, kw_only=True):
    """The answer of a command that shows or changes an org."""

    org: Org


class Revert(Struct, frozen=True, kw_only=True):
    """The answer of `changeover revert`."""

    lost: Losses
    connected_app: Annotated[
        str | UnsetType | None, Meta(description="Active again; not there where losses were only listed.")
    ] = UNSET


class SampleUser(Struct, frozen=True, kw_only=True):
    """A user of the sample org."""

    username: str
    password: str
    may: str


class Serve(Struct, frozen=True, kw_only=True):
    """What `changeover serve` prints before it serves."""

    address: str
    base_url: Annotated[str | None, Meta(description="As it was set: under which clients come.")]
    https_address: str | None
    client_proxy: str | None
    ca_file: Annotated[str | None, Meta(description="What clients are told to trust.")]
    users: Annotated[tuple[SampleUser, ...], Meta(description="Of a sample org made this time.")]


class UserList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover user list`."""

    users: tuple[User, ...]


class UserCreate(Struct, frozen=True, kw_only=True):
    """The answer of `changeover user create`."""

    user: User
    password: Annotated[str, Meta(description="Shown this once.")]


class UserPassword(Struct, frozen=True, kw_only=True):
    """The answer of `changeover user password`."""

    username: str
    password: Annotated[str, Meta(description="Shown this once.")]


class UserChanged(Struct, frozen=True, kw_only=True):
    """The answer of a command that changes a user."""

    user: User


class TokenList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover user token list`."""

    tokens: tuple[ApiToken, ...]


class TokenRevoke(Struct, frozen=True, kw_only=True):
    """The answer of a command that revokes tokens."""

    revoked: Annotated[int, Meta(description="How many tokens.", ge=0)]


class ProfileList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover profile list`."""

    profiles: tuple[Profile, ...]


class ProfileSaved(Struct, frozen=True, kw_only=True):
    """The answer of `changeover profile save`."""

    profile: Profile


class PermissionSetList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover permission-set list`."""

    permission_sets: tuple[PermissionSet, ...]


class PermissionSetSaved(Struct, frozen=True, kw_only=True):
    """The answer of `changeover permission-set save`."""

    permission_set: PermissionSet


class LoginList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover logins list`."""

    logins: tuple[Login, ...]
    error: Refused | UnsetType = UNSET


class ExportedRows(Struct, frozen=True, kw_only=True):
    """The answer of a command that writes rows to a file."""

    file: str
    rows: Annotated[int, Meta(ge=0)]


class AppUsageList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover usage list`."""

    apps: tuple[AppUsage, ...]
    error: Refused | UnsetType = UNSET


class UserUsageList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover usage users`."""

    users: tuple[UserUsage, ...]
    error: Refused | UnsetType = UNSET


class OauthTokenList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover usage tokens`."""

    tokens: tuple[OauthToken, ...]


class SecretSet(Struct, frozen=True, kw_only=True):
    """The answer of `changeover secret set`."""

    secret_set: bool


class Blocked(Struct, frozen=True, kw_only=True):
    """The answer of `changeover usage block` and `changeover usage unblock`."""

    blocked: bool


class ConnectionList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover user connection list`."""

    connections: tuple[Connection, ...]


class SessionList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover user session list`."""

    sessions: tuple[Session, ...]


class SessionEnd(Struct, frozen=True, kw_only=True):
    """The answer of `changeover user session end`."""

    ended: Annotated[int, Meta(description="How many sessions.", ge=0)]
