"""The Setup Audit Trail. The database itself refuses to change or delete a row (migrations/versions/0001)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, insert, select

from changeover.org.lists import AuditQuery, Page
from changeover.org.model.events import AuditEntry
from changeover.org.model.orgs import Door
from changeover.store.prepared import Prepared
from changeover.store.rows import Wide, page_of_wide
from changeover.store.schema.events import audit_event as table

# Built once: every act that changes something appends a row.
_INSERT = Prepared(insert(table), [column.name for column in table.c if not column.primary_key])
COUNTED = 10_000
"""Rows of a page's list that are counted; beyond, the page says "more than"."""
_SCANNED = 2_000


class SqlAudit:
    """The audit rows of all orgs. It can append and read, nothing else."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, org_id: str, entry: AuditEntry) -> None:
        """Append a row; its number is given by the database."""
        values = {
            "org_id": org_id,
            "at": entry.at,
            "event": entry.event,
            "subject": entry.subject,
            "actor": entry.actor,
            "door": entry.door.value,
            "before": entry.before,
            "after": entry.after,
            "text": entry.text,
        }
        _INSERT.later(self._connection, values)

    def page(self, org_id: str, query: AuditQuery) -> Page[AuditEntry]:
        """Return rows, the newest first."""
        rows = select(table).where(table.c.org_id == org_id)
        asked = ((table.c.subject, query.subject), (table.c.event, query.event), (table.c.actor, query.actor))
        conditions = [column == value for column, value in asked if value]
        order = (table.c.number.desc(),)
        wide = Wide(rows, table.c.number, conditions, order, rare=False, counted=COUNTED)
        return page_of_wide(self._connection, wide, (query.page, query.page_size), _entry)

    def count(self, org_id: str, event: str) -> int:
        """Return how many rows there are of an event, all of them."""
        where = (table.c.org_id == org_id, table.c.event == event)
        query = select(func.count()).select_from(table).where(*where)
        return self._connection.execute(query).scalar_one()

    def scan(
        self,
        org_id: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        number: int | None = None,
    ) -> Iterator[AuditEntry]:
        """Yield rows, the newest first, as they are read; both ends of the time belong to it."""
        rows = select(table).where(table.c.org_id == org_id)
        if since is not None:
            rows = rows.where(table.c.at >= since)
        if until is not None:
            rows = rows.where(table.c.at <= until)
        if number is not None:
            rows = rows.where(table.c.number == number)
        ordered = rows.order_by(table.c.number.desc()).limit(_SCANNED)
        chunk = self._connection.execute(ordered).mappings().all()
        while chunk:
            yield from map(_entry, chunk)
            if len(chunk) < _SCANNED:
                return
            older = ordered.where(table.c.number < chunk[-1]["number"])
            chunk = self._connection.execute(older).mappings().all()


def _entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(
        number=row["number"],
        at=row["at"],
        event=row["event"],
        subject=row["subject"],
        actor=row["actor"],
        door=Door(row["door"]),
        before=row["before"],
        after=row["after"],
        text=row["text"],
    )
