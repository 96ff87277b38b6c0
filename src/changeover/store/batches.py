"""Batches: runs of migrate several and of their undo, with a row an app."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from changeover.org.lists import OutcomeQuery, Page
from changeover.org.model.batches import (
    LONGEST_LEASE,
    Batch,
    BatchApp,
    BatchKind,
    BatchState,
    Outcome,
)
from changeover.org.model.orgs import Actor, Door
from changeover.org.records.batches import Task
from changeover.store.prepared import Prepared, Question
from changeover.store.rows import page_of
from changeover.store.schema.apps import external_client_app as external
from changeover.store.schema.batches import batch as table
from changeover.store.schema.batches import batch_app as app

_AT_ONCE = 1000
"""Rows of one INSERT, and of one look at what is left to do: a batch is never whole in memory."""

# Built once: each app of a batch asks them, and building takes longer than SQLite takes to answer.
_ONE = and_(app.c.batch_id == bindparam("of"), app.c.position == bindparam("at"))
_TAKE = Prepared(
    select(app.c.position)
    .join(table, table.c.id == app.c.batch_id)
    .where(
        _ONE,
        app.c.result.is_(None),
        table.c.state == BatchState.RUNNING.value,
        table.c.runner == bindparam("run"),
    )
    .with_for_update(of=app)
)
_RECORD = Prepared(
    # An app keeps the external client app that it has where none is given.
    update(app)
    .where(_ONE)
    .values(external_id=func.coalesce(bindparam("made", type_=app.c.external_id.type), app.c.external_id)),
    ["result", "code", "message", "remedy"],
)


class SqlBatches:
    """The batches of all orgs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, batch: Batch, confirmation: Mapping[str, Any], apps: Iterable[BatchApp]) -> None:
        """Add a batch with its apps, none of them done."""
        self._connection.execute(
            insert(table).values(
                id=batch.batch_id,
                org_id=batch.actor.org_id,
                kind=batch.kind.value,
                state=batch.state.value,
                started_at=batch.started_at,
                started_by=batch.started_by,
                actor_id=batch.actor.user_id,
                actor=batch.actor.username,
                door=batch.actor.door.value,
                confirmation=dict(confirmation),
                of_batch=batch.of_batch,
            )
        )
        rest = iter(apps)
        while several := list(islice(rest, _AT_ONCE)):
            self._connection.execute(
                insert(app),
                [
                    {
                        "batch_id": batch.batch_id,
                        "position": one.position,
                        "name": one.name,
                        "despite_evidence": one.despite_evidence,
                        "seen_version": one.seen_version,
                        "external_id": one.external_id,
                    }
                    for one in several
                ],
            )

    def get(self, org_id: str, batch_id: str, *, lock: bool = False) -> Batch | None:
        """Return a batch of an org."""
        return self._one(select(table).where(table.c.id == batch_id, table.c.org_id == org_id), lock=lock)

    def of_any_org(self, batch_id: str, *, lock: bool = False) -> Batch | None:
        """Return a batch, for whoever runs it."""
        return self._one(select(table).where(table.c.id == batch_id), lock=lock)

    def _one(self, query: Select[Any], *, lock: bool) -> Batch | None:
        found = query.with_for_update() if lock else query
        row = self._connection.execute(found).mappings().one_or_none()
        return self._built([row])[0] if row else None

    def _built(self, rows: list[RowMapping]) -> list[Batch]:
        counted = (
            select(app.c.batch_id, app.c.result, func.count())
            .where(app.c.batch_id.in_([row["id"] for row in rows]))
            .group_by(app.c.batch_id, app.c.result)
        )
        counts: dict[str, dict[str | None, int]] = {row["id"]: {} for row in rows}
        for batch_id, result, count in self._connection.execute(counted):
            counts[batch_id][result] = count
        return [_batch(row, counts[row["id"]]) for row in rows]

    def list(self, org_id: str, limit: int = 20) -> tuple[Batch, ...]:
        """Return the last batches, the newest first."""
        query = select(table).where(table.c.org_id == org_id)
        rows = self._connection.execute(query.order_by(table.c.started_at.desc(), table.c.id).limit(limit))
        return tuple(self._built(list(rows.mappings())))

    def undone_by(self, batch_id: str) -> tuple[str, ...]:
        """Return the ids of the batches that undo a batch, the oldest first."""
        query = select(table.c.id).where(table.c.of_batch == batch_id)
        return tuple(self._connection.execute(query.order_by(table.c.started_at, table.c.id)).scalars())

    def confirmation(self, batch_id: str) -> Mapping[str, Any]:
        """Return what was confirmed when the batch was started."""
        query = select(table.c.confirmation).where(table.c.id == batch_id)
        found: Mapping[str, Any] = self._connection.execute(query).scalar_one()
        return found

    # --- running it

    def claim(self, batch_id: str, runner: str, now: datetime, until: datetime) -> bool:
        """Take a running batch up, unless some other run is at it and alive. Whether it was taken."""
        free = or_(_nobody_at(now), table.c.runner == runner)
        running = and_(table.c.id == batch_id, table.c.state == BatchState.RUNNING.value, free)
        taken = update(table).where(running).values(runner=runner, alive_until=until)
        return self._connection.execute(taken).rowcount == 1

    def renew(self, batch_id: str, runner: str, until: datetime) -> None:
        """Give a sign of life."""
        mine = and_(table.c.id == batch_id, table.c.runner == runner)
        self._connection.execute(update(table).where(mine).values(alive_until=until))

    def leave(self, batch_id: str, runner: str, state: BatchState, halted: str = "") -> bool:
        """End a run; a batch that somebody stopped meanwhile stays stopped. Whether it was this run's."""
        mine = and_(table.c.id == batch_id, table.c.runner == runner)
        gone = update(table).where(mine).values(runner=None, alive_until=None)
        if self._connection.execute(gone).rowcount != 1:
            return False
        running = and_(table.c.id == batch_id, table.c.state == BatchState.RUNNING.value)
        self._connection.execute(update(table).where(running).values(state=state.value, halted=halted))
        return True

    def set_state(self, batch_id: str, state: BatchState, actor: Actor | None = None) -> None:
        """Say how a batch stands from now on, and as whom it runs where that is another.

        Whoever was at it loses it: a run that goes on in the old name, after it was stopped and resumed in
        another, would not notice otherwise.
        """
        values: dict[str, Any] = {"state": state.value, "halted": "", "runner": None, "alive_until": None}
        if actor is not None:
            values |= {"actor_id": actor.user_id, "actor": actor.username, "door": actor.door.value}
        self._connection.execute(update(table).where(table.c.id == batch_id).values(values))

    def waiting(self, now: datetime) -> tuple[str, ...]:
        """Return the batches that are to be run and that nobody is at, the oldest first."""
        query = select(table.c.id).where(table.c.state == BatchState.RUNNING.value, _nobody_at(now))
        return tuple(self._connection.execute(query.order_by(table.c.started_at, table.c.id)).scalars())

    def to_do(self, batch_id: str, after: int) -> tuple[BatchApp, ...]:
        """Return the next apps without an outcome, those behind a position."""
        query = select(app).where(app.c.batch_id == batch_id, app.c.result.is_(None), app.c.position > after)
        rows = self._connection.execute(query.order_by(app.c.position).limit(_AT_ONCE)).mappings()
        return tuple(_app(row) for row in rows)

    def take(self, task: Task) -> bool:
        """Lock an app that is to be done. Whether it still is, and the batch still this run's to run."""
        return self.taking(task).one(self._connection) is not None

    @staticmethod
    def taking(task: Task) -> Question:
        """Return what `take` asks."""
        return Question(_TAKE, {"of": task.batch_id, "at": task.position, "run": task.runner})

    def record(self, batch_id: str, position: int, done: Outcome, external_id: str | None = None) -> None:
        """Record what became of an app that was taken."""
        values: dict[str, Any] = {
            "of": batch_id,
            "at": position,
            "result": done.result,
            "code": done.code,
            "message": done.message,
            "remedy": done.remedy,
            "made": external_id,
        }
        _RECORD.later(self._connection, values)

    def again(self, batch_id: str, codes: Collection[str]) -> int:
        """Forget the outcomes with some codes, so that these apps are tried again. How many they were."""
        these = and_(app.c.batch_id == batch_id, app.c.code.in_(codes))
        cleared = {"result": None, "code": None, "message": "", "remedy": ""}
        return self._connection.execute(update(app).where(these).values(cleared)).rowcount

    # --- what became of it

    def outcome(self, batch_id: str, position: int) -> Outcome | None:
        """Return what became of an app, None while it is not done."""
        query = select(app).where(
            app.c.batch_id == batch_id, app.c.position == position, app.c.result.is_not(None)
        )
        row = self._connection.execute(query).mappings().one_or_none()
        return _outcome(row) if row else None

    def outcomes(self, batch_id: str, query: OutcomeQuery) -> Page[Outcome]:
        """Return a page of what became of its apps, in the order of the batch."""
        rows = select(app).where(app.c.batch_id == batch_id)
        if query.result:
            rows = rows.where(app.c.result == query.result)
        else:
            rows = rows.where(app.c.result.is_not(None))
        if query.code:
            rows = rows.where(app.c.code == query.code)
        asked = (query.page, query.page_size)
        return page_of(self._connection, rows, (app.c.position,), asked, _outcome)

    # --- undoing it

    def made(self, batch_id: str) -> tuple[int, int]:
        """Return how many external client apps that a batch made are there, and the sum of their versions.

        Ids never come back and versions only rise: the same two numbers mean the same apps, unchanged.
        """
        there = self._there(batch_id, func.count(), func.coalesce(func.sum(external.c.version), 0))
        count, versions = self._connection.execute(there).one()
        return count, int(versions)

    def changed(self, batch_id: str, query: OutcomeQuery) -> Page[str]:
        """Return a page of the names of those that were changed since the batch made them."""
        rows = self._there(batch_id, external.c.api_name, app.c.position).where(external.c.version > 1)
        asked = (query.page, query.page_size)
        return page_of(self._connection, rows, (app.c.position,), asked, lambda row: str(row["api_name"]))

    def to_undo(self, batch_id: str) -> Iterator[BatchApp]:
        """Yield the apps that a batch migrated, each with the version of its external client app now."""
        query = (
            select(app.c.position, app.c.name, app.c.external_id, external.c.version)
            .join(external, external.c.id == app.c.external_id, isouter=True)
            .where(app.c.batch_id == batch_id, app.c.result == "migrated")
            .order_by(app.c.position)
            .limit(_AT_ONCE)
        )
        rows = self._connection.execute(query).all()
        while rows:
            for row in rows:
                yield BatchApp(
                    position=row.position,
                    name=row.name,
                    external_id=row.external_id,
                    seen_version=row.version,
                )
            after = query.where(app.c.position > rows[-1].position)
            rows = self._connection.execute(after).all()

    @staticmethod
    def _there(batch_id: str, *columns: Any) -> Select[Any]:  # noqa: ANN401 - columns of any kind
        return (
            select(*columns)
            .select_from(app)
            .join(external, external.c.id == app.c.external_id)
            .where(app.c.batch_id == batch_id, app.c.result == "migrated")
        )


def _nobody_at(now: datetime) -> ColumnElement[bool]:
    """Return the condition that no process is at a running batch, as `Batch.alive` says it."""
    until = table.c.alive_until
    return or_(until.is_(None), until <= now, until > now + LONGEST_LEASE)


def _batch(row: RowMapping, counts: Mapping[str | None, int]) -> Batch:
    return Batch(
        batch_id=row["id"],
        kind=BatchKind(row["kind"]),
        state=BatchState(row["state"]),
        started_at=row["started_at"],
        started_by=row["started_by"],
        actor=Actor(
            org_id=row["org_id"], user_id=row["actor_id"], username=row["actor"], door=Door(row["door"])
        ),
        total=sum(counts.values()),
        results={result: count for result, count in sorted(counts.items(), key=str) if result is not None},
        alive_until=row["alive_until"],
        of_batch=row["of_batch"],
        halted=row["halted"],
    )


def _app(row: RowMapping) -> BatchApp:
    return BatchApp(
        position=row["position"],
        name=row["name"],
        despite_evidence=row["despite_evidence"],
        seen_version=row["seen_version"],
        external_id=row["external_id"],
    )


def _outcome(row: RowMapping) -> Outcome:
    return Outcome(
        name=row["name"],
        result=row["result"],
        code=row["code"],
        message=row["message"],
        remedy=row["remedy"],
    )
