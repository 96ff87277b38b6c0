"""What an org needs of the world: its records in one transaction, the time, chance, and cryptography.

`changeover.store` is behind these Protocols. An act gets a `Unit`: one transaction, in which everything it
reads and writes holds together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Protocol

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.reference import Reference
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.migration.situation import FlowUse
from changeover.org.lists import (
    AppAccess,
    AppKind,
    AppNames,
    AppQuery,
    AppRow,
    AuditQuery,
    ExternalClientAppQuery,
    ExternalClientAppRow,
    LoginQuery,
    OutcomeQuery,
    Page,
)
from changeover.org.model import (
    Actor,
    ApiToken,
    AuditEntry,
    Batch,
    BatchApp,
    BatchState,
    Briefcase,
    ConnectedAppRecord,
    Delivery,
    ExternalClientAppRecord,
    LoginRow,
    NotificationType,
    Org,
    Outcome,
    PermissionSet,
    Profile,
    PushSettings,
    Session,
    Standing,
    StoredSession,
    StoredToken,
    Surroundings,
    User,
)
from changeover.org.oauth_records import (
    AccessToken,
    Approval,
    Authorization,
    Code,
    DeviceCode,
    KeyUsage,
    SigningKey,
)


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the time, with UTC as its zone."""


class Ids(Protocol):
    """Chance: record ids, keys, secrets."""

    def record(self, prefix: str) -> str:
        """Return a new 18-character record id that begins with a three-character prefix."""

    def consumer_key(self) -> str:
        """Return a new consumer key."""

    def consumer_secret(self) -> str:
        """Return a new consumer secret of at least 256 random bits."""

    def password(self) -> str:
        """Return a new password that a person can type."""

    def token(self) -> str:
        """Return a new API token."""


class Passwords(Protocol):
    """Hashes of people's passwords (argon2id). Slow on purpose: never call it inside a unit."""

    def hash(self, password: str) -> str:
        """Return the hash to store."""

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. With None it takes as long and returns False."""


class Certificates(Protocol):
    """Reads certificates."""

    def p12_expiry(self, p12: bytes, password: str) -> date:
        """Return the last day of a P12's certificate. Raises E-PUSH-CREDENTIAL-UNREADABLE."""

    def refuse_unreadable_key(self, pem: str) -> None:
        """Refuse a text that is no private key in PEM. Raises E-PUSH-CREDENTIAL-UNREADABLE."""


class Orgs(Protocol):
    """The orgs of the installation."""

    def get(self, org_id: str) -> Org | None:
        """Return an org."""

    def list(self) -> tuple[Org, ...]:
        """Return all orgs by name."""

    def add(self, org: Org) -> None:
        """Add an org."""

    def save(self, org: Org) -> None:
        """Write an org's settings; counts its version."""


class Users(Protocol):
    """Users, profiles and permission sets."""

    def get(self, user_id: str) -> User | None:
        """Return a user by id."""

    def by_username(self, username: str) -> User | None:
        """Return the user who may sign in under a username, whatever the org; no placeholders."""

    def in_org(self, org_id: str, username: str) -> User | None:
        """Return an org's user or placeholder by username."""

    def list(self, org_id: str) -> tuple[User, ...]:
        """Return an org's users by username, placeholders last."""

    def permissions(self, user_id: str) -> frozenset[str]:
        """Return the API names of all permissions that an active user's profile and permission sets hold."""

    def standing(self, user_id: str) -> Standing | None:
        """Return where a user stands, None where there is none of the id who is active."""

    def add(self, user: User, password_hash: str | None) -> None:
        """Add a user. Raises E-NAME-TAKEN."""

    def save(self, user: User) -> None:
        """Write name, email, profile, permission sets, `active` and `placeholder`."""

    def password_hash(self, user_id: str) -> str | None:
        """Return the stored hash."""

    def set_password(self, user_id: str, password_hash: str) -> None:
        """Store a new hash; ends a lock and its count."""

    def failed_sign_ins(self, user_id: str) -> int:
        """Return how many wrong passwords were given since the last right one."""

    def record_sign_in(self, user_id: str, failed: int, locked_until: datetime | None) -> None:
        """Write the count of wrong passwords and the lock that follows."""

    def with_permission(self, org_id: str, api_name: str) -> tuple[str, ...]:
        """Return the ids of the org's active users who hold a permission."""

    def profiles(self, org_id: str) -> tuple[Profile, ...]:
        """Return an org's profiles by name."""

    def save_profile(self, org_id: str, profile: Profile) -> None:
        """Add a profile or write it anew."""

    def permission_sets(self, org_id: str) -> tuple[PermissionSet, ...]:
        """Return an org's permission sets by API name."""

    def save_permission_set(self, org_id: str, permission_set: PermissionSet) -> None:
        """Add a permission set or write it anew."""


class ConnectedApps(Protocol):
    """Connected apps. Documents go in with their secret and come out without it."""

    def get(self, org_id: str, api_name: str, *, lock: bool = False) -> ConnectedAppRecord | None:
        """Return an app by API name, without regard to case. `lock`: nobody else may change it meanwhile."""

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

    def add(self, org_id: str, record: ConnectedAppRecord) -> None:
        """Add an app; secrets in its document are sealed."""

    def save(self, record: ConnectedAppRecord) -> None:
        """Write an app as it is now. Secrets that its document holds are sealed, those it lacks stay."""

    def turn(self, record: ConnectedAppRecord, state: State) -> ConnectedAppRecord:
        """Write another state of an app, nothing else, and count its version; returns it so."""

    def set_secret(self, app_id: str, secret: str | None) -> None:
        """Seal another consumer secret, or unset it."""

    def assess(self, app_id: str, verdict: Verdict, blocked_from: date | None, digest: str) -> bool:
        """Store a verdict, the day on which it turns into blocked, and a digest of what it rests on.

        Returns whether the digest is another than before; the app's version is then counted.
        """

    def delete(self, app_id: str) -> None:
        """Delete an app with all that hangs on it."""

    def references(self, app_id: str) -> tuple[Reference, ...]:
        """Return the references to an app that were imported, by file and path."""

    def replace_references(self, app_id: str, references: Iterable[Reference]) -> bool:
        """Write the references to an app anew; returns whether they changed."""


class ExternalClientApps(Protocol):
    """External client apps. Documents go in with their secrets and come out without them."""

    def get(self, org_id: str, api_name: str, *, lock: bool = False) -> ExternalClientAppRecord | None:
        """Return an app by API name, without regard to case."""

    def page(self, org_id: str, query: ExternalClientAppQuery) -> Page[ExternalClientAppRow]:
        """Return a page of External Client App Manager."""

    def names(self, org_id: str) -> Iterator[str]:
        """Yield API names in order."""

    def holder_of_key(self, org_id: str, consumer_key: str) -> str | None:
        """Return the API name of the app with a consumer key."""

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


class Logins(Protocol):
    """Login History."""

    def add(self, org_id: str, rows: Iterable[LoginRow]) -> Mapping[str, int]:
        """Add rows that are not there yet; returns how many were new, by application."""

    def record(self, org_id: str, row: LoginRow) -> None:
        """Add a login that has just happened; another one that looks alike does not count as the same."""

    def page(self, org_id: str, query: LoginQuery) -> Page[LoginRow]:
        """Return rows, the newest first."""

    def window(self, org_id: str) -> tuple[datetime, datetime] | None:
        """Return the first and the last login of all rows, None without rows."""

    def labels(self, org_id: str, sub_type: str) -> tuple[str, ...]:
        """Return the labels under which a flow was seen, whether it logged in or was refused."""

    def flows(self, org_id: str, application: str) -> tuple[tuple[FlowUse, ...], tuple[FlowUse, ...]]:
        """Return which flows logged in under a label, and which were refused."""


class Audit(Protocol):
    """The Setup Audit Trail. There is no way to change or delete a row."""

    def add(self, org_id: str, entry: AuditEntry) -> None:
        """Append a row; its number is given by the store."""

    def page(self, org_id: str, query: AuditQuery) -> Page[AuditEntry]:
        """Return rows, the newest first."""


class Notifications(Protocol):
    """Notification types and to which connected apps they are delivered. Rows outlive a migration."""

    def types(self, org_id: str) -> tuple[NotificationType, ...]:
        """Return an org's notification types by API name."""

    def save_type(self, org_id: str, notification_type: NotificationType) -> None:
        """Add a notification type or write it anew."""

    def shown(self, org_id: str) -> Mapping[str, tuple[Delivery, ...]]:
        """Return what is set, by API name of the type; migrated apps are left out."""

    def of_app(self, app_id: str) -> Mapping[str, bool]:
        """Return what is set for an app: API name of the type -> enabled."""

    def set(self, org_id: str, notification_type: str, app_id: str, *, enabled: bool) -> None:
        """Set whether a type is delivered to an app."""


class Briefcases(Protocol):
    """Briefcases and their connected apps. Rows outlive a migration."""

    def list(self, org_id: str) -> tuple[Briefcase, ...]:
        """Return an org's briefcases; `apps` leaves migrated apps out."""

    def save(self, org_id: str, briefcase: Briefcase) -> None:
        """Add a briefcase or write label, description and `active` anew; assignments stay."""

    def of_app(self, app_id: str) -> tuple[str, ...]:
        """Return the API names of the briefcases that an app is assigned to, whatever its state."""

    def assign(self, org_id: str, briefcase: str, app_id: str) -> bool:
        """Assign an app; returns whether it was not assigned before."""

    def unassign(self, org_id: str, briefcase: str, app_id: str) -> bool:
        """Take an assignment back; returns whether there was one."""


class Tokens(Protocol):
    """Personal API tokens, by digest."""

    def add(self, user_id: str, token: ApiToken, digest: str) -> None:
        """Add a token."""

    def list(self, user_id: str) -> tuple[ApiToken, ...]:
        """Return a user's tokens, the newest first."""

    def by_digest(self, digest: str) -> StoredToken | None:
        """Return a token and its user."""

    def revoke(self, user_id: str, token_id: str) -> bool:
        """Revoke a user's token; returns whether there was one to revoke."""

    def revoke_all(self, user_id: str, *, keep: str | None = None) -> int:
        """Revoke all tokens of a user but the one to keep, by id; returns how many there were to revoke."""

    def used(self, token_id: str, at: datetime) -> None:
        """Note when a token was last used."""


class Sessions(Protocol):
    """Browser sessions, by the digest of the id in the cookie. One whose time is over is not there."""

    def by_digest(self, digest: str) -> StoredSession | None:
        """Return a session with its user and its data."""

    def list(self, user_id: str) -> tuple[Session, ...]:
        """Return a user's sessions, the last used first."""

    def add(self, user_id: str, session: Session, digest: str, data: bytes) -> None:
        """Add a session."""

    def use(self, digest: str, data: bytes, expires_at: datetime, *, renewed: str | None = None) -> bool:
        """Write a session's data, last use and end; `renewed` is the digest of its new id.

        Returns False where it has ended: no late answer brings it back.
        """

    def remove(self, digest: str) -> None:
        """End a session by the digest of its id."""

    def end(self, user_id: str, session_id: str) -> bool:
        """End a session of a user; returns whether there was one."""

    def end_all(self, user_id: str, *, keep: str | None = None) -> int:
        """End all sessions of a user but the one to keep, by id; returns how many were alive."""


class OauthRecords(Protocol):
    """What was issued at an org's OAuth endpoints. Tokens are given and asked for by digest."""

    def authorize(self, authorization: Authorization, refresh_digest: str | None) -> None:
        """Add an authorization."""

    def authorization(self, authorization_id: str) -> Authorization | None:
        """Return an authorization."""

    def by_refresh(self, digest: str) -> Authorization | None:
        """Return the authorization of a refresh token that is good, locked until the unit ends."""

    def by_spent_refresh(self, digest: str) -> Authorization | None:
        """Return the authorization whose refresh token this was before it was rotated."""

    def rotate(self, authorization_id: str, refresh_digest: str, issued_at: datetime) -> None:
        """Give an authorization another refresh token; the one it had is remembered as spent."""

    def used(self, authorization_id: str, at: datetime) -> None:
        """Count a use of an authorization."""

    def authorizations(
        self, org_id: str, *, consumer_key: str | None = None, user_id: str | None = None
    ) -> tuple[Authorization, ...]:
        """Return authorizations, the longest unused first."""

    def usage(self, org_id: str) -> tuple[KeyUsage, ...]:
        """Return what stands of each consumer key, the one used last first."""

    def end(self, authorization_id: str) -> None:
        """End an authorization with its refresh and access tokens."""

    def end_consumer(self, org_id: str, consumer_key: str) -> int:
        """End everything that was issued under a consumer key; returns how many authorizations that were."""

    def issue(self, token: AccessToken) -> None:
        """Add an access token."""

    def access_token(self, digest: str) -> AccessToken | None:
        """Return an access token, expired ones too."""

    def end_access_token(self, digest: str) -> None:
        """End one access token."""

    def add_code(self, code: Code) -> None:
        """Add an authorization code."""

    def code(self, digest: str) -> Code | None:
        """Return a code, used and expired ones too, locked until the unit ends."""

    def redeem_code(self, digest: str, authorization_id: str | None) -> None:
        """Remember that a code was used, and what it was redeemed for."""

    def approval(self, org_id: str, consumer_key: str, user_id: str) -> Approval | None:
        """Return what a user has approved of an app."""

    def approve(self, org_id: str, approval: Approval) -> None:
        """Remember an approval; further scopes are added to those that were approved before."""

    def add_device_code(self, code: DeviceCode) -> None:
        """Add a device code."""

    def device_code(self, digest: str) -> DeviceCode | None:
        """Return a device code by its digest, locked until the unit ends."""

    def by_user_code(self, org_id: str, user_code: str) -> DeviceCode | None:
        """Return the device code that waits under a user code, locked until the unit ends."""

    def save_device_code(self, code: DeviceCode) -> None:
        """Write state, user and last poll."""

    def spend_assertion(self, org_id: str, consumer_key: str, jti: str, expires_at: datetime) -> bool:
        """Remember a JWT's id until it expires; False where it was there already."""

    def signing_key(self, org_id: str) -> tuple[SigningKey, str] | None:
        """Return the newest signing key with its private JWK (JSON), None where the org has none yet."""

    def signing_keys(self, org_id: str) -> tuple[SigningKey, ...]:
        """Return an org's signing keys, the newest first."""

    def add_signing_key(self, org_id: str, key: SigningKey, private_jwk: str) -> None:
        """Add a signing key; the private half is sealed."""

    def forget_expired(self, now: datetime) -> None:
        """Delete access tokens, codes and assertions whose time has been over for a day."""


class Batches(Protocol):
    """Runs of migrate several and of their undo, with a row an app."""

    def add(self, batch: Batch, confirmation: Mapping[str, Any], apps: Iterable[BatchApp]) -> None:
        """Add a batch with its apps, none of them done."""

    def get(self, org_id: str, batch_id: str, *, lock: bool = False) -> Batch | None:
        """Return a batch of an org."""

    def of_any_org(self, batch_id: str, *, lock: bool = False) -> Batch | None:
        """Return a batch, for whoever runs it."""

    def list(self, org_id: str, limit: int = 20) -> tuple[Batch, ...]:
        """Return the last batches, the newest first."""

    def undone_by(self, batch_id: str) -> tuple[str, ...]:
        """Return the ids of the batches that undo a batch, the oldest first."""

    def confirmation(self, batch_id: str) -> Mapping[str, Any]:
        """Return what was confirmed when the batch was started."""

    def claim(self, batch_id: str, runner: str, now: datetime, until: datetime) -> bool:
        """Take a running batch up, unless some other run is at it and alive. Whether it was taken."""

    def renew(self, batch_id: str, runner: str, until: datetime) -> None:
        """Give a sign of life."""

    def leave(self, batch_id: str, runner: str, state: BatchState, halted: str = "") -> bool:
        """End a run; a batch that somebody stopped meanwhile stays stopped. Whether it was this run's."""

    def set_state(self, batch_id: str, state: BatchState, actor: Actor | None = None) -> None:
        """Say how a batch stands from now on, and as whom it runs. Whoever is at it loses it."""

    def waiting(self, now: datetime) -> tuple[str, ...]:
        """Return the batches that are to be run and that nobody is at, the oldest first."""

    def to_do(self, batch_id: str, after: int) -> tuple[BatchApp, ...]:
        """Return the next apps without an outcome, those behind a position."""

    def take(self, batch_id: str, position: int, runner: str) -> bool:
        """Lock an app that is to be done. Whether it still is, and the batch still this run's to run."""

    def record(self, batch_id: str, position: int, done: Outcome, external_id: str | None = None) -> None:
        """Record what became of an app that was taken."""

    def again(self, batch_id: str, codes: Collection[str]) -> int:
        """Forget the outcomes with some codes, so that these apps are tried again. How many they were."""

    def outcome(self, batch_id: str, position: int) -> Outcome | None:
        """Return what became of an app, None while it is not done."""

    def outcomes(self, batch_id: str, query: OutcomeQuery) -> Page[Outcome]:
        """Return a page of what became of its apps, in the order of the batch."""

    def made(self, batch_id: str) -> tuple[int, int]:
        """Return how many external client apps that a batch made are there, and the sum of their versions."""

    def changed(self, batch_id: str, query: OutcomeQuery) -> Page[str]:
        """Return a page of the names of those that were changed since the batch made them."""

    def to_undo(self, batch_id: str) -> Iterator[BatchApp]:
        """Yield the apps that a batch migrated, each with the version of its external client app now."""


class Jobs(Protocol):
    """What runs batches beside the doors: on SQLite the serving process, on PostgreSQL the workers."""

    def defer(self, batch_id: str) -> None:
        """Have a batch run once this unit is committed; never before, and not at all if it is not."""


class Unit(Protocol):
    """One transaction with all that an act may touch."""

    @property
    def now(self) -> datetime:
        """The time at which the transaction began."""

    @property
    def today(self) -> date:
        """The day of `now`, in UTC."""

    def take_turn(self, org_id: str) -> None:
        """Wait until no other unit changes an org; others then wait until this one ends.

        What is read after it still holds when the unit writes. Nothing in a unit that only reads. Raises
        E-STORE-BUSY.
        """

    @property
    def ids(self) -> Ids:
        """Where ids, keys and secrets come from."""

    @property
    def certificates(self) -> Certificates:
        """What reads certificates."""

    @property
    def orgs(self) -> Orgs:
        """The orgs."""

    @property
    def users(self) -> Users:
        """Users, profiles, permission sets."""

    @property
    def apps(self) -> ConnectedApps:
        """Connected apps."""

    @property
    def external(self) -> ExternalClientApps:
        """External client apps."""

    @property
    def app_access(self) -> AppAccesses:
        """What apps say of profiles and permission sets."""

    @property
    def push(self) -> Push:
        """Push settings."""

    @property
    def logins(self) -> Logins:
        """Login History."""

    @property
    def audit(self) -> Audit:
        """The audit trail."""

    @property
    def notifications(self) -> Notifications:
        """Notification types and deliveries."""

    @property
    def briefcases(self) -> Briefcases:
        """Briefcases and assignments."""

    @property
    def tokens(self) -> Tokens:
        """Personal API tokens."""

    @property
    def sessions(self) -> Sessions:
        """Browser sessions."""

    @property
    def batches(self) -> Batches:
        """Runs of migrate several and of their undo."""

    @property
    def jobs(self) -> Jobs:
        """What runs batches beside the doors."""

    @property
    def oauth(self) -> OauthRecords:
        """What was issued at the OAuth endpoints."""


class Units(Protocol):
    """Where units come from."""

    @property
    def passwords(self) -> Passwords:
        """What hashes passwords."""

    def unit(self) -> AbstractContextManager[Unit]:
        """Begin a transaction that may write; commits at the end, rolls back on any exception.

        Raises E-STORE-BUSY where another process holds the database too long.
        """

    def read(self) -> AbstractContextManager[Unit]:
        """Begin a transaction that only reads, and sees one state throughout."""
