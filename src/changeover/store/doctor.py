"""Doctor, the store's part: the database file, its schema, its guards, and who may read it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from changeover.org.doctor import Check
from changeover.store.engine import Database
from changeover.store.upgrade import head, revision_of

_GUARDS = frozenset({"audit_event_no_update", "audit_event_no_delete", "audit_event_no_replace"})
_RESTORE = "Stop Changeover, keep the files as they are, and restore the database from a backup."


def examine_database(database: Database, key_file: Path) -> Iterator[Check]:
    """Look at the database and say what is and what is not in order. Changes nothing.

    Args:
        database: the database.
        key_file: where the key is kept, if it is kept in a file.
    """
    with database.read() as connection:
        stands, newest = revision_of(connection), head()
        yield Check(
            name="schema",
            ok=stands == newest,
            detail=f"at step {stands}" + ("." if stands == newest else f", the newest is {newest}."),
            remedy="" if stands == newest else "Start Changeover: it brings the schema up to date.",
        )
        if not database.is_sqlite:
            return
        said = connection.execute(text("PRAGMA integrity_check(5)")).scalars().all()
        whole = said == ["ok"]
        detail = "SQLite finds nothing wrong." if whole else "; ".join(said)
        yield Check(name="integrity", ok=whole, detail=detail, remedy="" if whole else _RESTORE)
        loose = len(connection.execute(text("PRAGMA foreign_key_check")).all())
        yield Check(
            name="references between records",
            ok=not loose,
            detail=f"{loose} lead nowhere." if loose else "All lead somewhere.",
            remedy=_RESTORE if loose else "",
        )
        query = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        missing = _GUARDS - set(connection.execute(query).scalars())
        yield Check(
            name="audit trail",
            ok=not missing,
            detail="It can only be appended to." if not missing else "Somebody has taken its guard away.",
            remedy="" if not missing else "Do not trust it; restore the database from a backup.",
        )
        mode = connection.execute(text("PRAGMA journal_mode")).scalar_one()
        lasting = connection.execute(text("PRAGMA synchronous")).scalar_one()
        safe = (mode, lasting) == ("wal", 2)
        yield Check(
            name="commits",
            ok=safe,
            detail="Written to disk before they are answered (WAL, synchronous FULL)."
            if safe
            else f"journal_mode {mode}, synchronous {lasting}.",
            remedy="" if safe else "Put the database on a local disk: WAL does not work on network drives.",
        )
    files = [Path(database.url.database or ""), key_file]
    yield from (rights(file) for file in files if file.is_file())


def rights(file: Path) -> Check:
    """Only the owner may read a file that holds secrets or their key."""
    mode = stat.S_IMODE(file.stat().st_mode)
    closed = not mode & (stat.S_IRWXG | stat.S_IRWXO)
    return Check(
        name=f"rights of {file.name}",
        ok=closed,
        detail="Its owner's alone." if closed else f"Others may get at it (mode {mode:03o}).",
        remedy="" if closed else f"chmod 600 {file}",
    )
