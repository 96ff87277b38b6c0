"""Units: one transaction with every repository on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from changeover.org.model.orgs import Actor
from changeover.org.ports import Certificates, Clock, Done, Ids, Jobs, Passwords
from changeover.org.records.batches import Task
from changeover.store.app_access import SqlAppAccess
from changeover.store.audit import SqlAudit
from changeover.store.batches import SqlBatches
from changeover.store.briefcases import SqlBriefcases
from changeover.store.connected_apps import SqlConnectedApps
from changeover.store.consumers import SqlConsumers
from changeover.store.engine import Database
from changeover.store.external_client_apps import SqlExternalClientApps
from changeover.store.groups import AT_ONCE, Grouped, Piece, Separate
from changeover.store.jobs import JobsBackend
from changeover.store.kept_elements import SqlKeptElements
from changeover.store.logins import SqlLogins
from changeover.store.notifications import SqlNotifications
from changeover.store.oauth_records import SqlOauthRecords
from changeover.store.oauth_usage import SqlOauthUsage
from changeover.store.orgs import SqlOrgs
from changeover.store.prepared import Question, foresee, meanwhile
from changeover.store.push import SqlPush
from changeover.store.references import SqlReferences
from changeover.store.sessions import SqlSessions
from changeover.store.staged_credentials import SqlStagedCredentials
from changeover.store.tokens import SqlTokens
from changeover.store.users import SqlUsers
from changeover.store.vault import UnitVault, Vault

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - named as what it decorates is read, like `property`
    """A property that is worked out when it is first asked for.

    `functools.cached_property` takes a lock for it up to Python 3.11, which costs more than most of what is
    worked out here; a unit is for one thread.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, unit: Any, owner: type | None = None) -> T:  # noqa: ANN401 - whatever has such properties
        """Return it, and have it found in the unit itself from now on."""
        found = unit.__dict__[self._name] = self._make(unit)
        return found


class SqlUnit:
    """One transaction."""

    def __init__(
        self,
        connection: Connection,
        turn: Callable[[str], Question | None],
        clock: Clock,
        vault: Vault,
        *,
        ids: Ids,
        certificates: Certificates,
        jobs: JobsBackend,
    ) -> None:
        self._connection = connection
        self._turn = turn
        self._clock = clock
        self._vault = UnitVault(vault, connection)
        self._turns: set[str] = set()
        self._jobs = jobs
        self._after_commit: list[Callable[[], None]] = []
        self.ids = ids
        self.certificates = certificates

    def take_turn(self, org_id: str) -> None:
        """Wait until no other unit changes an org. Nothing in a unit that only reads."""
        if org_id not in self._turns:
            turn = self._turn(org_id)
            if turn is not None:
                turn.one(self._connection)
            self._turns.add(org_id)

    def foresee(self, actor: Actor, *, task: Task | None = None, migrates: str | None = None) -> None:
        """Say what an act is about to ask, so that a database that is far away answers it all at once.

        The turn comes first, so what follows is read once it is ours. `now` is not asked for yet: it would be
        the time before the wait.
        """
        turn = self._turn(actor.org_id)
        if turn is None:
            return
        questions = [turn]
        if task is not None:
            questions.append(SqlBatches.taking(task))
        questions += [SqlUsers.standing_of(actor.user_id), SqlOrgs.getting(actor.org_id)]
        if migrates is not None:
            questions.append(SqlConnectedApps.locking(actor.org_id, migrates, self._clock.now().date()))
        foresee(self._connection, questions)

    def meanwhile(self, work: Callable[[], None]) -> None:
        """Have something done while the commit is on its way, where there is a way."""
        meanwhile(self._connection, work)

    @once
    def now(self) -> datetime:
        """The time at which it is first asked for: who waited for the turn is not dated before it."""
        return self._clock.now()

    @property
    def today(self) -> date:
        """The day of `now`, in UTC."""
        return self.now.date()

    @once
    def orgs(self) -> SqlOrgs:
        """The orgs."""
        return SqlOrgs(self._connection, self.now)

    @once
    def users(self) -> SqlUsers:
        """Users, profiles, permission sets."""
        return SqlUsers(self._connection, self.now)

    @once
    def apps(self) -> SqlConnectedApps:
        """Connected apps."""
        return SqlConnectedApps(self._connection, self._vault, self.today)

    @once
    def external(self) -> SqlExternalClientApps:
        """External client apps."""
        return SqlExternalClientApps(self._connection, self._vault)

    @once
    def staged(self) -> SqlStagedCredentials:
        """Staged credentials of external client apps."""
        return SqlStagedCredentials(self._connection, self._vault)

    @once
    def consumers(self) -> SqlConsumers:
        """Who holds a consumer key."""
        return SqlConsumers(self._connection, self._vault)

    @once
    def app_access(self) -> SqlAppAccess:
        """What apps say of profiles and permission sets."""
        return SqlAppAccess(self._connection)

    @once
    def references(self) -> SqlReferences:
        """References to connected apps that were imported."""
        return SqlReferences(self._connection)

    @once
    def push(self) -> SqlPush:
        """Push settings."""
        return SqlPush(self._connection, self._vault)

    @once
    def logins(self) -> SqlLogins:
        """Login History."""
        return SqlLogins(self._connection)

    @once
    def audit(self) -> SqlAudit:
        """The audit trail."""
        return SqlAudit(self._connection)

    @once
    def notifications(self) -> SqlNotifications:
        """Notification types and deliveries."""
        return SqlNotifications(self._connection)

    @once
    def kept_elements(self) -> SqlKeptElements:
        """Elements of components that an org does not model."""
        return SqlKeptElements(self._connection)

    @once
    def briefcases(self) -> SqlBriefcases:
        """Briefcases and assignments."""
        return SqlBriefcases(self._connection)

    @once
    def tokens(self) -> SqlTokens:
        """Personal API tokens."""
        return SqlTokens(self._connection)

    @once
    def sessions(self) -> SqlSessions:
        """Browser sessions."""
        return SqlSessions(self._connection, self.now)

    @once
    def oauth(self) -> SqlOauthRecords:
        """What was issued at the OAuth endpoints."""
        return SqlOauthRecords(self._connection, self._vault)

    @once
    def oauth_usage(self) -> SqlOauthUsage:
        """Who uses which app, and which consumers are blocked."""
        return SqlOauthUsage(self._connection)

    @once
    def batches(self) -> SqlBatches:
        """Runs of migrate several and of their undo."""
        return SqlBatches(self._connection)

    @once
    def jobs(self) -> Jobs:
        """What runs batches beside the doors."""
        return self._jobs.on(self._connection, self._after_commit.append)

    def committed(self) -> None:
        """Do what was to be done once this transaction is committed."""
        for do in self._after_commit:
            do()


class SqlUnits:
    """Where units come from."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        *,
        clock: Clock,
        ids: Ids,
        passwords: Passwords,
        certificates: Certificates,
        jobs: JobsBackend,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._ids = ids
        self._certificates = certificates
        self._jobs = jobs
        self.passwords = passwords
        if database.is_sqlite:
            self._writes: Grouped | Separate = Grouped(database.write, self.on, writes=True)
            self._reads: Grouped | Separate = Grouped(database.read, self._reading, writes=False)
        else:
            self._writes = Separate(self.unit, AT_ONCE)
            self._reads = Separate(self.read, AT_ONCE)

    def together(self, work: Callable[[SqlUnit], T], done: Done[T], *, only_reads: bool = False) -> None:
        """Have a piece of work done in a transaction, with that of others where that saves time.

        Args:
            work: what to do; all of it is committed, or on an exception none.
            done: told what it returned, once it is committed, or why it failed; called in another thread.
            only_reads: the work writes nothing, and sees one state throughout.
        """
        (self._reads if only_reads else self._writes).add(Piece(work, done))

    def close(self) -> None:
        """End the threads that do the work of many requests, once what has come in is done."""
        self._writes.close()
        self._reads.close()

    @contextmanager
    def unit(self) -> Iterator[SqlUnit]:
        """Begin a transaction that may write; commits at the end, rolls back on any exception.

        Raises E-STORE-BUSY where another process holds the database too long.
        """
        with self._database.write() as connection:
            unit = self.on(connection)
            yield unit
        unit.committed()

    @contextmanager
    def read(self) -> Iterator[SqlUnit]:
        """Begin a transaction that only reads, and sees one state throughout."""
        with self._database.read() as connection:
            yield self._reading(connection)

    def _reading(self, connection: Connection) -> SqlUnit:
        return self._on(connection, lambda _org_id: None)

    def on(self, connection: Connection) -> SqlUnit:
        """Return a unit on a writing transaction that has been begun already."""
        return self._on(connection, self._database.turn)

    def _on(self, connection: Connection, turn: Callable[[str], Question | None]) -> SqlUnit:
        return SqlUnit(
            connection,
            turn,
            self._clock,
            self._vault,
            ids=self._ids,
            certificates=self._certificates,
            jobs=self._jobs,
        )
