"""Migrate several: a blanket confirmation covers what nothing speaks against; one failure stops no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import batches
from changeover.org.batches import list_batches, migrate_several, run_batch, start_batch, view_batch
from changeover.org.connected_apps import edit_app
from changeover.org.migrate import migrate
from changeover.org.model import Confirmation
from tests.org.world import YES, World, app, other_org, refused


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


def test_a_name_given_twice_is_done_once(world: World) -> None:
    _several(world)
    outcomes = migrate_several(world.house.units, world.admin, ["Clean", "Clean"], YES)
    assert _results(outcomes) == [("Clean", "migrated", None)]


def test_progress_can_be_watched_and_a_stopped_batch_goes_on(world: World) -> None:
    _several(world)
    with world.unit() as unit:
        batch = start_batch(unit, world.admin, ["Clean", "Seen", "Other"], YES)
    running = run_batch(world.house.units, world.admin, batch.batch_id)
    first = next(running)
    assert first.name == "Clean"
    watched = world.see(view_batch, batch.batch_id)
    assert (len(watched.outcomes), watched.done) == (1, False)
    del running
    rest = list(run_batch(world.house.units, world.admin, batch.batch_id))
    assert [one.name for one in rest] == ["Seen", "Other"]
    done = world.see(view_batch, batch.batch_id)
    assert done.done
    assert _results(done.outcomes)[1] == ("Seen", "skipped", "E-USERNAME-PASSWORD-SEEN")
    assert world.see(list_batches) == (done,)
    assert list(run_batch(world.house.units, world.admin, batch.batch_id)) == []


def test_a_fault_of_ours_in_one_app_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _several(world)

    def faulty(unit: Any, actor: Any, name: str, confirmation: Any) -> Any:
        if name == "Clean":
            message = "internal detail"
            raise ZeroDivisionError(message)
        return migrate(unit, actor, name, confirmation)

    monkeypatch.setattr(batches, "migrate", faulty)
    with world.unit() as unit:
        batch = start_batch(unit, world.admin, ["Clean", "Other"], YES)
    outcomes = list(run_batch(world.house.units, world.admin, batch.batch_id))
    assert _results(outcomes) == [("Clean", "failed", "E-INTERNAL"), ("Other", "migrated", None)]
    assert "internal detail" not in outcomes[0].message
    # The app keeps its place, so the batch can be run again once the fault is mended.
    monkeypatch.undo()
    assert _results(run_batch(world.house.units, world.admin, batch.batch_id)) == [
        ("Clean", "migrated", None)
    ]


def test_another_orgs_batch_is_not_there(world: World) -> None:
    _several(world)
    with world.unit() as unit:
        batch = start_batch(unit, world.admin, ["Clean"], YES)
    stranger = other_org(world)
    refused(world, errors.RECORD_NOT_FOUND, view_batch, batch.batch_id, actor=stranger)
    with pytest.raises(ChangeoverError):
        list(run_batch(world.house.units, stranger, batch.batch_id))
