"""What a rehearsal says of apps of every kind, at the client's side of real HTTP."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from changeover.apps.connected_app import ConnectedApp
from changeover.oauth.counting import LOGINS
from changeover.org.model.orgs import Edition
from changeover.org.model.people import User
from changeover.rehearse.population import KeyPair
from changeover.rehearse.source import Blocked, People, SourceApp
from changeover.shapes.rehearsals import LoginVerdict
from changeover.wiring import rehearsal_copy
from tests.org.world import app
from tests.rehearse.listed import (
    AFTER_THE_DEVICE_LIMIT,
    AFTER_USERNAME_PASSWORD,
    BEFORE_THE_IDLE_LIMIT,
    errors,
    nightly,
    partner,
    portal,
    rehearsed,
    rows,
    source,
)

WORKS = ("", "", "")


def device(callback_url: str) -> ConnectedApp:
    return app("Kiosk", oauth={"is_device_flow_enabled": True, "callback_url": callback_url})


def test_what_a_portal_does_goes_on() -> None:
    (one,) = rehearsed(portal()).values()
    found = rows(one)
    assert list(found) == [
        "refresh-token",
        "refresh-token-idle",
        "approval",
        "web-server",
        "web-server-pkce",
    ]
    for flow in ("refresh-token", "approval", "web-server", "web-server-pkce"):
        assert (found[flow].verdict, errors(found[flow])) == (LoginVerdict.SAME, WORKS), flow
        assert found[flow].reason == ""
    before = found["web-server"].before
    assert before is not None
    assert {"scope api", "an ID token", "a refresh token"} <= before.gained
    assert any(each.startswith("attribute mail=") for each in before.gained)
    # Since 4 November 2026, whatever the app's policy says: no doing of the migration.
    idle = found["refresh-token-idle"]
    assert (idle.verdict, errors(idle)) == (LoginVerdict.SAME, ("invalid_grant",) * 3)
    assert "30 days" in idle.reason
    assert "Its consumer secret was generated for the copy." in one.notes


def test_what_runs_at_night_goes_on() -> None:
    (one,) = rehearsed(nightly(KeyPair().certificate)).values()
    found = rows(one)
    for flow in ("jwt-bearer", "client-credentials", "web-server-pkce"):
        assert (found[flow].verdict, errors(found[flow])) == (LoginVerdict.SAME, WORKS), flow
    assert "web-server" not in found, "PKCE is required: no client goes without"
    said = " ".join(one.notes)
    assert "certificate was replaced by a generated one" in said
    assert "night@example.com was made for the copy" in said
    assert "Night_Shift" in said
    assert "203.0.113.16" in said


def test_username_and_password_stop_with_the_migration_and_come_back() -> None:
    (one,) = rehearsed(source(app(), "OauthUsernamePassword")).values()
    row = rows(one)["username-password"]
    assert (row.verdict, errors(row)) == (LoginVerdict.BREAKS, ("", "invalid_grant", ""))
    assert row.reason == "An external client app has no username-password flow."
    assert "client credentials" in row.remedy


def test_username_and_password_are_rehearsed_only_where_they_were_seen() -> None:
    (one,) = rehearsed(app()).values()
    assert "username-password" not in rows(one)


@pytest.mark.parametrize(
    ("org", "at", "reason"),
    [
        ({"username_password_blocked": True}, None, "The username-password flow is blocked in the org."),
        ({}, AFTER_USERNAME_PASSWORD, "Salesforce has ended the username-password flow."),
    ],
)
def test_username_and_password_that_fail_already_are_the_same(
    org: dict[str, bool], at: object, reason: str
) -> None:
    more = {"at": at} if at else {}
    (one,) = rehearsed(source(app(), "OauthUsernamePassword"), org=org, **more).values()  # type: ignore[arg-type]
    row = rows(one)["username-password"]
    assert row.verdict is LoginVerdict.SAME
    assert row.before is not None
    assert row.before.description.startswith("authentication failure")
    assert row.reason == reason


def test_the_user_agent_flow_stops_with_the_migration() -> None:
    (one,) = rehearsed(source(app(), "OauthUserAgent")).values()
    row = rows(one)["user-agent"]
    assert row.verdict is LoginVerdict.BREAKS
    assert errors(row)[0] == errors(row)[2] == ""
    assert row.reason == "An external client app has no user-agent flow."


def test_a_device_before_its_date_and_beyond_localhost_after_it() -> None:
    kiosk = device("https://kiosk.example.com/callback")
    (one,) = rehearsed(kiosk).values()
    assert errors(rows(one)["device"]) == WORKS
    (one,) = rehearsed(kiosk, at=AFTER_THE_DEVICE_LIMIT).values()
    row = rows(one)["device"]
    assert (row.verdict, errors(row)) == (LoginVerdict.SAME, ("invalid_grant",) * 3)
    assert "limits the device flow" in row.reason


def test_a_device_at_localhost_works_only_after_the_migration_once_the_date_is_past() -> None:
    (one,) = rehearsed(device("http://localhost:8400/callback"), at=AFTER_THE_DEVICE_LIMIT).values()
    row = rows(one)["device"]
    assert (row.verdict, errors(row)) == (LoginVerdict.ONLY_AFTER, ("invalid_grant", "", "invalid_grant"))


def test_saml_is_listed_and_not_rehearsed() -> None:
    (one,) = rehearsed(partner()).values()
    row = rows(one)["saml"]
    assert (row.verdict, row.before, row.after, row.after_revert) == (
        LoginVerdict.NOT_REHEARSED,
        None,
        None,
        None,
    )
    assert "SAML is not rehearsed" in row.reason
    assert rows(one)["web-server-pkce"].verdict is LoginVerdict.SAME


def test_an_app_that_cannot_be_migrated_says_why_at_each_flow() -> None:
    blocked = Blocked(reason="It is from a package.", remedy="Ask its publisher.")
    given = SourceApp(app=app(), path="x", blocked=blocked)
    (one,) = rehearsed(given).values()
    assert {(row.verdict, row.reason, row.remedy) for row in one.rows} == {
        (LoginVerdict.NOT_REHEARSED, blocked.reason, blocked.remedy)
    }


def test_what_the_copy_itself_refuses_to_migrate_says_why() -> None:
    (one,) = rehearsed(app(), org={"edition": Edition.ENTERPRISE}).values()
    assert {row.verdict for row in one.rows} == {LoginVerdict.NOT_REHEARSED}
    assert "Enterprise" in one.rows[0].reason


def test_an_app_whose_key_another_has_is_not_rehearsed_and_the_next_one_is() -> None:
    taken = app("Again", oauth={"consumer_key": "3MVG9.Billing_key"})
    found = rehearsed(app(), taken, app("Third"))
    assert [row.verdict for row in found["Again"].rows] == [LoginVerdict.NOT_REHEARSED]
    assert "consumer key" in found["Again"].rows[0].reason
    assert rows(found["Third"])["web-server"].verdict is LoginVerdict.SAME


def test_an_app_without_a_login_has_no_rows() -> None:
    (one,) = rehearsed(app(oauth_config=None)).values()
    assert one.rows == ()


def test_a_user_of_the_org_who_may_use_the_app_is_taken() -> None:
    kim = User(
        user_id="005000000000001AAA",
        org_id="",
        username="kim@example.com",
        name="Kim",
        email="kim@example.com",
        profile="Standard User",
        permission_sets=(),
    )
    (one,) = rehearsed(portal(), people=People(users=(kim,))).values()
    assert not any("was made for the copy" in note for note in one.notes)
    before = rows(one)["web-server"].before
    refreshed = rows(one)["refresh-token"].before
    assert before is not None
    assert refreshed is not None
    assert "attribute mail=kim@example.com" in refreshed.gained


def test_a_refresh_token_that_lies_idle_while_the_limit_is_not_in_force() -> None:
    (one,) = rehearsed(app(), at=BEFORE_THE_IDLE_LIMIT).values()
    row = rows(one)["refresh-token-idle"]
    assert errors(row) == WORKS
    assert "D-22" in row.depends_on


def test_no_callback_url_is_ever_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser of a rehearsal stops where the copy ends, however the way back is written."""
    asked: list[str] = []
    send = requests.Session.send

    def heard(self: requests.Session, request: requests.PreparedRequest, **given: Any) -> requests.Response:
        asked.append(str(request.url))
        return send(self, request, **given)

    monkeypatch.setattr(requests.Session, "send", heard)
    odd = app("Odd", oauth={"callback_url": "https://münchen.example/zurück hierher?a=1", "scopes": ("Api",)})
    scheme = app("Scheme", oauth={"callback_url": "com.example.app://oauth/callback", "scopes": ("Api",)})
    for one in rehearsed(odd, scheme).values():
        for flow in ("approval", "web-server", "web-server-pkce"):
            assert errors(rows(one)[flow]) == WORKS, (one.api_name, rows(one)[flow])
    assert {urlsplit(url).hostname for url in asked} == {"127.0.0.1"}
    assert len({urlsplit(url).port for url in asked}) == 1


def test_logins_of_a_rehearsal_are_none_of_the_servers() -> None:
    def counted() -> dict[tuple[tuple[str, str], ...], float]:
        (metric,) = LOGINS.collect()
        return {tuple(one.labels.items()): one.value for one in metric.samples}

    before = counted()
    (one,) = rehearsed(source(app(), "OauthUsernamePassword")).values()
    assert rows(one)["username-password"].verdict is LoginVerdict.BREAKS, "some were refused, and some not"
    assert counted() == before


def test_an_app_that_lets_nobody_in_is_told_from_one_that_is_blocked() -> None:
    """Both are `OAUTH_APP_BLOCKED` at the authorization endpoint; a comma makes two profiles of one there."""
    comma = app("Comma", oauth={"is_admin_approved": True}, profile_name=("Sales, EMEA",))
    nobody = app("Nobody", oauth={"is_admin_approved": True})
    blocked = replace(source(app("Blocked", oauth={"is_admin_approved": True})), is_blocked=True)
    found = {name: rows(one)["web-server-pkce"] for name, one in rehearsed(comma, nobody, blocked).items()}
    assert {row.before.error for name, row in found.items() if row.before and name != "Comma"} == {
        "OAUTH_APP_BLOCKED"
    }
    assert found["Comma"].verdict is LoginVerdict.BREAKS
    for name in ("Comma", "Nobody"):
        assert "no profile or permission set lets this one in" in found[name].reason
        assert "access to the app" in found[name].remedy
    assert found["Blocked"].reason == "The app is blocked, or switched off."


def test_a_key_that_a_file_does_not_show_is_made_for_the_copy_and_said() -> None:
    (one,) = rehearsed(app(oauth={"consumer_key": None})).values()
    assert "Its consumer key and secret were generated for the copy." in one.notes


def test_nothing_is_left_of_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with rehearsal_copy() as copy:
        (folder,) = tmp_path.iterdir()
        assert {path.name for path in folder.iterdir()} >= {"copy.db", "copy.db.key"}
        assert folder.stat().st_mode & 0o077 == 0
        assert copy.address.startswith("http://127.0.0.1:")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RuntimeError, match="boom"), rehearsal_copy():
        raise RuntimeError("boom")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_has_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "CHANGEOVER_KEY", "no key at all")
    with rehearsal_copy() as copy:
        assert copy.address
