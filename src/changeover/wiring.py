"""The composition root: who gets which adapter."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.doctor import Check, examine
from changeover.org.installation import refresh_verdicts
from changeover.org.ports import Clock, Ids, Passwords
from changeover.store.certificates import P12Certificates
from changeover.store.chance import SystemClock, SystemIds
from changeover.store.doctor import examine_database
from changeover.store.engine import BUSY_SECONDS, Database
from changeover.store.keyvalue import KeyValues
from changeover.store.notes import Notes
from changeover.store.passwords import Argon2Passwords
from changeover.store.units import SqlUnits
from changeover.store.upgrade import upgrade
from changeover.store.vault import Vault, load_keys

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
    clock: Clock
    key_file: Path
    """Where the key is kept, unless CHANGEOVER_KEY holds it."""

    def key_values(self, namespace: str) -> KeyValues:
        """Return the shared values of a namespace: web sessions, rate-limit counters."""
        return KeyValues(self.database, self.clock, namespace)

    def examine(self) -> Iterator[Check]:
        """Look at the database and every org, and say what is and what is not in order. Changes nothing."""
        yield from examine_database(self.database, self.key_file)
        yield from examine(self.units)

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
    key_path = key_file or _beside(url)
    try:
        opened = Database(url, busy_seconds=busy_seconds)
    except (ImportError, SQLAlchemyError) as error:
        raise _unreadable(url, error) from error
    try:
        if opened.is_sqlite and url.database:
            _prepare(Path(url.database))
        upgrade(opened)
        # A new key beside stored secrets would lock them up for good.
        keys = load_keys(key_path, create=not opened.holds_secrets(), environment=environment)
    except (OSError, SQLAlchemyError) as error:
        opened.dispose()
        raise _unreadable(url, error) from error
    except ChangeoverError as error:
        opened.dispose()
        if error.kind is errors.STORE_FAILED:
            raise _unreadable(url, error) from error
        raise
    vault = Vault(*keys)
    time = clock or SystemClock()
    units = SqlUnits(
        opened,
        vault,
        clock=time,
        ids=ids or SystemIds(),
        passwords=passwords or Argon2Passwords(),
        certificates=P12Certificates(),
    )
    house = House(database=opened, vault=vault, units=units, clock=time, key_file=key_path)
    _follow_rules(house)
    return house


def _follow_rules(house: House) -> None:
    """Make the stored verdicts anew where another version of the rules made them."""
    notes, now = Notes(house.database), _rules()
    if notes.read(_RULES) != now:
        refresh_verdicts(house.units)
        notes.write(_RULES, now)


def _rules() -> str:
    """Return what tells one version of the rules from another: a digest of everything that judges."""
    found = hashlib.sha256()
    for package in ("migration", "apps"):
        folder = Path(__file__).parent / package
        for file in sorted(folder.rglob("*.py")):
            found.update(file.relative_to(folder).as_posix().encode())
            found.update(file.read_bytes())
    return found.hexdigest()


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
        units=house.units, key_values=house.key_values, clock=house.clock, https=https, hosts=hosts
    )
    return create_app(services)


def _unreadable(url: URL, error: Exception) -> ChangeoverError:
    reason = error.message if isinstance(error, ChangeoverError) else getattr(error, "orig", None) or error
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
