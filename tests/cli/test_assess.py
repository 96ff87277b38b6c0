"""`changeover assess`: the JSON document of the contract, and a table for people."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from changeover.apps.secrets import MASK
from changeover.cli.main import main
from tests.project.files import connected_app, global_settings, header, lay, pack, xml

CANVAS = "<canvasConfig><accessMethod>Get</accessMethod><canvasUrl>https://a.example.com</canvasUrl></canvasConfig>"
LOGINS = "UserId,LoginTime,Application,LoginSubType\n005,2026-11-01T00:00:00Z,Billing,OauthUsernamePassword\n"


def run(*args: str | Path) -> Result:
    result = CliRunner().invoke(main, ["assess", *map(str, args)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def document(*args: str | Path) -> dict[str, Any]:
    result = run(*args, "--json")
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def app(*args: str | Path) -> dict[str, Any]:
    (only,) = document(*args)["apps"]
    assert isinstance(only, dict)
    return only


@pytest.fixture
def project(tmp_path: Path) -> Path:
    secret = "<consumerSecret>TOP.SECRET.4711</consumerSecret>"
    return lay(
        tmp_path / "project", {"connectedApps/Billing.connectedApp-meta.xml": connected_app(config=secret)}
    )


def test_the_document_has_exactly_the_keys_of_the_contract(project: Path) -> None:
    lay(project, {"broken.connectedApp": "\n<a>"})
    answer = document(project)
    assert list(answer) == ["apps", "errors"]
    (one,) = answer["apps"]
    assert list(one) == [
        "api_name",
        "label",
        "path",
        "verdict",
        "findings",
        "not_visible",
        "account",
        "added",
    ]
    for finding in one["findings"]:
        assert list(finding) == ["rule", "severity", "status", "evidence", "remedy", "source"]
    for hidden in one["not_visible"]:
        assert list(hidden) == ["rule", "where_to_look"]
    for entry in one["account"]:
        assert list(entry) == ["source", "kind", "targets", "from", "to", "note"]
    for added in one["added"]:
        assert list(added) == ["target", "value", "why"]
    (error,) = answer["errors"]
    assert list(error) == ["path", "line", "code", "message", "remedy"]
    assert (error["path"], error["line"], error["code"]) == ("broken.connectedApp", 2, "E-XML-BROKEN")


def test_an_app_is_named_by_its_path_in_what_was_opened(project: Path, tmp_path: Path) -> None:
    assert app(project)["path"] == "connectedApps/Billing.connectedApp-meta.xml"
    assert app(project / "connectedApps")["path"] == "Billing.connectedApp-meta.xml"
    file = project / "connectedApps" / "Billing.connectedApp-meta.xml"
    assert app(file)["path"] == "Billing.connectedApp-meta.xml"
    package = pack(tmp_path / "p.zip", {"unpackaged/connectedApps/Billing.connectedApp": connected_app()})
    assert app(package)["path"] == "unpackaged/connectedApps/Billing.connectedApp"


def test_the_account_speaks_paths_and_values(project: Path) -> None:
    account = {entry["source"]: entry for entry in app(project)["account"]}
    callback = account["oauthConfig/callbackUrl"]
    assert callback["kind"] == "carried"
    assert callback["targets"] == ["Billing_glbloauth.ecaGlblOauth/callbackUrl"]
    assert callback["from"] == callback["to"] == "https://billing.example.com/callback"
    assert account["oauthConfig/scopes[1]"]["targets"] == ["Billing_oauth.ecaOauth/commaSeparatedOauthScopes"]


def test_to_is_a_text_a_list_or_null_as_there_are_targets(project: Path) -> None:
    lay(
        project,
        {
            "connectedApps/Billing.connectedApp-meta.xml": connected_app(
                more="<mobileStartUrl>https://m.example.com</mobileStartUrl>",
                config="<isClientCredentialEnabled>true</isClientCredentialEnabled>",
            )
        },
    )
    entries = app(project)["account"]
    seen = set()
    for entry in entries:
        seen.add(type(entry["to"]))
        if entry["kind"] == "lost":
            assert (entry["to"], entry["targets"]) == (None, [])
        elif len(entry["targets"]) == 1:
            assert isinstance(entry["to"], str)
        else:
            assert isinstance(entry["to"], list)
            assert len(entry["to"]) == len(entry["targets"])
    assert seen == {type(None), str, list}


def test_no_secret_is_printed(project: Path) -> None:
    for options in ([], ["--json"]):
        result = run(project, *options)
        assert "4711" not in result.output
    entry = next(one for one in app(project)["account"] if one["source"] == "oauthConfig/consumerSecret")
    assert (entry["from"], entry["to"]) == (MASK, MASK)


def test_exit_codes_follow_the_worst(project: Path) -> None:
    assert run(project).exit_code == 0
    lay(project, {"Canvas.connectedApp": connected_app(key="c", more=CANVAS)})
    assert run(project).exit_code == run(project, "--json").exit_code == 2
    lay(project, {"Broken.connectedApp": "<"})
    assert run(project).exit_code == run(project, "--json").exit_code == 1


@pytest.mark.parametrize("command", ["assess", "report"])
def test_what_ends_it_with_2_can_be_chosen(tmp_path: Path, command: str) -> None:
    pipeline = connected_app().replace("https://billing.example.com", "http://localhost:1717")
    confirm = pipeline.replace("<consumerKey>", "<certificate>x</certificate><consumerKey>")
    places = {
        "confirm": lay(tmp_path / "confirm", {"Billing.connectedApp": confirm}),
        "blocked": lay(tmp_path / "blocked", {"Billing.connectedApp": connected_app(more=CANVAS)}),
        "broken": lay(tmp_path / "broken", {"Billing.connectedApp": "<a>"}),
    }

    def code(place: str, *options: str) -> int:
        return CliRunner().invoke(main, [command, str(places[place]), *options]).exit_code

    assert {place: code(place) for place in places} == {"confirm": 2, "blocked": 2, "broken": 1}
    for fail_on, codes in {"confirm": [2, 2, 1], "blocked": [0, 2, 1], "never": [0, 0, 1]}.items():
        assert [code(place, "--fail-on", fail_on) for place in places] == codes


def test_a_migrated_app_needs_nobody(project: Path) -> None:
    lay(project, {"x/Billing.eca": header(), "x/any.ecaGlblOauth": global_settings()})
    result = run(project, "--json")
    assert json.loads(result.stdout)["apps"][0]["verdict"] == "migrated"
    assert result.exit_code == 0


def test_an_empty_folder_is_nothing_to_do(tmp_path: Path) -> None:
    assert document(tmp_path) == {"apps": [], "errors": []}
    result = run(tmp_path)
    assert result.exit_code == 0
    assert "No connected app was read." in result.stdout


def test_what_is_not_there_is_an_error_in_both_forms(tmp_path: Path) -> None:
    result = run(tmp_path / "none")
    assert result.exit_code == 1
    assert "E-PATH-MISSING" in result.stderr
    answer = document(tmp_path / "none")
    assert answer["apps"] == []
    assert answer["errors"][0]["code"] == "E-PATH-MISSING"


def test_a_name_that_occurs_twice_is_listed_twice_with_a_finding(project: Path) -> None:
    lay(project, {"old/Billing.connectedApp": connected_app(key="2")})
    first, second = document(project)["apps"]
    assert first["api_name"] == second["api_name"] == "Billing"
    for one in (first, second):
        assert "duplicate-name" in {finding["rule"] for finding in one["findings"]}


def test_comments_in_a_file_are_a_finding(project: Path) -> None:
    lay(project, {"connectedApps/Billing.connectedApp-meta.xml": connected_app(more="<!-- mine -->")})
    findings = {finding["rule"]: finding for finding in app(project)["findings"]}
    assert "line 5" in findings["comments-in-file"]["evidence"]


def test_references_stand_in_the_account(project: Path) -> None:
    menu = "<appMenuItems><name>Billing</name><type>ConnectedApp</type></appMenuItems>"
    lay(project, {"appMenus/AppSwitcher.appMenu-meta.xml": xml("AppMenu", menu)})
    sources = [entry["source"] for entry in app(project)["account"]]
    assert sum(source.startswith("appMenus/AppSwitcher.appMenu-meta.xml:") for source in sources) == 1


class TestLoginHistory:
    def rules(self, *args: str | Path) -> set[str]:
        return {finding["rule"] for finding in app(*args)["findings"]}

    def test_is_evidence(self, project: Path, tmp_path: Path) -> None:
        file = tmp_path / "logins.csv"
        file.write_text(LOGINS)
        assert "username-password-seen" not in self.rules(project)
        assert "username-password-seen" in self.rules(project, "--login-history", file)
        assert app(project, "--login-history", file)["verdict"] == "confirm"

    def test_may_be_several_files_in_either_notation(self, project: Path, tmp_path: Path) -> None:
        one, two = tmp_path / "one.csv", tmp_path / "two.csv"
        one.write_text(LOGINS.replace("Billing", "Other"))
        two.write_text(LOGINS.replace("2026-11-01", "2026-10-01"))
        for args in (
            (project, "--login-history", one, two),
            ("--login-history", one, "--login-history", two, project),
        ):
            assert "username-password-seen" in self.rules(*args)
        result = run(project, "--login-history", one, two)
        assert "2 logins from 2026-10-01 to 2026-11-01" in result.stdout

    def test_that_cannot_be_read_is_an_error_and_the_apps_are_still_assessed(
        self, project: Path, tmp_path: Path
    ) -> None:
        file = tmp_path / "logins.csv"
        file.write_text("Benutzer;Zeit\na;b\n")
        result = run(project, "--login-history", file, "--json")
        answer = json.loads(result.stdout)
        assert len(answer["apps"]) == 1
        assert answer["errors"][0]["code"] == "E-LOGIN-HISTORY-UNREADABLE"
        assert result.exit_code == 1

    def test_what_had_to_be_assumed_is_said(self, project: Path, tmp_path: Path) -> None:
        file = tmp_path / "logins.csv"
        file.write_text(LOGINS.replace("2026-11-01T00:00:00Z", "01/02/2026 10:00"))
        for options in ([], ["--json"]):
            result = run(project, "--login-history", file, *options)
            assert "Note: logins.csv: no date tells whether day or month comes first" in result.stderr
            assert "time zone" in result.stderr

    def test_needs_its_option(self, project: Path) -> None:
        result = run(project, "logins.csv")
        assert result.exit_code == 64


class TestEvidence:
    TOKENS = "AppName,LastUsedDate,UseCount\nBilling,2026-11-01T00:00:00Z,3\nOther,,0\n"
    CALLS = "TIMESTAMP_DERIVED,CONNECTED_APP_NAME\n2026-11-20T12:00:00.000Z,Other\n"

    def evidence_of(self, *args: str | Path) -> list[str]:
        return [each["evidence"] for each in app(*args)["findings"] if each["rule"] == "no-use-seen"]

    def test_of_every_kind_is_told_by_its_headings(self, project: Path, tmp_path: Path) -> None:
        tokens, calls = tmp_path / "tokens.csv", tmp_path / "calls.csv"
        tokens.write_text(self.TOKENS, encoding="utf-8")
        calls.write_text(self.CALLS, encoding="utf-8")
        assert self.evidence_of(project) == []
        (seen,) = self.evidence_of(project, "--evidence", calls)
        assert "no API call in the event log of 20 November 2026" in seen
        # As a shell expands `--evidence *.csv`.
        assert self.evidence_of(project, "--evidence", calls, tokens) == []
        table = run(project, "--evidence", tokens, calls).stdout
        assert "OauthToken: 2 tokens." in table
        assert "API calls of the event log: 1 from 2026-11-20 to 2026-11-20 (UTC)." in table

    def test_may_be_login_history_too(self, project: Path, tmp_path: Path) -> None:
        logins = tmp_path / "logins.csv"
        logins.write_text(LOGINS, encoding="utf-8")
        rules = {each["rule"] for each in app(project, "--evidence", logins)["findings"]}
        assert "username-password-seen" in rules

    def test_of_no_kind_is_an_error_and_the_apps_are_still_assessed(
        self, project: Path, tmp_path: Path
    ) -> None:
        other = tmp_path / "other.csv"
        other.write_text("Name,Amount\nx,1\n", encoding="utf-8")
        answer = document(project, "--evidence", other)
        assert [error["code"] for error in answer["errors"]] == ["E-EVIDENCE-UNKNOWN"]
        assert len(answer["apps"]) == 1
        assert run(project, "--evidence", other).exit_code == 1

    def test_is_no_evidence_of_an_org(self, project: Path) -> None:
        assert run("--org", "Acme", "--evidence", project).exit_code == 64


def test_the_table_says_why_and_what_to_check(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    label = "Canvas [red]\x85&amp; Co[/red]"
    lay(project, {"Canvas.connectedApp": connected_app(label=label, key="c", more=CANVAS)})
    output = run(project).stdout
    assert "blocked" in output
    assert "eligible" in output
    assert "canvas settings" in output
    assert "Canvas [red]?& Co[/red]" in output
    assert "2 connected apps: 1 eligible, 1 blocked." in output
    assert "Warnings, and what to do:" in output
    assert "As far as the files show; check these in Setup:" in output


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_memory_does_not_grow_with_the_number_of_apps(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def peak(count: int) -> int:
        root = tmp_path / str(count)
        lay(root, {f"App{nth}.connectedApp": connected_app(key=str(nth)) for nth in range(count)})
        with (tmp_path / "out").open("w") as out:
            monkeypatch.setattr(sys, "stdout", out)
            tracemalloc.start()
            try:
                main.main(["assess", str(root), *options], standalone_mode=False)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
                monkeypatch.undo()

    peak(2)  # what is loaded once
    small, large = peak(20), peak(220)
    # The index keeps a path, a name, a label and a key an app: far less than the app, let alone its account.
    assert (large - small) / 200 < 3_000


def test_the_program_itself(project: Path) -> None:
    program = Path(sys.executable).with_name("changeover")
    done = subprocess.run(
        [program, "assess", "project", "--json"],
        cwd=project.parent,
        capture_output=True,
        check=False,
        env={"PATH": "/nowhere", "LC_ALL": "C"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert json.loads(done.stdout)["apps"][0]["api_name"] == "Billing"


def test_the_corpus_is_assessed(corpus: Path) -> None:
    result = run(corpus, "--json")
    answer = json.loads(result.stdout)
    assert (len(answer["apps"]), answer["errors"]) == (199, [])
    assert result.exit_code == 2
    assert {one["verdict"] for one in answer["apps"]} <= {"eligible", "confirm", "blocked", "migrated"}
