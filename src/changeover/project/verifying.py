"""Verify on files: which external client app stands for which connected app, and what logins tell of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from changeover import errors
from changeover.apps.external_client_app import ExternalClientApp
from changeover.errors import ChangeoverError
from changeover.metadata.file_error import FileError
from changeover.migration.comparison.logins import FlowSeen, LoginLine, judge
from changeover.migration.keys import visible_key
from changeover.migration.verification import Verified, verify
from changeover.project.index import AppFile
from changeover.project.login_history import SUCCESS
from changeover.project.org_logins import OrgLogins
from changeover.project.project import ConnectedAppEntry, Project


class VerifiedApp(NamedTuple):
    """A connected app of the source with what became of it."""

    entry: ConnectedAppEntry
    verified: Verified


class AppLogins(NamedTuple):
    """What became of the flows of one connected app."""

    api_name: str
    label: str
    shared_with: tuple[str, ...]
    """API names of other apps with the same label: the logins may be theirs."""
    lines: tuple[LoginLine, ...]


class Retrieved:
    """The external client apps of a project, found by name or by key.

    Args:
        project: the files that were retrieved, open.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._by_key = {
            key: name
            for name, files in project.index.external_client_apps.items()
            for found in files.consumer_keys
            if files.headers and (key := visible_key(found))
        }
        self._taken: set[str] = set()

    def of(self, app: AppFile) -> ExternalClientApp | None:
        """Return the external client app that a connected app became; None where there is none.

        The one with its consumer key comes before the one of its name: the key is what integrations hold.
        """
        key = visible_key(app.consumer_key)
        named = app.full_name.casefold()
        for name in (self._by_key.get(key) if key else None, named):
            found = self._project.external_client_app(name) if name is not None else None
            if found is not None:
                self._taken.add(found.api_name.casefold())
                return found
        return None

    def left(self) -> Iterator[str]:
        """Yield the names of external client apps that no connected app became, so far, in their order."""
        for name, files in self._project.index.external_client_apps.items():
            if files.headers and name not in self._taken:
                yield files.name


def verify_apps(
    source: Project, retrieved: Retrieved, today: date, names: Sequence[str] = ()
) -> Iterator[VerifiedApp]:
    """Compare every connected app of a project with what it became, in order of the paths, one at a time.

    Args:
        source: the connected apps as they were when they were migrated, open.
        retrieved: what is there now.
        today: the day, for what is known beside the app's own file.
        names: API names to look at, without regard to case; all by default.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND for a name that the source does not hold.
    """
    wanted = {name.casefold() for name in names}
    unknown = [name for name in names if name.casefold() not in source.index.by_name]
    if unknown:
        message = f"{source.path} holds no connected app named {', '.join(unknown)}."
        raise ChangeoverError(errors.APP_NOT_FOUND, message)
    files = {file.path: file for file in source.index.connected_apps}
    for entry in source.connected_apps(today):
        if wanted and entry.app.full_name.casefold() not in wanted:
            continue
        found = retrieved.of(files[entry.path])
        yield VerifiedApp(entry, verify(entry.app, found, entry.situation.references))


class Logins:
    """Two Login Histories on both sides of a moment, by the label of the apps.

    Args:
        since: the moment: when the apps were migrated.
        labels: the labels to watch; Login History names apps by nothing else.
    """

    def __init__(self, since: datetime, labels: set[str]) -> None:
        self.since = since
        self.errors: list[FileError] = []
        self.notes: list[str] = []
        self.start: datetime | None = None
        """The first login seen of any app."""
        self.until: datetime | None = None
        """The last login seen of any app."""
        self._seen: dict[str, dict[str, FlowSeen]] = {label: {} for label in labels}

    def read(self, files: Sequence[Path]) -> list[FileError]:
        """Read the files on both sides; return what was wrong with them. Raises E-LOGINS-ONE-SIDED."""
        for file in files:
            self._add(file)
        self._refuse_one_sided()
        return self.errors

    def _add(self, path: Path) -> None:
        """Read a file. What cannot be read goes to `errors`, what had to be assumed to `notes`."""
        rows = OrgLogins(path)
        try:
            for row in rows:
                self.start = row.at if self.start is None else min(self.start, row.at)
                self.until = row.at if self.until is None else max(self.until, row.at)
                flows = self._seen.get(row.application)
                if flows is None or not row.sub_type:
                    continue
                seen = flows.setdefault(row.sub_type, FlowSeen())
                refused = row.status.lower() not in {"", SUCCESS}
                seen.take(row.at, row.username, since=self.since, refused=refused)
        except FileError as error:
            self.errors.append(error)
        self.errors += rows.errors
        self.notes += [f"{path.name}: {note}." for note in rows.notes]

    def _refuse_one_sided(self) -> None:
        """Refuse histories that show nothing since the moment, or nothing before it."""
        if self.until is None or self.start is None:
            message = "No login stands in the two files."
        elif self.until < self.since:
            message = f"The last login stands at {self.until:%Y-%m-%d %H:%M} UTC, before {self._moment}."
        elif self.start >= self.since:
            message = f"The first login stands at {self.start:%Y-%m-%d %H:%M} UTC, after {self._moment}."
        else:
            return
        raise ChangeoverError(errors.LOGINS_ONE_SIDED, message)

    @property
    def _moment(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} UTC"

    def of(self, label: str) -> tuple[LoginLine, ...]:
        """Return what became of each flow of the apps that bear a label."""
        if self.until is None:
            return ()
        return tuple(judge(self._seen.get(label, {}), since=self.since, until=self.until))
