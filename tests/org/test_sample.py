"""The sample org: one app for each verdict and kind of finding, and users of each kind of permission."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from sqlalchemy import text

from changeover.apps.document import strange_values
from changeover.errors import ChangeoverError
from changeover.migration.finding import Severity, Verdict
from changeover.migration.rules import RULES
from changeover.org.app_manager import assess_app, list_apps, overview
from changeover.org.batch_runs import migrate_several
from changeover.org.briefcases import list_briefcases
from changeover.org.company import SWITCHES, edit_org
from changeover.org.doctor import examine
from changeover.org.external_client_app_edits import loose_points
from changeover.org.external_client_apps import what_deletion_loses
from changeover.org.installation import command_line_actor, refresh_verdicts
from changeover.org.lists import AppKind, AppQuery, LoginQuery
from changeover.org.logins import list_logins
from changeover.org.model.orgs import Actor, Door
from changeover.org.notifications import list_delivery_settings
from changeover.org.oauth_usage import list_usage
from changeover.org.people import list_users
from changeover.org.sign_in import sign_in, whoami
from changeover.sample import Sample, fill
from changeover.sample.fill import is_there, is_whole
from tests.org.world import YES, World, open_world, prepare

# Rules that only files or the whole of an installation can show, or that need a hundred attributes.
NOT_IN_A_SAMPLE = {
    "too-many-attributes",
    "key-not-visible",
    "key-used-elsewhere",
    "duplicate-name",
    "leftover-parts",
    "edition",
    "part-name-taken",
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Sample, Actor]]:
    """An installation with the sample org beside another one."""
    folder = tmp_path_factory.mktemp("sample")
    world = open_world(folder, prepare(folder))
    sample = fill(world.house.units)
    yield world, sample, command_line_actor(world.house.units, sample.org.org_id)
    world.house.close()


Filled = tuple[World, Sample, Actor]


def test_there_is_an_app_for_every_verdict_and_every_rule(filled: Filled) -> None:
    world, _sample, actor = filled
    rows = world.see(list_apps, AppQuery(page_size=100), actor=actor).rows
    assert 20 <= len(rows) <= 28
    assert {row.verdict for row in rows} == set(Verdict)
    found = set()
    for row in rows:
        found |= {one.rule for one in world.see(assess_app, row.api_name, actor=actor).findings}
    assert {rule.id for rule in RULES} - found == NOT_IN_A_SAMPLE


def test_each_user_shows_another_kind_of_permission(filled: Filled) -> None:
    world, sample, _actor = filled
    held = []
    for user in sample.users:
        actor = sign_in(world.house.units, user.username, user.password, Door.BROWSER)
        held.append(world.see(whoami, actor=actor).permissions)
        assert user.password not in repr(sample)
    assert len(set(held)) == len(held) == 5
    assert held[-1] == frozenset()
    assert {permission.value for permission in held[1]} == {"ViewSetup", "ExternalClientAppDeveloper"}


def test_passwords_are_made_anew_each_time(filled: Filled, world: World) -> None:
    _world, sample, _actor = filled
    again = fill(world.house.units)
    assert not {user.password for user in sample.users} & {user.password for user in again.users}


def test_every_page_has_something_to_show(filled: Filled) -> None:
    world, _sample, actor = filled
    assert world.see(list_logins, actor=actor).total > 100
    settings = world.see(list_delivery_settings, actor=actor)
    assert {one.notification_type.api_name: len(one.apps) for one in settings} == {
        "Order_Delayed": 2,
        "Order_Shipped": 1,
    }
    (briefcase,) = world.see(list_briefcases, actor=actor)
    assert briefcase.apps == ("Customer_Portal", "Field_Service_Mobile")
    assert any(user.placeholder for user in world.see(list_users, actor=actor))
    losses = world.see(what_deletion_loses, "Survey_Tool", actor=actor)
    assert len(losses.changes) == 2
    assert world.see(loose_points, "Survey_Tool", actor=actor)


def test_oauth_usage_shows_what_logins_left_there(filled: Filled) -> None:
    world, _sample, actor = filled
    rows = {
        row.api_name: row
        for kind in AppKind
        for row in world.see(list_usage, kind, actor=actor)
        if not row.blocked
    }
    assert {name: (row.kind, row.users, row.use.use_count) for name, row in rows.items()} == {
        "Customer_Portal": (AppKind.CONNECTED, 2, 7),
        "Field_Service_Mobile": (AppKind.CONNECTED, 1, 3),
        # Given to the connected app: the migration has handed it over.
        "Survey_Tool": (AppKind.EXTERNAL, 1, 4),
    }
    # Login History has a row for each login and each refresh, and eligibility reads both.
    now = world.clock.now().replace(microsecond=0)
    query = LoginQuery(search="kim@acme.example", page_size=100)
    kims = [row for row in world.see(list_logins, query, actor=actor) if row.at >= now]
    assert sorted(row.sub_type for row in kims) == ["OauthRefreshToken"] * 4 + ["OauthWebServer"]
    blocked = [row.api_name for row in world.see(list_usage, AppKind.CONNECTED, actor=actor) if row.blocked]
    assert blocked == ["Old_Timesheets"]
    held = world.everything()
    assert "5Aep" not in str(held), "a refresh token is kept"


def test_it_is_there_once(filled: Filled) -> None:
    world, sample, _actor = filled
    assert is_there(world.house.units)
    assert is_whole(world.house.units)
    before = world.everything()
    with pytest.raises(ChangeoverError) as caught:
        fill(world.house.units)
    assert caught.value.code == "E-NAME-TAKEN"
    assert sample.org.name in caught.value.message
    assert world.everything() == before


def test_one_that_was_cut_off_is_there_and_not_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_whole(world.house.units)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    # The package gives the function of that name.
    monkeypatch.setattr(import_module("changeover.sample.fill"), "_import", killed)
    with pytest.raises(KeyboardInterrupt):
        fill(world.house.units)
    assert is_there(world.house.units)
    assert not is_whole(world.house.units)


def test_all_of_it_can_be_migrated_as_far_as_it_may_be(world: World) -> None:
    sample = fill(world.house.units)
    actor = command_line_actor(world.house.units, sample.org.org_id)
    rows = world.see(list_apps, AppQuery(page_size=100), actor=actor).rows
    verdicts = {row.api_name: row.verdict for row in rows}
    outcomes = list(migrate_several(world.house.units, actor, list(verdicts), YES))
    for outcome in outcomes:
        eligible = verdicts[outcome.name] is Verdict.ELIGIBLE
        assert outcome.result == ("migrated" if eligible else "skipped"), outcome
    counts = world.see(overview, actor=actor).verdicts
    assert counts[Verdict.ELIGIBLE] == 0
    assert all(check.ok for check in examine(world.house.units))


def test_nothing_in_its_files_is_taken_for_a_secret_or_a_slip(filled: Filled) -> None:
    world, _sample, actor = filled
    strange = {}
    for row in world.see(list_apps, AppQuery(page_size=100), actor=actor):
        with world.read() as unit:
            record = unit.apps.get(actor.org_id, row.api_name)
        assert record is not None
        if found := strange_values(record.document):
            strange[row.api_name] = [leaf.path for leaf in found]
    # Only the one that is there to show what happens with an element nobody knows.
    assert strange == {"Intranet_Tile": ["tileColour"]}
    blockers = {
        finding.rule
        for row in world.see(list_apps, AppQuery(page_size=100), actor=actor)
        for finding in world.see(assess_app, row.api_name, actor=actor).with_severity(Severity.BLOCKER)
    }
    assert len(blockers) >= 9


@pytest.mark.parametrize("switch", sorted(SWITCHES))
def test_no_switch_of_the_org_leaves_a_verdict_behind(world: World, switch: str) -> None:
    sample = fill(world.house.units)
    actor = command_line_actor(world.house.units, sample.org.org_id)
    stale = AppQuery(page_size=100)
    before = {row.api_name: row.version for row in world.see(list_apps, stale, actor=actor)}
    world.do(edit_org, {switch: not getattr(sample.org, switch)}, actor=actor, seen_version=None)
    assert all(check.ok for check in examine(world.house.units))
    after = {row.api_name: row.version for row in world.see(list_apps, stale, actor=actor)}
    changed = {name for name in before if before[name] != after[name]}
    # What is confirmed against the evidence reads otherwise once the flow is blocked for the whole org.
    assert changed == ({"Billing"} if switch == "username_password_blocked" else set())
    assert refresh_verdicts(world.house.units) == 0


def test_verdicts_that_rules_have_left_behind_are_found_and_refreshed(world: World) -> None:
    sample = fill(world.house.units)
    with world.house.database.write() as connection:
        connection.execute(text("UPDATE connected_app SET verdict = 'eligible', digest = 'of older rules'"))
    found = [check for check in examine(world.house.units) if not check.ok]
    assert [check.name for check in found] == [f"{sample.org.name}: verdicts"]
    assert refresh_verdicts(world.house.units) > 5
    assert all(check.ok for check in examine(world.house.units))
