"""An installation, opened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.audit import Event
from changeover.org.custody import KeyUse, Rotation
from changeover.org.doctor import Check, examine
from changeover.org.installation import refresh_verdicts, tell_every_org
from changeover.org.ports import Clock, Ids, Passwords
from changeover.plans.engine import engine
from changeover.store.certificates import P12Certificates
from changeover.store.chance import SystemClock, SystemIds
from changeover.store.doctor import examine_database
from changeover.store.engine import BUSY_SECONDS, Database
from changeover.store.jobs import JobsBackend, LocalJobs
from changeover.store.key_source import KeySource
from changeover.store.keyvalue import KeyValues
from changeover.store.notes import Notes
from changeover.store.passwords import Argon2Passwords
from changeover.store.rotation import retire, rotate, status
from changeover.store.sealed import holds_secrets
from changeover.store.units import SqlUnits
from changeover.store.upgrade import upgrade
from changeover.store.vault import Vault
from changeover.wiring.places import database_url, key_beside, prepare, unreadable

# The note that says which rules made the stored verdicts.
RULES = "rules"


@dataclass(frozen=True, kw_only=True)
class House:
    """An installation, ready for its doors."""

    database: Database
    vault: Vault
    units: SqlUnits
    jobs: JobsBackend
    clock: Clock
    keys: KeySource

    @property
    def folder(self) -> Path:
        """Where its files are that are no rows: the key, and what stands beside it."""
        return self.keys.key_file.absolute().parent

    @property
    def needs_worker(self) -> bool:
        """Whether batches wait for `changeover worker`: whoever serves does not run them."""
        return not self.database.is_sqlite

    def key_values(self, namespace: str) -> KeyValues:
        """Return the shared values of a namespace: uploads, rate-limit counters."""
        return KeyValues(self.database, self.clock, namespace)

    def examine(self) -> Iterator[Check]:
        """Look at the database and every org, and say what is and what is not in order. Changes nothing."""
        yield from examine_database(self.database, self.keys.key_file)
        yield from examine(self.units)

    def beside(self) -> AbstractContextManager[None]:
        """Run batches in this process as long as the block runs, if this database has them run there."""
        return self.jobs.beside(self.units)

    def work(self, *, concurrency: int) -> None:
        """Run batches until this process is asked to end."""
        self.jobs.work(self.units, concurrency=concurrency)

    def key_status(self) -> tuple[KeyUse, ...]:
        """Return every key that is here or needed, the current one first."""
        return status(self.database, self.keys)

    def rotate_key(self) -> Rotation:
        """Seal everything with a new key, or go on with that. Raises as `store.rotation.rotate`."""
        done = rotate(self.database, self.keys)
        with self.units.unit() as unit:
            text = f"Sealed all stored secrets of the installation with another key, {done.key}."
            tell_every_org(unit, Event.ENCRYPTION_KEY_ROTATED, text)
        return done

    def retire_keys(self) -> tuple[str, ...]:
        """Drop old keys with which nothing is sealed any more, and return their ids. Raises as `retire`."""
        dropped = retire(self.database, self.keys)
        if dropped:
            with self.units.unit() as unit:
                text = f"Dropped the old keys with which nothing was sealed any more: {', '.join(dropped)}."
                tell_every_org(unit, Event.ENCRYPTION_KEY_RETIRED, text)
        return dropped

    def close(self) -> None:
        """Close all connections, once what has come in is done."""
        self.units.close()
        self.database.dispose()


def open_house(
    database: str | Path,
    *,
    key_file: Path | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    passwords: Passwords | None = None,
    busy_seconds: float = BUSY_SECONDS,
    environment: Mapping[str, str] = os.environ,
) -> House:
    """Open an installation; database and key are made where there are none, the schema brought up to date.

    Args:
        database: path of a SQLite file, or a database URL.
        key_file: the key that seals secrets; beside the database by default, `<database>.key`.
        clock: the time; the machine's by default.
        ids: chance; the operating system's by default.
        passwords: what hashes passwords; argon2id by default.
        busy_seconds: how long a writer waits for its turn.
        environment: where CHANGEOVER_KEY is looked up.

    Raises:
        ChangeoverError: E-STORE-UNREADABLE, E-STORE-SCHEMA, E-STORE-BUSY, E-KEY-MISSING, E-KEY-OPEN.
    """
    url = database_url(database)
    keys = KeySource(key_file or key_beside(url), environment)
    try:
        opened = Database(url, busy_seconds=busy_seconds)
    except (ImportError, SQLAlchemyError) as error:
        raise unreadable(url, error) from error
    try:
        if opened.is_sqlite and url.database:
            prepare(Path(url.database))
        upgrade(opened)
        # A new key beside stored secrets would lock them up for good.
        vault = Vault.of(keys, create=not holds_secrets(opened))
    except (OSError, SQLAlchemyError) as error:
        opened.dispose()
        raise unreadable(url, error) from error
    except ChangeoverError as error:
        opened.dispose()
        if error.kind is errors.STORE_FAILED:
            raise unreadable(url, error) from error
        raise
    time = clock or SystemClock()
    jobs = _jobs(opened)
    units = SqlUnits(
        opened,
        vault,
        clock=time,
        ids=ids or SystemIds(),
        passwords=passwords or Argon2Passwords(),
        certificates=P12Certificates(),
        jobs=jobs,
    )
    house = House(database=opened, vault=vault, units=units, jobs=jobs, clock=time, keys=keys)
    _follow_rules(house)
    return house


def _jobs(database: Database) -> JobsBackend:
    if database.is_sqlite:
        return LocalJobs()
    # Loaded here: an installation on SQLite does without procrastinate.
    from changeover.store.queue import QueuedJobs  # noqa: PLC0415

    return QueuedJobs(database.url)


def _follow_rules(house: House) -> None:
    """Make the stored verdicts anew where another version of the rules made them."""
    notes, now = Notes(house.database), _rules()
    if notes.read(RULES) != now:
        refresh_verdicts(house.units)
        notes.write(RULES, now)


def _rules() -> str:
    """Return what tells one version of the rules from another: a digest of everything that judges."""
    return engine().digest
