"""Login History and the Setup Audit Trail."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from changeover.org.company import edit_org
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.permissions import Permission
from changeover.store import logins as store_logins
from changeover.web.pages.audit_trail import changes
from tests.web.conftest import ADMIN, Browser, Office, Page

_LOGINS = "/setup/login-history"
_AUDIT = "/setup/audit-trail"
_HEAD = "Username,Login Time,Source IP,Login Type,Status,Application,Login Subtype\n"


def csv(*rows: str) -> bytes:
    """Make a download of Setup."""
    return (_HEAD + "".join(f"{row}\n" for row in rows)).encode()


_SEEN = "int@acme.example,2026-11-03T14:05:00Z,203.0.113.7,Oauth2,Success,Billing,OauthUsernamePassword"
_OTHER = "bob@acme.example,2026-11-04T08:00:00Z,203.0.113.8,Oauth2,Success,Portal,OauthWebServer"


def send(browser: Browser, *files: tuple[str, bytes]) -> Page:
    """Import files as the page's form does."""
    browser.get(_LOGINS)
    sent: list[Any] = [("files", file) for file in files] or [("files", ("", b""))]
    return browser.post(f"{_LOGINS}/import", files=sent)


def rows(page: Page) -> list[str]:
    """Return the rows of a page's table."""
    return [" ".join(row.text_content().split()) for row in page.find("//tbody/tr")]


def test_setups_download_is_imported_once(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    assert "Confirm" not in rows(admin.get("/setup/app-manager"))[0]
    done = send(admin, ("LoginHistory.csv", csv(_SEEN, _OTHER)))
    assert done.location == _LOGINS
    page = admin.follow(done)
    assert "2 logins were read, 2 of them new." in page.main
    assert rows(page)[1] == (
        "3 Nov 2026, 14:05 UTC int@acme.example Billing Oauth2 OauthUsernamePassword Success 203.0.113.7"
    )
    assert "Confirm" in rows(admin.get("/setup/app-manager"))[0]
    again = admin.follow(send(admin, ("LoginHistory.csv", csv(_SEEN, _OTHER))))
    assert "2 logins were read, 0 of them new." in again.main
    assert len(rows(again)) == 2


def test_what_is_downloaded_can_be_imported_elsewhere(admin: Browser) -> None:
    send(admin, ("LoginHistory.csv", csv(_SEEN, _OTHER)))
    (link,) = admin.get(_LOGINS).links("Download as CSV")
    answer = admin.get(link)
    assert answer.headers["content-disposition"] == 'attachment; filename="LoginHistory.csv"'
    again = admin.follow(send(admin, ("again.csv", answer.response.content)))
    assert "2 logins were read, 0 of them new." in again.main


def test_logins_are_filtered_by_status(admin: Browser) -> None:
    failed = "bob@acme.example,2026-11-04T09:00:00Z,203.0.113.8,Oauth2,Failed: no,Portal,OauthWebServer"
    send(admin, ("LoginHistory.csv", csv(_SEEN, failed)))
    assert len(rows(admin.get(f"{_LOGINS}?status=failed"))) == 1
    assert "Success" in rows(admin.get(f"{_LOGINS}?status=success"))[0]
    assert len(rows(admin.get(f"{_LOGINS}?status=anything"))) == 2


def test_many_logins_are_said_to_be_more_than_are_counted(
    admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_logins, "COUNTED", 20)
    many = (_SEEN.replace("14:05", f"14:{minute:02}") for minute in range(30))
    send(admin, ("LoginHistory.csv", csv(*many)))
    page = admin.get(_LOGINS)
    assert "1 to 25 of more than 10,000" in page.main
    assert "Page 1 of" not in page.main
    (link,) = page.links("Next")
    assert "26 to 30 of 30" in admin.get(link).main


def test_several_files_of_all_kinds_are_imported_together(admin: Browser) -> None:
    record = {
        "LoginTime": "2026-11-05T10:00:00.000+0000",
        "Application": "Sync",
        "LoginSubType": "OauthRefreshToken",
    }
    answer = json.dumps({"done": True, "records": [record]}).encode()
    done = send(
        admin, ("one.csv", csv(_SEEN)), ("packed.csv.gz", gzip.compress(csv(_OTHER))), ("soql.json", answer)
    )
    page = admin.follow(done)
    assert "3 logins were read, 3 of them new." in page.main
    assert [row.split()[5] for row in rows(page)][1:] == ["bob@acme.example", "int@acme.example"]


def test_what_was_left_out_or_assumed_is_said(admin: Browser) -> None:
    broken = "x@acme.example,yesterday,,,Success,Billing,OauthWebServer"
    ambiguous = "y@acme.example,03/04/2026 10:00,,,Success,Billing,OauthWebServer"
    page = admin.follow(send(admin, ("LoginHistory.csv", csv(broken, ambiguous))))
    assert "1 login was read" in page.main
    assert "1 row left out" in page.main
    assert "no date tells whether day or month comes first" in page.main


@pytest.mark.parametrize(
    ("files", "status", "code"),
    [
        ([], 422, "E-UPLOAD-MISSING"),
        ([("apps.csv", b"Name,Label\nA,B\n")], 400, "E-LOGIN-HISTORY-UNREADABLE"),
        ([("LoginHistory.csv", csv(_SEEN)), ("apps.csv", b"Name\nA\n")], 400, "E-LOGIN-HISTORY-UNREADABLE"),
        ([("bomb.json", b"[" * 100_000)], 400, "E-LOGIN-HISTORY-UNREADABLE"),
        ([("cut.csv.gz", gzip.compress(csv(_SEEN))[:-20])], 400, "E-LOGIN-HISTORY-UNREADABLE"),
        ([("..", csv(_SEEN))], 422, "E-UPLOAD-MISSING"),
    ],
)
def test_files_that_are_none_are_refused_and_nothing_comes_in(
    admin: Browser, files: list[tuple[str, bytes]], status: int, code: str
) -> None:
    refused = send(admin, *files)
    assert (refused.status, code in refused.main) == (status, True)
    assert "No login is recorded" in admin.get(_LOGINS).main


def test_logins_are_searched_filtered_and_paged(admin: Browser) -> None:
    many = [
        f"u{n:02}@acme.example,2026-11-{n % 20 + 1:02}T10:00:00Z,,,Success,Sync,OauthRefreshToken"
        for n in range(30)
    ]
    send(admin, ("LoginHistory.csv", csv(_SEEN, _OTHER, *many)))
    first = admin.get(_LOGINS)
    assert "25 of 32" in first.main
    (link,) = first.links("Next")
    assert len(rows(admin.get(link))) == 7
    assert len(rows(admin.get(f"{_LOGINS}?q=BILL"))) == 1
    assert len(rows(admin.get(f"{_LOGINS}?q=u1"))) == 10
    assert len(rows(admin.get(f"{_LOGINS}?application=Portal"))) == 1
    filtered = admin.get(f"{_LOGINS}?sub_type=OauthRefreshToken&q=sync")
    assert "of 30" in filtered.main
    (link,) = filtered.links("Next")
    assert len(rows(admin.get(link))) == 5
    assert admin.get(f"{_LOGINS}?page=0").status == 200
    assert admin.get(f"{_LOGINS}?page=x").status == 400


def test_login_history_needs_its_permission(office: Office) -> None:
    viewer = office.signed_in(office.user("viewer@acme.example", [Permission.VIEW_SETUP]))
    refused = viewer.get(_LOGINS)
    assert (refused.status, "E-NOT-PERMITTED" in refused.main) == (403, True)
    posted = viewer.post(f"{_LOGINS}/import", files=[("files", ("a.csv", csv(_SEEN)))])
    assert (posted.status, "E-NOT-PERMITTED" in posted.main) == (403, True)
    permissions = [Permission.VIEW_SETUP, Permission.MONITOR_LOGIN_HISTORY]
    monitor = office.signed_in(office.user("monitor@acme.example", permissions))
    assert send(monitor, ("a.csv", csv(_SEEN))).status == 303


def test_the_audit_trail_shows_who_did_what_with_before_and_after(office: Office, admin: Browser) -> None:
    with office.house.units.unit() as unit:
        edit_org(unit, office.admin, {"name": "Acme Holding"}, seen_version=None)
    first = rows(admin.get(_AUDIT))[0]
    assert first.startswith("23 Nov 2026, 09:00 UTC " + ADMIN + " command line Changed Company Information")
    (row,) = admin.get(_AUDIT).find("//tbody/tr[1]")
    assert [one.text_content() for one in row.xpath(".//del")] == ["Acme Trading"]
    assert [one.text_content() for one in row.xpath(".//ins")] == ["Acme Holding"]


def test_of_lists_only_what_changed_is_shown(admin: Browser) -> None:
    path = "/setup/permission-sets/External_Client_App_Viewer/edit"
    admin.submit(path, {"permission": ["ViewSetup", "ManageUsers"]})
    (row,) = admin.get(_AUDIT).find("//tbody/tr[1]")
    assert [one.text_content() for one in row.xpath(".//del")] == ["ExternalClientAppViewer"]
    assert [one.text_content() for one in row.xpath(".//ins")] == ["ManageUsers"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, {"a": "1"}, [("a", None, "1")]),
        ({"a": "1"}, None, [("a", "1", None)]),
        ({"a": {"b": "1", "c": 2}}, {"a": {"b": "1", "c": 3}}, [("a/c", "2", "3")]),
        ({"a": ["x", "y"]}, {"a": ["y", "z"]}, [("a", "x", "z")]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, []),
        ({"a": True, "b": None}, {"a": False, "b": None}, [("a", "true", "false")]),
        ({}, {"a": [], "b": {}, "c": "\N{SNOWMAN}"}, [("b", None, "{}"), ("c", None, "\N{SNOWMAN}")]),
    ],
)
def test_what_changed(
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    told: list[tuple[str, str | None, str | None]],
) -> None:
    assert list(changes(before, after)) == told


def test_the_audit_trail_is_filtered(office: Office, admin: Browser) -> None:
    for name in ("Billing", "Portal"):
        office.connected_app(name)
    with office.house.units.unit() as unit:
        migrate(unit, office.admin, "Billing", Confirmation(local=True, no_username_password=True))
    assert len(rows(admin.get(f"{_AUDIT}?q=Billing"))) == 2
    (migrated,) = rows(admin.get(f"{_AUDIT}?event=connected-app:app:migrated"))
    assert "Billing" in migrated
    assert rows(admin.get(f"{_AUDIT}?actor=nobody@acme.example")) == ["No change is recorded that fits."]
    assert len(rows(admin.get(f"{_AUDIT}?actor={ADMIN}&event=connected-app:app:imported"))) == 2
    form = admin.get(f"{_AUDIT}?event=connected-app:app:migrated&q=Billing&actor={ADMIN}")
    (chosen,) = form.find("//select[@name='event']/option[@selected]")
    assert chosen.get("value") == "connected-app:app:migrated"
    assert [field.get("value") for field in form.find("//input[@name='q' or @name='actor']")][-2:] == [
        "Billing",
        ADMIN,
    ]


def test_the_audit_trail_needs_setup(office: Office) -> None:
    nobody = office.signed_in(office.user("nobody@acme.example", []))
    refused = nobody.get(_AUDIT)
    assert (refused.status, "E-NOT-PERMITTED" in refused.main) == (403, True)
