"""A plan of files applied as converted files: what the plan says, written with the promises of `convert`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import leaves
from changeover.apps.secrets import is_secret
from changeover.apps.types import TYPES
from changeover.errors import (
    NOT_ELIGIBLE,
    OUTPUT_IN_THE_WAY,
    PLAN_UNREADABLE,
    ChangeoverError,
)
from changeover.metadata.file_error import FileError
from changeover.migration.plan import (
    Built,
    Confirmation,
    PlanHead,
    PlannedApp,
    build_planned,
    fingerprint,
)
from changeover.migration.situation import Situation
from changeover.org.planning import Standing
from changeover.plans.applying import Begin
from changeover.plans.making import switches_in
from changeover.plans.results import Before, PlaceRecord, Result, Results, WrittenFile, digest_of, way
from changeover.project.convert import mark_expected, marks, refuse_source
from changeover.project.index import AppFile
from changeover.project.output import NewFile, OutputFolder, files_of
from changeover.project.project import Project
from changeover.project.situations import situation_of

_FOLDERS = tuple(entry.folder for entry in TYPES)


class TrialFolder(OutputFolder):
    """A folder in which nothing lasts: all is checked and made ready, and nothing written or removed."""

    def _write(self, path: str, content: bytes, mode: int) -> None:
        """Write nothing."""

    def _remove(self, path: str) -> None:
        """Remove nothing."""

    def _sweep(self) -> None:
        """Remove nothing."""


@dataclass(frozen=True)
class _Read:
    """The connected app that was read last: checking and applying it need the same."""

    path: str
    app: ConnectedApp | None
    situation: Situation


class OntoFiles:
    """A folder to which a plan of files is applied.

    Args:
        project: the source.
        target: the folder.
        results: where the results are.
        source_format: `-meta.xml` files, otherwise metadata format with a package.xml.
        include_secret: whether secrets that the source has are written too.
        trial: whether nothing lasts.
    """

    def __init__(
        self,
        project: Project,
        target: Path,
        results: Results,
        *,
        source_format: bool = True,
        include_secret: bool = False,
        trial: bool = False,
    ) -> None:
        self._project = project
        self._target = target
        self._results = results
        self._source_format = source_format
        self._include_secret = include_secret
        self._kind = TrialFolder if trial else OutputFolder
        self._files: dict[str, AppFile] = {app.path: app for app in project.index.connected_apps}
        self._switches = switches_in(project.index)
        self._last: _Read | None = None
        self._folder: OutputFolder | None = None
        self.name = place_of(results.folder, target)

    def refuse(self, head: PlanHead) -> None:
        """Refuse the source as the folder to write to. Raises E-OUTPUT-IN-SOURCE."""
        del head
        refuse_source(self._project.path, self._target)

    def standing(self, planned: PlannedApp) -> Standing:
        """Say whether the source is as it was when it was planned."""
        read = self._read(planned)
        if read is None or read.app is None:
            return Standing.STALE
        same = fingerprint(read.app, read.situation, self._switches) == planned.fingerprint
        return Standing.FRESH if same else Standing.STALE

    def stands(self, planned: PlannedApp) -> bool:
        """Whether all files are there just as planned."""
        try:
            return not self._output.absent(planned.external_client_app.api_name, self._made(planned)[0])
        except ChangeoverError:
            return False

    def begin(self) -> None:
        """Take note of the folder as it is, then mark it as one of expected results."""
        root = self._target
        before = [Before.of(root, path) for path in marks({})]
        made = _ancestors(root) + [path for path in _FOLDERS if not os.path.lexists(root / path)]
        self._results.bind(
            PlaceRecord(
                place=self.name, source_format=self._source_format, folders=tuple(made), marks=tuple(before)
            )
        )
        mark_expected(self._output)

    def apply(self, planned: PlannedApp, given: tuple[Confirmation, ...], begin: Begin) -> bool:
        """Write the files that the plan says, all of them or none."""
        del given
        read = self._read(planned)
        if read is not None and read.situation.same_name:
            others = ", ".join(read.situation.same_name)
            message = f"{planned.api_name}: {others} holds an app of the same name."
            raise ChangeoverError(NOT_ELIGIBLE, message, "Plan one of the files by itself.")
        files, built = self._made(planned)
        name = planned.external_client_app.api_name
        missing = self._output.absent(name, files)
        noted = (WrittenFile(path=file.path, sha256=digest_of(file.content)) for file in missing)
        begin(tuple(noted), built.left_out)
        return bool(self._output.write_files(name, files))

    def finish(self) -> None:
        """Remove what killed runs left, and in metadata format write package.xml."""
        self._output.finish()

    @property
    def _output(self) -> OutputFolder:
        if self._folder is None:
            self._folder = self._kind(self._target, source_format=self._source_format)
        return self._folder

    def _read(self, planned: PlannedApp) -> _Read | None:
        path = planned.path or ""
        if self._last is not None and self._last.path == path:
            return self._last
        file = self._files.get(path)
        if file is None or path in self._project.index.broken:
            return None
        # What is planned depends neither on the day nor on logins, and nor does the fingerprint.
        situation = situation_of(file, self._project.index, None, date.min)
        self._last = _Read(path, self._project.connected_app(path), situation)
        return self._last

    def _made(self, planned: PlannedApp) -> tuple[tuple[NewFile, ...], Built]:
        read = self._read(planned)
        source = {leaf.path: leaf.value for leaf in leaves(read.app)} if read and read.app else {}

        def secret(path: str, place: str) -> str | None:
            if not self._include_secret and (is_secret(path) or is_secret(place)):
                return None
            return source.get(place)

        try:
            built = build_planned(planned.external_client_app, secret)
        except ValueError as error:
            message = f"{planned.api_name} cannot be made: {error}."
            raise ChangeoverError(PLAN_UNREADABLE, message) from None
        return files_of(built.app, source_format=self._source_format, private=built.secret), built


class RevertFiles:
    """A folder from which what a plan wrote is taken away again.

    Args:
        results: the results of the plan.
        place: where it was applied.
        trial: whether nothing lasts.
    """

    def __init__(self, results: Results, place: PlaceRecord, *, trial: bool = False) -> None:
        self._results = results
        self._place = place
        self._trial = trial
        self.root = results.folder / place.place.removeprefix("folder ")
        kind = TrialFolder if trial else OutputFolder
        self._folder = kind(self.root, source_format=place.source_format)

    def revert(self, result: Result) -> None:
        """Remove the files of an app that were written and are unchanged: all of them, or none.

        Raises:
            FileError: OUTPUT_IN_THE_WAY if a file was changed since; PLAN_UNREADABLE if the result names a
                file that no plan writes; OUTPUT_FAILED.
        """
        for file in result.files:
            folder, _, name = file.path.partition("/")
            if folder not in _FOLDERS or "/" in name or name in {"", ".."}:
                raise FileError(PLAN_UNREADABLE, file.path, None, "no plan writes a file there.")
            if (self.root / folder).is_symlink():
                raise FileError(OUTPUT_IN_THE_WAY, folder, None, "it is a link.")
            content = Before.of(self.root, file.path).bytes
            if content is not None and digest_of(content) != file.sha256:
                raise FileError(OUTPUT_IN_THE_WAY, file.path, None, "it was changed since it was written.")
        self._folder.remove_files(file.path for file in result.files)

    def finish(self, left: Iterable[Result]) -> None:
        """Leave the folder in order: as it was before, where nothing that was applied is left in it."""
        self._folder.finish()
        if self._trial or any(result.files for result in left):
            return
        before = {mark.path: mark.bytes for mark in self._place.marks}
        for path, content in marks(before).items():
            if path in before and before[path] != content:
                self._restore(path, content, before[path])
        for folder in sorted(self._place.folders, key=_depth, reverse=True):
            with suppress(OSError):
                # Not through a folder that is gone by now: `out/..` is no place once `out` is removed.
                Path(os.path.normpath(self.root.absolute() / folder)).rmdir()
        self._results.release()

    def _restore(self, path: str, ours: bytes, before: bytes | None) -> None:
        """Put back what stood there, unless somebody has changed it since."""
        if Before.of(self.root, path).bytes == ours:
            self._folder.put_back(path, before)


def place_of(results: Path, target: Path) -> str:
    """Return how the results name a folder."""
    return f"folder {way(results, target)}"


def _ancestors(root: Path) -> list[str]:
    """Return which folders must be made to have a folder, relative to it, itself first."""
    missing = []
    folder, path = root.resolve(), "."
    while not folder.exists():
        missing.append(path)
        folder, path = folder.parent, ".." if path == "." else f"../{path}"
    return missing


def _depth(folder: str) -> int:
    """Return how deep a folder lies: those inside are removed first."""
    return -len(folder.split("/")) if folder.startswith("..") else 0 if folder == "." else 1
