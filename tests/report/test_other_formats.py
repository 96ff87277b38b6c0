"""The report as CSV and as JSON, and where it is written."""

from __future__ import annotations

import csv
import io
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from changeover.cli.main import main
from changeover.cli.report_making import Making, Shape
from changeover.project.project import Project
from changeover.report.csv_file import COLUMNS, harmless
from tests.migration.make import TODAY
from tests.project.files import connected_app, lay, pack
from tests.report.conftest import TOP_LINE, Report
from tests.report.made import LOGINS


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_csv_has_a_row_an_app(report: Report) -> None:
    found = {row["API name"]: row for row in rows(report("--format", "csv").stdout)}
    assert list(found) == ["Billing", "Canvas", "Done", "Hostile", "Kiosk", "Payroll", "Warehouse"]
    assert list(found["Billing"]) == list(COLUMNS)
    payroll = found["Payroll"]
    assert (payroll["Readiness"], payroll["Verdict"], payroll["Contact"]) == (
        "to confirm",
        "confirm",
        "admin@example.com",
    )
    assert payroll["Clients stop"] == "20 February 2027: The username-password flow ends for connected apps"
    assert payroll["What to do"] == "Move it to client credentials, or confirm against this evidence."
    assert payroll["Last use seen"] == "2026-11-01"
    assert found["Canvas"]["Lost"].startswith("canvasConfig/locations[1]: ")
    assert found["Done"]["Readiness"] == "migrated"


def test_the_list_of_owners_is_joined(report: Report, tmp_path: Path) -> None:
    owners = tmp_path / "owners.csv"
    owners.write_text(
        "app,owner,contact\nPAYROLL,Team Money,money@acme.example\nNobody,X,\n", encoding="utf-8"
    )
    said = report("--format", "csv", "--owners", owners)
    found = {row["API name"]: row for row in rows(said.stdout)}
    assert (found["Payroll"]["Owner"], found["Payroll"]["Contact"]) == ("Team Money", "money@acme.example")
    assert (found["Billing"]["Owner"], found["Billing"]["Contact"]) == ("", "admin@example.com")
    assert "Note: the list of owners names Nobody, and no connected app does." in said.stderr
    page = report("--owners", owners).stdout
    assert "Team Money, money@acme.example" in page
    payroll = next(
        app for app in document(report, "--owners", owners)["apps"] if app["api_name"] == "Payroll"
    )
    assert payroll["owner"] == "Team Money"
    owners.write_text("name\nPayroll\n", encoding="utf-8")
    refused = report("--json", "--owners", owners)
    assert json.loads(refused.stdout)["errors"][0]["code"] == "E-OWNERS-UNREADABLE"


def test_a_cell_is_no_formula(report: Report) -> None:
    hostile = rows(report("--format", "csv").stdout)[3]
    assert hostile["Label"].startswith("'=cmd")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_what_a_spreadsheet_would_run_is_text(start: str) -> None:
    assert harmless(f"{start}1+1") == f"'{start}1+1"
    assert harmless(f"x{start}") == f"x{start}"


def document(report: Report, *args: str | Path) -> Any:
    return json.loads(report("--json", *args).stdout)


def test_json_is_what_assess_says_with_the_figures(report: Report, made: Path, tmp_path: Path) -> None:
    found = document(report)
    given = [str(tmp_path / "logins.csv"), str(tmp_path / "tokens.csv")]
    assessed = CliRunner().invoke(main, ["assess", str(made), "--json", "--evidence", *given])
    says = json.loads(assessed.stdout)
    assert list(found) == [
        *("schema", "version", "made_on", "source", "evidence", "apps", "summary", "rehearsal", "errors"),
    ]
    more = ("readiness", "contact", "owner", "last_used", "stops", "decisions")
    for one, same in zip(found["apps"], says["apps"], strict=True):
        assert {key: value for key, value in one.items() if key not in more} == same
    assert found["errors"] == says["errors"]
    assert found["summary"] == {
        "top_line": TOP_LINE,
        "apps": 7,
        "not_readable": 1,
        "readiness": {"ready": 4, "blocked": 1, "migrated": 1, "confirm": 1},
        "stops": [{"day": "2027-02-20", "apps": 2}],
        "losing": 1,
    }
    kiosk = next(app for app in found["apps"] if app["api_name"] == "Kiosk")
    assert kiosk["stops"] == [
        {"day": "2027-02-20", "what": "The user-agent flow and the hybrid user-agent flow end"}
    ]
    assert (kiosk["last_used"], kiosk["readiness"]) == ("2026-11-02T08:00:00Z", "ready")


def test_what_is_not_there_is_an_error_in_every_format(report: Report, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    found = document(report, "--format", "json")
    assert found["summary"]["apps"] == 7
    result = report("--json", path=nowhere)
    assert (result.exit_code, json.loads(result.stdout)["errors"][0]["code"]) == (1, "E-PATH-MISSING")
    for form in ("html", "csv", "sarif"):
        result = report("--format", form, path=nowhere)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "E-PATH-MISSING" in result.stderr


class TestTheFile:
    @pytest.mark.parametrize(
        ("name", "start"),
        [
            ("report.html", b"<!DOCTYPE html>"),
            ("REPORT.HTML", b"<!DOCTYPE html>"),
            ("report", b"<!DOCTYPE html>"),
            ("report.csv", b"\xef\xbb\xbfAPI name"),
            ("report.json", b'{"schema":"urn:changeover:schema:report:1"'),
            ("report.sarif", b'{"$schema":'),
        ],
    )
    def test_has_the_format_of_its_name(
        self, report: Report, tmp_path: Path, name: str, start: bytes
    ) -> None:
        result = report("-o", tmp_path / name)
        assert result.stdout == ""
        assert f"{TOP_LINE}." in result.stderr
        assert (tmp_path / name).read_bytes().startswith(start)

    def test_may_have_another_name_than_its_format(self, report: Report, tmp_path: Path) -> None:
        report("-o", tmp_path / "report.txt", "--format", "csv")
        assert (tmp_path / "report.txt").read_bytes().startswith(b"\xef\xbb\xbf")

    def test_is_replaced_by_the_next(self, report: Report, tmp_path: Path) -> None:
        file = tmp_path / "report.html"
        file.write_text("old", encoding="utf-8")
        report("-o", file)
        assert "old" not in file.read_text(encoding="utf-8")[:100]
        assert not list(tmp_path.glob(".changeover-*"))

    @pytest.mark.parametrize("name", ["logins.csv", "repository/force-app/x.connectedApp-meta.xml"])
    def test_is_none_of_what_is_read(self, report: Report, tmp_path: Path, name: str) -> None:
        target = tmp_path / name
        before = target.read_bytes() if target.exists() else None
        result = report("-o", target)
        assert result.exit_code == 1
        assert "E-OUTPUT-IN-SOURCE" in result.stderr
        assert (target.read_bytes() if target.exists() else None) == before

    def test_that_cannot_be_written_is_one_clear_error(self, report: Report, tmp_path: Path) -> None:
        for target in (tmp_path / "nowhere" / "report.html", tmp_path):
            result = report("-o", target)
            assert result.exit_code == 1
            assert "E-OUTPUT-FAILED" in result.stderr

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
    def test_a_full_disk_leaves_the_old_report(
        self, report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "report.html"
        file.write_text("the report of last week", encoding="utf-8")
        opened = Path.open

        def full(self: Path, mode: str = "r", *args: Any, **more: Any) -> Any:
            place = Path("/dev/full") if self.name.startswith(".changeover-") else self
            return opened(place, mode.replace("x", "w"), *args, **more)

        monkeypatch.setattr(Path, "open", full)
        result = report("-o", file)
        assert (result.exit_code, "E-OUTPUT-FAILED" in result.stderr) == (1, True)
        assert file.read_text(encoding="utf-8") == "the report of last week"


def test_exit_codes_follow_the_worst(tmp_path: Path) -> None:
    logins = tmp_path / "logins.csv"
    logins.write_text(LOGINS, encoding="utf-8")

    def code(*names: str) -> int:
        root = tmp_path / "-".join(names)
        lay(root, {f"{name}.connectedApp": connected_app(name, f"KEY.{name}") for name in names})
        args = ["report", str(root), "--login-history", str(logins), "-o", str(tmp_path / "r.html")]
        return CliRunner().invoke(main, args).exit_code

    assert code("Billing") == 0
    assert code("Billing", "Payroll") == 2


@pytest.mark.parametrize("form", ["html", "csv", "json", "sarif"])
def test_names_and_labels_may_be_anything(report: Report, tmp_path: Path, form: str) -> None:
    odd = tmp_path / os.fsdecode(b"odd \xff folder")
    label = "\u202eevil \u0085 &#x1F600; ]]&gt; {{ 7 * 7 }} " + "y" * 5000
    lay(
        odd,
        {"quote'\"<&>\n.connectedApp": connected_app(label, "KEY.1"), "#? %41.connectedApp": connected_app()},
    )
    (odd / os.fsdecode(b"B\xff.connectedApp")).write_text(connected_app("B", "KEY.2"), encoding="utf-8")
    result = report("--format", form, path=odd)
    assert result.exit_code == 1
    assert result.stderr.count("E-PATH-REFUSED") == (form != "json")
    text = result.stdout
    assert "{{ 7 * 7 }}" in text
    assert "<&>" not in text or form == "csv" or form in {"json", "sarif"}
    if form == "html":
        assert "quote&#39;&#34;&lt;&amp;&gt;" in text
    elif form == "csv":
        assert len(rows(text)) == 2
    else:
        json.loads(text)


def test_an_archive_of_an_odd_name_is_named_in_sarif(report: Report, made: Path) -> None:
    name = os.fsdecode(b"p\xff.zip")
    pack(made / name, {"connectedApps/Billing.connectedApp": connected_app("Billing", "KEY.1")})
    log = json.loads(report("--format", "sarif", path=made / name).stdout)
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "p%FF.zip"


def test_an_archive_is_read_too(report: Report, tmp_path: Path) -> None:
    archive = pack(
        tmp_path / "package.zip", {"connectedApps/Billing.connectedApp": connected_app("Billing", "KEY.1")}
    )
    found = json.loads(report("--json", path=archive).stdout)
    assert (found["source"], found["summary"]["top_line"]) == ("package.zip", "1 ready")


@pytest.mark.parametrize("form", ["html", "csv", "json", "sarif"])
def test_memory_does_not_grow_with_the_number_of_apps(tmp_path: Path, form: str) -> None:
    def peak(count: int) -> int:
        root = tmp_path / str(count)
        for nth in range(count):
            lay(root, {f"App{nth}.connectedApp": connected_app(f"App {nth}", str(nth))})
        with Project(root) as project, Path(os.devnull).open("wb") as out:
            shape = Shape(form, root)
            tracemalloc.start()
            making = Making(form=form, today=TODAY, source="x", root=root)
            out.writelines(making.document(map(shape, project.connected_apps(TODAY))))
            try:
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
                shape.close()

    peak(2)  # what is loaded once
    small, large = peak(20), peak(170)
    # An app of a report takes five kilobytes; of each the index keeps a path, a name, a label and a key.
    assert (large - small) / 150 < 3_000
