"""Take a backup: everything as of one moment, while servers and workers go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError, OperationalError

from changeover import __version__, errors
from changeover.errors import ChangeoverError
from changeover.org.custody import Backup
from changeover.store.backup.container import Writer
from changeover.store.backup.manifest import Body, Manifest, TablePart
from changeover.store.backup.tables import LEFT_OUT, Shape, shapes
from changeover.store.sealed import counts
from changeover.store.upgrade import is_known, revision_of
from changeover.store.vault import Vault

_BATCH = 500


def take(connection: Connection, vault: Vault, stream: BinaryIO, now: datetime) -> Backup:
    """Write a backup of a database into a stream.

    Args:
        connection: of a reading transaction, which sees one state throughout; at whatever step.
        vault: signs the backup. The key itself is not in it.
        stream: at its start; it can be written, and gone back in.
        now: when the transaction began.

    Raises:
        ChangeoverError: E-STORE-UNREADABLE where there is no installation, E-STORE-SCHEMA where a newer
            Changeover wrote it, E-STORE-FAILED.
    """
    step = revision_of(connection)
    if step is None:
        raise ChangeoverError(errors.STORE_UNREADABLE, "There is no installation in this database.")
    if not is_known(step):
        message = f"The database stands at step {step}, which this Changeover does not know."
        raise ChangeoverError(errors.STORE_SCHEMA, message)
    tables = shapes(connection)
    sealed = counts(connection, {shape.name for shape in tables})
    draft = Manifest(
        changeover=__version__,
        schema=step,
        database=connection.dialect.name,
        taken_at=now,
        sealed_with={used.hex(): count for used, count in sorted(sealed.items())},
        left_out=sorted(LEFT_OUT),
        tables=[_part(shape) for shape in tables],
        body=Body(bytes=0, sha256=""),
    )
    writer = Writer(stream, draft)
    for shape in tables:
        writer.table(_rows(connection, shape))
    manifest, used = writer.finish(vault)
    return described(manifest, used, stream.seek(0, 2), signature_checked=True)


def described(manifest: Manifest, signed_with: bytes, size: int, *, signature_checked: bool) -> Backup:
    """Return what a manifest says."""
    return Backup(
        changeover=manifest.changeover,
        schema=manifest.schema,
        database=manifest.database,
        taken_at=manifest.taken_at,
        signed_with=signed_with.hex(),
        signature_checked=signature_checked,
        sealed_with=manifest.sealed_with,
        rows={part.name: part.rows for part in manifest.tables},
        left_out=tuple(manifest.left_out),
        size=size,
    )


def _part(shape: Shape) -> TablePart:
    columns = [(name, kind.name) for name, kind in shape.columns]
    return TablePart(name=shape.name, columns=columns, rows=0, bytes=0, sha256="")


def _rows(connection: Connection, shape: Shape) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table in the order of its key, a few at a time in memory."""
    clause = shape.clause
    query = select(clause).order_by(*(clause.c[name] for name in shape.key))
    try:
        with connection.execute(query, execution_options={"yield_per": _BATCH}) as rows:
            for row in rows:
                yield tuple(row)
    except OperationalError:
        raise  # told by whoever opened the transaction
    except (DBAPIError, ValueError) as error:
        reason = getattr(error, "orig", None) or error
        message = f"The table {shape.name} cannot be read: {reason}."
        raise ChangeoverError(errors.STORE_FAILED, message) from error
