"""Backups of an installation, and what is made from one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, Connection

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.custody import Backup, Restored
from changeover.org.installation import tell_restored
from changeover.org.ports import Clock
from changeover.store.backup.container import Reader
from changeover.store.backup.restore import check, check_rows, restore
from changeover.store.backup.take import take
from changeover.store.certificates import P12Certificates
from changeover.store.chance import SystemClock, SystemIds
from changeover.store.jobs import LocalJobs
from changeover.store.key_source import KeySource
from changeover.store.notes import forget
from changeover.store.passwords import Argon2Passwords
from changeover.store.units import SqlUnits
from changeover.store.vault import Vault
from changeover.store.whole_file import sweep, whole_file
from changeover.wiring.house import RULES
from changeover.wiring.places import database_at, database_url, key_beside


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
    with database_at(url, create=False) as opened:
        keys = KeySource(key_file or key_beside(url), environment)
        vault = Vault.of(keys)
        _refuse_own(file, url, keys)
        sweep(file.parent)
        with whole_file(file, overwrite=overwrite) as stream, opened.read() as connection:
            return take(connection, vault, stream, (clock or SystemClock()).now())


def _refuse_own(file: Path, url: URL, keys: KeySource) -> None:
    """Refuse to put a backup in place of what it is there to save. Raises E-OUTPUT-IN-THE-WAY."""
    own = [keys.key_file]
    if url.get_backend_name() == "sqlite":
        own += [Path(f"{url.database}{end}") for end in ("", "-wal", "-shm")]
    for each in own:
        with suppress(OSError):
            if file.samefile(each):
                message = f"{file} was not written: it is the installation's own {each.name}."
                raise ChangeoverError(errors.OUTPUT_IN_THE_WAY, message, "Choose another name.")


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
    keys = KeySource(key_file or key_beside(database_url(database)), environment)
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
    keys = KeySource(key_file or key_beside(url), environment)
    with Reader(file) as reader:
        backup = _checked(reader, keys, without_key=without_key)
        with database_at(url, create=True) as opened:
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
                    forget(connection, RULES)
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
