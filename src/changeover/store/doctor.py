"""Doctor, the store's part: the database file, its schema, its guards, and who may read it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, text

from changeover.org.doctor import Check
from changeover.store.engine import Database
from changeover.store.upgrade import head, revision_of

_GUARDS = frozenset({"audit_event_no_update", "audit_event_no_delete", "audit_event_no_replace"})
# Indexes and constraints that were left half made, as by a step that somebody ran by hand.
_BROKEN = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE c.relnamespace = current_schema()::regnamespace AND NOT (i.indisvalid AND i.indisready)
UNION ALL
SELECT conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND NOT convalidated
"""
# A: also in sessions that apply changes as a replica would. 58: before a statement, DELETE, UPDATE, TRUNCATE.
_GUARD = """
SELECT count(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE t.tgrelid = to_regclass('audit_event') AND t.tgname = 'audit_event_append_only'
   AND t.tgenabled = 'A' AND t.tgtype = 58 AND p.prosrc LIKE :refusal
"""
_CLOSED = """
SELECT inet_client_addr() IS NULL OR inet_client_addr() << '127.0.0.0/8' OR inet_client_addr() = '::1'
    OR (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())
"""
_UNSEARCHED = """
SELECT count(*) FROM connected_app a LEFT JOIN connected_app_text t USING (org_id, api_name_folded)
 WHERE (t.label_folded, t.content) IS DISTINCT FROM (a.label_folded, convert_to(a.search_text, 'UTF8'))
"""
REFUSAL = "the audit trail is append only"
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
        yield from _sqlite(connection) if database.is_sqlite else _postgresql(connection)
    files = [Path(database.url.database or "")] if database.is_sqlite else []
    yield from (rights(file) for file in (*files, key_file) if file.is_file())


def _sqlite(connection: Connection) -> Iterator[Check]:
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
    yield _guarded(ok=not missing)
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


def _postgresql(connection: Connection) -> Iterator[Check]:
    broken = connection.execute(text(_BROKEN)).scalars().all()
    yield Check(
        name="indexes",
        ok=not broken,
        detail="All are whole." if not broken else f"Not whole: {', '.join(broken)}.",
        remedy="" if not broken else "REINDEX them, and validate the constraints.",
    )
    guarded = connection.execute(text(_GUARD), {"refusal": f"%{REFUSAL}%"}).scalar_one()
    yield _guarded(ok=guarded == 1)
    settings = ("fsync", "full_page_writes", "synchronous_commit")
    off = [
        name
        for name in settings
        if connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one() == "off"
    ]
    yield Check(
        name="commits",
        ok=not off,
        detail="Written to disk before they are answered."
        if not off
        else f"The server may lose what it has answered: {', '.join(off)} off.",
        remedy="" if not off else "Set them to on in postgresql.conf; they are unless somebody changed them.",
    )
    unsearched = connection.execute(text(_UNSEARCHED)).scalar_one()
    yield Check(
        name="search",
        ok=not unsearched,
        detail=f"It does not know {unsearched} connected apps as they are."
        if unsearched
        else "It knows every connected app as it is.",
        remedy="Back up, and restore into an empty database: what is searched is made anew there."
        if unsearched
        else "",
    )
    closed = connection.execute(text(_CLOSED)).scalar_one()
    yield Check(
        name="connection",
        ok=closed,
        detail="Encrypted, or within this machine." if closed else "What is sent to the server can be read.",
        remedy=""
        if closed
        else "Add ?sslmode=verify-full to the URL (or PGSSLMODE), and let the server speak TLS.",
    )


def _guarded(*, ok: bool) -> Check:
    return Check(
        name="audit trail",
        ok=ok,
        detail="It can only be appended to." if ok else "Somebody has taken its guard away.",
        remedy="" if ok else "Do not trust it; restore the database from a backup.",
    )


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
