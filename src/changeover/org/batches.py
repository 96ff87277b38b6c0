"""Batches: several apps under one confirmation; started, stopped, resumed, and looked at.

A batch is running until every app has its outcome or somebody stops it. Whose process runs it does not
matter: `batch_runs` does the work, for the door that waits for it or for the jobs (`ports.Jobs`) beside them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import audit
from changeover.org.act import act
from changeover.org.lists import OutcomeQuery, Page
from changeover.org.model.apps import Confirmation
from changeover.org.model.batches import Batch, BatchApp, BatchKind, BatchState, Outcome
from changeover.org.model.orgs import Actor
from changeover.org.permissions import MIGRATE, SETUP
from changeover.org.ports import Unit, Units
from changeover.org.values import shown

LEASE = timedelta(seconds=15)
"""How long after its last sign of life a run counts as dead, and another one may take its batch up."""
AGAIN = frozenset({errors.INTERNAL.code})
"""Faults of ours: the app has its outcome, and is tried again when the batch is resumed."""
_PAGE = 500


@act(MIGRATE, "migrate connected apps")
def start_batch(
    unit: Unit,
    actor: Actor,
    names: Sequence[str],
    confirmation: Confirmation,
    despite_evidence: Collection[str] = frozenset(),
    seen_versions: Mapping[str, int] | None = None,
    *,
    runner: str | None = None,
) -> Batch:
    """Record which apps are to be migrated and what was confirmed, and have it run.

    Args:
        unit: the transaction; the jobs see the batch once it is committed.
        actor: who migrates.
        names: API names.
        confirmation: a blanket one: it covers only apps that nothing speaks against.
        despite_evidence: API names of the apps that were confirmed, one by one, against the evidence shown.
        seen_versions: by API name, the version of the app that the page showed.
        runner: the run with which the caller goes on at once (`batch_runs.run_batch`); None leaves it to the
            jobs.
    """
    despite = {name.casefold() for name in despite_evidence}
    seen = seen_versions or {}
    apps = [
        BatchApp(
            position=position,
            name=name,
            despite_evidence=name.casefold() in despite,
            seen_version=seen.get(name),
        )
        for position, name in enumerate(dict.fromkeys(names))
    ]
    said = {"local": confirmation.local, "no_username_password": confirmation.no_username_password}
    batch = new_batch(unit, actor, BatchKind.MIGRATE, len(apps))
    text = f"Started to migrate {_apps(batch.total)}."
    begin(unit, batch, said, apps, runner=runner, text=text)
    return batch


def new_batch(unit: Unit, actor: Actor, kind: BatchKind, total: int, of_batch: str | None = None) -> Batch:
    """Return a batch that begins now."""
    return Batch(
        batch_id=unit.ids.record("0Bt"),
        kind=kind,
        state=BatchState.RUNNING,
        started_at=unit.now,
        started_by=actor.username,
        actor=actor,
        total=total,
        results={},
        of_batch=of_batch,
    )


def begin(
    unit: Unit,
    batch: Batch,
    said: Mapping[str, Any],
    apps: Iterable[BatchApp],
    *,
    runner: str | None,
    text: str,
) -> None:
    """Add a batch, and have it run: by the caller's run, or by the jobs."""
    unit.batches.add(batch, said, apps)
    _have_it_run(unit, batch.batch_id, runner)
    after = {"kind": batch.kind.value, "apps": batch.total, "confirmed": dict(said)}
    if batch.of_batch is not None:
        after["of_batch"] = batch.of_batch
    audit.record(unit, batch.actor, audit.Event.BATCH_STARTED, batch.batch_id, text, after=after)


def _have_it_run(unit: Unit, batch_id: str, runner: str | None) -> None:
    if runner is None:
        unit.jobs.defer(batch_id)
    else:
        unit.batches.claim(batch_id, runner, unit.now, unit.now + LEASE)


def _apps(count: int) -> str:
    return "1 app" if count == 1 else f"{count} apps"


def own_batch(unit: Unit, actor: Actor, batch_id: str, *, lock: bool = False) -> Batch:
    """Return a batch of the actor's org. Raises E-RECORD-NOT-FOUND."""
    batch = unit.batches.get(actor.org_id, batch_id, lock=lock)
    if batch is None:
        raise ChangeoverError(errors.RECORD_NOT_FOUND, f"This org has no batch “{shown(batch_id)}”.")
    return batch


@act(MIGRATE, "stop a batch")
def stop_batch(unit: Unit, actor: Actor, batch_id: str) -> Batch:
    """Stop a batch: the app at hand is finished or left alone, whole; the others keep their place.

    A batch that is stopped or done already stays so. Raises E-RECORD-NOT-FOUND.
    """
    batch = own_batch(unit, actor, batch_id, lock=True)
    if batch.state is not BatchState.RUNNING:
        return batch
    unit.batches.set_state(batch_id, BatchState.STOPPED)
    text = f"Stopped the batch {batch_id}: {batch.count} of {_apps(batch.total)} are done."
    _told(unit, actor, audit.Event.BATCH_STOPPED, batch, BatchState.STOPPED, text)
    return own_batch(unit, actor, batch_id)


@act(MIGRATE, "go on with a batch")
def resume_batch(unit: Unit, actor: Actor, batch_id: str, *, runner: str | None = None) -> Batch:
    """Go on with a batch where it stopped; whoever may migrate can. Nothing happens to one that is done.

    Its apps are migrated in the name of who resumes; the confirmation stays that of who gave it, and the
    audit trail says so. Apps that failed by a fault of ours are tried again.

    Args:
        unit: the transaction.
        actor: who resumes it.
        batch_id: the batch.
        runner: as `start_batch` takes it.

    Raises:
        ChangeoverError: E-RECORD-NOT-FOUND; E-BATCH-RUNNING where the caller wants to run it and another
            process is at it.
    """
    batch = own_batch(unit, actor, batch_id, lock=True)
    if batch.alive(unit.now):
        if runner is not None:
            raise running(batch)
        return batch
    again = unit.batches.again(batch_id, AGAIN)
    if batch.done and not again:
        return batch
    unit.batches.set_state(batch_id, BatchState.RUNNING, actor)
    _have_it_run(unit, batch_id, runner)
    text = f"Went on with the batch {batch_id}: {batch.count - again} of {_apps(batch.total)} are done."
    if actor.username != batch.started_by:
        text += f" The confirmation stays that of {batch.started_by}."
    _told(unit, actor, audit.Event.BATCH_RESUMED, batch, BatchState.RUNNING, text)
    return own_batch(unit, actor, batch_id)


def running(batch: Batch) -> ChangeoverError:
    """Return the refusal of what cannot be done to a batch that runs."""
    message = f"The batch {batch.batch_id} is running: {batch.count} of {_apps(batch.total)} are done."
    return ChangeoverError(errors.BATCH_RUNNING, message)


def _told(unit: Unit, actor: Actor, event: audit.Event, batch: Batch, state: BatchState, text: str) -> None:
    before = {"state": batch.state.value, "actor": batch.actor.username}
    named = actor.username if state is BatchState.RUNNING else batch.actor.username
    after = {"state": state.value, "actor": named, "confirmed_by": batch.started_by}
    audit.record(unit, actor, event, batch.batch_id, text, before=before, after=after)


@act(SETUP, "look at migrations")
def view_batch(unit: Unit, actor: Actor, batch_id: str) -> Batch:
    """Return how far a batch is. Raises E-RECORD-NOT-FOUND."""
    return own_batch(unit, actor, batch_id)


@act(SETUP, "look at migrations")
def undos_of(unit: Unit, actor: Actor, batch_id: str) -> tuple[str, ...]:
    """Return the ids of the batches that undo a batch, the oldest first. Raises E-RECORD-NOT-FOUND."""
    return unit.batches.undone_by(own_batch(unit, actor, batch_id).batch_id)


@act(SETUP, "look at migrations")
def batch_outcomes(
    unit: Unit, actor: Actor, batch_id: str, query: OutcomeQuery | None = None
) -> Page[Outcome]:
    """Return a page of what became of a batch's apps. Raises E-RECORD-NOT-FOUND."""
    return unit.batches.outcomes(own_batch(unit, actor, batch_id).batch_id, query or OutcomeQuery())


@act(SETUP, "look at migrations")
def every_outcome(unit: Unit, actor: Actor, batch_id: str, result: str = "") -> Iterator[Outcome]:
    """Yield what became of all apps of a batch, never all in memory. Raises E-RECORD-NOT-FOUND."""
    page = 1
    while True:
        asked = OutcomeQuery(result=result, page=page, page_size=_PAGE)
        found = batch_outcomes(unit, actor, batch_id, asked)
        yield from found.rows
        if page >= found.pages:
            return
        page += 1


@act(SETUP, "look at migrations")
def list_batches(unit: Unit, actor: Actor) -> tuple[Batch, ...]:
    """Return the last batches, the newest first."""
    return unit.batches.list(actor.org_id)


def waiting_batches(units: Units) -> tuple[str, ...]:
    """Return the batches of all orgs that are to be run and that nobody is at: whoever runs batches asks."""
    with units.read() as unit:
        return unit.batches.waiting(unit.now)
