"""A rehearsal in the report, format by format, and files that hold none."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from changeover.cli.main import main
from changeover.rehearse.rehearsal import CAVEAT
from changeover.report.rehearsal import cell, told
from changeover.shapes.rehearsals import LoginOutcome, LoginVerdict, RehearsedFlow
from tests.project.files import connected_app, lay

WORKS = {"works": True, "error": "", "description": "", "gained": ["scope api"]}
FAILS = {"works": False, "error": "invalid_grant", "description": "<b>no</b>", "gained": []}
ROW = {
    "flow": "username-password",
    "title": "Username and password",
    "verdict": "breaks",
    "before": WORKS,
    "after": FAILS,
    "after_revert": WORKS,
    "reason": "An external client app has no username-password flow.",
    "remedy": "Move the client.",
    "depends_on": [],
}
SAML = {
    **ROW,
    "flow": "saml",
    "title": "SAML single sign-on",
    "verdict": "cannot be rehearsed",
    "before": None,
    "after": None,
    "after_revert": None,
    "reason": "SAML is not rehearsed.",
}
APP = {
    "api_name": "Billing",
    "label": "Billing",
    "path": "x",
    "rows": [ROW, SAML],
    "notes": ["Its consumer secret was generated for the copy."],
}
REHEARSAL = {
    "source": "project",
    "day": "2026-11-26",
    "assumed": [{"name": "pkce-forced", "decision": "D-14", "what": "the app requires PKCE"}],
    "caveat": CAVEAT,
    "apps": [APP],
    "summary": {"apps": 1, "rows": {"breaks": 1, "cannot be rehearsed": 1}, "failing_alike": 0},
    "errors": [],
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return lay(tmp_path / "project", {"connectedApps/Billing.connectedApp": connected_app()})


def report(project: Path, told: Any, *args: str) -> Result:
    file = project.parent / "rehearsal.json"
    file.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")
    result = CliRunner().invoke(main, ["report", str(project), "--rehearsal", str(file), *args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_html_has_a_table_an_app(project: Path) -> None:
    text = report(project, REHEARSAL).stdout
    assert CAVEAT.replace("'", "&#39;") in text
    assert '<a href="#rehearsal">Rehearsal</a>' in text
    assert "Rehearsed of project as of 26 November 2026: 1 breaks, 1 cannot be rehearsed." in text
    assert '<td data-label="After">fails</td>' in text
    assert "<strong>breaks</strong>" in text
    assert "invalid_grant: &lt;b&gt;no&lt;/b&gt;" in text
    assert "Safe either way." in text
    assert "Its consumer secret was generated" in text


def test_without_one_the_report_says_nothing_of_it(project: Path) -> None:
    result = CliRunner().invoke(main, ["report", str(project)])
    assert "ehearsal" not in result.stdout
    result = CliRunner().invoke(main, ["report", str(project), "--format", "csv"])
    assert "Logins rehearsed" not in result.stdout
    result = CliRunner().invoke(main, ["report", str(project), "--json"])
    assert json.loads(result.stdout)["rehearsal"] is None


def test_csv_has_a_column(project: Path) -> None:
    text = report(project, REHEARSAL, "--format", "csv").stdout
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (
        row["Logins rehearsed"] == "breaks: Username and password\ncannot be rehearsed: SAML single sign-on"
    )
    other = {**REHEARSAL, "apps": [{**APP, "api_name": "Other"}]}
    text = report(project, other, "--format", "csv").stdout
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert row["Logins rehearsed"] == ""


def test_json_has_it_whole(project: Path) -> None:
    assert json.loads(report(project, REHEARSAL, "--json").stdout)["rehearsal"] == REHEARSAL


@pytest.mark.parametrize("told", ["", "{", "[]", '{"error": {"code": "E-X"}}', {**REHEARSAL, "apps": [{}]}])
def test_a_file_that_holds_no_rehearsal(project: Path, told: Any) -> None:
    result = report(project, told, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "E-REHEARSAL-UNREADABLE"
    assert "E-REHEARSAL-UNREADABLE" in report(project, told).stderr


def test_a_file_that_is_not_there(project: Path) -> None:
    result = CliRunner().invoke(main, ["report", str(project), "--rehearsal", str(project / "nothing.json")])
    assert result.exit_code == 1
    assert "E-REHEARSAL-UNREADABLE" in result.stderr


def test_words() -> None:
    row = msgspec.convert(ROW, RehearsedFlow)
    assert (cell(row.before), cell(row.after), cell(None)) == ("works", "fails", "-")
    assert told(row) == "invalid_grant: <b>no</b>"
    saml = msgspec.convert(SAML, RehearsedFlow)
    assert (told(saml), saml.verdict) == ("", LoginVerdict.NOT_REHEARSED)
    assert isinstance(row.before, LoginOutcome)
