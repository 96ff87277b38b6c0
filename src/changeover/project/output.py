"""A folder that Changeover writes to: each file whole or not at all, nothing of anybody else's touched.

A file is written under a temporary name beside its place and renamed. An external client app's header, and in
metadata format package.xml, are written last and removed first: wherever the process is killed, what has no
header is recognised as a leftover. What stands in the way and differs is refused, never overwritten.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import NamedTuple

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Document
from changeover.apps.external_client_app import ExternalClientApp, ExternalClientApplication
from changeover.apps.types import BY_DOCUMENT, BY_NAME
from changeover.errors import OUTPUT_FAILED, OUTPUT_IN_THE_WAY
from changeover.metadata.file_error import FileError
from changeover.metadata.files import path_of, split_name, type_of, write_document
from changeover.metadata.package import PACKAGE, read_manifest, write_manifest
from changeover.project.index import build_index
from changeover.project.tree import Folder, read_file

TEMPORARY = ".changeover-"
"""How the temporary name of a file begins."""
_ABANDONED = 3600
"""Seconds after which a temporary file is a killed run's: no other process can still be writing it."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_PRIVATE = 0o600
_PUBLIC = 0o666  # less the process's umask


class NewFile(NamedTuple):
    """A file that is to be written."""

    path: str
    content: bytes
    member: tuple[str, str]
    """Type and full name, as package.xml names it."""
    private: bool
    """It holds a secret: only the owner may read it."""


def files_of(
    app: ExternalClientApp, *, source_format: bool = True, private: frozenset[str] = frozenset()
) -> tuple[NewFile, ...]:
    """Return the files of an external client app, its header last.

    Args:
        app: the app.
        source_format: `-meta.xml` files, otherwise metadata format.
        private: full names of documents that hold a secret.

    Raises:
        ChangeoverError: XML_UNWRITABLE.
    """
    return tuple(
        NewFile(
            path_of(one, source_format=source_format),
            write_document(one),
            _member(one),
            one.full_name in private,
        )
        for one in (*app.parts, app.header)
    )


class OutputFolder:
    """The folder that a conversion writes to.

    Args:
        root: the folder; it is made when the first file is written.
        source_format: `-meta.xml` files; otherwise metadata format with a package.xml.

    Raises:
        FileError: OUTPUT_IN_THE_WAY if the path is a file or holds a package.xml of somebody else's.
    """

    def __init__(self, root: Path, *, source_format: bool = True) -> None:
        self.root = root
        self._source_format = source_format
        if (root.exists() or root.is_symlink()) and not root.is_dir():
            raise FileError(OUTPUT_IN_THE_WAY, str(root), None, "it is not a folder.")
        self._index = build_index(Folder(root), whole=True) if root.is_dir() else None
        self._members: set[tuple[str, str]] = set()
        self._name(self._complete())
        self._package_removed = False
        if not source_format:
            self._check_package()

    @property
    def holds_apps(self) -> bool:
        """Whether files of apps stood in the folder when it was opened."""
        return self._index is not None and bool(self._index.files)

    def write_app(self, app: ExternalClientApp, *, private: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """Write an external client app: `write_files` of `files_of`."""
        return self.write_files(
            app.api_name, files_of(app, source_format=self._source_format, private=private)
        )

    def write_files(self, api_name: str, files: tuple[NewFile, ...]) -> tuple[str, ...]:
        """Write the files of an external client app, in their order.

        Args:
            api_name: the app's.
            files: all of them, the header last, in the format of the folder.

        Returns:
            The paths written; none if all of them stood there as they should.

        Raises:
            FileError: OUTPUT_IN_THE_WAY if a file differs or another file belongs to an app of this name;
                then nothing is written. OUTPUT_FAILED if the disk refuses.
        """
        missing = list(self.absent(api_name, files))
        if missing:
            self._remove_package()
            header = files[-1]
            if header not in missing:
                self._remove(header.path)
                missing.append(header)
            for file in missing:
                self._write(file.path, file.content, _PRIVATE if file.private else _PUBLIC)
        self._name(file.member for file in files)
        return tuple(file.path for file in missing)

    def absent(self, api_name: str, files: tuple[NewFile, ...]) -> tuple[NewFile, ...]:
        """Return those files of an external client app that are not there yet. Raises as `write_files`."""
        self._refuse_strangers(api_name, {file.path for file in files})
        return tuple(file for file in files if not self._stands(file.path, file.content))

    def remove_files(self, paths: Iterable[str]) -> None:
        """Remove files of external client apps, each header before its parts, as if they were never written.

        Call `finish` when all are removed.

        Args:
            paths: relative to the folder; one that is no longer there is removed already.

        Raises:
            FileError: OUTPUT_FAILED if the disk refuses.
        """
        self._remove_package()
        for path in sorted(paths, key=lambda path: not _is_header(path)):
            self._remove(path)
            metadata_type, name = type_of(path), split_name(path)
            if metadata_type is not None and name is not None:
                self._members.discard((metadata_type.name, name.full_name))

    def write_connected_app(self, app: ConnectedApp) -> tuple[str, ...]:
        """Write a connected app. Returns the paths written, and raises, as `write_app`."""
        path, content = path_of(app, source_format=self._source_format), write_document(app)
        self._name([_member(app)])
        if self._stands(path, content):
            return ()
        self._remove_package()
        self._write(path, content, _PUBLIC)
        return (path,)

    def put_back(self, path: str, content: bytes | None) -> None:
        """Put back what a file was, None where there was none. Raises FileError: OUTPUT_FAILED."""
        if content is None:
            self._remove(path)
        else:
            self._write(path, content, _PUBLIC)

    def write_text(self, path: str, content: str) -> bool:
        """Write a file; return whether it had to be written. Raises FileError as `write_app`."""
        if self._stands(path, content.encode()):
            return False
        self._write(path, content.encode(), _PUBLIC)
        return True

    def add_lines(self, path: str, lines: Iterable[str]) -> bool:
        """Add lines to an ignore list that may be somebody else's; return whether any was missing.

        Raises:
            FileError: OUTPUT_IN_THE_WAY if the path is no regular file, OUTPUT_FAILED if the disk refuses.
        """
        old = self._read(path) if os.path.lexists(self.root / path) else b""
        new = with_lines(old, lines)
        if new == old:
            return False
        self._write(path, new, _PUBLIC)
        return True

    def finish(self) -> None:
        """Remove what killed runs left, and in metadata format write package.xml, which names all whole apps.

        Raises:
            FileError: OUTPUT_FAILED, OUTPUT_IN_THE_WAY.
        """
        self._sweep()
        if self._source_format or not self._members:
            return
        content = write_manifest(self._members)
        if not os.path.lexists(self.root / PACKAGE) or self._read(PACKAGE) != content:
            self._write(PACKAGE, content, _PUBLIC)

    def _name(self, members: Iterable[tuple[str, str]]) -> None:
        """Note what package.xml is to name; in source format nothing does, and memory stays flat."""
        if not self._source_format:
            self._members.update(members)

    def _complete(self) -> Iterable[tuple[str, str]]:
        """Yield type and name of all components in the folder whose app is whole."""
        if self._index is None:
            return
        for files in self._index.external_client_apps.values():
            for path in (*files.headers, *files.parts) if files.headers else ():
                metadata_type, name = type_of(path), split_name(path)
                if metadata_type is not None and name is not None:
                    yield metadata_type.name, name.full_name
        for app in self._index.connected_apps:
            yield ConnectedApp.__name__, app.full_name

    def _sweep(self) -> None:
        latest = time.time() - _ABANDONED
        for pattern in (f"{TEMPORARY}*", f"*/{TEMPORARY}*"):
            for file in self.root.glob(pattern):
                with suppress(OSError):
                    if file.lstat().st_mtime < latest:
                        file.unlink()

    def _check_package(self) -> None:
        if not os.path.lexists(self.root / PACKAGE):
            return
        content = self._read(PACKAGE)
        try:
            named = read_manifest(content, PACKAGE)
        except FileError:
            named = frozenset()
        # It names what stands here, or what somebody has since removed; anything else is not ours to rewrite.
        if content != write_manifest(named) or not {type_name for type_name, _ in named} <= BY_NAME.keys():
            says = "Changeover did not write it, or it was changed since."
            raise FileError(OUTPUT_IN_THE_WAY, PACKAGE, None, says)

    def _remove_package(self) -> None:
        if not self._source_format and not self._package_removed:
            self._remove(PACKAGE)
            self._package_removed = True

    def _refuse_strangers(self, api_name: str, wanted: Container[str]) -> None:
        files = self._index.external_client_app(api_name) if self._index is not None else None
        if files is None:
            return
        for path in (*files.headers, *files.parts):
            if path not in wanted:
                says = f"it belongs to an external client app {api_name} too."
                raise FileError(OUTPUT_IN_THE_WAY, path, None, says)

    def _stands(self, path: str, content: bytes) -> bool:
        """Whether a file stands there with this very content. Raises FileError if it has another."""
        root = str(self.root)
        folder = path
        # Texts, not Paths: for ten thousand apps each of these lines runs a hundred thousand times.
        while folder := folder.rpartition("/")[0]:
            with suppress(OSError):
                if not S_ISDIR(os.lstat(f"{root}/{folder}").st_mode):
                    says = "it is not a folder, or it is a link to one."
                    raise FileError(OUTPUT_IN_THE_WAY, folder, None, says)
        if not os.path.lexists(f"{root}/{path}"):
            return False
        if self._read(path) != content:
            raise FileError(OUTPUT_IN_THE_WAY, path, None, "it differs from what would be written.")
        return True

    def _read(self, path: str) -> bytes:
        file = self.root / path
        with self._disk(path):
            if not S_ISREG(os.lstat(file).st_mode):
                raise FileError(OUTPUT_IN_THE_WAY, path, None, "it is no regular file.")
            return read_file(file, path)

    def _remove(self, path: str) -> None:
        with self._disk(path), suppress(FileNotFoundError):
            (self.root / path).unlink()

    def _write(self, path: str, content: bytes, mode: int) -> None:
        file = self.root / path
        temporary = file.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
        with self._disk(path):
            try:
                try:
                    descriptor = os.open(temporary, _NEW, mode)
                except FileNotFoundError:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    descriptor = os.open(temporary, _NEW, mode)
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(content)
                temporary.replace(file)
            except BaseException:
                with suppress(OSError):
                    temporary.unlink()
                raise

    @contextmanager
    def _disk(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            says = f"{error.strerror or 'the disk refuses'}."
            raise FileError(OUTPUT_FAILED, str(self.root / path), None, says) from None


def with_lines(old: bytes, lines: Iterable[str]) -> bytes:
    """Return an ignore list with the lines that it lacks added at its end."""
    present = {line.strip() for line in old.decode("utf-8", "replace").splitlines()}
    fresh = [line for line in lines if line not in present]
    if not fresh:
        return old
    gap = b"\n" if old and not old.endswith(b"\n") else b""
    return old + gap + "".join(f"{line}\n" for line in fresh).encode()


def _is_header(path: str) -> bool:
    metadata_type = type_of(path)
    return metadata_type is not None and metadata_type.document is ExternalClientApplication


def _member(document: Document) -> tuple[str, str]:
    return BY_DOCUMENT[type(document)].name, document.full_name
