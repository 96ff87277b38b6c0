"""Undo of a batch: what will be lost, and then every app that it migrated reverted, app by app."""

from __future__ import annotations

from dataclasses import dataclass

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.act import act
from changeover.org.batches import begin, new_batch, own_batch, running
from changeover.org.external_client_apps import Losses, what_deletion_loses
from changeover.org.lists import OutcomeQuery, Page
from changeover.org.model.batches import Batch, BatchApp, BatchKind, BatchState
from changeover.org.model.orgs import Actor
from changeover.org.permissions import EXTERNAL_CLIENT_APP_VIEW, MIGRATE
from changeover.org.ports import Unit


@dataclass(frozen=True, kw_only=True)
class Undo:
    """What the undo of a batch would do."""

    batch: Batch
    there: int
    """External client apps that the batch made and that will be deleted."""
    gone: int
    """Apps that the batch migrated and that were reverted since; they are left alone."""
    losses: Page[Losses]
    """Of those there, the ones that were changed since the batch made them, with what will be lost."""
    stamp: str
    """Tells whether anything has changed since this was shown: `start_undo` takes it back."""


def _migrated(batch: Batch) -> Batch:
    if batch.kind is not BatchKind.MIGRATE:
        message = f"The batch {batch.batch_id} is itself an undo: it made nothing that could be undone."
        raise ChangeoverError(errors.VALUE_REFUSED, message)
    return batch


def _stamp(made: tuple[int, int]) -> str:
    count, versions = made
    return f"{count}.{versions}"


@act(EXTERNAL_CLIENT_APP_VIEW, "look at external client apps")
def plan_undo(unit: Unit, actor: Actor, batch_id: str, query: OutcomeQuery | None = None) -> Undo:
    """Return what the undo of a batch would delete, and a page of what it would lose.

    Raises E-RECORD-NOT-FOUND, E-VALUE-REFUSED for a batch that is an undo itself.
    """
    batch = _migrated(own_batch(unit, actor, batch_id))
    made = unit.batches.made(batch_id)
    names = unit.batches.changed(batch_id, query or OutcomeQuery())
    losses = tuple(what_deletion_loses(unit, actor, name) for name in names)
    return Undo(
        batch=batch,
        there=made[0],
        gone=batch.results.get("migrated", 0) - made[0],
        losses=Page(rows=losses, total=names.total, page=names.page, page_size=names.page_size),
        stamp=_stamp(made),
    )


@act(MIGRATE, "undo a batch")
def start_undo(
    unit: Unit, actor: Actor, batch_id: str, *, confirmed: bool, stamp: str | None, runner: str | None = None
) -> Batch:
    """Have every app that a batch migrated reverted, each in a transaction of its own.

    What is changed, deleted or migrated anew before its turn comes is left alone, and its outcome says so.

    Args:
        unit: the transaction.
        actor: who undoes it.
        batch_id: the batch that migrated them.
        confirmed: that what will be lost has been read.
        stamp: `Undo.stamp` of what was shown; None where nothing was.
        runner: as `batches.start_batch` takes it.

    Returns:
        The batch that undoes it: it is run, stopped, resumed and looked at like any other.

    Raises:
        ChangeoverError: E-RECORD-NOT-FOUND, E-VALUE-REFUSED where there is nothing to undo, E-BATCH-RUNNING
            where it still runs or is being undone, E-STALE-PAGE, E-CONFIRM-DELETION.
    """
    batch = _migrated(own_batch(unit, actor, batch_id, lock=True))
    undos = (unit.batches.get(actor.org_id, undo) for undo in unit.batches.undone_by(batch_id))
    for one in (batch, *undos):
        if one is not None and one.state is BatchState.RUNNING:
            raise running(one)
    made = unit.batches.made(batch_id)
    if stamp is not None and stamp != _stamp(made):
        message = f"What the batch {batch_id} made has changed since the page was loaded."
        raise ChangeoverError(errors.STALE_PAGE, message)
    if not made[0]:
        message = f"None of the apps that the batch {batch_id} migrated is there to be reverted."
        raise ChangeoverError(errors.VALUE_REFUSED, message)
    if not confirmed:
        changed = unit.batches.changed(batch_id, OutcomeQuery(page_size=1)).total
        message = (
            f"The deletion of {made[0]} external client apps was not confirmed; {changed} of them were"
            " changed since, which would be lost."
        )
        raise ChangeoverError(errors.CONFIRM_DELETION, message)
    undo = new_batch(unit, actor, BatchKind.REVERT, batch.results["migrated"], of_batch=batch_id)
    apps = (
        BatchApp(position=position, name=app.name, seen_version=app.seen_version, external_id=app.external_id)
        for position, app in enumerate(unit.batches.to_undo(batch_id))
    )
    text = f"Started to revert what the batch {batch_id} migrated: {made[0]} external client apps."
    begin(unit, undo, {"deletion": True}, apps, runner=runner, text=text)
    return undo
