"""Which kind of evidence a file is, told by its headings; and its rows.

Sources: Object Reference, OauthToken (AppName is the connected app's label; AccessToken, RequestToken and
DeleteToken are secrets and not read), Login Event Type (names no app), API Total Usage Event Type
(CONNECTED_APP_NAME), LoginHistory; salesforce-reference section 8.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from changeover.errors import EVIDENCE_UNKNOWN
from changeover.metadata.file_error import FileError
from changeover.project.exported_rows import ExportedRows, Layout
from changeover.project.login_rows import LAYOUT as LOGIN_HISTORY


class EvidenceKind(StrEnum):
    """What a file of evidence holds."""

    LOGIN_HISTORY = "Login History"
    OAUTH_TOKENS = "OauthToken"
    LOGIN_EVENTS = "event log file, Login"
    API_EVENTS = "event log file, ApiTotalUsage"


_TIMES = {"timestampderived": "time", "timestamp": "time"}
"""`TIMESTAMP_DERIVED` is ISO 8601, `TIMESTAMP` is not; the first is taken where both are there."""

LAYOUTS = {
    EvidenceKind.LOGIN_HISTORY: LOGIN_HISTORY,
    EvidenceKind.OAUTH_TOKENS: Layout(
        columns={
            "appname": "application",
            "lastuseddate": "last_used",
            "usecount": "count",
            "userusername": "user",
            "userid": "user",
            "createddate": "created",
            "accesstoken": "secret",
            "requesttoken": "secret",
            "deletetoken": "secret",
        },
        needed={"application": "AppName", "last_used": "LastUsedDate"},
        unreadable=EVIDENCE_UNKNOWN,
        sparse=True,
    ),
    EvidenceKind.LOGIN_EVENTS: Layout(
        columns={
            **_TIMES,
            "loginsubtype": "sub_type",
            "loginstatus": "status",
            "logintype": "login_type",
            "username": "user",
            "useridderived": "user",
            "userid": "user",
            "eventtype": "event",
        },
        needed={"time": "TIMESTAMP_DERIVED", "sub_type": "LOGIN_SUB_TYPE", "status": "LOGIN_STATUS"},
        unreadable=EVIDENCE_UNKNOWN,
    ),
    EvidenceKind.API_EVENTS: Layout(
        columns={
            **_TIMES,
            "connectedappname": "application",
            "username": "user",
            "userid": "user",
            "eventtype": "event",
        },
        needed={"time": "TIMESTAMP_DERIVED", "application": "CONNECTED_APP_NAME"},
        unreadable=EVIDENCE_UNKNOWN,
    ),
}

# Every heading that tells one kind from another.
_HEADINGS = Layout(
    columns={
        heading: heading
        for layout in LAYOUTS.values()
        for heading in layout.columns
        if layout.columns[heading] != "secret"
    },
    needed={},
    unreadable=EVIDENCE_UNKNOWN,
    sparse=True,
)


def rows_of(path: Path, kind: EvidenceKind) -> ExportedRows:
    """Return the rows of a file of a kind."""
    return ExportedRows(path, LAYOUTS[kind])


def kind_of(path: Path) -> EvidenceKind | None:
    """Tell the kind of a file by the headings of its columns, whatever their order and spelling.

    Returns:
        The kind; None for an answer of SOQL without any record, which has no headings.

    Raises:
        FileError: PATH_MISSING, EVIDENCE_UNKNOWN.
    """
    rows = ExportedRows(path, _HEADINGS)
    headings = rows.headings()
    if headings is None:
        return None
    for kind, layout in LAYOUTS.items():
        found = {layout.columns[heading] for heading in headings if heading in layout.columns}
        if found.issuperset(layout.needed):
            return kind
    event_log = {"timestamp", "timestampderived"} & headings
    if event_log and "loginstatus" in headings:
        says = "this Login event log file has no column LOGIN_SUB_TYPE, which tells the flow."
    elif "appname" in headings:
        says = "there is no column LastUsedDate beside AppName."
    else:
        says = "its headings are those of no kind of evidence."
    raise FileError(EVIDENCE_UNKNOWN, rows.name, 1, says)
