"""The report as SARIF 2.1.0: valid, as GitHub's code scanning takes it, and the same alert from run to run.

Sources of GitHub's constraints: GitHub Docs, "SARIF support for code scanning" (supported properties, paths
relative to the root of the repository, partialFingerprints), "About code scanning limits on SARIF results".
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import pytest

from changeover.migration.finding import Severity
from changeover.migration.rules import RULES
from changeover.report.app import ReportedApp
from changeover.report.lines import ELEMENTS
from changeover.report.sarif import MOST_RESULTS, Place, sarif
from changeover.report.spool import Spool
from tests.project.files import connected_app, lay, pack
from tests.report import sarif_tool
from tests.report.conftest import Report
from tests.report.test_summary import BLOCKED, CONFIRM, READY

LEVELS = {"blocker": "error", "confirm": "warning", "warning": "warning", "note": "note"}


@pytest.fixture
def log(report: Report) -> Any:
    return json.loads(report("--format", "sarif").stdout)


def results(log: Any) -> list[Any]:
    (run,) = log["runs"]
    found: list[Any] = run["results"]
    return found


def test_it_keeps_the_schema(log: Any) -> None:
    validator = jsonschema_rs.validator_for(sarif_tool.schema())
    assert [f"{list(error.instance_path)}: {error.message}" for error in validator.iter_errors(log)] == []
    assert not validator.is_valid({**log, "version": "2.0.0"})


def test_githubs_checker_finds_nothing(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "report.sarif"
    report("-o", file)
    # The one hint: the tool has no page of its own to lead to.
    assert [fault for fault in sarif_tool.faults(file) if not fault.startswith("SARIF2005")] == []


def test_githubs_checker_finds_what_is_wrong(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "report.sarif"
    report("-o", file)
    log = json.loads(file.read_text(encoding="utf-8"))
    for result in results(log):
        result["locations"] = []
    file.write_text(json.dumps(log), encoding="utf-8")
    assert any(fault.startswith("GH") for fault in sarif_tool.faults(file))


def test_rules_are_our_rules_and_say_what_to_do(log: Any) -> None:
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [*(rule.id for rule in RULES), "comments-in-file"]
    for rule, ours in zip(rules, RULES, strict=False):
        assert ours.remedy in rule["help"]["text"]
        assert ours.title in rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] == LEVELS[ours.severity]
        assert ours.source in rule["help"]["markdown"]
        assert len(rule["properties"]["tags"]) <= 20
        assert rule["properties"]["precision"] in {"very-high", "high", "medium", "low"}
        assert rule["properties"]["problem.severity"] in {"error", "warning", "recommendation"}
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert rule.get("helpUri", "https://").startswith("https://")
    assert sum("helpUri" in rule for rule in rules) > 3


def test_every_finding_is_a_result(log: Any, report: Report) -> None:
    found = results(log)
    apps = json.loads(report("--json").stdout)["apps"]
    told = [(app["api_name"], each) for app in apps for each in app["findings"]]
    assert Counter((one["locations"][0]["logicalLocations"][0]["name"], one["ruleId"]) for one in found) == (
        Counter((name, each["rule"]) for name, each in told)
    )
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    for result in found:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == LEVELS[result["properties"]["severity"]]
    assert [result["level"] for result in found] == sorted(
        (result["level"] for result in found), key=["error", "warning", "note"].index
    )


def test_a_result_stands_at_its_line_of_a_file_of_the_repository(log: Any, made: Path) -> None:
    words = {"canvas": "canvasConfig", "username-password-seen": "oauthConfig", "no-use-seen": "oauthConfig"}
    seen = set()
    for result in results(log):
        (location,) = result["locations"]
        place = location["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        assert not re.match(r"[a-z]+:|/|\.\.", uri)
        lines = (made / unquote(uri)).read_text(encoding="utf-8").splitlines()
        line = lines[place["region"]["startLine"] - 1]
        if result["ruleId"] in words:
            assert words[result["ruleId"]] in line
            seen.add(result["ruleId"])
    assert seen == set(words)


def test_what_could_not_be_read_goes_with_the_run(log: Any) -> None:
    (invocation,) = log["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert "Broken.connectedApp-meta.xml" in notification["message"]["text"]


def fingerprints(log: Any) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results(log)]


def test_an_alert_stays_the_same_while_lines_move(report: Report, made: Path, log: Any) -> None:
    before = fingerprints(log)
    assert len(before) == len(set(before))
    for file in made.rglob("Payroll.connectedApp-meta.xml"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("<contactEmail>", "\n\n\n<contactEmail>"), encoding="utf-8")
    after = json.loads(report("--format", "sarif").stdout)
    assert fingerprints(after) == before
    assert results(after) != results(log)


def test_rules_that_stand_at_a_line_are_ours() -> None:
    assert set(ELEMENTS) <= {rule.id for rule in RULES}


def test_an_archive_is_named_as_a_whole(report: Report, made: Path) -> None:
    files = {"connectedApps/Billing.connectedApp": connected_app("Billing", "KEY.1")}
    log = json.loads(report("--format", "sarif", path=pack(made / "the package.zip", files)).stdout)
    place = results(log)[0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "the%20package.zip"
    assert place["region"] == {"startLine": 1}


def test_a_single_file_and_a_folder_elsewhere_are_named(report: Report, made: Path, tmp_path: Path) -> None:
    file = next(made.rglob("Billing.connectedApp-meta.xml"))
    log = json.loads(report("--format", "sarif", path=file).stdout)
    uri = results(log)[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert (made / uri) == file
    elsewhere = lay(tmp_path / "elsewhere", {"a b/Billing.connectedApp": connected_app("Billing", "KEY.1")})
    log = json.loads(report("--format", "sarif", path=elsewhere).stdout)
    uri = results(log)[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b/Billing.connectedApp"


def limited(most: int, *apps: ReportedApp) -> Any:
    with Spool() as spool:
        for app in apps:
            spool.add(app)
        pieces = b"".join(sarif(spool, lambda _: Place("a.connectedApp", has_lines=True), [], most))
    return json.loads(pieces)


def test_github_takes_so_many_results_and_gets_the_gravest() -> None:
    assert MOST_RESULTS == 25_000
    apps = (READY, BLOCKED, CONFIRM)
    everything = results(limited(1000, *apps))
    assert len(everything) == sum(len(app.findings) for app in apps)
    log = limited(3, *apps)
    assert [result["level"] for result in results(log)] == ["error", "warning", "warning"]
    assert [result["properties"]["severity"] for result in results(log)] == ["blocker", "confirm", "warning"]
    (note,) = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    left_out = len(everything) - 3
    assert note["message"]["text"].startswith(f"{left_out} results of the least severity are left out")
    assert {severity.value for severity in Severity} == set(LEVELS)
