"""`changeover rehearse` on the sample org, on files, and where it is called in a way it does not know."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from changeover.cli.main import main
from changeover.rehearse.rehearsal import CAVEAT
from changeover.sample import ORG_NAME, fill
from changeover.wiring import open_house
from tests.cli.test_serving import CHANGEOVER
from tests.project.files import connected_app, lay

SAMPLE = Path(__file__).parents[2] / "src" / "changeover" / "sample" / "project"


FAILS = (
    ("Billing", "username-password", "breaks", "no username-password flow"),
    ("Showroom_Kiosk", "user-agent", "breaks", "no user-agent flow"),
    ("Loyalty_Points", "web-server-pkce", "breaks", "callback URL was changed since the migration"),
    ("Showroom_Kiosk", "refresh-token-idle", "same", "lay idle for 30 days"),
    ("Commission_Export", "client-credentials", "same", "user is not active"),
    ("Newsletter_Sender", "client-credentials", "same", "no run-as user"),
    ("Old_Timesheets", "web-server-pkce", "same", "app is blocked"),
    ("Treasury_Reports", "web-server-pkce", "same", "high assurance session"),
    ("Payroll_SSO", "saml", "cannot be rehearsed", "SAML is not rehearsed"),
)
"""App, flow, verdict and reason of every login of the sample that must fail, or cannot be tried."""


def run(*args: str) -> Result:
    result = CliRunner().invoke(main, ["rehearse", *args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation with the sample org."""
    folder = tmp_path_factory.mktemp("sample")
    house = open_house(folder / "changeover.db", environment={})
    fill(house.units)
    house.close()
    return folder


def everything(folder: Path) -> Iterator[str]:
    """All that an installation holds, statement by statement."""
    house = open_house(folder / "changeover.db", environment={})
    try:
        with house.database.read() as connection:
            yield from connection.connection.dbapi_connection.iterdump()  # type: ignore[union-attr]
    finally:
        house.close()


def secrets_of(folder: Path) -> set[str]:
    """The consumer secrets of the org, in clear."""
    house = open_house(folder / "changeover.db", environment={})
    try:
        with house.units.read() as unit:
            (org,) = unit.orgs.list()
            records = [unit.apps.get(org.org_id, name) for name in unit.apps.names(org.org_id)]
            return {secret for one in records if one and (secret := unit.apps.secret(one.app_id))}
    finally:
        house.close()


def by_flow(app: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["flow"]: row for row in app["rows"]}


def test_the_sample_org_holds_apps_whose_rehearsal_fails_and_it_does_with_the_reason(
    sample: Path,
) -> None:
    before = list(everything(sample))
    names = ("Deployment_Pipeline", "Survey_Tool", "Order_Canvas", *dict.fromkeys(name for name, *_ in FAILS))
    picked = [word for name in names for word in ("--app", name)]
    result = run("--data", str(sample), "--org", ORG_NAME, "--day", "2026-11-26", "--json", *picked)
    assert result.exit_code == 2, result.stderr
    answer = json.loads(result.stdout)
    assert answer["caveat"] == CAVEAT
    assert (answer["source"], answer["day"], answer["errors"]) == (ORG_NAME, "2026-11-26", [])
    apps = {app["api_name"]: by_flow(app) for app in answer["apps"]}
    assert list(apps) == list(names)

    for name, flow, verdict, reason in FAILS:
        row = apps[name][flow]
        assert (row["verdict"], reason in row["reason"]) == (verdict, True), (name, flow, row)
    assert len({reason for *_, reason in FAILS}) == len(FAILS), "each for another reason"
    stages = ("before", "after", "after_revert")
    for name in ("Commission_Export", "Newsletter_Sender"):
        assert not any(apps[name]["client-credentials"][stage]["works"] for stage in stages)
        assert apps[name]["web-server-pkce"]["verdict"] == "same"
    billing = apps["Billing"]["username-password"]
    assert billing["after"]["description"].startswith("authentication failure")
    assert apps["Showroom_Kiosk"]["device"]["verdict"] == "same"
    assert apps["Deployment_Pipeline"]["jwt-bearer"]["verdict"] == "same"
    survey = apps["Survey_Tool"]["web-server"]
    assert (survey["before"], survey["after"]["works"], survey["after_revert"]["works"]) == (None, True, True)
    (told,) = (app["notes"] for app in answer["apps"] if app["api_name"] == "Survey_Tool")
    assert any("migrated already" in note for note in told)
    assert "canvas" in apps["Order_Canvas"]["web-server"]["reason"]
    assert list(apps["Payroll_SSO"]) == ["saml"]
    assert answer["summary"]["apps"] == len(names)
    assert answer["summary"]["rows"]["breaks"] == 4

    assert list(everything(sample)) == before, "the source was touched"
    known = secrets_of(sample)
    assert known
    assert not any(secret in result.output for secret in known)


def test_clients_of_another_org_and_devices_after_their_date(sample: Path) -> None:
    picked = ("--app", "Data_Sync_EU", "--app", "Showroom_Kiosk", "--day", "2026-12-05")
    result = run("--data", str(sample), "--org", ORG_NAME, "--assume", "other-org", "--json", *picked)
    assert result.exit_code == 2, result.stderr
    apps = {app["api_name"]: by_flow(app) for app in json.loads(result.stdout)["apps"]}
    for flow, row in apps["Data_Sync_EU"].items():
        assert row["verdict"] == "breaks", flow
        assert row["reason"] == "A local external client app is known in its own org only.", flow
        assert "D-33" in row["depends_on"], flow
    device = apps["Showroom_Kiosk"]["device"]
    assert (device["verdict"], device["before"]["works"]) == ("same", False)
    assert "limits the device flow" in device["reason"]


def test_files_as_lines() -> None:
    result = run(str(SAMPLE), "--app", "customer_portal", "--app", "Intranet_Tile", "--assume", "pkce-forced")
    assert result.exit_code == 2, result.stderr
    lines = result.stdout.splitlines()
    assert "Customer_Portal" in lines
    (row,) = [line for line in lines if "Web server, without PKCE" in line]
    assert row.split()[4:8] == ["works", "fails", "works", "breaks"]
    assert row.endswith("depends on D-14")
    assert any("missing required code challenge" in line for line in lines)
    assert any("safe either way" in line for line in lines)
    assert "  No login to rehearse: no OAuth flow that it is set up for, and no SAML." in lines
    assert "Assumed against D-14: the external client app requires PKCE." in lines
    assert lines[-1] == CAVEAT


def test_what_the_copy_logs_is_not_printed() -> None:
    result = run(str(SAMPLE), "--app", "Customer_Portal", "--day", "2026-12-01", "--json")
    assert result.exit_code == 0
    assert "login-refused" not in result.output
    (app,) = json.loads(result.stdout)["apps"]
    assert by_flow(app)["refresh-token-idle"]["after"]["error"] == "invalid_grant"


def test_login_history_says_that_username_and_password_are_used(tmp_path: Path) -> None:
    project = lay(tmp_path / "project", {"connectedApps/Billing.connectedApp": connected_app("Billing")})
    history = tmp_path / "logins.csv"
    history.write_text(
        "Username,Login Time,Application,Login Type,Login Subtype,Status\n"
        "int@example.com,2026-11-03 10:00:00 UTC,Billing,Remote Access 2.0,OAuth Username-Password,Success\n",
        encoding="utf-8",
    )
    result = run(str(project), "--login-history", str(history), "--json")
    (app,) = json.loads(result.stdout)["apps"]
    assert by_flow(app).get("username-password", {}).get("verdict") == "breaks", result.output
    assert result.exit_code == 2


def test_a_broken_file_is_an_error_and_the_others_are_rehearsed(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "connectedApps/Billing.connectedApp": connected_app("Billing"),
        "connectedApps/Broken.connectedApp": "<ConnectedApp",
    }
    result = run(str(lay(tmp_path / "project", files)), "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [app["api_name"] for app in answer["apps"]] == ["Billing"]
    assert [error["code"] for error in answer["errors"]] == ["E-XML-BROKEN"]


def test_an_app_that_is_not_there(sample: Path) -> None:
    for where in ([str(SAMPLE)], ["--data", str(sample), "--org", ORG_NAME]):
        result = run(*where, "--app", "Nobody", "--json")
        assert result.exit_code == 1
        assert json.loads(result.stdout)["error"]["code"] == "E-APP-NOT-FOUND"


def test_a_user_who_may_not_look_at_setup(sample: Path) -> None:
    result = run(
        "--data", str(sample), "--org", ORG_NAME, "--user", "noah@sample.changeover.example", "--json"
    )
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "E-NOT-PERMITTED"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_rehearsal_that_is_ended_leaves_no_copy(tmp_path: Path, number: int) -> None:
    with subprocess.Popen(
        [*CHANGEOVER, "rehearse", str(SAMPLE), "--json"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        # The first app is done, the copy is there.
        process.stdout.readline()
        process.stdout.readline()
        assert [path.name[:20] for path in tmp_path.iterdir()] == ["changeover-rehearsal"]
        process.send_signal(number)
        process.stdout.read()
        assert process.wait(60) == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "args",
    [
        [],
        [str(SAMPLE), "--org", "x"],
        [str(SAMPLE), "--assume", "the-worst"],
        [str(SAMPLE), "--day", "tomorrow"],
        [str(SAMPLE), "--day", "0001-01-01"],
        [str(SAMPLE), "--day", "9999-12-31"],
    ],
)
def test_wrong_use(args: list[str]) -> None:
    assert run(*args).exit_code == 64
