"""A plan of an org: applied through its acts, stale, stopped, tried, taken back row for row."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from changeover import errors
from changeover.migration.lifecycle import State
from changeover.org import audit, company, connected_apps
from changeover.org.external_client_app_edits import edit_settings
from changeover.org.lists import AuditQuery
from changeover.org.migrate import migrate
from changeover.org.planning import ByPlan
from changeover.plans.file import PlanFile
from changeover.plans.results import Became, PlaceRecord, Results
from tests.cli.org_commands import Said, Shell
from tests.org.world import YES, World, app, other_org, refused
from tests.plans.project import BOTH, tree
from tests.plans.rows import rows

CHANGES: dict[str, Callable[[World], object]] = {
    "an app is edited": lambda world: world.do(
        connected_apps.edit_app, "Billing", {"description": "new"}, seen_version=None
    ),
    "an app is gone": lambda world: world.do(
        connected_apps.delete_app, "Billing", confirmed=True, seen_version=None
    ),
    "a switch is turned": lambda world: world.do(
        company.edit_org, {"username_password_blocked": True}, seen_version=None
    ),
    "the edition is another": lambda world: world.do(
        company.edit_org, {"edition": "Unlimited"}, seen_version=None
    ),
    "push settings": lambda world: world.server_key("Billing"),
}


@pytest.fixture
def org(world: World) -> World:
    world.bring(app("Billing", oauth={"consumer_secret": "NobodyMaySeeThis"}), app("Portal"))
    return world


@pytest.fixture
def plan(org: World, shell: Shell, tmp_path: Path) -> Path:
    """Plan the org; the database lies in the same folder."""
    del org
    path = tmp_path / "plans" / "plan.json"
    path.parent.mkdir()
    assert shell.run("plan", "--org", "Acme", "-o", str(path)).code == 0
    return path


def outcomes(said: Said) -> dict[str, str]:
    assert "outcomes" in said.json, said.out
    return {one["api_name"]: one["outcome"] for one in said.json["outcomes"]}


def apply(shell: Shell, plan: Path, *args: str) -> Said:
    return shell.run("apply", str(plan), *args, "--json")


def revert(shell: Shell, plan: Path, *args: str) -> Said:
    return shell.run("revert", "--plan", str(plan), *args, "--json")


def migrations(world: World) -> list[Mapping[str, Any]]:
    query = AuditQuery(event=audit.Event.CONNECTED_APP_MIGRATED.value)
    return [row.after or {} for row in world.see(audit.list_audit, query).rows]


def test_what_is_made_is_what_the_plan_says_and_the_audit_trail_names_it(
    org: World, shell: Shell, plan: Path
) -> None:
    said = apply(shell, plan, *BOTH)
    assert (said.code, outcomes(said)) == (0, {"Billing": "applied", "Portal": "applied"})
    assert org.record("Billing").state is State.MIGRATED
    told = [after["plan"] for after in migrations(org)]
    assert {one["sha256"] for one in told} == {PlanFile(plan).digest}
    assert {one["file"] for one in told} == {"plan.json"}
    assert [one["by"] for one in told[0]["confirmed"]] == [org.admin.username] * 2
    with org.read() as unit:
        external = unit.external.get(org.org_id, "Billing")
        assert external is not None
        assert unit.external.secret(external.app_id) == "NobodyMaySeeThis"


def test_applied_twice_nothing_changes(org: World, shell: Shell, plan: Path) -> None:
    apply(shell, plan, *BOTH)
    before = org.everything(), tree(plan.parent)
    said = apply(shell, plan, *BOTH)
    assert (said.code, outcomes(said)) == (0, {"Billing": "done", "Portal": "done"})
    assert (org.everything(), tree(plan.parent)) == before


def test_what_was_edited_since_is_done_all_the_same(org: World, shell: Shell, plan: Path) -> None:
    apply(shell, plan, *BOTH)
    org.do(edit_settings, "Billing", {"eca/label": "Other"}, seen_version=None)
    assert outcomes(apply(shell, plan, *BOTH)) == {"Billing": "done", "Portal": "done"}


@pytest.mark.parametrize("change", CHANGES)
def test_a_stale_plan_is_refused_and_nothing_is_touched(
    org: World, shell: Shell, plan: Path, change: str
) -> None:
    CHANGES[change](org)
    before = org.everything(), tree(plan.parent)
    said = apply(shell, plan, *BOTH)
    assert (said.code, said.json["error"]["code"]) == (3, "E-PLAN-STALE")
    assert (org.everything(), tree(plan.parent)) == before


def test_what_changes_between_the_look_and_the_act_is_refused_in_the_act(org: World, plan: Path) -> None:
    billing = next(PlanFile(plan).apps())
    by_plan = ByPlan(planned=billing, name="plan.json", digest="0" * 64)
    org.do(connected_apps.edit_app, "Billing", {"description": "new"}, seen_version=None)
    refused(org, errors.PLAN_STALE, migrate, "Billing", YES, by_plan)


def test_an_app_that_became_something_else_is_stale(org: World, shell: Shell, plan: Path) -> None:
    org.do(connected_apps.edit_app, "Billing", {"description": "new"}, seen_version=None)
    org.migrated("Billing")
    assert apply(shell, plan, *BOTH).code == 3


def test_a_plan_changed_by_hand_is_not_what_would_be_made(org: World, shell: Shell, plan: Path) -> None:
    whole = json.loads(plan.read_text(encoding="utf-8"))
    parts = whole["apps"][0]["external_client_app"]["components"]
    leaf = next(leaf for part in parts for leaf in part["leaves"] if leaf["path"] == "callbackUrl")
    leaf["value"] = "https://evil.example.com"
    plan.write_text(json.dumps(whole), encoding="utf-8")
    said = apply(shell, plan, *BOTH)
    assert said.code == 3
    assert outcomes(said) == {"Billing": "stale", "Portal": "applied"}
    assert org.record("Billing").state is State.ACTIVE


def test_new_logins_leave_it_fresh_and_are_looked_at(org: World, shell: Shell, plan: Path) -> None:
    org.log_in("Billing")
    said = apply(shell, plan, *BOTH)
    assert (said.code, outcomes(said)) == (2, {"Billing": "skipped", "Portal": "applied"})
    assert said.json["outcomes"][0]["code"] == "E-USERNAME-PASSWORD-SEEN"
    said = apply(shell, plan, *BOTH, "--confirm-despite-evidence", "Billing")
    assert (said.code, outcomes(said)) == (0, {"Billing": "applied", "Portal": "done"})


def test_evidence_confirmed_in_the_plan_covers_what_it_was_and_no_other(
    org: World, shell: Shell, tmp_path: Path
) -> None:
    org.log_in("Billing")
    path = str(tmp_path / "plan.json")
    shell.run("plan", "--org", "Acme", "-o", path, *BOTH, "--confirm-despite-evidence", "Billing")
    whole = json.loads(Path(path).read_text(encoding="utf-8"))
    assert outcomes(apply(shell, Path(path), "--dry-run")) == {"Billing": "applied", "Portal": "applied"}
    whole["apps"][0]["confirmations"][2]["rule"] = "own-pipeline"
    Path(path).write_text(json.dumps(whole), encoding="utf-8")
    assert outcomes(apply(shell, Path(path))) == {"Billing": "skipped", "Portal": "applied"}


def test_a_plan_of_another_org_or_of_files_is_refused(
    org: World, shell: Shell, plan: Path, tmp_path: Path
) -> None:
    other_org(org)
    before = org.everything()
    for said in (
        apply(shell, plan, *BOTH, "--org", "Globex"),
        shell.run("apply", str(plan), "-o", str(tmp_path / "out"), *BOTH, "--json"),
    ):
        assert (said.code, said.json["error"]["code"]) == (3, "E-PLAN-OTHER-PLACE")
    source = tmp_path / "src"
    source.mkdir()
    of_files = tmp_path / "files.json"
    shell.run("plan", str(source), "-o", str(of_files))
    said = apply(shell, of_files, *BOTH, "--org", "Acme")
    assert (said.code, said.json["error"]["code"]) == (3, "E-PLAN-OTHER-PLACE")
    assert org.everything() == before


def test_who_may_not_migrate_may_not_apply(org: World, shell: Shell, plan: Path) -> None:
    org.user("eve@example.com", "Read Only")
    before = org.everything()
    said = apply(shell, plan, *BOTH, "--user", "eve@example.com")
    assert said.code == 1
    assert {one["code"] for one in said.json["outcomes"]} == {"E-NOT-PERMITTED"}
    assert org.everything() == before


def test_a_dry_run_says_the_same_and_keeps_nothing(org: World, shell: Shell, plan: Path) -> None:
    before = org.everything(), tree(plan.parent)
    tried = apply(shell, plan, *BOTH, "--dry-run")
    assert (org.everything(), tree(plan.parent)) == before
    assert outcomes(tried) == outcomes(apply(shell, plan, *BOTH))


def test_an_app_migrated_before_the_plan_is_no_business_of_it(
    org: World, shell: Shell, tmp_path: Path
) -> None:
    org.migrated("Portal")
    plan = tmp_path / "plan.json"
    shell.run("plan", "--org", "Acme", "-o", str(plan))
    assert outcomes(apply(shell, plan, *BOTH)) == {"Billing": "applied", "Portal": "done"}
    assert outcomes(revert(shell, plan, "--yes")) == {"Billing": "reverted", "Portal": "done"}
    assert org.record("Portal").state is State.MIGRATED


def test_taken_back_the_org_is_as_it_was_row_for_row(org: World, shell: Shell, plan: Path) -> None:
    before = rows(org)
    apply(shell, plan, *BOTH)
    assert rows(org) != before
    said = revert(shell, plan, "--yes")
    assert (said.code, outcomes(said)) == (0, {"Billing": "reverted", "Portal": "reverted"})
    assert rows(org) == before
    assert outcomes(revert(shell, plan, "--yes")) == {"Billing": "done", "Portal": "done"}
    # The plan rests on what is there again.
    assert outcomes(apply(shell, plan, *BOTH)) == {"Billing": "applied", "Portal": "applied"}


def test_what_is_lost_is_told_and_must_be_confirmed(org: World, shell: Shell, plan: Path) -> None:
    apply(shell, plan, *BOTH)
    org.do(edit_settings, "Billing", {"eca/label": "Other"}, seen_version=None)
    before = org.everything()
    said = revert(shell, plan)
    assert (said.code, said.json["error"]["code"]) == (1, "E-CONFIRM-DELETION")
    lost = {one["api_name"]: one["changes"] for one in revert(shell, plan, "--list").json["lost"]}
    assert [one["now"] for one in lost["Billing"]] == ["Other"]
    told = shell.run("revert", "--plan", str(plan), "--list").out
    assert "Billing.eca/label: Billing -> Other" in told
    assert revert(shell, plan, "--yes", "--dry-run").code == 0
    assert org.everything() == before
    assert shell.run("revert", "--plan", str(plan), "--yes", "Billing").code == 0
    assert org.record("Billing").label == "Billing"
    assert org.record("Portal").state is State.MIGRATED


def test_what_is_another_by_now_is_not_taken_back(org: World, shell: Shell, plan: Path) -> None:
    apply(shell, plan, *BOTH)
    shell.run("revert", "Billing", "--yes")
    org.do(connected_apps.edit_app, "Billing", {"description": "new"}, seen_version=None)
    org.migrated("Billing")
    said = revert(shell, plan, "--yes")
    assert (said.code, outcomes(said)) == (1, {"Billing": "failed", "Portal": "reverted"})
    assert said.json["outcomes"][0]["code"] == "E-PLAN-STALE"
    assert org.record("Billing").state is State.MIGRATED


def test_one_app_is_taken_back_as_ever(shell: Shell, plan: Path) -> None:
    apply(shell, plan, *BOTH)
    assert shell.run("revert", "Billing", "--yes", "--json").json["connected_app"] == "Billing"
    # What the plan did to it is taken back already.
    assert outcomes(revert(shell, plan, "--yes")) == {"Billing": "done", "Portal": "reverted"}


def test_another_org_is_not_searched_for_what_was_applied(org: World, shell: Shell, plan: Path) -> None:
    apply(shell, plan, *BOTH)
    other_org(org)
    said = revert(shell, plan, "--yes", "--org", "Globex")
    assert (said.code, said.json["error"]["code"]) == (1, "E-PLAN-OTHER-PLACE")
    shell.environment["CHANGEOVER_ORG"] = "Globex"
    assert revert(shell, plan, "--yes").code == 0


def test_a_run_that_died_after_an_app_was_migrated_says_it_did_it(shell: Shell, plan: Path) -> None:
    apply(shell, plan, *BOTH)
    file = plan.parent / "plan.results" / "Billing.json"
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace('"applied"', '"applying"'), encoding="utf-8")
    assert outcomes(apply(shell, plan, *BOTH)) == {"Billing": "applied", "Portal": "done"}
    assert file.read_text(encoding="utf-8") == whole


def test_results_name_the_org(org: World, plan: Path, shell: Shell) -> None:
    apply(shell, plan, *BOTH)
    results = Results.beside(plan, None)
    assert results.place() == PlaceRecord(place=f"org {org.org_id}")
    assert {one.outcome for one in results.all()} == {Became.APPLIED}
