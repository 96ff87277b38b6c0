"""Migrate several: a blanket confirmation covers what nothing speaks against; one failure stops no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from changeover import errors
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import leaves
from changeover.apps.external_client_app import ExternalClientApp
from changeover.errors import ChangeoverError
from changeover.org import batch_runs
from changeover.org.audit import Event, list_audit
from changeover.org.batch_runs import migrate_several, run_batch, run_waiting
from changeover.org.batch_undo import plan_undo, start_undo
from changeover.org.batches import (
    LEASE,
    batch_outcomes,
    every_outcome,
    list_batches,
    resume_batch,
    start_batch,
    stop_batch,
    undos_of,
    view_batch,
)
from changeover.org.connected_apps import edit_app
from changeover.org.external_client_apps import view_external_client_app
from changeover.org.lists import AuditQuery, OutcomeQuery
from changeover.org.making import Expecting
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.model.batches import BatchState
from changeover.org.model.orgs import Door
from changeover.org.people import edit_user
from tests.org.world import SECRET, START, YES, World, app, other_org, refused


def _results(outcomes: Any) -> list[tuple[str, str, str | None]]:
    return [(one.name, one.result, one.code) for one in outcomes]


def _several(world: World) -> None:
    world.bring(app("Clean"), app("Seen"), app("Blocked", plugin="Handler"), app("Done"), app("Other"))
    world.log_in("Seen")
    world.migrated("Done")


def test_a_blanket_confirmation_skips_apps_with_contrary_evidence(world: World) -> None:
    _several(world)
    names = ["Clean", "Seen", "Blocked", "Done", "Missing", "Other"]
    outcomes = list(migrate_several(world.house.units, world.admin, names, YES))
    assert _results(outcomes) == [
        ("Clean", "migrated", None),
        ("Seen", "skipped", "E-USERNAME-PASSWORD-SEEN"),
        ("Blocked", "skipped", "E-NOT-ELIGIBLE"),
        ("Done", "skipped", "E-ALREADY-MIGRATED"),
        ("Missing", "failed", "E-APP-NOT-FOUND"),
        ("Other", "migrated", None),
    ]
    assert all(one.message and one.remedy for one in outcomes if one.result != "migrated")
    assert not world.record("Seen").read_only


def test_even_a_blanket_confirmation_that_says_despite_covers_no_evidence(world: World) -> None:
    _several(world)
    blanket = replace(YES, despite_evidence=True)
    (outcome,) = migrate_several(world.house.units, world.admin, ["Seen"], blanket)
    assert outcome.code == "E-USERNAME-PASSWORD-SEEN"


def test_an_app_that_was_confirmed_by_name_is_migrated(world: World) -> None:
    _several(world)
    outcomes = migrate_several(
        world.house.units, world.admin, ["Seen", "Clean"], YES, despite_evidence={"seen"}
    )
    assert [one.result for one in outcomes] == ["migrated", "migrated"]


def test_what_was_not_confirmed_is_skipped(world: World) -> None:
    _several(world)
    (outcome,) = migrate_several(world.house.units, world.admin, ["Clean"], Confirmation(local=True))
    assert (outcome.result, outcome.code) == ("skipped", "E-CONFIRM-NO-USERNAME-PASSWORD")


def test_a_stale_app_is_refused_and_the_others_go_on(world: World) -> None:
    _several(world)
    versions = {name: world.record(name).version for name in ("Clean", "Other")}
    world.do(edit_app, "Clean", {"description": "New"}, seen_version=None)
    outcomes = migrate_several(
        world.house.units, world.admin, ["Clean", "Other"], YES, seen_versions=versions
    )
    assert _results(outcomes) == [("Clean", "failed", "E-STALE-PAGE"), ("Other", "migrated", None)]


def test_what_was_worked_out_ahead_does_not_count_once_the_app_has_changed(world: World) -> None:
    secret = {"consumer_secret": "S" * 64}
    world.bring(*(app(name, oauth=secret) for name in ("First", "Second", "Third")))
    outcomes = migrate_several(world.house.units, world.admin, ["First", "Second", "Third"], YES)
    next(outcomes)
    world.do(edit_app, "Second", {"description": "Changed meanwhile"}, seen_version=None)
    assert {one.result for one in outcomes} == {"migrated"}
    second, third = (world.see(view_external_client_app, name) for name in ("Second", "Third"))
    assert second.app.header.description == "Changed meanwhile"
    world.bring(app("Alone", oauth=secret))
    alone = world.migrated("Alone")
    assert _said(third.app) == [value.replace("alone", "third") for value in _said(alone.app)]


def _said(made: ExternalClientApp) -> list[str]:
    return [leaf.value.casefold() for document in made.documents for leaf in leaves(document)]


@pytest.mark.postgresql_only("SQLite commits at once: nothing can be done meanwhile")
@pytest.mark.parametrize("fault", [None, RuntimeError("a fault of ours")])
def test_apps_are_looked_at_ahead_and_nothing_hangs_on_it(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: Exception | None
) -> None:
    names = [f"App{number}" for number in range(5)]
    world.bring(*map(app, names))
    ahead: list[str] = []
    really = Expecting.look_ahead

    def look_ahead(self: Expecting, found: ConnectedApp) -> None:
        ahead.append(found.full_name)
        if fault is not None:
            raise fault
        really(self, found)

    monkeypatch.setattr(Expecting, "look_ahead", look_ahead)
    outcomes = list(migrate_several(world.house.units, world.admin, names, YES))
    assert {one.result for one in outcomes} == {"migrated"}
    assert ahead == names[1:]


def test_a_name_given_twice_is_done_once(world: World) -> None:
    _several(world)
    outcomes = migrate_several(world.house.units, world.admin, ["Clean", "Clean"], YES)
    assert _results(outcomes) == [("Clean", "migrated", None)]


def test_progress_can_be_watched_and_a_run_that_ends_early_is_gone_on_with(world: World) -> None:
    _several(world)
    batch = world.do(start_batch, ["Clean", "Seen", "Other"], YES)
    running = run_batch(world.house.units, batch.batch_id)
    first = next(running)
    assert first.name == "Clean"
    watched = world.see(view_batch, batch.batch_id)
    assert (watched.count, watched.total, watched.done) == (1, 3, False)
    assert watched.alive(START)
    del running
    assert not world.see(view_batch, batch.batch_id).alive(START)
    rest = list(run_batch(world.house.units, batch.batch_id))
    assert [one.name for one in rest] == ["Seen", "Other"]
    done = world.see(view_batch, batch.batch_id)
    assert (done.done, done.results) == (True, {"migrated": 2, "skipped": 1})
    outcomes = world.see(batch_outcomes, batch.batch_id).rows
    assert _results(outcomes)[1] == ("Seen", "skipped", "E-USERNAME-PASSWORD-SEEN")
    assert world.see(list_batches) == (done,)
    assert list(run_batch(world.house.units, batch.batch_id)) == []


def test_a_fault_of_ours_in_one_app_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _several(world)

    def faulty(unit: Any, actor: Any, name: str, confirmation: Any, **more: Any) -> Any:
        if name == "Clean":
            message = "internal detail"
            raise ZeroDivisionError(message)
        return migrate(unit, actor, name, confirmation, **more)

    monkeypatch.setattr(batch_runs, "migrate", faulty)
    batch = world.do(start_batch, ["Clean", "Missing", "Other"], YES)
    outcomes = list(run_batch(world.house.units, batch.batch_id))
    assert [one.code for one in outcomes] == ["E-INTERNAL", "E-APP-NOT-FOUND", None]
    assert "internal detail" not in outcomes[0].message
    assert world.see(view_batch, batch.batch_id).done
    # Once the fault is mended, whoever resumes the batch has just this app tried again.
    monkeypatch.undo()
    assert not world.do(resume_batch, batch.batch_id).done
    assert _results(run_batch(world.house.units, batch.batch_id)) == [("Clean", "migrated", None)]
    assert world.see(view_batch, batch.batch_id).results == {"failed": 1, "migrated": 2}


def test_a_fault_leaves_nothing_in_the_log_that_was_at_hand(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))

    def fails(unit: Any, actor: Any, name: str, *_given: Any, **_more: Any) -> None:
        app_with_its_secret = unit.apps.unsealed(unit.apps.get(actor.org_id, name))
        message = f"a fault in {app_with_its_secret.full_name}"
        raise LookupError(message)

    monkeypatch.setattr(batch_runs, "migrate", fails)
    (outcome,) = migrate_several(world.house.units, world.admin, ["Billing"], YES)
    assert outcome.code == "E-INTERNAL"
    said = capsys.readouterr()
    assert "LookupError: a fault in Billing" in said.out
    assert SECRET not in said.out + said.err


def test_another_orgs_batch_is_not_there(world: World) -> None:
    _several(world)
    batch = world.do(start_batch, ["Clean"], YES)
    stranger = other_org(world)
    for act in (view_batch, batch_outcomes, stop_batch, resume_batch, undos_of, plan_undo):
        refused(world, errors.RECORD_NOT_FOUND, act, batch.batch_id, actor=stranger)
    given = {"confirmed": True, "stamp": None, "actor": stranger}
    refused(world, errors.RECORD_NOT_FOUND, start_undo, batch.batch_id, **given)


def test_a_batch_that_is_stopped_keeps_what_it_did_and_nobody_goes_on_with_it(world: World) -> None:
    _several(world)
    batch = world.do(start_batch, ["Clean", "Seen", "Other"], YES)
    running = run_batch(world.house.units, batch.batch_id)
    next(running)
    assert world.do(stop_batch, batch.batch_id).state is BatchState.STOPPED
    assert list(running) == []
    assert run_waiting(world.house.units) == 0
    assert list(run_batch(world.house.units, batch.batch_id)) == []
    assert world.see(view_batch, batch.batch_id).results == {"migrated": 1}
    # Twice is as once.
    before = world.everything()
    world.do(stop_batch, batch.batch_id)
    assert world.everything() == before
    world.do(resume_batch, batch.batch_id)
    assert run_waiting(world.house.units) == 2
    assert world.see(view_batch, batch.batch_id).done
    events = [row.event for row in world.see(list_audit).rows if ":batch:" in row.event]
    assert events == [f"connected-app:batch:{what}" for what in ("resumed", "stopped", "started")]


def test_another_admin_goes_on_and_the_confirmation_stays_that_of_who_gave_it(world: World) -> None:
    _several(world)
    batch = world.do(start_batch, ["Clean", "Other"], YES)
    next(run_batch(world.house.units, batch.batch_id))
    world.do(stop_batch, batch.batch_id)
    other = world.user("other@acme.example", "System Administrator", door=Door.REST)
    resumed = world.do(resume_batch, batch.batch_id, actor=other)
    assert (resumed.started_by, resumed.actor) == (world.admin.username, other)
    list(run_batch(world.house.units, batch.batch_id))
    migrated, told = world.see(list_audit).rows[:2]
    assert (migrated.subject, migrated.actor, migrated.door) == ("Other", other.username, Door.REST)
    assert migrated.after["confirmed"]["by"] == world.admin.username
    assert told.text.endswith(f"The confirmation stays that of {world.admin.username}.")
    assert told.after == {
        "state": "running",
        "actor": other.username,
        "confirmed_by": world.admin.username,
    }
    first = world.see(list_audit, AuditQuery(subject="Clean", event=Event.CONNECTED_APP_MIGRATED.value))
    assert "by" not in first.rows[0].after["confirmed"]


def test_a_run_does_not_go_on_in_the_name_of_who_has_stopped_it(world: World) -> None:
    _several(world)
    batch = world.do(start_batch, ["Clean", "Other"], YES)
    slow = run_batch(world.house.units, batch.batch_id)
    next(slow)
    world.do(stop_batch, batch.batch_id)
    other = world.user("other@acme.example", "System Administrator")
    world.do(resume_batch, batch.batch_id, actor=other)
    # It comes back only now.
    assert list(slow) == []
    assert run_waiting(world.house.units) == 1
    assert world.see(list_audit).rows[0].actor == other.username


def test_whoever_may_no_longer_migrate_stops_the_batch_and_not_its_apps(world: World) -> None:
    _several(world)
    maker = world.user("maker@acme.example", "System Administrator")
    batch = world.do(start_batch, ["Clean", "Other"], YES, actor=maker)
    running = run_batch(world.house.units, batch.batch_id)
    next(running)
    world.do(edit_user, maker.username, active=False)
    with pytest.raises(ChangeoverError) as caught:
        next(running)
    assert caught.value.kind is errors.USER_NOT_ACTIVE
    halted = world.see(view_batch, batch.batch_id)
    assert (halted.state, halted.results) == (BatchState.STOPPED, {"migrated": 1})
    assert maker.username in halted.halted
    world.do(resume_batch, batch.batch_id)
    assert run_waiting(world.house.units) == 1
    assert world.see(view_batch, batch.batch_id).halted == ""


def test_a_batch_that_another_process_is_at_is_left_alone_until_its_lease_is_over(world: World) -> None:
    _several(world)
    batch = world.do(start_batch, ["Clean", "Seen", "Other"], YES)
    slow = run_batch(world.house.units, batch.batch_id)
    next(slow)
    for again in (
        lambda: list(run_batch(world.house.units, batch.batch_id)),
        lambda: world.do(resume_batch, batch.batch_id, runner="another"),
    ):
        with pytest.raises(ChangeoverError) as caught:
            again()
        assert caught.value.kind is errors.BATCH_RUNNING
    assert run_waiting(world.house.units) == 0
    # Nothing has been heard of it for so long that it may be dead; the other one goes on.
    world.clock.pass_by(LEASE)
    other = run_batch(world.house.units, batch.batch_id)
    assert next(other).name == "Seen"
    # It was only slow: what it does not hold any more it does not touch.
    assert list(slow) == []
    assert [one.name for one in other] == ["Other"]
    assert world.see(view_batch, batch.batch_id).results == {"migrated": 2, "skipped": 1}


def test_a_clock_that_is_put_back_keeps_nobody_from_a_batch(world: World) -> None:
    _several(world)
    batch = world.do(start_batch, ["Clean", "Other"], YES)
    died = run_batch(world.house.units, batch.batch_id)
    next(died)
    world.clock.pass_by(-timedelta(hours=3))
    assert not world.see(view_batch, batch.batch_id).alive(world.clock.now())
    assert run_waiting(world.house.units) == 1
    assert world.see(view_batch, batch.batch_id).results == {"migrated": 2}
    # The one before was only slow: it notices that it lost the batch.
    assert list(died) == []


def test_a_database_in_trouble_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _several(world)
    monkeypatch.setattr(batch_runs, "PAUSES", (0.0, 0.0))
    tries: list[str] = []

    def busy(unit: Any, actor: Any, name: str, confirmation: Any, **more: Any) -> Any:
        tries.append(name)
        if name == "Clean" and len(tries) < 3:
            raise ChangeoverError(errors.STORE_BUSY, "Another process holds the database.")
        if name == "Other":
            raise ChangeoverError(errors.STORE_FAILED, "The database failed.")
        return migrate(unit, actor, name, confirmation, **more)

    monkeypatch.setattr(batch_runs, "migrate", busy)
    batch = world.do(start_batch, ["Clean", "Other"], YES)
    running = run_batch(world.house.units, batch.batch_id)
    assert next(running).result == "migrated"
    with pytest.raises(ChangeoverError) as caught:
        next(running)
    assert caught.value.kind is errors.STORE_FAILED
    assert tries == ["Clean"] * 3 + ["Other"] * 3
    # It is no outcome of the app: whoever runs batches goes on once the database is back.
    monkeypatch.undo()
    assert world.see(view_batch, batch.batch_id).state is BatchState.RUNNING
    assert run_waiting(world.house.units) == 1
    assert world.see(view_batch, batch.batch_id).results == {"migrated": 2}


def test_a_process_that_is_asked_to_end_finishes_the_app_at_hand(world: World) -> None:
    _several(world)
    batch = world.do(start_batch, ["Clean", "Seen", "Other"], YES)
    asked: list[bool] = []
    running = run_batch(world.house.units, batch.batch_id, halt=lambda: bool(asked))
    assert next(running).name == "Clean"
    asked.append(True)
    assert list(running) == []
    left = world.see(view_batch, batch.batch_id)
    assert (left.state, left.alive_until) == (BatchState.RUNNING, None)
    assert run_waiting(world.house.units, halt=lambda: True) == 0
    assert run_waiting(world.house.units) == 2


def test_a_run_that_is_left_stopped_waits_for_somebody(world: World) -> None:
    _several(world)
    batch = world.do(start_batch, ["Clean", "Seen"], YES)
    running = run_batch(world.house.units, batch.batch_id, leave=BatchState.STOPPED)
    next(running)
    running.close()  # type: ignore[attr-defined]  # a generator
    assert world.see(view_batch, batch.batch_id).state is BatchState.STOPPED
    assert run_waiting(world.house.units) == 0


def test_one_batch_that_ends_early_ends_no_other(world: World) -> None:
    _several(world)
    maker = world.user("maker@acme.example", "System Administrator")
    world.do(start_batch, ["Clean"], YES, actor=maker)
    world.do(start_batch, ["Other"], YES)
    world.do(edit_user, maker.username, active=False)
    assert run_waiting(world.house.units) == 1
    assert world.record("Other").read_only


def test_results_are_shown_page_by_page_and_by_result(world: World) -> None:
    names = [f"App{number:02}" for number in range(30)]
    world.bring(*(app(name) for name in names))
    list(migrate_several(world.house.units, world.admin, [*names, "Missing"], YES))
    (batch,) = world.see(list_batches)
    page = world.see(batch_outcomes, batch.batch_id, OutcomeQuery(page=2, page_size=20))
    assert (page.total, len(page.rows), page.rows[0].name) == (31, 11, "App20")
    failed = world.see(batch_outcomes, batch.batch_id, OutcomeQuery(result="failed"))
    assert _results(failed) == [("Missing", "failed", "E-APP-NOT-FOUND")]
    assert len(list(world.see(lambda *given: tuple(every_outcome(*given)), batch.batch_id))) == 31
