"""Runs of migrate several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from changeover.org.model import Batch, Door, Outcome
from changeover.store.rows import put_first
from changeover.store.schema import batch as table
from changeover.store.schema import batch_outcome as outcome


class SqlBatches:
    """The batches of all orgs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, org_id: str, batch: Batch, confirmation: Mapping[str, Any]) -> None:
        """Add a batch without outcomes."""
        self._connection.execute(
            insert(table).values(
                id=batch.batch_id,
                org_id=org_id,
                started_at=batch.started_at,
                started_by=batch.started_by,
                door=batch.door.value,
                names=list(batch.names),
                confirmation=dict(confirmation),
            )
        )

    def _batch(self, row: RowMapping) -> Batch:
        query = select(outcome).where(outcome.c.batch_id == row["id"]).order_by(outcome.c.id)
        return Batch(
            batch_id=row["id"],
            started_at=row["started_at"],
            started_by=row["started_by"],
            door=Door(row["door"]),
            names=tuple(row["names"]),
            outcomes=tuple(
                Outcome(
                    name=entry["name"],
                    result=entry["result"],
                    code=entry["code"],
                    message=entry["message"],
                    remedy=entry["remedy"],
                )
                for entry in self._connection.execute(query).mappings()
            ),
        )

    def get(self, org_id: str, batch_id: str) -> Batch | None:
        """Return a batch."""
        query = select(table).where(table.c.id == batch_id, table.c.org_id == org_id)
        row = self._connection.execute(query).mappings().one_or_none()
        return self._batch(row) if row else None

    def confirmation(self, batch_id: str) -> Mapping[str, Any]:
        """Return what was confirmed when the batch was started."""
        query = select(table.c.confirmation).where(table.c.id == batch_id)
        found: Mapping[str, Any] = self._connection.execute(query).scalar_one()
        return found

    def record(self, batch_id: str, done: Outcome) -> None:
        """Record what became of an app. Where two processes ran the batch, the first one's word stands."""
        told = {"code": done.code, "message": done.message, "remedy": done.remedy, "result": done.result}
        put_first(self._connection, outcome, {"batch_id": batch_id, "name": done.name}, told)

    def list(self, org_id: str, limit: int = 20) -> tuple[Batch, ...]:
        """Return the last batches, the newest first."""
        query = select(table).where(table.c.org_id == org_id)
        rows = self._connection.execute(query.order_by(table.c.started_at.desc(), table.c.id).limit(limit))
        return tuple(self._batch(row) for row in rows.mappings().all())
