"""The composition root: who gets which adapter."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.audit import Event
from changeover.org.custody import Backup, KeyUse, Restored, Rotation
from changeover.org.doctor import Check, examine
from changeover.org.installation import refresh_verdicts, tell_every_org, tell_restored
from changeover.org.ports import Clock, Ids, Passwords
from changeover.plans.engine import engine
from changeover.store.backup.container import Reader
from changeover.store.backup.restore import check, check_rows, restore
from changeover.store.backup.take import take
from changeover.store.certificates import P12Certificates
from changeover.store.chance import SystemClock, SystemIds
from changeover.store.doctor import examine_database
from changeover.store.engine import BUSY_SECONDS, Database
from changeover.store.jobs import JobsBackend, LocalJobs
from changeover.store.key_source import KeySource
from changeover.store.keyvalue import KeyValues
from changeover.store.notes import Notes, forget
from changeover.store.passwords import Argon2Passwords
from changeover.store.rotation import retire, rotate, status
from changeover.store.sealed import holds_secrets
from changeover.store.units import SqlUnits
from changeover.store.upgrade import upgrade
from changeover.store.vault import Vault
from changeover.store.whole_file import sweep, whole_file

if TYPE_CHECKING:
    from litestar import Litestar


_RULES = "rules"
# As PostgreSQL's own programs write it, and as many tools still do.
_POSTGRESQL = frozenset({"postgresql", "postgres"})


@dataclass(frozen=True, kw_only=True)
class House:
    """An installation, ready for its doors."""

    database: Database
    vault: Vault
    units: SqlUnits
    jobs: JobsBackend
    clock: Clock
    keys: KeySource

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
        """Close all connections."""
        self.database.dispose()


def database_url(database: str | Path) -> URL:
    """Return the URL of a database: a path as a SQLite file; PostgreSQL with the driver that comes along."""
    text = str(database)
    try:
        url = make_url(text) if "://" in text else URL.create("sqlite", database=text)
    except (ArgumentError, ValueError):
        # Without what stands before the host: there the password is, in a URL that nobody could take apart.
        shown = re.sub(r"//.*@|[?].*", "//…@", text)
        message = f"{shown} is neither the path of a SQLite file nor a database URL."
        raise ChangeoverError(errors.STORE_UNREADABLE, message) from None
    if "@" in (url.host or ""):
        remedy = "Write @ in a username or password as %40, / as %2F, : as %3A."
        raise ChangeoverError(errors.STORE_UNREADABLE, "The database URL has more than one @.", remedy)
    return url.set(drivername="postgresql+psycopg") if url.drivername in _POSTGRESQL else url


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
    keys = KeySource(key_file or _beside(url), environment)
    try:
        opened = Database(url, busy_seconds=busy_seconds)
    except (ImportError, SQLAlchemyError) as error:
        raise _unreadable(url, error) from error
    try:
        if opened.is_sqlite and url.database:
            _prepare(Path(url.database))
        upgrade(opened)
        # A new key beside stored secrets would lock them up for good.
        vault = Vault.of(keys, create=not holds_secrets(opened))
    except (OSError, SQLAlchemyError) as error:
        opened.dispose()
        raise _unreadable(url, error) from error
    except ChangeoverError as error:
        opened.dispose()
        if error.kind is errors.STORE_FAILED:
            raise _unreadable(url, error) from error
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


def back_up(
    database: str | Path,
    file: Path,
    *,
    key_file: Path | None = None,
    overwrite: bool = False,
    clock: Clock | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Backup:
    """Write all that an installation holds, as of one moment, into a file: whole or not at all.

    The schema stays at the step at which it stands: a newer Changeover takes a backup before it upgrades.

    Args:
        database: path of a SQLite file, or a database URL.
        file: where the backup goes.
        key_file: the key, which signs the backup and is not in it; `<database>.key` by default.
        overwrite: whether a file that stands there is replaced.
        clock: the time; the machine's by default.
        environment: where CHANGEOVER_KEY is looked up.

    Raises:
        ChangeoverError: E-OUTPUT-IN-THE-WAY, E-OUTPUT-FAILED, E-STORE-UNREADABLE, E-STORE-SCHEMA,
            E-STORE-FAILED, E-KEY-MISSING, E-KEY-OPEN.
    """
    url = database_url(database)
    with _at(url, create=False) as opened:
        vault = Vault.of(KeySource(key_file or _beside(url), environment))
        sweep(file.parent)
        with whole_file(file, overwrite=overwrite) as stream, opened.read() as connection:
            return take(connection, vault, stream, (clock or SystemClock()).now())


def check_backup(
    database: str | Path,
    file: Path,
    *,
    key_file: Path | None = None,
    without_key: bool = False,
    environment: Mapping[str, str] = os.environ,
) -> Backup:
    """Make sure that a backup is whole, and that its keys are here. Looks at no database and writes nothing.

    Args:
        database: beside which the key is looked for.
        file: the backup.
        key_file: the key; `<database>.key` by default.
        without_key: whether a key that is missing is done without: the signature is then not checked.
        environment: where CHANGEOVER_KEY is looked up.

    Raises:
        ChangeoverError: E-PATH-MISSING, E-BACKUP-BROKEN, E-BACKUP-FORGED, E-BACKUP-NEWER, E-BACKUP-KEY,
            E-KEY-OPEN.
    """
    keys = KeySource(key_file or _beside(database_url(database)), environment)
    with Reader(file) as reader:
        backup = _checked(reader, keys, without_key=without_key)
        check_rows(reader)
    return backup


def restore_backup(
    database: str | Path,
    file: Path,
    *,
    key_file: Path | None = None,
    without_key: bool = False,
    clock: Clock | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Restored:
    """Make an installation from a backup, whole or not at all, on whichever kind of database.

    Args:
        database: path of a SQLite file, or a database URL; it holds nothing yet.
        file: the backup.
        key_file: the key; `<database>.key` by default.
        without_key: whether secrets whose key is missing are left out, instead of refusing the whole.
        clock: the time; the machine's by default.
        environment: where CHANGEOVER_KEY is looked up.

    Raises:
        ChangeoverError: as `check_backup`, and E-RESTORE-NOT-EMPTY, E-RESTORE-REFUSED, E-STORE-UNREADABLE,
            E-STORE-SCHEMA, E-STORE-BUSY, E-STORE-FAILED.
    """
    url = database_url(database)
    keys = KeySource(key_file or _beside(url), environment)
    with Reader(file) as reader:
        backup = _checked(reader, keys, without_key=without_key)
        with _at(url, create=True) as opened:
            vault = Vault.of(keys, create=without_key)
            units = SqlUnits(
                opened,
                vault,
                clock=clock or SystemClock(),
                ids=SystemIds(),
                passwords=Argon2Passwords(),
                certificates=P12Certificates(),
                jobs=LocalJobs(),
            )

            def finish(connection: Connection, left_out: int) -> None:
                if left_out:
                    # Verdicts rest on push settings too: they are made anew at the next start.
                    forget(connection, _RULES)
                tell_restored(units.on(connection), backup, left_out)

            return Restored(backup=backup, secrets_left_out=restore(opened, reader, vault, finish))


def _checked(reader: Reader, keys: KeySource, *, without_key: bool) -> Backup:
    """Check a backup with the keys that are here, if there are any, and say where they belong if not."""
    vault = None
    try:
        vault = Vault.of(keys)
    except ChangeoverError as error:
        if error.kind is not errors.KEY_MISSING:
            raise
    try:
        return check(reader, vault, without_key=without_key)
    except ChangeoverError as error:
        if error.kind is errors.BACKUP_KEY and not keys.in_variable:
            error.remedy = f"The key belongs at {keys.key_file}. {error.remedy}"
        raise


@contextlib.contextmanager
def _at(url: URL, *, create: bool) -> Iterator[Database]:
    """Open a database without a look at its schema. Raises E-STORE-UNREADABLE."""
    file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    if file is not None and not create and not file.is_file():
        raise ChangeoverError(errors.STORE_UNREADABLE, f"There is no installation at {file}.")
    try:
        opened = Database(url)
        try:
            if file is not None and create:
                _prepare(file)
            yield opened
        finally:
            opened.dispose()
    except (ImportError, OSError, SQLAlchemyError) as error:
        raise _unreadable(url, error) from error


def _follow_rules(house: House) -> None:
    """Make the stored verdicts anew where another version of the rules made them."""
    notes, now = Notes(house.database), _rules()
    if notes.read(_RULES) != now:
        refresh_verdicts(house.units)
        notes.write(_RULES, now)


def _rules() -> str:
    """Return what tells one version of the rules from another: a digest of everything that judges."""
    return engine().digest


def web_application(house: House, *, https: bool = False, hosts: frozenset[str] = frozenset()) -> Litestar:
    """Return the pages and the REST API over an installation.

    Args:
        house: the installation; it stays open as long as the application runs.
        https: whether browsers come over https; cookies are then sent over https only.
        hosts: names that it answers to, without port; empty for any.

    Raises:
        ChangeoverError: E-ASSETS-MISSING.
    """
    # Loaded here: commands that serve nothing do without the pages.
    from changeover.web.app import create_app  # noqa: PLC0415
    from changeover.web.services import Services  # noqa: PLC0415

    services = Services(
        units=house.units,
        key_values=house.key_values,
        clock=house.clock,
        https=https,
        hosts=hosts,
        beside=house.beside,
    )
    return create_app(services)


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a worker of `changeover serve --workers` serves; it travels to the worker, and is opened there."""

    database: str
    key_file: Path
    https: bool
    hosts: frozenset[str]

    def __call__(self) -> Litestar:
        """Open the installation in this process, and return the pages and the REST API over it.

        The house stays open as long as the process lives.
        """
        house = open_house(self.database, key_file=self.key_file)
        return web_application(house, https=self.https, hosts=self.hosts)


def served(house: House, *, https: bool = False, hosts: frozenset[str] = frozenset()) -> Served:
    """Return what workers of this installation serve: as `web_application`, for processes of their own."""
    database = house.database.url.render_as_string(hide_password=False)
    return Served(database=database, key_file=house.keys.key_file, https=https, hosts=hosts)


def _unreadable(url: URL, error: Exception) -> ChangeoverError:
    # Whoever opens it may know what whoever asks for a page may not: where it is, and as whom we come.
    whole = error.__cause__ if isinstance(error, ChangeoverError) else error
    reason = getattr(whole, "orig", None) or whole
    # A password may stand before the host or, as libpq also takes it, among the options.
    kept = {name: value for name, value in url.query.items() if name in {"host", "port"}}
    shown = url.set(query=kept).render_as_string(hide_password=True)
    lines = "; ".join(line.strip() for line in str(reason).splitlines() if line.strip())
    return ChangeoverError(errors.STORE_UNREADABLE, f"{shown}: {lines.rstrip('.')}.")


def _prepare(file: Path) -> None:
    """Make an empty database file that only its owner may read: it will hold password hashes and sessions."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR))


def _beside(url: URL) -> Path:
    """Return where the key is kept by default: beside a SQLite file, else in the working directory."""
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(f"{url.database}.key")
    return Path("changeover.key")
