"""A project: the apps of a folder, a zip archive or a single file, read as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple, Self

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Document
from changeover.apps.external_client_app import ExternalClientApp, ExternalClientApplication, Part
from changeover.metadata.file_error import FileError
from changeover.metadata.files import read_document, split_name, type_of
from changeover.migration.situation import Situation
from changeover.project.index import ExternalClientAppFiles, Index, build_index
from changeover.project.login_history import LoginHistory
from changeover.project.situations import situation_of
from changeover.project.tree import Tree, Zip, open_tree
from changeover.project.usage import Usage


class Entry(NamedTuple):
    """One file of an app: what stands in it, or why it cannot be used."""

    path: str
    """Relative to what was opened; the file's name where that was one file."""
    type: str
    """Metadata type that the name promises: `ConnectedApp`."""
    full_name: str
    document: Document | None
    error: FileError | None
    line: int | None
    """Line of the error, None where the file as a whole is meant."""
    comments: tuple[int, ...]
    """Lines of comments, which no document holds."""


class ConnectedAppEntry(NamedTuple):
    """A connected app with what is known of it beside its own file."""

    path: str
    app: ConnectedApp
    situation: Situation
    comments: tuple[int, ...]


class Project:
    """Apps in files. Opening it makes the first pass; documents are read one by one when asked for.

    Use it as a context manager.

    Args:
        path: a folder (SFDX project, any source folder, unpacked package), a zip archive or a single file.

    Raises:
        FileError: PATH_MISSING, ZIP_REFUSED, PROJECT_BROKEN. Single broken files are in `errors`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tree: Tree = open_tree(path)
        try:
            self.index: Index = build_index(self._tree)
        except BaseException:
            self._tree.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tree.close()

    @property
    def is_zip(self) -> bool:
        """Whether it was opened from a zip archive."""
        return isinstance(self._tree, Zip)

    @property
    def errors(self) -> tuple[FileError, ...]:
        """What was wrong with files so far; complete once the files that matter have been read."""
        return tuple(self.index.errors)

    def entries(self) -> Iterator[Entry]:
        """Read every file of an app, in order of the paths."""
        for path in self.index.files:
            yield self._entry(path)

    def connected_apps(
        self, today: date, logins: LoginHistory | None = None, usage: Usage | None = None
    ) -> Iterator[ConnectedAppEntry]:
        """Read every connected app with its situation, in order of the paths; broken files are left out.

        Args:
            today: the day on which rules with a date are judged.
            logins: what was read from Login History, None if none was given.
            usage: what was read of other evidence, None if none was given.
        """
        for path, situation in self.situations(today, logins, usage):
            entry = self._entry(path)
            if isinstance(entry.document, ConnectedApp):
                yield ConnectedAppEntry(path, entry.document, situation, entry.comments)

    def connected_app(self, path: str) -> ConnectedApp | None:
        """Read one connected app by its path; None where the file cannot be used or holds something else."""
        document = self._entry(path).document
        return document if isinstance(document, ConnectedApp) else None

    def situations(
        self, today: date, logins: LoginHistory | None = None, usage: Usage | None = None
    ) -> Iterator[tuple[str, Situation]]:
        """Yield every connected app's path with its situation, without reading the app again.

        Args:
            today: the day on which rules with a date are judged.
            logins: what was read from Login History, None if none was given.
            usage: what was read of other evidence, None if none was given.
        """
        for file in self.index.connected_apps:
            if file.path not in self.index.broken:
                yield file.path, situation_of(file, self.index, logins, today, usage)

    def external_client_apps(self) -> Iterator[ExternalClientApp]:
        """Read every external client app whole; parts without a header, and broken files, are left out.

        Where a name has several headers, the first one and all parts that name the app are taken.
        """
        for files in self.index.external_client_apps.values():
            app = self._external_client_app(files)
            if app is not None:
                yield app

    def external_client_app(self, api_name: str) -> ExternalClientApp | None:
        """Read one external client app; None if there is none of this name, or only parts of it."""
        files = self.index.external_client_app(api_name)
        return self._external_client_app(files) if files is not None else None

    def _external_client_app(self, files: ExternalClientAppFiles) -> ExternalClientApp | None:
        headers = [self._entry(path).document for path in files.headers]
        header = next((one for one in headers if isinstance(one, ExternalClientApplication)), None)
        if header is None:
            return None
        parts = (self._entry(path).document for path in files.parts)
        return ExternalClientApp(header=header, parts=tuple(part for part in parts if isinstance(part, Part)))

    def refuse(self, path: str, error: FileError) -> None:
        """Note what is wrong with a file that `index.files` names: nothing reads it again."""
        self.index.broken[path] = error
        self.index.errors.append(error)

    def _entry(self, path: str) -> Entry:
        known = self.index.broken.get(path)
        if known is not None:
            return _broken(path, known)
        entry = read_entry(self._tree, path)
        if entry.error is not None:
            self.refuse(path, entry.error)
        return entry


def read_entry(tree: Tree, path: str) -> Entry:
    """Read a file of an app; what is wrong with it is in the entry."""
    try:
        read = read_document(tree.read(path), path)
    except FileError as error:
        return _broken(path, error)
    document = read.document
    return Entry(path, type(document).__name__, document.full_name, document, None, None, read.comments)


def _broken(path: str, error: FileError) -> Entry:
    metadata_type, name = type_of(path), split_name(path)
    type_name = metadata_type.name if metadata_type is not None else ""
    return Entry(path, type_name, name.full_name if name is not None else path, None, error, error.line, ())
