"""A plan of files: applied, applied again, stale, tried, stopped, taken back."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.resources import files as package
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from changeover.plans.file import PlanFile
from changeover.plans.results import Became
from tests.plans.project import BOTH, SECRET, files, planned, run, source, tree
from tests.project.files import connected_app, lay, pack

CHANGEOVER = Path(sys.executable).with_name("changeover")
FIRST = "src/connectedApps/Billing.connectedApp-meta.xml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source(tmp_path / "src")
    return tmp_path


@pytest.fixture
def plan(folder: Path) -> Path:
    return planned(folder)


def outcomes(said: Any) -> dict[str, str]:
    return {one["api_name"]: one["outcome"] for one in said.json["outcomes"]}


def result(folder: Path, name: str) -> Any:
    return json.loads((folder / "plan.results" / f"{name}.json").read_text(encoding="utf-8"))


def test_what_is_written_is_what_convert_writes(folder: Path, plan: Path) -> None:
    said = run("apply", plan, "-o", folder / "out", *BOTH, "--json")
    assert (said.code, outcomes(said)) == (
        2,
        {"Billing": "applied", "Portal": "applied", "Tile": "skipped"},
    )
    run("convert", folder / "src", "-o", folder / "converted")
    assert files(folder / "out") == files(folder / "converted")


@pytest.mark.parametrize("form", ["source", "metadata"])
def test_secrets_are_written_on_request_only(folder: Path, plan: Path, form: str) -> None:
    out = ("-o", folder / "out", "--format", form)
    said = run("apply", plan, *out, *BOTH, "--dry-run")
    assert "Billing_glbloauth.ecaGlblOauth/consumerSecret is a secret" in said.out
    run("apply", plan, *out, *BOTH, "--include-secret")
    run("convert", folder / "src", "-o", folder / "converted", "--include-secret", "--format", form)
    assert files(folder / "out") == files(folder / "converted")
    assert b"NobodyMaySeeThis" in b"".join(files(folder / "out").values())
    assert b"NobodyMaySeeThis" not in b"".join(files(folder / "plan.results").values())


def test_each_app_has_a_result_file(folder: Path, plan: Path) -> None:
    run("apply", plan, "-o", folder / "out", *BOTH, "--by", "Ida")
    billing = result(folder, "Billing")
    assert billing["plan"] == PlanFile(plan).digest
    assert (billing["outcome"], billing["by"]) == ("applied", "Ida")
    assert [one["given"]["by"] for one in billing["confirmed"]] == ["Ida", "Ida"]
    assert {one["path"] for one in billing["files"]} == {
        path for path in files(folder / "out") if "Billing" in path
    }
    text = package("changeover").joinpath("schemas/plan-result-1.schema.json").read_text(encoding="utf-8")
    schema = jsonschema_rs.validator_for(json.loads(text), validate_formats=True)
    for name in ("Billing", "Portal", "Tile"):
        schema.validate(result(folder, name))
    assert not schema.is_valid({**billing, "outcome": "perhaps"})
    tile = result(folder, "Tile")
    assert (tile["outcome"], tile["code"], tile["files"]) == ("skipped", "E-NOT-ELIGIBLE", [])


def test_applied_twice_nothing_changes(folder: Path, plan: Path) -> None:
    run("apply", plan, "-o", folder / "out", *BOTH, "Billing", "Portal")
    before = tree(folder)
    said = run("apply", plan, "-o", folder / "out", *BOTH, "Billing", "Portal", "--json")
    assert (said.code, outcomes(said)) == (0, {"Billing": "done", "Portal": "done"})
    assert tree(folder) == before


@pytest.mark.parametrize(
    ("change", "back"),
    [
        (lambda folder: lay(folder, {FIRST: connected_app("Billing now", config=SECRET)}), True),
        (lambda folder: (folder / FIRST).unlink(), True),
        (lambda folder: lay(folder, {FIRST: "<ConnectedApp>"}), True),
        (lambda folder: lay(folder, {"src/b/Billing.connectedApp-meta.xml": connected_app()}), False),
    ],
    ids=["changed", "gone", "broken", "twice"],
)
def test_a_stale_plan_is_refused_and_nothing_is_touched(
    folder: Path, plan: Path, change: Callable[[Path], object], *, back: bool
) -> None:
    content = (folder / FIRST).read_bytes()
    change(folder)
    before = tree(folder)
    said = run("apply", plan, "-o", folder / "out", *BOTH, "--json")
    assert (said.code, said.json["error"]["code"]) == (3, "E-PLAN-STALE")
    assert "Billing" in said.json["error"]["message"]
    assert tree(folder) == before
    # What is not meant does not matter, and a fresh plan of the same applies.
    assert run("apply", plan, "-o", folder / "out", *BOTH, "Portal").code == 0
    if back:
        lay(folder, {FIRST: content})
        assert run("apply", planned(folder), "-o", folder / "out", *BOTH, "Billing").code == 0


def test_a_change_in_a_referring_file_makes_it_stale_and_one_elsewhere_does_not(folder: Path) -> None:
    menu = (
        '<?xml version="1.0"?><AppMenu xmlns="http://soap.sforce.com/2006/04/metadata">'
        "<appMenuItems><name>Billing</name><type>ConnectedApp</type></appMenuItems>{}</AppMenu>"
    )
    lay(folder, {"src/appMenus/AppSwitcher.appMenu-meta.xml": menu.format("")})
    plan = planned(folder)
    lay(folder, {"src/README.md": "new", "src/classes/A.cls": "class A {}"})
    assert run("apply", plan, "-o", folder / "out", *BOTH, "--dry-run").code == 2
    more = "<appMenuItems><name>Billing</name><type>ConnectedApp</type></appMenuItems>"
    lay(folder, {"src/appMenus/AppSwitcher.appMenu-meta.xml": menu.format(more)})
    assert run("apply", plan, "-o", folder / "out", *BOTH).code == 3
    assert not (folder / "out").exists()


def test_another_engine_is_refused(folder: Path, plan: Path) -> None:
    text = plan.read_text(encoding="utf-8")
    digest = PlanFile(plan).head.engine.digest
    plan.write_text(text.replace(digest, "0" * 64), encoding="utf-8")
    before = tree(folder)
    said = run("apply", plan, "-o", folder / "out", *BOTH, "--json")
    assert (said.code, said.json["error"]["code"]) == (3, "E-PLAN-ENGINE")
    assert tree(folder) == before


def test_results_of_another_folder_are_refused(folder: Path, plan: Path) -> None:
    run("apply", plan, "-o", folder / "out", *BOTH)
    before = tree(folder)
    said = run("apply", plan, "-o", folder / "elsewhere", *BOTH, "--json")
    assert (said.code, said.json["error"]["code"]) == (3, "E-PLAN-OTHER-PLACE")
    assert tree(folder) == before
    other = ("--results", folder / "other")
    assert run("apply", plan, "-o", folder / "elsewhere", *BOTH, *other).code == 2
    assert files(folder / "elsewhere") == files(folder / "out")


def test_the_source_itself_takes_no_results(folder: Path, plan: Path) -> None:
    said = run("apply", plan, "-o", folder / "src", *BOTH, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-OUTPUT-IN-SOURCE")


@pytest.mark.parametrize(
    ("args", "code"),
    [((), "E-CONFIRM-LOCAL"), (("--confirm-local",), "E-CONFIRM-NO-USERNAME-PASSWORD")],
)
def test_what_is_not_confirmed_is_skipped(folder: Path, plan: Path, args: tuple[str, ...], code: str) -> None:
    said = run("apply", plan, "-o", folder / "out", "Portal", *args, "--json")
    assert (said.code, said.json["outcomes"][0]["code"]) == (2, code)
    assert [path for path in files(folder / "out") if "Portal" in path] == []


def test_evidence_is_confirmed_app_by_app(folder: Path) -> None:
    heading = "Username,Login Time,Application,Login Subtype\n"
    lay(folder, {"logins.csv": f"{heading}i@x.com,2026-11-03T09:30:00Z,Billing,OauthUsernamePassword\n"})
    plan = planned(folder, "--login-history", folder / "logins.csv")
    said = run("apply", plan, "-o", folder / "out", *BOTH, "--json")
    assert said.json["outcomes"][0]["code"] == "E-USERNAME-PASSWORD-SEEN"
    said = run("apply", plan, "-o", folder / "out", *BOTH, "--confirm-despite-evidence", "billing", "--json")
    assert said.json["outcomes"][0]["outcome"] == "applied"


def test_confirmations_of_the_plan_count(folder: Path) -> None:
    plan = planned(folder, *BOTH, "--by", "Ida")
    assert outcomes(run("apply", plan, "-o", folder / "out", "Billing", "--json")) == {"Billing": "applied"}
    assert {one["given"]["by"] for one in result(folder, "Billing")["confirmed"]} == {"Ida"}


def test_a_dry_run_says_the_same_and_keeps_nothing(folder: Path, plan: Path) -> None:
    before = tree(folder)
    tried = run("apply", plan, "-o", folder / "out", *BOTH, "--dry-run", "--json")
    assert tree(folder) == before
    assert outcomes(tried) == outcomes(run("apply", plan, "-o", folder / "out", *BOTH, "--json"))


def test_one_that_is_in_the_way_stops_no_other_and_is_left(folder: Path, plan: Path) -> None:
    lay(folder, {"out/EXPECTED-RESULT.txt": "", "out/externalClientApps/Billing.eca-meta.xml": "mine"})
    (folder / "out/EXPECTED-RESULT.txt").unlink()
    said = run("apply", plan, "-o", folder / "out", *BOTH, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-OUTPUT-IN-THE-WAY")
    shutil.rmtree(folder / "out")
    shutil.rmtree(folder / "plan.results")
    run("apply", plan, "-o", folder / "out", *BOTH, "Portal")
    lay(folder, {"out/externalClientApps/Billing.eca-meta.xml": "mine"})
    said = run("apply", plan, "-o", folder / "out", *BOTH, "--json")
    assert said.code == 1
    assert outcomes(said) == {"Billing": "failed", "Portal": "done", "Tile": "skipped"}
    assert (folder / "out/externalClientApps/Billing.eca-meta.xml").read_text() == "mine"


def test_a_plan_changed_by_hand_leads_nowhere(folder: Path, plan: Path) -> None:
    whole = json.loads(plan.read_text(encoding="utf-8"))
    whole["apps"][0]["external_client_app"]["components"][1]["full_name"] = "../../../evil"
    plan.write_text(json.dumps(whole), encoding="utf-8")
    said = run("apply", plan, "-o", folder / "out", *BOTH, "--json")
    assert (said.code, said.json["outcomes"][0]["code"]) == (1, "E-PLAN-UNREADABLE")
    assert sorted(path.name for path in folder.iterdir()) == ["out", "plan.json", "plan.results", "src"]


def test_a_source_that_has_moved_is_named(folder: Path, plan: Path) -> None:
    (folder / "src").rename(folder / "moved")
    assert run("apply", plan, "-o", folder / "out", *BOTH).code == 1
    assert run("apply", plan, "-o", folder / "out", *BOTH, "--source", folder / "moved").code == 2


def test_a_zip_is_applied_too(folder: Path) -> None:
    pack(folder / "p.zip", {"connectedApps/Billing.connectedApp": connected_app(config=SECRET)})
    run("plan", folder / "p.zip", "-o", folder / "zip.json")
    assert run("apply", folder / "zip.json", "-o", folder / "out", *BOTH).code == 0
    run("convert", folder / "p.zip", "-o", folder / "converted")
    assert files(folder / "out") == files(folder / "converted")


def test_an_odd_name_has_its_result_file(folder: Path) -> None:
    lay(folder, {"src/odd/100% %2F ü.connectedApp-meta.xml": connected_app("Odd", "3MVG9.Odd")})
    plan = planned(folder, "100*")
    assert run("apply", plan, "-o", folder / "out", *BOTH).code == 0
    assert [path.name for path in (folder / "plan.results").glob("100*")] == ["100%25 %252F %C3%BC.json"]
    assert run("revert", "--plan", plan, "--yes").code == 0
    assert not (folder / "out").exists()


def test_results_that_cannot_be_written_stop_the_run_before_anything_is(folder: Path, plan: Path) -> None:
    lay(folder, {"plan.results": "a file"})
    before = tree(folder)
    said = run("apply", plan, "-o", folder / "out", *BOTH, "--json")
    assert (said.code, tree(folder)) == (1, before)


@pytest.mark.parametrize(("ci", "bar"), [("", True), ("true", False)])
def test_on_a_terminal_there_is_a_bar_and_in_ci_plain_lines(
    folder: Path, plan: Path, ci: str, *, bar: bool
) -> None:
    master, slave = pty.openpty()
    environment = {**os.environ, "CI": ci, "TERM": "xterm", "COLUMNS": "100"}
    words: list[str | Path] = [CHANGEOVER, "apply", plan, "-o", folder / "out", *BOTH]
    with subprocess.Popen(words, stdout=slave, stderr=slave, env=environment) as process:
        os.close(slave)
        shown = b""
        with suppress(OSError):
            while piece := os.read(master, 65536):
                shown += piece
        assert process.wait() == 2
    os.close(master)
    assert b"Billing: applied" in shown
    assert (b"\x1b[" in shown) is bar
    assert ("━".encode() in shown) is bar


def test_wrong_use_is_told(folder: Path, plan: Path) -> None:
    assert run("apply", plan, *BOTH).code == 64
    assert run("apply", plan, "-o", folder / "out", "--org", "Acme").code == 64
    assert run("revert").code == 64
    assert run("revert", "A", "B").code == 64
    assert run("revert", "A", "--wave", "1").code == 64


# --- taken back ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["source", "metadata"])
@pytest.mark.parametrize("there", ["nothing", "a folder", "ignore lists", "other results"])
def test_taken_back_the_folder_is_as_it_was(folder: Path, plan: Path, form: str, there: str) -> None:
    out = folder / "deep" / "out"
    form_ = ("--format", form)
    if there == "a folder":
        (out / "externalClientApps").mkdir(parents=True)
    elif there == "ignore lists":
        lay(out, {".gitignore": "*.log", ".forceignore": "x\n", "notes.txt": "mine"})
    elif there == "other results":
        lay(folder, {"more/Other.connectedApp-meta.xml": connected_app("Other", "3MVG9.Other")})
        run("convert", folder / "more", "-o", out, *form_)
    before = tree(folder / "deep"), tree(folder / "src"), plan.read_bytes()
    assert run("apply", plan, "-o", out, *BOTH, *form_).code == 2
    assert tree(folder / "deep") != before[0]
    said = run("revert", "--plan", plan, "--yes", "--json")
    assert (said.code, outcomes(said)) == (
        0,
        {"Billing": "reverted", "Portal": "reverted", "Tile": "done"},
    )
    assert (tree(folder / "deep"), tree(folder / "src"), plan.read_bytes()) == before
    assert result(folder, "Billing")["outcome"] == Became.REVERTED
    # Once more does nothing, and it can be applied again, elsewhere too.
    assert outcomes(run("revert", "--plan", plan, "--yes", "--json")) == {
        "Billing": "done",
        "Portal": "done",
        "Tile": "done",
    }
    assert run("apply", plan, "-o", folder / "other", *BOTH, *form_).code == 2


def test_an_app_or_a_wave_is_taken_back(folder: Path) -> None:
    lay(folder, {"owners.csv": "app,wave\nBilling,1\nPortal,2\n"})
    plan = planned(folder, "--owners", folder / "owners.csv")
    before = tree(folder / "out")
    run("apply", plan, "-o", folder / "out", *BOTH)
    run("revert", "--plan", plan, "--wave", "2", "--yes")
    assert {path for path in files(folder / "out") if "Portal" in path} == set()
    assert {path for path in files(folder / "out") if "Billing" in path} != set()
    assert (folder / "out/EXPECTED-RESULT.txt").exists()
    run("revert", "--plan", plan, "Billing", "--yes")
    assert tree(folder / "out") == before


def test_what_was_changed_since_is_left_whole(folder: Path, plan: Path) -> None:
    run("apply", plan, "-o", folder / "out", *BOTH)
    header = folder / "out/externalClientApps/Billing.eca-meta.xml"
    header.write_bytes(header.read_bytes() + b"<!-- mine -->")
    before = {path: data for path, data in files(folder / "out").items() if "Billing" in path}
    said = run("revert", "--plan", plan, "--yes", "--json")
    assert (said.code, outcomes(said)["Billing"]) == (1, "failed")
    assert said.json["outcomes"][0]["code"] == "E-OUTPUT-IN-THE-WAY"
    assert {path: data for path, data in files(folder / "out").items() if "Billing" in path} == before
    assert [path for path in files(folder / "out") if "Portal" in path] == []


def test_what_was_there_before_is_not_taken_back(folder: Path, plan: Path) -> None:
    run("convert", folder / "src", "Billing", "-o", folder / "out")
    (folder / "out/extlClntAppPolicies/Billing_plcy.ecaPlcy-meta.xml").unlink()
    before = tree(folder / "out")
    said = run("apply", plan, "-o", folder / "out", *BOTH, "Billing", "--json")
    assert outcomes(said) == {"Billing": "applied"}
    run("revert", "--plan", plan, "--yes")
    assert tree(folder / "out") == before


def test_taking_back_asks_lists_and_can_be_tried(folder: Path, plan: Path) -> None:
    run("apply", plan, "-o", folder / "out", *BOTH)
    before = tree(folder)
    said = run("revert", "--plan", plan, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-CONFIRM-DELETION")
    said = run("revert", "--plan", plan, "--list", "--json")
    assert [one["api_name"] for one in said.json["lost"]] == ["Billing", "Portal"]
    assert "Billing: its files will be removed." in run("revert", "--plan", plan, "--list").out
    assert run("revert", "--plan", plan, "--dry-run").code == 0
    assert tree(folder) == before
    assert "2 taken back" in run("revert", "--plan", plan, "--yes").out


def test_a_result_file_that_is_broken_is_told(folder: Path, plan: Path) -> None:
    run("apply", plan, "-o", folder / "out", *BOTH)
    lay(folder, {"plan.results/Billing.json": "{"})
    said = run("revert", "--plan", plan, "--yes", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-PLAN-UNREADABLE")


@pytest.mark.parametrize("path", ["../src/mine", "externalClientApps/../../src/mine", "mine", "/etc/hosts"])
def test_a_result_file_of_somebody_elses_making_removes_nothing(folder: Path, plan: Path, path: str) -> None:
    run("apply", plan, "-o", folder / "out", *BOTH)
    lay(folder, {"src/mine": "mine", "out/mine": "mine"})
    file = folder / "plan.results/Billing.json"
    whole = json.loads(file.read_text(encoding="utf-8"))
    whole["files"] = [{"path": path, "sha256": hashlib.sha256(b"mine").hexdigest()}]
    file.write_text(json.dumps(whole), encoding="utf-8")
    assert run("revert", "--plan", plan, "--yes", "Billing").code == 1
    assert (folder / "src/mine").read_text() == (folder / "out/mine").read_text() == "mine"


def test_a_folder_that_is_a_link_by_now_is_left(folder: Path, plan: Path) -> None:
    run("apply", plan, "-o", folder / "out", *BOTH)
    (folder / "out/extlClntAppPolicies").rename(folder / "elsewhere")
    (folder / "out/extlClntAppPolicies").symlink_to(folder / "elsewhere")
    before = tree(folder / "elsewhere")
    assert run("revert", "--plan", plan, "--yes").code == 1
    assert tree(folder / "elsewhere") == before


def test_without_results_nothing_is_taken_back(plan: Path) -> None:
    said = run("revert", "--plan", plan, "--yes")
    assert (said.code, "no results" in said.out) == (0, True)
