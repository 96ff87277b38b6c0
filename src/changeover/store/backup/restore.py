"""Restore a backup into an empty installation: whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, exists, func, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.custody import Backup
from changeover.store.backup.container import Reader, Row
from changeover.store.backup.tables import LEFT_OUT, Shape, shapes
from changeover.store.backup.take import described
from changeover.store.engine import Database
from changeover.store.notes import QUEUE, forget, noted
from changeover.store.schema import metadata
from changeover.store.schema.orgs import installation
from changeover.store.sealed import drop_locked
from changeover.store.upgrade import foreign_tables, hold_schema, is_known, leads_to, revision_of, step_up
from changeover.store.vault import Vault

_ROWS = 500
_BYTES = 8 * 1024 * 1024


def check(reader: Reader, vault: Vault | None, *, without_key: bool = False) -> Backup:
    """Make sure that a backup can be restored here, short of its rows and the database.

    Args:
        reader: the backup.
        vault: the keys that are here; None where there are none.
        without_key: whether keys that are missing are done without: the signature is then not checked.

    Raises:
        ChangeoverError: E-BACKUP-BROKEN, E-BACKUP-FORGED, E-BACKUP-NEWER, E-BACKUP-KEY.
    """
    manifest = reader.manifest
    needed = {reader.signed_with.hex(): 0} | manifest.sealed_with
    missing = [used for used in needed if vault is None or not vault.knows(bytes.fromhex(used))]
    signed = vault is not None and vault.knows(reader.signed_with)
    if signed and vault is not None:
        reader.check_signature(vault)
    if not is_known(manifest.schema):
        message = (
            f"The backup was taken by Changeover {manifest.changeover} at step {manifest.schema},"
            " which this one does not know."
        )
        raise ChangeoverError(errors.BACKUP_NEWER, message)
    if missing and not without_key:
        said = ", ".join(f"{used} ({needed[used]} secrets in it)" for used in missing)
        raise ChangeoverError(errors.BACKUP_KEY, f"The backup needs the key {said}, which is not here.")
    reader.check_body()
    return described(manifest, reader.signed_with, reader.size, signature_checked=signed)


def check_rows(reader: Reader) -> None:
    """Make sure that all rows are what the manifest says. Raises E-BACKUP-BROKEN."""
    for _ in reader.rows():
        pass


def restore(
    database: Database, reader: Reader, vault: Vault, finish: Callable[[Connection, int], None]
) -> int:
    """Restore a backup that `check` has found fit; returns how many secrets, with no key here, are left out.

    Everything happens in one transaction: the schema up to the step of the backup, the rows, the steps since.

    Args:
        database: it holds nothing, or tables without a row.
        reader: the backup.
        vault: the keys that are here.
        finish: what is to be done before it is committed; gets the number that is returned.

    Raises:
        ChangeoverError: E-RESTORE-NOT-EMPTY, E-RESTORE-REFUSED, E-BACKUP-BROKEN, E-STORE-SCHEMA,
            E-STORE-BUSY, E-STORE-FAILED. Nothing was restored then.
    """
    manifest = reader.manifest
    with database.write() as connection:
        hold_schema(connection, database.busy_seconds)
        _refuse_unfit(connection, manifest.schema)
        step_up(connection, manifest.schema)
        tables = {shape.name: shape for shape in shapes(connection)}
        if {part.name: part.shape.kinds for part in manifest.tables} != {
            name: shape.kinds for name, shape in tables.items()
        }:
            message = f"The tables of the backup are not those of step {manifest.schema}, which it names."
            raise ChangeoverError(errors.BACKUP_BROKEN, message)
        _alone(connection, tables.values())
        _refuse_unless_empty(connection, tables.values())
        # What the installation remembers of itself comes from the backup, but for what is said of this very
        # database; who is signed in, signs in again.
        queue = noted(connection, QUEUE)
        connection.execute(delete(installation))
        for name in LEFT_OUT.keys() & set(inspect(connection).get_table_names()):
            connection.execute(delete(metadata.tables[name]))
        later = [
            held
            for rows in _batches(reader.rows())
            for held in _insert(connection, rows, tables[rows[0].table.name])
        ]
        for held in later:
            _lead(connection, held)
        forget(connection, QUEUE)
        if queue is not None:
            connection.execute(insert(installation).values(name=QUEUE, value=queue))
        _count_on(connection, tables.values())
        step_up(connection, "head")
        left_out = drop_locked(connection, vault.known)
        finish(connection, left_out)
    return left_out


def _refuse_unfit(connection: Connection, wanted: str) -> None:
    """Refuse a database that holds something, or that has gone beyond the step that is wanted."""
    step = revision_of(connection)
    if step is None:
        if foreign_tables(connection):
            message = "The database holds tables, and they are not Changeover's."
            raise ChangeoverError(errors.RESTORE_NOT_EMPTY, message)
        return
    if not is_known(step):
        message = f"The database stands at step {step}, which this Changeover does not know."
        raise ChangeoverError(errors.STORE_SCHEMA, message)
    _refuse_unless_empty(connection, shapes(connection))
    if not leads_to(step, wanted):
        message = f"The database has its tables already, as of step {step}; the backup is of step {wanted}."
        raise ChangeoverError(errors.RESTORE_NOT_EMPTY, message)


def _refuse_unless_empty(connection: Connection, tables: Iterable[Shape]) -> None:
    for shape in tables:
        if shape.name != installation.name and connection.scalar(select(exists(select(shape.clause)))):
            message = f"The installation is not empty: there are rows in {shape.name}."
            raise ChangeoverError(errors.RESTORE_NOT_EMPTY, message)


def _alone(connection: Connection, tables: Iterable[Shape]) -> None:
    """Keep others from adding rows meanwhile; on SQLite whoever writes is alone."""
    if connection.dialect.name != "sqlite":
        names = ", ".join(f'"{shape.name}"' for shape in tables)
        connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Yield rows of one table, as many at a time as memory has room for without a thought."""
    held: list[Row] = []
    size = 0
    for row in rows:
        if held and (held[0].table is not row.table or len(held) >= _ROWS or size >= _BYTES):
            yield held
            held, size = [], 0
        held.append(row)
        size += row.size
    if held:
        yield held


class _Held(NamedTuple):
    """What leads to another row of the same table, and is written once that one is there."""

    shape: Shape
    key: Mapping[str, Any]
    leads: Mapping[str, Any]


def _insert(connection: Connection, rows: list[Row], shape: Shape) -> list[_Held]:
    """Insert rows of one table; returns what has to wait for rows that may come later."""
    values, held = [], []
    for row in rows:
        leads = {name: row.values[name] for name in shape.itself if row.values[name] is not None}
        if leads:
            held.append(_Held(shape, {name: row.values[name] for name in shape.key}, leads))
        values.append(row.values | dict.fromkeys(leads))
    with _taken(shape):
        connection.execute(insert(rows[0].table.shape.clause), values)
    return held


def _lead(connection: Connection, held: _Held) -> None:
    clause = held.shape.clause
    here = (clause.c[name] == value for name, value in held.key.items())
    with _taken(held.shape):
        connection.execute(update(clause).where(*here).values(dict(held.leads)))


@contextmanager
def _taken(table: Shape) -> Iterator[None]:
    """Say of which table the database does not take a row. Raises E-RESTORE-REFUSED."""
    try:
        yield
    except OperationalError:
        raise  # the disk, not the rows
    except (DBAPIError, StatementError, OverflowError, ValueError) as error:
        # Only the first line: PostgreSQL's others show the row.
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        message = f"The database does not take a row of {table.name}: {reason}."
        raise ChangeoverError(errors.RESTORE_REFUSED, message) from error


def _count_on(connection: Connection, tables: Iterable[Shape]) -> None:
    """Let the numbers that PostgreSQL gives go on after the highest one; SQLite sees to it by itself."""
    if connection.dialect.name == "sqlite":
        return
    for shape in tables:
        for name in shape.key:
            asked = text("SELECT pg_get_serial_sequence(:table, :name)")
            sequence = connection.scalar(asked, {"table": f'"{shape.name}"', "name": name})
            highest = connection.scalar(select(func.max(shape.clause.c[name]))) if sequence else None
            if highest is not None:
                set_to = text("SELECT setval(CAST(:sequence AS regclass), :highest)")
                connection.execute(set_to, {"sequence": sequence, "highest": highest})
