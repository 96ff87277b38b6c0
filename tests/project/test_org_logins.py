"""Logins of a file as an org's Login History holds them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from changeover.errors import LOGIN_HISTORY_ROWS, LOGIN_HISTORY_UNREADABLE
from changeover.metadata.file_error import FileError
from changeover.org.model.events import LoginRow
from changeover.project.org_logins import OrgLogins

_SETUP = (
    '"Username","Login Time","Source IP","Login Type","Status","Application","Login URL","Login Subtype"\n'
    '"int@example.com","11/3/2026, 9:05:00 AM PST","203.0.113.7","Remote Access 2.0","Success","Billing",'
    '"login.salesforce.com","OAuth Username-Password"\n'
    '"eve@example.com","11/23/2026, 1:00:00 PM PST","203.0.113.9","Remote Access 2.0","Expired","Billing",'
    '"login.salesforce.com","OAuth Refresh Token"\n'
)


def test_every_column_of_setups_download_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "LoginHistory.csv"
    file.write_text(_SETUP, encoding="utf-8")
    logins = OrgLogins(file)
    first, second = logins
    assert first == LoginRow(
        at=datetime(2026, 11, 3, 17, 5, tzinfo=UTC),
        username="int@example.com",
        application="Billing",
        login_type="Remote Access 2.0",
        sub_type="OauthUsernamePassword",
        status="Success",
        source_ip="203.0.113.7",
        login_url="login.salesforce.com",
    )
    assert second.status == "Expired"
    assert logins.errors == ()


def test_soql_json_is_read_and_what_is_missing_is_empty(tmp_path: Path) -> None:
    record = {
        "attributes": {"type": "LoginHistory"},
        "LoginTime": "2026-11-03T17:05:00.000+0000",
        "Application": "Billing",
        "LoginSubType": "OauthUsernamePassword",
        "UserId": "005000000000001AAA",
        "Status": None,
    }
    file = tmp_path / "rows.json"
    file.write_text(json.dumps({"totalSize": 1, "done": True, "records": [record]}), encoding="utf-8")
    (row,) = OrgLogins(file)
    assert (row.at, row.username) == (datetime(2026, 11, 3, 17, 5, tzinfo=UTC), "005000000000001AAA")
    assert (row.status, row.source_ip, row.login_url) == ("", "", "")


def test_rows_that_cannot_be_read_are_left_out_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "LoginHistory.csv"
    broken = (
        _SETUP
        + '"x@example.com","yesterday","","","","Billing","","OauthWebServer"\n"cut@example.com","11/3\n'
    )
    file.write_text(broken, encoding="utf-8")
    logins = OrgLogins(file)
    assert len(list(logins)) == 2
    (error,) = logins.errors
    assert (error.kind, error.line) == (LOGIN_HISTORY_ROWS, 4)
    assert "2 rows left out" in str(error)


def test_what_is_no_login_history_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "apps.csv"
    file.write_text("Name,Label\nA,B\n", encoding="utf-8")
    with pytest.raises(FileError) as refused:
        list(OrgLogins(file))
    assert refused.value.kind is LOGIN_HISTORY_UNREADABLE
