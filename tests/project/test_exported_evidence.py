"""What an org exports is what `assess` reads: the same findings, whoever looks."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from changeover.apps.connected_app import ConnectedApp
from changeover.migration.eligibility import assess
from changeover.migration.finding import Finding
from changeover.org.app_manager import assess_app
from changeover.org.exporting import export_apps
from changeover.org.logins import export_logins
from changeover.org.model.events import LoginRow
from changeover.org.oauth_usage import export_tokens
from changeover.project.evidence import Evidence
from changeover.project.exported_evidence import login_history_file, oauth_token_file
from changeover.project.output import OutputFolder
from changeover.project.project import Project
from tests.org.authorized import authorized
from tests.org.conftest import prepared, world
from tests.org.world import World, app

__all__ = ["prepared", "world"]

OF_USE = {"no-use-seen", "username-password-seen", "user-agent-flow", "device-flow"}


def told(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(one.rule, one.evidence) for one in findings if one.rule in OF_USE}


def exported(world: World, folder: Path) -> Evidence:
    """Write both files and read them as `assess` does."""
    logins, tokens = folder / "LoginHistory.csv", folder / "OauthToken.csv"
    with world.read() as unit:
        logins.write_bytes(b"".join(login_history_file(export_logins(unit, world.admin))))
        tokens.write_bytes(b"".join(oauth_token_file(export_tokens(unit, world.admin))))
    evidence = Evidence()
    evidence.add_login_history(logins)
    evidence.add(tokens)
    assert evidence.errors == ()
    assert evidence.notes == ()
    return evidence


def assessed(world: World, folder: Path) -> dict[str, set[tuple[str, str]]]:
    """Return what is told of use, by app, from the org's own export."""
    output = OutputFolder(folder / "force-app")
    with world.read() as unit:
        for one in export_apps(unit, world.admin):
            assert isinstance(one, ConnectedApp)
            output.write_connected_app(one)
    output.finish()
    evidence = exported(world, folder)
    with Project(folder / "force-app") as project:
        return {
            entry.app.full_name: told(assess(entry.app, entry.situation).findings)
            for entry in project.connected_apps(world.clock.now().date(), evidence.logins, evidence.usage)
        }


def test_what_an_org_exports_gives_the_findings_that_it_shows(world: World, tmp_path: Path) -> None:
    world.bring(app(), app("Portal"), app("Reports"), app("Idle"))
    world.log_in("Billing")
    world.log_in("Portal", times=2, status="Failed: Username-Password Flow Disabled")
    authorized(world.house.units, world.org_id, world.admin.username, "3MVG9.Reports_key", uses=4, days_ago=9)
    shown = {
        name: told(world.see(assess_app, name).findings) for name in ("Billing", "Portal", "Reports", "Idle")
    }
    assert {rule for rule, _ in shown["Billing"]} == {"username-password-seen"}
    assert {rule for rule, _ in shown["Idle"]} == {"no-use-seen"}
    assert "none of the 1 OAuth token of OauthToken" in next(iter(shown["Idle"]))[1]
    assert shown["Reports"] == set()
    assert assessed(world, tmp_path) == shown


def test_the_files_hold_what_the_org_holds_and_no_token(world: World, tmp_path: Path) -> None:
    world.bring(app())
    world.log_in("Billing", times=3)
    made = authorized(world.house.units, world.org_id, world.admin.username, "3MVG9.Billing_key", uses=4)
    exported(world, tmp_path)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "OauthToken.csv").read_text())))
    assert [(row["Id"], row["AppName"], row["UseCount"]) for row in rows] == [(made, "Billing", "4")]
    assert (rows[0]["User.Username"], rows[0]["LastUsedDate"]) == (
        world.admin.username,
        "2026-11-23T12:00:00.000Z",
    )
    assert not {"AccessToken", "RequestToken", "DeleteToken"} & set(rows[0])
    assert f"digest of {made}" not in (tmp_path / "OauthToken.csv").read_text()
    logins = list(csv.DictReader(io.StringIO((tmp_path / "LoginHistory.csv").read_text())))
    assert len(logins) == 3
    assert logins[0]["Login Subtype"] == "OauthUsernamePassword"
    assert logins[0]["Login Time"] == "2026-11-03T12:00:00.000Z"


def test_after_a_migration_the_tokens_bear_the_external_client_apps_label(world: World) -> None:
    world.bring(app())
    authorized(world.house.units, world.org_id, world.admin.username, "3MVG9.Billing_key")
    world.migrated()
    with world.read() as unit:
        (row,) = export_tokens(unit, world.admin)
    assert row.app_name == "Billing"


@pytest.mark.parametrize("username", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_a_username_that_somebody_made_up_is_no_formula(username: str) -> None:
    at = datetime(2026, 11, 3, tzinfo=UTC) + timedelta(milliseconds=7)
    row = LoginRow(at=at, username=username, application='A, "B"\nC', status="Failed: authentication failure")
    (_, line) = login_history_file([row])
    (cells,) = csv.reader(io.StringIO(line.decode(), newline=""))
    assert cells[0] == f"'{username}"
    assert (cells[1], cells[5]) == ("2026-11-03T00:00:00.007Z", 'A, "B"\nC')
