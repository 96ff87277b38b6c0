"""What OauthToken answers and event log files tell of apps, beside Login History.

OauthToken and ApiTotalUsage name an app by its label, so the evidence is gathered by label, as that of Login
History is. The event log's Login names no app at all: what it tells holds for the whole org.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from changeover.errors import EVIDENCE_ROWS
from changeover.metadata.file_error import FileError
from changeover.migration.situation import (
    CallEvidence,
    FlowUse,
    LoginEvents,
    TokenEvidence,
    UsageEvidence,
    Uses,
    Window,
)
from changeover.project.evidence_files import EvidenceKind, rows_of
from changeover.project.exported_rows import ExportedRows, Row
from changeover.project.login_history import MAX_USERS, sub_type_of
from changeover.project.login_time import LoginTimes

QUERY_LIMIT = 2500
"""Rows that a query on OauthToken returns at most (salesforce-reference 8.2)."""
USERNAME_PASSWORD = "OauthUsernamePassword"  # noqa: S105 - a LoginSubType
SUCCESS = frozenset({"", "login_no_error"})
OAUTH_LOGIN = frozenset({"", "i", "oauth2", "remote access 2.0"})
"""LOGIN_TYPE of a login by OAuth 2: `i`, Remote Access 2.0."""

_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.\d+)?")
_COUNT = re.compile(r"\d{1,18}")
_FEW = 100


def event_time(text: str) -> datetime | None:
    """Read a time of an event log file: `20231218054831.655` (GMT) or ISO 8601; None for another text."""
    match = _COMPACT.fullmatch(text)
    if match is None:
        return LoginTimes().read(text)
    try:
        year, month, day, hour, minute, second = map(int, match.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


@dataclass(slots=True)
class _Span:
    start: datetime | None = None
    end: datetime | None = None

    def add(self, time: datetime) -> None:
        self.start = time if self.start is None or time < self.start else self.start
        self.end = time if self.end is None or time > self.end else self.end

    @property
    def window(self) -> Window | None:
        return None if self.start is None or self.end is None else Window(start=self.start, end=self.end)


@dataclass(slots=True)
class _Use:
    rows: int = 0
    count: int = 0
    last: datetime | None = None

    def add(self, count: int, time: datetime | None) -> None:
        self.rows += 1
        self.count += count
        if time is not None and (self.last is None or time > self.last):
            self.last = time

    @property
    def uses(self) -> Uses | None:
        return Uses(count=self.count, last=self.last) if self.count or self.last else None


@dataclass(slots=True)
class _Problems:
    """The rows of one file that could not be read; the first is named."""

    count: int = 0
    first: tuple[int, str] | None = None

    def add(self, line: int, why: str) -> None:
        self.count += 1
        if self.first is None or line < self.first[0]:
            self.first = (line, why)


@dataclass(slots=True)
class _Logins:
    span: _Span = field(default_factory=_Span)
    logins: int = 0
    without_sub_type: int = 0
    count: int = 0
    users: dict[str, datetime] = field(default_factory=dict)

    def add_username_password(self, user: str, time: datetime) -> None:
        self.count += 1
        if time >= self.users.get(user, time):
            self.users[user] = time
        if len(self.users) > MAX_USERS * 8:
            self.users = dict(self.latest())

    def latest(self) -> list[tuple[str, datetime]]:
        return sorted(self.users.items(), key=lambda item: item[1], reverse=True)[:MAX_USERS]


class Usage:
    """What was read from such files so far."""

    def __init__(self) -> None:
        self.errors: list[FileError] = []
        self.notes: list[str] = []
        self._token_rows: int | None = None
        self._cut = False
        self._tokens: dict[str, _Use] = {}
        self._call_span = _Span()
        self._call_rows = 0
        self._calls: dict[str, _Use] = {}
        self._logins = _Logins()

    def add(self, path: Path, kind: EvidenceKind, labels: Container[str] | None = None) -> None:
        """Read a file. What cannot be read goes to `errors`, what the reader should know to `notes`.

        Args:
            path: CSV (plain or gzip) or JSON.
            kind: any but Login History.
            labels: the labels to keep uses of; None keeps all.
        """
        rows, problems = rows_of(path, kind), _Problems()
        read = {
            EvidenceKind.OAUTH_TOKENS: self._read_tokens,
            EvidenceKind.API_EVENTS: self._read_calls,
            EvidenceKind.LOGIN_EVENTS: self._read_logins,
        }[kind]
        try:
            read(rows, problems, labels)
        except FileError as error:
            self.errors.append(error)
        for line in rows.unreadable:
            problems.add(line, "the row is broken")
        if problems.first is not None:
            line, why = problems.first
            says = f"{why}; {problems.count} row{'s' if problems.count > 1 else ''} left out."
            self.errors.append(FileError(EVIDENCE_ROWS, rows.name, line, says))
        self.notes += [f"{rows.name}: {note}." for note in sorted(rows.notes)]

    def summary(self) -> tuple[str, ...]:
        """Say what was read, a sentence a kind."""
        said = []
        if self._token_rows is not None:
            cut = f", the most that one query returns: slice it by CreatedDate ({QUERY_LIMIT})"
            said.append(f"OauthToken: {self._token_rows} tokens{cut if self._cut else ''}.")
        for name, span, count in (
            ("API calls of the event log", self._call_span, self._call_rows),
            ("Logins of the event log", self._logins.span, self._logins.logins),
        ):
            if span.window is not None:
                days = f"{span.window.start:%Y-%m-%d} to {span.window.end:%Y-%m-%d} (UTC)"
                said.append(f"{name}: {count} from {days}.")
        return tuple(said)

    def evidence(self, label: str | None, shared_with: tuple[str, ...] = ()) -> UsageEvidence | None:
        """Return what the files tell of the apps that bear a label, None if nothing was read at all."""
        name = (label or "").strip()
        found = UsageEvidence(
            tokens=self._token_evidence(name),
            calls=self._call_evidence(name),
            login_events=self._login_events(),
            shared_with=shared_with,
        )
        return found if found.tokens or found.calls or found.login_events else None

    def _token_evidence(self, label: str) -> TokenEvidence | None:
        if self._token_rows is None:
            return None
        use = self._tokens.get(label, _Use())
        return TokenEvidence(rows=self._token_rows, tokens=use.rows, uses=use.uses, cut=self._cut)

    def _call_evidence(self, label: str) -> CallEvidence | None:
        window = self._call_span.window
        if window is None:
            return None
        return CallEvidence(window=window, uses=self._calls.get(label, _Use()).uses)

    def _login_events(self) -> LoginEvents | None:
        logins = self._logins
        window, latest = logins.span.window, logins.latest()
        if window is None:
            return None
        flow = None
        if latest:
            users = tuple(user for user, _ in latest if user)
            flow = FlowUse(sub_type=USERNAME_PASSWORD, count=logins.count, last=latest[0][1], users=users)
        return LoginEvents(
            window=window,
            logins=logins.logins,
            without_sub_type=logins.without_sub_type,
            username_password=flow,
        )

    def _read_tokens(self, rows: ExportedRows, problems: _Problems, labels: Container[str] | None) -> None:
        times = LoginTimes()
        for nth, (_, cells) in enumerate(rows):
            if times.look(cells["last_used"]) or (nth > _FEW and not times.year_last):
                break
        read = 0
        for line, cells in rows:
            last = times.read(cells["last_used"]) if cells["last_used"] else None
            count = cells.get("count", "")
            if cells["last_used"] and last is None:
                problems.add(line, f"the date {cells['last_used'][:40]!r} cannot be read")
                continue
            if count and not _COUNT.fullmatch(count):
                problems.add(line, f"the use count {count[:40]!r} is no number")
                continue
            read += 1
            if cells.get("secret"):
                rows.notes.add(
                    "it holds tokens, which are not read: keep it from others, or leave the columns out"
                )
            if _wanted(cells["application"], labels):
                self._tokens.setdefault(cells["application"], _Use()).add(int(count or 0), last)
        self._token_rows = (self._token_rows or 0) + read
        if read >= QUERY_LIMIT and read % QUERY_LIMIT == 0:
            self._cut = True
            rows.notes.add(
                f"it holds {read} tokens: one query returns {QUERY_LIMIT} at most, more may be missing"
            )
        rows.notes.update(times.notes())

    def _read_calls(self, rows: ExportedRows, problems: _Problems, labels: Container[str] | None) -> None:
        for row, time in _events(rows, problems):
            self._call_span.add(time)
            self._call_rows += 1
            if _wanted(row.cells["application"], labels):
                self._calls.setdefault(row.cells["application"], _Use()).add(1, time)

    def _read_logins(self, rows: ExportedRows, problems: _Problems, _: Container[str] | None) -> None:
        logins = self._logins
        for row, time in _events(rows, problems):
            logins.span.add(time)
            logins.logins += 1
            sub_type = sub_type_of(row.cells["sub_type"])
            if not sub_type and row.cells.get("login_type", "").lower() in OAUTH_LOGIN:
                logins.without_sub_type += 1
            if sub_type == USERNAME_PASSWORD and row.cells["status"].lower() in SUCCESS:
                logins.add_username_password(row.cells.get("user", ""), time)


def _events(rows: ExportedRows, problems: _Problems) -> Iterator[tuple[Row, datetime]]:
    for row in rows:
        time = event_time(row.cells["time"])
        if time is None:
            problems.add(row.line, f"the time {row.cells['time'][:40]!r} cannot be read")
        else:
            yield row, time


def _wanted(label: str, labels: Container[str] | None) -> bool:
    return bool(label) and (labels is None or label in labels)
