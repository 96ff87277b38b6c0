"""Login History from Setup and from SOQL: what it tells of an app, and what it cannot."""

from __future__ import annotations

import csv
import gzip
import io
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from changeover import errors
from changeover.migration.situation import LoginEvidence
from changeover.project import login_rows
from changeover.project.login_history import LoginHistory, sub_type_of

SETUP_HEADINGS = [
    "Username",
    "Login Time",
    "Source IP",
    "Location",
    "Login Type",
    "Status",
    "Browser",
    "Platform",
    "Application",
    "Client Version",
    "API Type",
    "API Version",
    "Login URL",
    "TLS Protocol",
    "TLS Cipher Suite",
    "Country",
    "Login Subtype",
]


def setup_row(
    user: str,
    at: str,
    application: str = "Billing",
    sub_type: str = "OAuth Username-Password",
    status: str = "Success",
) -> list[str]:
    return [
        *(user, at, "198.18.0.7", "Berlin", "Remote Access 2.0", status, "Unknown", "Unknown", application),
        *("N/A", "N/A", "N/A", "login.salesforce.com", "TLS 1.3", "X", "DE", sub_type),
    ]


def setup_csv(*rows: list[str]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([SETUP_HEADINGS, *rows])
    return out.getvalue()


def record(user: str, at: str, application: str | None = "Billing", **more: Any) -> dict[str, Any]:
    return {
        "attributes": {"type": "LoginHistory", "url": "/services/data/v67.0/sobjects/LoginHistory/0Ya"},
        "UserId": user,
        "LoginTime": at,
        "Application": application,
        "LoginSubType": "OauthUsernamePassword",
        "Status": "Success",
        **more,
    }


def history(tmp_path: Path, *contents: str | bytes, name: str = "logins") -> LoginHistory:
    logins = LoginHistory()
    for nth, content in enumerate(contents):
        file = tmp_path / f"{name}{nth}"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        logins.add(file)
    return logins


def evidence(logins: LoginHistory, label: str = "Billing") -> LoginEvidence:
    found = logins.evidence(label)
    assert found is not None
    return found


ROWS = (
    setup_row("int@example.com", "11/3/2026, 8:15:00 AM PST"),
    setup_row("batch@example.com", "10/20/2026, 8:15:00 AM PDT"),
    setup_row("int@example.com", "10/1/2026, 8:15:00 AM PDT"),
    setup_row("ann@example.com", "11/20/2026, 8:15:00 AM PST", sub_type="OAuth Web Server"),
    setup_row("bob@example.com", "11/22/2026, 8:15:00 AM PST", application="Browser", sub_type=""),
    setup_row("eve@example.com", "5/30/2026, 8:15:00 AM PDT", application="Other"),
)


def test_setups_download_is_read(tmp_path: Path) -> None:
    logins = history(tmp_path, setup_csv(*ROWS))
    found = evidence(logins)
    password, web_server = found.flows
    assert password.sub_type == "OauthUsernamePassword"
    assert password.count == 3
    assert password.last == datetime(2026, 11, 3, 16, 15, tzinfo=UTC)
    assert password.users == ("int@example.com", "batch@example.com")
    assert (web_server.sub_type, web_server.count) == ("OauthWebServer", 1)
    assert found.window_start == datetime(2026, 5, 30, 15, 15, tzinfo=UTC)
    assert found.window_end == datetime(2026, 11, 22, 16, 15, tzinfo=UTC)
    assert found.refused == ()
    assert (logins.rows, logins.errors, logins.notes) == (6, [], [])
    assert evidence(logins, "Nobody").flows == ()


@pytest.mark.parametrize(
    "dress",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: gzip.compress(text.encode()),
        lambda text: text.replace("\r\n", "\n").encode(),
        lambda text: text.replace('"', "").replace("6, 8", "6 8").encode(),
        lambda text: text.replace('","', '";"').encode(),
        lambda text: text.replace('","', '"\t"').encode(),
        lambda text: (text + "\r\n\r\nCopyright (c) 2026 salesforce.com\r\n").encode(),
        lambda text: (
            text.replace("Login Subtype", "LOGIN_SUB_TYPE").replace("Login Time", "loginTime").encode()
        ),
    ],
    ids=["bom", "utf16", "gzip", "lf", "unquoted", "semicolons", "tabs", "footer", "headings"],
)
def test_in_whatever_dress(tmp_path: Path, dress: Any) -> None:
    logins = history(tmp_path, dress(setup_csv(*ROWS)))
    assert evidence(logins) == evidence(history(tmp_path, setup_csv(*ROWS), name="plain"))
    assert (logins.errors, logins.notes) == ([], [])


RECORDS = [
    record("005A", "2026-11-03T16:15:00.000+0000"),
    record("005B", "2026-10-20T15:15:00.000+0000"),
    record("005A", "2026-05-30T15:15:00.000+0000"),
    record("005C", "2026-11-22T16:15:00.000+0000", None, LoginSubType=None, LoginType="Application"),
]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(
            {"status": 0, "result": {"records": RECORDS, "totalSize": 4, "done": True}, "warnings": []}
        ),
        json.dumps({"totalSize": 4, "done": True, "records": RECORDS}, indent=2),
        json.dumps(RECORDS),
        "\ufeff" + json.dumps({"records": RECORDS}),
        json.dumps({"records": RECORDS}).encode("utf-16"),
        "UserId,LoginTime,Application,LoginSubType\n"
        + "".join(
            f"{one['UserId']},{one['LoginTime']},{one['Application'] or ''},{one['LoginSubType'] or ''}\n"
            for one in RECORDS
        ),
    ],
    ids=["sf", "rest", "list", "bom", "utf16", "csv"],
)
def test_answers_of_soql_are_read(tmp_path: Path, content: str | bytes) -> None:
    logins = history(tmp_path, content)
    found = evidence(logins)
    (password,) = found.flows
    assert (password.sub_type, password.count) == ("OauthUsernamePassword", 3)
    assert password.users == ("005A", "005B")
    assert found.window_end == datetime(2026, 11, 22, 16, 15, tzinfo=UTC)
    assert (logins.rows, logins.errors, logins.notes) == (4, [], [])


def test_an_answer_that_is_not_complete_is_said(tmp_path: Path) -> None:
    logins = history(tmp_path, json.dumps({"totalSize": 9000, "done": False, "records": RECORDS}))
    assert logins.notes == ["logins0: the query's answer is not complete (done is false)."]


def test_refused_logins_are_kept_apart(tmp_path: Path) -> None:
    refused = setup_row(
        "int@example.com", "11/5/2026, 8:15:00 AM PST", status="Username-Password Flow Disabled"
    )
    found = evidence(history(tmp_path, setup_csv(*ROWS, refused)))
    assert found.flows[0].count == 3
    assert [(use.sub_type, use.count) for use in found.refused] == [("OauthUsernamePassword", 1)]


def test_the_label_must_be_the_same(tmp_path: Path) -> None:
    logins = history(
        tmp_path, setup_csv(setup_row("a", "2026-11-03 08:00 UTC", application=" Bill, \u00dc\nb "))
    )
    assert evidence(logins, "Bill, \u00dc\nb").flows
    assert not evidence(logins, "bill, \u00dc\nb").flows
    assert not evidence(logins, "").flows


def test_only_the_labels_asked_for_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "logins.csv"
    file.write_text(setup_csv(*ROWS))
    logins = LoginHistory()
    logins.add(file, {"Other"})
    assert evidence(logins, "Other").flows
    assert not evidence(logins).flows
    assert logins.rows == 6


def test_the_five_who_logged_in_last_are_named(tmp_path: Path) -> None:
    rows = [
        setup_row(f"user{nth}@example.com", f"2026-01-{nth % 28 + 1:02} {nth % 24:02}:00 UTC")
        for nth in range(200)
    ]
    rows.append(setup_row("first@example.com", "2026-02-01 00:00 UTC"))
    (password,) = evidence(history(tmp_path, setup_csv(*rows))).flows
    assert password.count == 201
    by_time = sorted(rows, key=lambda row: row[1], reverse=True)
    assert len(password.users) == 5
    assert password.users[0] == "first@example.com"
    times = {row[0]: row[1] for row in rows}
    assert [times[user] for user in password.users] == [row[1] for row in by_time[:5]]


def test_several_files_are_one_history_and_their_overlap_is_said(tmp_path: Path) -> None:
    early = setup_csv(setup_row("a", "2026-01-01 00:00 UTC"), setup_row("a", "2026-02-01 00:00 UTC"))
    late = setup_csv(setup_row("a", "2026-03-01 00:00 UTC"), setup_row("b", "2026-04-01 00:00 UTC"))
    apart = history(tmp_path, early, late)
    assert evidence(apart).flows[0].count == 4
    assert evidence(apart).window_start == datetime(2026, 1, 1, tzinfo=UTC)
    assert evidence(apart).window_end == datetime(2026, 4, 1, tzinfo=UTC)
    assert apart.overlaps() == ()
    twice = history(tmp_path, early, early)
    assert len(twice.overlaps()) == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n\n",
        "just some text\n",
        "Username,Login Time,Application\na,2026-01-01,Billing\n",
        "Benutzername,Anmeldezeit,Anwendung\na,2026-01-01,Billing\n",
        "{}",
        "[",
        '{"records": [{"LoginTime": ',
        '{"name": "INVALID_FIELD", "message": "No such column", "exitCode": 1}',
        json.dumps({"records": [{"LoginTime": "2026-01-01", "Application": "Billing"}]}),
        "[" * 100_000,
        '{"a":' * 100_000,
        b"\x1f\x8b\x08\x00broken",
        gzip.compress(b"Username,Login Time\n" * 1000, mtime=0)[:-20],
        b"\xff\xfe\x00",
        "x" * (login_rows.MAX_LINE + 1),
        "UserId,LoginTime,Application,LoginSubType\n" + "x," * login_rows.MAX_LINE,
    ],
)
def test_what_is_no_login_history_is_one_error(tmp_path: Path, content: str | bytes) -> None:
    started = time.process_time()
    logins = history(tmp_path, content)
    (error,) = logins.errors
    assert error.kind is errors.LOGIN_HISTORY_UNREADABLE
    assert error.path == "logins0"
    assert logins.evidence("Billing") is None
    assert time.process_time() - started < 5


def test_a_missing_file_is_one_error(tmp_path: Path) -> None:
    logins = LoginHistory()
    logins.add(tmp_path / "none.csv")
    logins.add(tmp_path)
    assert [error.kind for error in logins.errors] == [errors.PATH_MISSING, errors.PATH_MISSING]


def test_a_history_without_rows_is_no_evidence(tmp_path: Path) -> None:
    for content in (setup_csv(), json.dumps({"records": []})):
        logins = history(tmp_path, content)
        assert logins.evidence("Billing") is None
        assert logins.errors == []
        assert logins.notes == ["logins0: no login stands in it."]


def test_rows_that_cannot_be_read_are_counted_and_the_others_are_read(tmp_path: Path) -> None:
    content = setup_csv(*ROWS[:2], setup_row("x", "tomorrow"), *ROWS[2:]) + '"short","row"\r\n'
    logins = history(tmp_path, content)
    assert evidence(logins).flows[0].count == 3
    (error,) = logins.errors
    assert error.kind is errors.LOGIN_HISTORY_ROWS
    assert error.line == 4
    assert "'tomorrow'" in error.message
    assert "2 rows left out" in error.message


def test_a_huge_cell_costs_its_row_only(tmp_path: Path) -> None:
    content = setup_csv(ROWS[0], setup_row("x" * 500_000, "11/3/2026, 8:15:00 AM PST"), ROWS[1])
    logins = history(tmp_path, content)
    assert evidence(logins).flows[0].count == 2
    assert logins.errors[0].line == 3


def test_a_quote_that_is_never_closed_is_said(tmp_path: Path) -> None:
    rows = setup_csv(*ROWS * 400)
    content = rows.replace('"int@example.com"', '"int@example.com', 1)
    logins = history(tmp_path, content)
    assert logins.errors[0].kind is errors.LOGIN_HISTORY_ROWS
    assert evidence(logins).flows[0].count > 600


def test_a_history_is_read_as_a_stream(tmp_path: Path) -> None:
    import tracemalloc  # noqa: PLC0415

    file = tmp_path / "logins.csv"
    rows = setup_csv(*ROWS)
    heading, _, body = rows.partition("\r\n")
    file.write_text(heading + "\r\n" + body * 2_000, newline="")
    tracemalloc.start()
    try:
        logins = LoginHistory()
        logins.add(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert logins.rows == 12_000
    assert peak < 1_500_000 < file.stat().st_size


def test_labels_and_values_of_sub_types_are_the_same() -> None:
    assert sub_type_of("OAuth Username-Password") == "OauthUsernamePassword"
    assert sub_type_of("OauthUsernamePassword") == "OauthUsernamePassword"
    assert sub_type_of("OAuth Refresh Token") == "OauthRefreshToken"
    assert sub_type_of("Something New") == "Something New"
