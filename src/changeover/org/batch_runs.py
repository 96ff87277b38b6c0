"""What runs a batch: one transaction an app, its outcome in it, and one failure stops no other.

Any number of processes may try to run the same batch. One of them holds it by a lease that it renews, the
others leave it alone; and an app is done by whoever has locked its row while it has no outcome. So a process
that dies, is stopped or is only slow costs time and nothing else: what was committed stands with its outcome,
what was not has not happened, and the next run goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import structlog

from changeover import errors
from changeover.apps.connected_app import ConnectedApp
from changeover.errors import ChangeoverError, ErrorKind
from changeover.errors.trace import trace_of
from changeover.org.batches import LEASE, running, start_batch, waiting_batches
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.making import Expecting
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.model.batches import Batch, BatchApp, BatchKind, BatchState, Outcome
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit, Units
from changeover.org.records.batches import Task
from changeover.org.values import shown

T = TypeVar("T")

SKIPPED: Mapping[BatchKind, frozenset[ErrorKind]] = {
    BatchKind.MIGRATE: frozenset(
        {
            errors.ALREADY_MIGRATED,
            errors.NOT_LOCAL,
            errors.PUSH_INVALID,
            errors.NOT_ELIGIBLE,
            errors.CONFIRM_LOCAL,
            errors.CONFIRM_NO_USERNAME_PASSWORD,
            errors.USERNAME_PASSWORD_SEEN,
            errors.EVIDENCE_AGAINST,
        }
    ),
    BatchKind.REVERT: frozenset(
        {errors.EXTERNAL_CLIENT_APP_NOT_FOUND, errors.MIGRATED_AGAIN, errors.STALE_PAGE}
    ),
}
"""Refusals of a batch's app that are no failure: what the batch's confirmation does not cover is skipped."""

HALTING = frozenset({errors.NOT_PERMITTED, errors.USER_NOT_ACTIVE})
"""Refusals that all other apps would meet too: the batch stops, and somebody else can resume it."""

TROUBLE = frozenset({errors.STORE_BUSY, errors.STORE_FAILED, errors.STORE_UNCERTAIN})
"""What is wrong with the database and not with the app: the same app is tried again."""

PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 2.0)
"""Seconds before each further try; a database that restarts is back by then. Then the run ends."""

_AHEAD = 50
"""Apps that are read at once for what is worked out ahead of them."""

RESULTS = {BatchKind.MIGRATE: "migrated", BatchKind.REVERT: "reverted"}
"""The result of an app with which all went well."""

_log = structlog.get_logger(__name__)


def migrate_several(
    units: Units,
    actor: Actor,
    names: Sequence[str],
    confirmation: Confirmation,
    despite_evidence: Collection[str] = frozenset(),
    seen_versions: Mapping[str, int] | None = None,
) -> Iterator[Outcome]:
    """Migrate apps one after another, each in a transaction of its own, and yield what became of each.

    As `start_batch`, which says what is given, and `run_batch` in one. Raises E-NOT-PERMITTED before anything
    is done; what is refused of a single app stands in its outcome.
    """
    with units.unit() as unit:
        runner = new_runner(unit)
        batch = start_batch(unit, actor, names, confirmation, despite_evidence, seen_versions, runner=runner)
    yield from run_batch(units, batch.batch_id, runner=runner)


def new_runner(unit: Unit) -> str:
    """Return what tells one run from all others."""
    return unit.ids.record("0Br")


def never() -> bool:
    """Say that nobody asks this run to end."""
    return False


def run_batch(
    units: Units,
    batch_id: str,
    *,
    runner: str | None = None,
    halt: Callable[[], bool] = never,
    leave: BatchState = BatchState.RUNNING,
) -> Iterator[Outcome]:
    """Do what has no outcome yet of a batch, and yield what became of each app.

    Args:
        units: where transactions come from.
        batch_id: the batch.
        runner: the run for which it was claimed when it was started or resumed; by default it is claimed now.
        halt: whether this process is asked to end; the app at hand is finished first.
        leave: how the batch is left when the run ends early: to be gone on with by any other process, or
            stopped.

    Raises:
        ChangeoverError: E-RECORD-NOT-FOUND; E-BATCH-RUNNING where another process is at it; E-NOT-PERMITTED
            and E-USER-NOT-ACTIVE where who runs it may no longer, which stops the batch; E-STORE-BUSY and
            E-STORE-FAILED where the database does not come back in time.
    """
    run = _claimed(units, batch_id, runner, halt)
    if run is None:
        return
    state, halted = leave, ""
    try:
        yield from run.outcomes()
        if run.finished:
            state = BatchState.DONE
    except ChangeoverError as error:
        if error.kind in HALTING:
            state, halted = BatchState.STOPPED, error.message
        raise
    finally:
        # Patient even where this process is asked to end: then nobody has to wait for the lease to end.
        with suppress(ChangeoverError):
            _patiently(lambda: run.end(state, halted), never)


def run_waiting(units: Units, halt: Callable[[], bool] = never) -> int:
    """Run every batch that is to be run and that nobody is at. Returns how many apps were done.

    What ends one batch early ends no other; it is said in the log.
    """
    count = 0
    for batch_id in waiting_batches(units):
        if halt():
            break
        count += run_in_background(units, batch_id, halt)
    return count


def run_in_background(units: Units, batch_id: str, halt: Callable[[], bool] = never) -> int:
    """Run a batch for nobody who waits. Returns how many apps were done; trouble is said in the log only."""
    count = 0
    try:
        for _ in run_batch(units, batch_id, halt=halt):
            count += 1
    except ChangeoverError as error:
        # Another process was quicker, or the batch waits until the database is back or somebody resumes it.
        if error.kind is not errors.BATCH_RUNNING:
            _log.warning("batch left", batch=batch_id, code=error.code, reason=error.message)
    return count


def _claimed(units: Units, batch_id: str, runner: str | None, halt: Callable[[], bool]) -> _Run | None:
    """Return the run of a batch, None where nothing is to be run. Raises E-BATCH-RUNNING."""
    with units.unit() as unit:
        batch = unit.batches.of_any_org(batch_id)
        if batch is None:
            message = f"There is no batch “{shown(batch_id)}”."
            raise ChangeoverError(errors.RECORD_NOT_FOUND, message)
        mine = runner or new_runner(unit)
        if not unit.batches.claim(batch_id, mine, unit.now, unit.now + LEASE):
            if batch.alive(unit.now):
                raise running(batch)
            return None
        # As it is now that it is ours: somebody may have resumed it in another name just before.
        batch = unit.batches.of_any_org(batch_id)
        assert batch is not None  # noqa: S101 - claimed in this transaction
        return _Run(units, batch, unit.batches.confirmation(batch_id), mine, halt)


class _NotOurs(Exception):  # noqa: N818 - no error: it ends a run
    """Somebody stopped the batch, or another process has taken it over."""


class _Run:
    """One run of a batch."""

    def __init__(
        self,
        units: Units,
        batch: Batch,
        said: Mapping[str, Any],
        runner: str,
        halt: Callable[[], bool],
    ) -> None:
        self._units = units
        self._batch = batch
        self._said = said
        self._runner = runner
        self._halt = halt
        self._renewed = time.monotonic()
        self._expecting = Expecting()
        self._following: tuple[BatchApp, ...] = ()
        self._read: dict[str, ConnectedApp] = {}
        self._read_until = -1
        self.finished = False

    def outcomes(self) -> Iterator[Outcome]:
        """Do one app after another."""
        after = -1
        with suppress(_NotOurs):
            while apps := _patiently(partial(self._to_do, after), self._halt):
                for number, app in enumerate(apps, 1):
                    self._following = apps[number : number + _AHEAD]
                    if self._halt():
                        return
                    yield self._do(app)
                    after = app.position
            self.finished = True

    def _to_do(self, after: int) -> tuple[BatchApp, ...]:
        with self._units.read() as unit:
            return unit.batches.to_do(self._batch.batch_id, after)

    def _do(self, app: BatchApp) -> Outcome:
        try:
            return _patiently(lambda: self._act(app), self._halt)
        except ChangeoverError as error:
            if error.kind in TROUBLE | HALTING:
                raise
            skipped = error.kind in SKIPPED[self._batch.kind]
            refused = Outcome(
                name=app.name,
                result="skipped" if skipped else "failed",
                code=error.code,
                message=error.message,
                remedy=error.remedy,
            )
        except _NotOurs:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other apps go on
            # A fault of ours in one app stops no other; its detail belongs in the log only.
            batch, trace = self._batch.batch_id, trace_of(error)
            _log.error("app of a batch failed", app=app.name, batch=batch, trace=trace)
            kind = errors.INTERNAL
            refused = Outcome(
                name=app.name, result="failed", code=kind.code, message=kind.title, remedy=kind.remedy
            )
        return _patiently(lambda: self._refuse(app, refused), self._halt)

    def _act(self, app: BatchApp) -> Outcome:
        # The outcome is recorded with the act: a killed batch neither forgets nor repeats an app.
        with self._units.unit() as unit:
            migrates = app.name if self._batch.kind is BatchKind.MIGRATE else None
            unit.foresee(self._batch.actor, task=self._task(app), migrates=migrates)
            done = self._taken(unit, app)
            if done is not None:
                return done
            unit.meanwhile(self._look_ahead)
            external_id = _ACTS[self._batch.kind](unit, self._batch, app, self._said, self._expecting)
            outcome = Outcome(name=app.name, result=RESULTS[self._batch.kind])
            unit.batches.record(self._batch.batch_id, app.position, outcome, external_id)
        return outcome

    def _refuse(self, app: BatchApp, outcome: Outcome) -> Outcome:
        with self._units.unit() as unit:
            done = self._taken(unit, app)
            if done is not None:
                return done
            unit.batches.record(self._batch.batch_id, app.position, outcome)
        return outcome

    def _look_ahead(self) -> None:
        """Work out what will be made of the app that follows. Nothing hangs on it."""
        if self._batch.kind is not BatchKind.MIGRATE or not self._following:
            return
        # What goes wrong here goes wrong again where it is asked for, and is told there.
        with suppress(Exception):
            following = self._following[0]
            if following.position > self._read_until:
                # First, so that what cannot be read is not tried again for each app.
                self._read_until = self._following[-1].position
                names = [app.name for app in self._following]
                with self._units.read() as unit:
                    found = unit.apps.several(self._batch.actor.org_id, names)
                    self._read = {app.full_name: app for app in found}
            app = self._read.pop(following.name, None)
            if app is not None:
                self._expecting.look_ahead(app)

    def _task(self, app: BatchApp) -> Task:
        return Task(self._batch.batch_id, app.position, self._runner)

    def _taken(self, unit: Unit, app: BatchApp) -> Outcome | None:
        """Lock an app, or return the outcome that it has: of a commit whose answer was lost. Or _NotOurs."""
        batch_id = self._batch.batch_id
        # As every act: the turn first, then records. In another order two units could wait for each other.
        unit.take_turn(self._batch.actor.org_id)
        if not unit.batches.take(self._task(app)):
            outcome = unit.batches.outcome(batch_id, app.position)
            if outcome is None or not unit.batches.claim(batch_id, self._runner, unit.now, unit.now + LEASE):
                raise _NotOurs
            return outcome
        if time.monotonic() - self._renewed > LEASE.total_seconds() / 3:
            unit.batches.renew(batch_id, self._runner, unit.now + LEASE)
            self._renewed = time.monotonic()
        return None

    def end(self, state: BatchState, halted: str) -> None:
        """Let go of the batch. Where it is to be gone on with, the jobs are asked to."""
        with self._units.unit() as unit:
            left = unit.batches.leave(self._batch.batch_id, self._runner, state, halted)
            if left and state is BatchState.RUNNING:
                unit.jobs.defer(self._batch.batch_id)


def _migrate(
    unit: Unit, batch: Batch, app: BatchApp, said: Mapping[str, Any], expecting: Expecting
) -> str | None:
    confirmation = Confirmation(
        local=said["local"],
        no_username_password=said["no_username_password"],
        despite_evidence=app.despite_evidence,
        seen_version=app.seen_version,
        given_by=_given_by(batch),
    )
    return migrate(unit, batch.actor, app.name, confirmation, expecting=expecting).app_id


def _given_by(batch: Batch) -> str | None:
    """Return who gave the confirmation, None where it is who goes on with the batch."""
    return batch.started_by if batch.started_by != batch.actor.username else None


def _revert(
    unit: Unit, batch: Batch, app: BatchApp, said: Mapping[str, Any], expecting: Expecting
) -> str | None:
    # What was said is that what will be lost was read: without that there is no such batch.
    del said, expecting
    name, actor = app.name, batch.actor
    made = unit.external.get(actor.org_id, name, lock=True)
    if made is None:
        message = f"{shown(name)} has no external client app any more: it was deleted since."
        raise ChangeoverError(errors.EXTERNAL_CLIENT_APP_NOT_FOUND, message)
    if made.app_id != app.external_id:
        message = f"The external client app {shown(name)} is not the one that the batch made."
        raise ChangeoverError(errors.MIGRATED_AGAIN, message)
    delete_external_client_app(
        unit, actor, name, confirmed=True, seen_version=app.seen_version, confirmed_by=_given_by(batch)
    )
    return None


_Act = Callable[[Unit, Batch, BatchApp, Mapping[str, Any], Expecting], str | None]
_ACTS: Mapping[BatchKind, _Act] = {
    BatchKind.MIGRATE: _migrate,
    BatchKind.REVERT: _revert,
}


def _patiently(what: Callable[[], T], halt: Callable[[], bool]) -> T:
    """Do something, and again after a pause where the database was in trouble."""
    for pause in PAUSES:
        try:
            return what()
        except ChangeoverError as error:
            if error.kind not in TROUBLE or halt():
                raise
        time.sleep(pause)
    return what()
