"""What an org needs of the world: its records in one transaction, the time, chance, and cryptography.

`changeover.store` is behind these Protocols. An act gets a `Unit`: one transaction, in which everything it
reads and writes holds together.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol, TypeVar

from changeover.org.model.orgs import Actor
from changeover.org.records import (
    AppAccesses,
    Audit,
    Batches,
    Briefcases,
    ConnectedApps,
    Consumers,
    ExternalClientApps,
    KeptElements,
    Logins,
    Notifications,
    OauthRecords,
    OauthUsage,
    Orgs,
    Push,
    References,
    Sessions,
    StagedCredentialsOfApps,
    Tokens,
    Users,
)
from changeover.org.records.batches import Task

T = TypeVar("T")
Done = Callable[[T, Exception | None], None]
"""Takes the result of a piece of work; or why it failed, and then no result."""


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

    def foresee(self, actor: Actor, *, task: Task | None = None, migrates: str | None = None) -> None:
        """Say what an act is about to ask, so that a database that is far away answers it all at once.

        The turn is taken with it. Raises E-STORE-BUSY.

        Args:
            actor: whose turn, standing and org will be asked for.
            task: the app of a batch that will be taken.
            migrates: the connected app that will be held.
        """

    def meanwhile(self, work: Callable[[], None]) -> None:
        """Have something done while the commit is on its way, where there is a way; else not at all.

        It must not raise, and nothing may hang on it.
        """

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
    def staged(self) -> StagedCredentialsOfApps:
        """Staged credentials of external client apps."""

    @property
    def consumers(self) -> Consumers:
        """Who holds a consumer key."""

    @property
    def app_access(self) -> AppAccesses:
        """What apps say of profiles and permission sets."""

    @property
    def references(self) -> References:
        """References to connected apps that were imported."""

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
    def kept_elements(self) -> KeptElements:
        """Elements of components that an org does not model."""

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

    @property
    def oauth_usage(self) -> OauthUsage:
        """Who uses which app, and which consumers are blocked."""


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


class Gathering(Units, Protocol):
    """Units for doors through which many come at once."""

    def together(self, work: Callable[[Unit], T], done: Done[T], *, only_reads: bool = False) -> None:
        """Have a piece of work done in a transaction, with that of others where that saves time.

        It returns at once. What many requests a second do goes this way: a commit waits for the disk, and so
        those that come at the same time wait once for all.

        Args:
            work: what to do; all of it is committed, or on an exception none, whatever becomes of others.
            done: told what it returned, once it is committed, or why it failed; called in another thread,
                must not wait and must not raise.
            only_reads: the work writes nothing, and sees one state throughout.
        """
