"""Undo of a batch: what will be lost is listed, and then each app is reverted or left alone for a reason."""

from __future__ import annotations

from typing import Any

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.audit import Event, list_audit
from changeover.org.batch_runs import migrate_several, run_batch, run_waiting
from changeover.org.batch_undo import Undo, plan_undo, start_undo
from changeover.org.batches import batch_outcomes, list_batches, start_batch, stop_batch, undos_of, view_batch
from changeover.org.consumer_details import rotate_external_client_app
from changeover.org.external_client_app_edits import edit_settings
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.lists import AuditQuery, OutcomeQuery
from changeover.org.model.batches import BatchKind, BatchState
from changeover.org.proof import Proof
from tests.org.world import START, YES, World, app, refused

NAMES = ("Billing", "Desk", "Portal", "Tool")


@pytest.fixture
def batch_id(world: World) -> str:
    """A batch that has migrated four apps and skipped one."""
    world.bring(*(app(name) for name in NAMES), app("Blocked", plugin="Handler"))
    list(migrate_several(world.house.units, world.admin, [*NAMES, "Blocked"], YES))
    (batch,) = world.see(list_batches)
    return str(batch.batch_id)


def _plan(world: World, batch_id: str, query: OutcomeQuery | None = None) -> Undo:
    undo: Undo = world.see(plan_undo, batch_id, query)
    return undo


def _edit(world: World, name: str) -> None:
    world.do(edit_settings, name, {"eca/description": "Changed since"}, seen_version=None)


def _revert(world: World, name: str) -> None:
    world.do(delete_external_client_app, name, confirmed=True, seen_version=None)


def _undone(world: World, batch_id: str, **given: Any) -> dict[str, tuple[str, str | None]]:
    batch = world.do(start_undo, batch_id, **{"confirmed": True, "stamp": None, **given})
    outcomes = list(run_batch(world.house.units, batch.batch_id))
    assert world.see(view_batch, batch.batch_id).done
    assert tuple(world.see(batch_outcomes, batch.batch_id).rows) == tuple(outcomes)
    return {one.name: (one.result, one.code) for one in outcomes}


def test_what_will_be_lost_is_listed_app_by_app(world: World, batch_id: str) -> None:
    assert (_plan(world, batch_id).there, _plan(world, batch_id).losses.total) == (4, 0)
    _edit(world, "Desk")
    _edit(world, "Tool")
    proof = Proof(user_id=world.admin.user_id, at=START)
    world.do(rotate_external_client_app, "Portal", proof, seen_version=None)
    _revert(world, "Billing")
    undo = _plan(world, batch_id)
    assert (undo.there, undo.gone, undo.losses.total) == (3, 1, 3)
    lost = {losses.app.api_name: losses for losses in undo.losses}
    (change,) = lost["Desk"].changes
    assert (change.path, change.at_migration, change.now) == ("description", None, "Changed since")
    assert lost["Portal"].secret_changed
    second = _plan(world, batch_id, OutcomeQuery(page=2, page_size=2))
    assert [losses.app.api_name for losses in second.losses] == ["Tool"]


def test_every_app_of_the_batch_that_is_still_migrated_is_reverted(world: World, batch_id: str) -> None:
    world.bring(app("Other"))
    world.migrated("Other")
    _edit(world, "Desk")
    assert _undone(world, batch_id) == dict.fromkeys(NAMES, ("reverted", None))
    assert not any(world.record(name).read_only for name in NAMES)
    assert world.record("Other").read_only
    (undo,) = world.see(undos_of, batch_id)
    shown = world.see(view_batch, undo)
    assert (shown.kind, shown.of_batch) == (BatchKind.REVERT, batch_id)
    deleted = world.see(list_audit, AuditQuery(event=Event.EXTERNAL_CLIENT_APP_DELETED.value))
    assert [row.subject for row in deleted.rows] == [*reversed(NAMES)]
    assert world.see(list_audit, AuditQuery(subject=undo)).rows[0].after["of_batch"] == batch_id


def test_what_is_not_what_the_batch_made_is_left_alone_and_said_so(world: World, batch_id: str) -> None:
    _revert(world, "Billing")
    _revert(world, "Desk")
    world.migrated("Desk")
    batch = world.do(start_undo, batch_id, confirmed=True, stamp=_plan(world, batch_id).stamp)
    # Between the confirmation and its turn.
    _edit(world, "Portal")
    outcomes = {one.name: (one.result, one.code) for one in run_batch(world.house.units, batch.batch_id)}
    assert outcomes == {
        "Billing": ("skipped", "E-EXTERNAL-CLIENT-APP-NOT-FOUND"),
        "Desk": ("skipped", "E-MIGRATED-AGAIN"),
        "Portal": ("skipped", "E-STALE-PAGE"),
        "Tool": ("reverted", None),
    }
    assert [world.record(name).read_only for name in NAMES] == [False, True, True, False]


def test_it_is_refused_where_it_was_not_confirmed_or_something_changed_since(
    world: World, batch_id: str
) -> None:
    stamp = _plan(world, batch_id).stamp
    error = refused(world, errors.CONFIRM_DELETION, start_undo, batch_id, confirmed=False, stamp=stamp)
    assert "4 external client apps" in error.message
    _edit(world, "Tool")
    refused(world, errors.STALE_PAGE, start_undo, batch_id, confirmed=True, stamp=stamp)
    _revert(world, "Tool")
    refused(world, errors.STALE_PAGE, start_undo, batch_id, confirmed=True, stamp=stamp)
    world.do(start_undo, batch_id, confirmed=True, stamp=_plan(world, batch_id).stamp)


def test_a_batch_that_runs_or_is_being_undone_is_not_undone(world: World, batch_id: str) -> None:
    world.bring(app("New"))
    running = world.do(start_batch, ["New"], YES)
    refused(world, errors.BATCH_RUNNING, start_undo, running.batch_id, confirmed=True, stamp=None)
    undo = world.do(start_undo, batch_id, confirmed=True, stamp=None)
    refused(world, errors.BATCH_RUNNING, start_undo, batch_id, confirmed=True, stamp=None)
    list(run_batch(world.house.units, undo.batch_id))
    refused(world, errors.VALUE_REFUSED, start_undo, batch_id, confirmed=True, stamp=None)
    for act, given in ((plan_undo, {}), (start_undo, {"confirmed": True, "stamp": None})):
        refused(world, errors.VALUE_REFUSED, act, undo.batch_id, **given)


def test_an_undo_is_stopped_and_gone_on_with_like_any_other_batch(world: World, batch_id: str) -> None:
    undo = world.do(start_undo, batch_id, confirmed=True, stamp=None)
    running = run_batch(world.house.units, undo.batch_id)
    next(running)
    world.do(stop_batch, undo.batch_id)
    assert list(running) == []
    assert world.see(view_batch, undo.batch_id).state is BatchState.STOPPED
    other = world.user("other@acme.example", "System Administrator")
    from changeover.org.batches import resume_batch  # noqa: PLC0415 - only here

    world.do(resume_batch, undo.batch_id, actor=other)
    assert run_waiting(world.house.units) == 3
    assert world.see(view_batch, undo.batch_id).results == {"reverted": 4}
    newest = world.see(list_audit, AuditQuery(event=Event.EXTERNAL_CLIENT_APP_DELETED.value)).rows[0]
    assert (newest.actor, newest.before["confirmed_by"]) == (other.username, world.admin.username)


def test_who_may_only_look_undoes_nothing(world: World, batch_id: str) -> None:
    viewer = world.user("viewer@acme.example", "Read Only")
    with pytest.raises(ChangeoverError) as caught:
        world.do(start_undo, batch_id, confirmed=True, stamp=None, actor=viewer)
    assert caught.value.kind is errors.NOT_PERMITTED
