"""OauthToken answers and event log files: what they tell of an app, and what they cannot."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from changeover import errors
from changeover.migration.situation import UsageEvidence, Uses
from changeover.project.evidence import Evidence
from changeover.project.evidence_files import EvidenceKind, kind_of
from changeover.project.usage import QUERY_LIMIT


def _names(text: str) -> list[str]:
    return text.split(",")


LOGIN_EVENT = _names(
    "EVENT_TYPE,TIMESTAMP,REQUEST_ID,ORGANIZATION_ID,USER_ID,RUN_TIME,CPU_TIME,URI,SESSION_KEY,LOGIN_KEY,"
    "USER_TYPE,REQUEST_STATUS,DB_TOTAL_TIME,LOGIN_TYPE,BROWSER_TYPE,API_TYPE,API_VERSION,USER_NAME,"
    "TLS_PROTOCOL,CIPHER_SUITE,AUTHENTICATION_METHOD_REFERENCE,LOGIN_SUB_TYPE,TIMESTAMP_DERIVED,"
    "USER_ID_DERIVED,CLIENT_IP,URI_ID_DERIVED,LOGIN_STATUS,SOURCE_IP"
)
API_EVENT = _names(
    "EVENT_TYPE,TIMESTAMP,REQUEST_ID,ORGANIZATION_ID,USER_ID,API_FAMILY,API_VERSION,API_RESOURCE,CLIENT_NAME,"
    "HTTP_METHOD,CLIENT_IP,COUNTS_AGAINST_API_LIMIT,CONNECTED_APP_ID,REQUEST_STATUS,CONNECTED_APP_NAME,"
    "ENTITY_NAME,STATUS_CODE,TIMESTAMP_DERIVED,USER_NAME"
)
TOKEN = ["Id", "AppName", "AppMenuItemId", "CreatedDate", "LastUsedDate", "UseCount", "UserId"]


def table(headings: list[str], *rows: dict[str, str], **dialect: Any) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, headings, quoting=csv.QUOTE_ALL, **dialect)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def token(
    app: str = "Billing", last: str = "2026-11-01T10:00:00.000+0000", count: str = "7"
) -> dict[str, str]:
    return {"AppName": app, "LastUsedDate": last, "UseCount": count, "UserId": "005A", "Id": ""}


def login(
    sub_type: str = "OauthUsernamePassword", user: str = "int@example.com", **more: str
) -> dict[str, str]:
    made = {
        "EVENT_TYPE": "Login",
        "TIMESTAMP": "20261118054831.655",
        "USER_NAME": user,
        "LOGIN_TYPE": "i",
        "LOGIN_SUB_TYPE": sub_type,
        "TIMESTAMP_DERIVED": "2026-11-18T05:48:31.655Z",
        "LOGIN_STATUS": "LOGIN_NO_ERROR",
    }
    return {**made, **more}


def call(app: str = "Billing", at: str = "2026-11-19T12:00:00.000Z") -> dict[str, str]:
    return {"EVENT_TYPE": "ApiTotalUsage", "CONNECTED_APP_NAME": app, "TIMESTAMP_DERIVED": at}


TOKENS = table(TOKEN, token(), token(last="2026-11-03T10:00:00.000+0000", count="5"), token("Other"))
LOGINS = table(LOGIN_EVENT, login(), login(user="b@example.com"), login("OauthWebServer"), login(""))
CALLS = table(API_EVENT, call(), call(at="2026-11-20T12:00:00.000Z"), call("Other"), call(""))
HISTORY = "UserId,LoginTime,Application,LoginSubType\n005,2026-11-01T00:00:00Z,Billing,OauthWebServer\n"


def read(tmp_path: Path, *contents: str | bytes) -> Evidence:
    evidence = Evidence()
    for nth, content in enumerate(contents):
        file = tmp_path / f"evidence{nth}.csv"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        evidence.add(file)
    return evidence


def of(evidence: Evidence, label: str = "Billing") -> UsageEvidence:
    assert evidence.usage is not None
    found = evidence.usage.evidence(label)
    assert found is not None
    return found


def at(month: int, day: int, hour: int = 12, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


def records(text: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text)))


def soql(text: str) -> str:
    return json.dumps({"status": 0, "result": {"records": records(text), "totalSize": 3, "done": True}})


def reversed_columns(text: str) -> str:
    rows = records(text)
    return table(list(reversed(rows[0])), *rows)


DRESSES: dict[str, Callable[[str], str | bytes]] = {
    "as it is": lambda text: text,
    "gzip": lambda text: gzip.compress(text.encode()),
    "UTF-16": lambda text: text.encode("utf-16"),
    "semicolons": lambda text: table(list(records(text)[0]), *records(text), delimiter=";"),
    "columns the other way round": reversed_columns,
    "JSON of sf": soql,
    "JSON list": lambda text: json.dumps(records(text)),
}


@pytest.mark.parametrize("dress", DRESSES)
def test_each_kind_is_told_by_its_headings_and_read_alike(tmp_path: Path, dress: str) -> None:
    put_on = DRESSES[dress]
    evidence = read(tmp_path, *(put_on(text) for text in (TOKENS, LOGINS, CALLS, HISTORY)))
    assert evidence.errors == ()
    found = of(evidence)
    assert found.tokens is not None
    assert (found.tokens.rows, found.tokens.tokens) == (3, 2)
    assert found.tokens.uses == Uses(count=12, last=at(11, 3, 10))
    assert found.calls is not None
    assert found.calls.uses == Uses(count=2, last=at(11, 20))
    assert (found.calls.window.start, found.calls.window.end) == (at(11, 19), at(11, 20))
    assert found.login_events is not None
    assert (found.login_events.logins, found.login_events.without_sub_type) == (4, 1)
    flow = found.login_events.username_password
    assert flow is not None
    assert (flow.count, set(flow.users)) == (2, {"int@example.com", "b@example.com"})
    assert evidence.logins is not None
    assert evidence.logins.rows == 1
    assert evidence.summary() == (
        "Login History: 1 logins from 2026-11-01 to 2026-11-01 (UTC).",
        "OauthToken: 3 tokens.",
        "API calls of the event log: 4 from 2026-11-19 to 2026-11-20 (UTC).",
        "Logins of the event log: 4 from 2026-11-18 to 2026-11-18 (UTC).",
    )


KINDS = [
    (HISTORY, EvidenceKind.LOGIN_HISTORY),
    (TOKENS, EvidenceKind.OAUTH_TOKENS),
    ("AppName,LastUsedDate\nBilling,\n", EvidenceKind.OAUTH_TOKENS),
    ("AppName,LastUsedDate\n", EvidenceKind.OAUTH_TOKENS),
    (LOGINS, EvidenceKind.LOGIN_EVENTS),
    ("LOGIN_STATUS,TIMESTAMP,LOGIN_SUB_TYPE\n", EvidenceKind.LOGIN_EVENTS),
    (CALLS, EvidenceKind.API_EVENTS),
    ("CONNECTED_APP_NAME,TIMESTAMP\n", EvidenceKind.API_EVENTS),
    ('{"records": []}', None),
]


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_a_kind_needs_few_headings(tmp_path: Path, text: str, kind: EvidenceKind | None) -> None:
    file = tmp_path / "file"
    file.write_text(text, encoding="utf-8")
    assert kind_of(file) is kind


UNKNOWN = [
    ("Name,Amount\nBilling,7\n", "those of no kind"),
    ("", "those of no kind"),
    ("AppName,UserId\nBilling,005\n", "no column LastUsedDate"),
    (
        "TIMESTAMP_DERIVED,LOGIN_STATUS,USER_NAME\n2026-11-18T05:48:31.655Z,LOGIN_NO_ERROR,x\n",
        "LOGIN_SUB_TYPE",
    ),
    ('{"records": [{"AppName": ', "broken"),
    ('{"error": "x"}', "no list of records"),
    ("x" * 2**20, "characters"),
]


@pytest.mark.parametrize(("text", "says"), UNKNOWN)
def test_another_file_is_refused_with_what_is_missing(tmp_path: Path, text: str, says: str) -> None:
    (error,) = read(tmp_path, text).errors
    assert error.kind is errors.EVIDENCE_UNKNOWN
    assert says in str(error)


BROKEN = [
    (
        table(TOKEN, token(), token(last="soon"), token(count="many")),
        3,
        "the date 'soon' cannot be read; 2 rows",
    ),
    (table(TOKEN, token()) + 'x"y""\n', None, ""),
    (table(TOKEN, token()) + '"Other,2026-11-01\nBilling,2026-11-01\n', 4, "the row is broken; 1 row"),
    (table(TOKEN, token()) + '"Confidential, do not hand on"\n', None, ""),
    (table(TOKEN, token()) + "a,b\n", 3, "the row is broken; 1 row left out"),
    (
        table(LOGIN_EVENT, login(TIMESTAMP_DERIVED="", TIMESTAMP="x"), login()),
        2,
        "the time '' cannot be read",
    ),
    (table(API_EVENT, call(at="20261332000000.000"), call()), 2, "cannot be read; 1 row left out"),
]


@pytest.mark.parametrize(("text", "line", "says"), BROKEN)
def test_broken_rows_are_named_and_the_others_count(
    tmp_path: Path, text: str, line: int | None, says: str
) -> None:
    evidence = read(tmp_path, text)
    if line is None:
        assert evidence.errors == ()
    else:
        (error,) = evidence.errors
        assert error.kind is errors.EVIDENCE_ROWS
        assert error.line == line
        assert says in str(error)
    found = of(evidence)
    counted = [
        found.tokens.tokens if found.tokens else 0,
        found.calls.uses.count if found.calls and found.calls.uses else 0,
        found.login_events.logins if found.login_events else 0,
    ]
    assert sum(counted) == 1


def test_a_token_that_was_never_used_is_no_use(tmp_path: Path) -> None:
    found = of(read(tmp_path, table(TOKEN, token(last="", count="0")))).tokens
    assert found is not None
    assert (found.tokens, found.uses) == (1, None)


def test_an_answer_at_the_limit_of_a_query_says_that_more_may_be_missing(tmp_path: Path) -> None:
    rows = "AppName,LastUsedDate\n" + "Other,2026-11-01T10:00:00Z\n" * QUERY_LIMIT
    evidence = read(tmp_path, rows)
    found = of(evidence).tokens
    assert found is not None
    assert found.cut
    assert any("more may be missing" in note for note in evidence.notes)
    assert "slice it by CreatedDate" in evidence.summary()[0]


def test_tokens_in_the_file_are_not_repeated_and_the_reader_is_warned(tmp_path: Path) -> None:
    secret = "DELETE.TOKEN.4711"
    text = table([*TOKEN, "DeleteToken"], {**token(), "DeleteToken": secret})
    evidence = read(tmp_path, text)
    assert any("it holds tokens" in note for note in evidence.notes)
    assert secret not in repr((evidence.notes, evidence.errors, of(evidence)))


def test_event_times_without_the_derived_column_are_gmt(tmp_path: Path) -> None:
    text = "LOGIN_STATUS,TIMESTAMP,LOGIN_SUB_TYPE\nLOGIN_NO_ERROR,20261118054831.655,OauthWebServer\n"
    found = of(read(tmp_path, text)).login_events
    assert found is not None
    assert found.window.start == at(11, 18, 5, 48, 31)


def test_refused_logins_of_the_event_log_are_no_use(tmp_path: Path) -> None:
    found = of(
        read(tmp_path, table(LOGIN_EVENT, login(LOGIN_STATUS="LOGIN_ERROR_INVALID_PASSWORD")))
    ).login_events
    assert found is not None
    assert found.username_password is None


def test_the_users_who_logged_in_last_are_named(tmp_path: Path) -> None:
    days = [
        login(user=f"u{n}@example.com", TIMESTAMP_DERIVED=f"2026-10-01T00:{n // 60:02}:{n % 60:02}Z")
        for n in range(90)
    ]
    found = of(read(tmp_path, table(LOGIN_EVENT, *days))).login_events
    assert found is not None
    assert found.username_password is not None
    assert found.username_password.count == 90
    assert found.username_password.users == tuple(f"u{n}@example.com" for n in (89, 88, 87, 86, 85))


def test_an_empty_answer_tells_nothing_and_says_so(tmp_path: Path) -> None:
    evidence = read(tmp_path, '{"records": []}')
    assert (evidence.logins, evidence.usage, evidence.errors) == (None, None, ())
    assert "no record stands in it" in evidence.notes[0]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    evidence = Evidence()
    evidence.add(tmp_path / "nowhere.csv")
    evidence.add(tmp_path)
    assert [error.kind for error in evidence.errors] == [errors.PATH_MISSING, errors.PATH_MISSING]
