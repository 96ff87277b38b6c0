"""What Login History tells of apps: which flows logged in under which label, and in which window.

Login History names an app by its label only (salesforce-reference 8.1), so the evidence is gathered by label
and says with which other apps the label is shared.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from pathlib import Path

from changeover.errors import LOGIN_HISTORY_ROWS
from changeover.metadata.file_error import FileError
from changeover.migration.situation import FlowUse, LoginEvidence
from changeover.project.login_rows import LoginRow, LoginRows
from changeover.project.login_time import LoginTimes

# Object Reference, LoginHistory.LoginSubType. A label differs from its API value only in case, spaces and
# hyphens: "OAuth Username-Password".
SUB_TYPES: tuple[str, ...] = (
    "OauthClientCredentials",
    "OauthDevice",
    "OauthHybridRefreshToken",
    "OauthHybridTokenExchange",
    "OauthHybridUserAgent",
    "OauthHybridWebServer",
    "OauthOtpLogin",
    "OauthRefreshToken",
    "OauthTokenExchange",
    "OauthUserAgent",
    "OauthUserAgentIdToken",
    "OauthUsernamePassword",
    "OauthWebServer",
    "UiPasswordReset",
    "UsernamePasswordUiLogin",
)
SUCCESS = "success"
MAX_USERS = 5
"""Users named in the evidence of one flow, those who logged in last."""

MAX_ADDRESSES = 20
"""Addresses of one flow that are kept, those from which somebody logged in last."""

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]")
_BY_FOLDED = {name.lower(): name for name in SUB_TYPES}
_FEW = 100
"""Rows after which a file whose times begin with the year needs no further look."""


def sub_type_of(text: str) -> str:
    """Return the API value of a LoginSubType given as API value or label; other texts stay as they are."""
    return _BY_FOLDED.get(_NOT_IN_A_NAME.sub("", text.lower()), text)


def _with(seen: dict[str, datetime], name: str, time: datetime, most: int) -> dict[str, datetime]:
    """Return who or what was seen, with one more sight of a name; so many times `most` are kept at once."""
    if name and time >= seen.get(name, time):
        seen[name] = time
        if len(seen) > most * 8:
            return dict(_latest(seen, most))
    return seen


def _latest(seen: Mapping[str, datetime], most: int) -> list[tuple[str, datetime]]:
    return sorted(seen.items(), key=lambda item: item[1], reverse=True)[:most]


@dataclass(slots=True)
class _Use:
    last: datetime
    count: int = 0
    users: dict[str, datetime] = field(default_factory=dict)
    addresses: dict[str, datetime] = field(default_factory=dict)

    def add(self, time: datetime, row: LoginRow) -> None:
        self.count += 1
        self.last = max(self.last, time)
        self.users = _with(self.users, row.user, time, MAX_USERS)
        self.addresses = _with(self.addresses, row.source_ip, time, MAX_ADDRESSES)

    def flow(self, sub_type: str) -> FlowUse:
        users = tuple(user for user, _ in _latest(self.users, MAX_USERS))
        return FlowUse(sub_type=sub_type, count=self.count, last=self.last, users=users)


class LoginHistory:
    """What was read from Login History files so far."""

    def __init__(self) -> None:
        self.rows = 0
        """Rows that were read and understood."""
        self.errors: list[FileError] = []
        self.notes: list[str] = []
        self._windows: dict[str, tuple[datetime, datetime]] = {}
        self._uses: dict[tuple[str, bool], dict[str, _Use]] = {}

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """First and last login of all rows, whatever their app; None before any was read."""
        if not self._windows:
            return None
        starts, ends = zip(*self._windows.values(), strict=True)
        return min(starts), max(ends)

    def add(self, path: Path, labels: Container[str] | None = None) -> None:
        """Read a file. What cannot be read goes to `errors`, what had to be assumed to `notes`.

        Args:
            path: Setup's CSV or gzip download, or the CSV or JSON answer of a SOQL query on LoginHistory.
            labels: the labels to keep flows of; None keeps all.
        """
        rows = LoginRows(path)
        times = LoginTimes()
        try:
            for nth, row in enumerate(rows):
                if times.look(row.time) or (nth > _FEW and not times.year_last):
                    break
            self._read(rows, times, labels)
        except FileError as error:
            self.errors.append(error)
        self.notes += [f"{path.name}: {note}." for note in (*sorted(rows.notes), *times.notes())]

    def overlaps(self) -> tuple[str, ...]:
        """Say which files cover the same time: a login that stands in two of them counts twice."""
        return tuple(
            f"{one} and {two} cover the same time; a login that stands in both counts twice."
            for (one, first), (two, second) in combinations(self._windows.items(), 2)
            if first[0] <= second[1] and second[0] <= first[1]
        )

    def evidence(self, label: str | None, shared_with: tuple[str, ...] = ()) -> LoginEvidence | None:
        """Return what the files tell of the apps that bear a label, None if no row was read at all."""
        window = self.window
        if window is None:
            return None
        name = (label or "").strip()
        return LoginEvidence(
            window_start=window[0],
            window_end=window[1],
            flows=self._flows(name, succeeded=True),
            refused=self._flows(name, succeeded=False),
            shared_with=shared_with,
        )

    def addresses(self, label: str | None) -> tuple[tuple[str, str], ...]:
        """Return flows under a label and the source IPs from which they logged in, the last one first."""
        uses = self._uses.get(((label or "").strip(), True), {})
        found = (
            (time, sub_type, address)
            for sub_type, use in uses.items()
            for address, time in _latest(use.addresses, MAX_ADDRESSES)
        )
        return tuple((sub_type, address) for _, sub_type, address in sorted(found, reverse=True))

    def _flows(self, label: str, *, succeeded: bool) -> tuple[FlowUse, ...]:
        uses = self._uses.get((label, succeeded), {})
        return tuple(uses[sub_type].flow(sub_type) for sub_type in sorted(uses))

    def _read(self, rows: LoginRows, times: LoginTimes, labels: Container[str] | None) -> None:
        unreadable = 0
        first: tuple[int, str] | None = None
        start = end = None
        for row in rows:
            time = times.read(row.time)
            if time is None:
                unreadable += 1
                first = first or (row.line, f"the login time {row.time[:40]!r} cannot be read")
                continue
            start = time if start is None or time < start else start
            end = time if end is None or time > end else end
            self.rows += 1
            if row.sub_type and row.application and (labels is None or row.application in labels):
                self._use(row, time).add(time, row)
        if start is not None and end is not None:
            self._windows[self._key(rows.path)] = (start, end)
        else:
            self.notes.append(f"{rows.name}: no login stands in it.")
        unreadable += len(rows.unreadable)
        if rows.unreadable and (first is None or rows.unreadable[0] < first[0]):
            first = (rows.unreadable[0], "the row is broken")
        if first is not None:
            line, why = first
            says = f"{why}; {unreadable} row{'s' if unreadable > 1 else ''} left out."
            self.errors.append(FileError(LOGIN_HISTORY_ROWS, rows.name, line, says))

    def _key(self, path: Path) -> str:
        return path.name if path.name not in self._windows else str(path)

    def _use(self, row: LoginRow, time: datetime) -> _Use:
        succeeded = row.status.lower() in {"", SUCCESS}
        uses = self._uses.setdefault((row.application, succeeded), {})
        return uses.setdefault(sub_type_of(row.sub_type), _Use(time))
