"""Where files come from: a folder, a zip archive or a single file, all read the same way."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISLNK, S_ISREG
from typing import Protocol, Self

from changeover.errors import PATH_MISSING, PATH_REFUSED, XML_TOO_LARGE
from changeover.metadata.archive import Archive
from changeover.metadata.encoding import MAX_BYTES
from changeover.metadata.file_error import FileError

EXPECTED_RESULT = "EXPECTED-RESULT.txt"
"""Marks a folder of expected results (see convert.py): reading it with the project would make every app in it
look migrated."""

_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_NEVER = frozenset({"node_modules", "__pycache__"})


class Tree(Protocol):
    """Files by path: relative to the tree, steps parted by `/`."""

    refused: list[FileError]
    """Files that were found and not listed, with the reason."""

    def paths(self) -> list[str]:
        """Return the paths of all files, sorted."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises FileError."""

    def close(self) -> None:
        """Let go of what is open."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def open_tree(path: Path) -> Tree:
    """Open a folder, a zip archive or a single file.

    Raises:
        FileError: PATH_MISSING if there is none or it cannot be read, ZIP_REFUSED for an archive that is
            broken or hostile.
    """
    try:
        if path.is_dir():
            return Folder(path)
        if not path.exists():
            raise FileError(PATH_MISSING, str(path), None, "there is no such file or folder.")
        if not path.is_file():
            raise FileError(PATH_MISSING, str(path), None, "it is neither a file nor a folder.")
        with path.open("rb") as stream:
            is_zip = stream.read(4) in _ZIP_STARTS
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise FileError(PATH_MISSING, str(path), None, f"{why or 'it cannot be read'}.") from None
    if is_zip or path.suffix.lower() == ".zip":
        return Zip(path)
    return SingleFile(path)


class _Closing:
    """The part of a tree that is the same for all."""

    def __init__(self) -> None:
        self.refused: list[FileError] = []

    def close(self) -> None:
        """Let go of what is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Folder(_Closing):
    """A folder on disk.

    Hidden folders and node_modules hold nobody's apps; a link to a folder is not followed; a link to a file
    is, as long as it stays inside.
    """

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root
        self._prefix = f"{root}{os.sep}"

    def paths(self) -> list[str]:
        """Return the paths of all files, sorted."""
        self.refused = []
        found: list[str] = []
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(self._root / folder) as entries:
                    listed = list(entries)
            except OSError as error:
                self.refused.append(FileError(PATH_MISSING, folder or ".", None, f"{error.strerror}."))
                continue
            if folder and any(entry.name == EXPECTED_RESULT for entry in listed):
                continue
            for entry in listed:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith(".") and entry.name not in _NEVER:
                        waiting.append(path)
                elif not entry.is_symlink() or not (self._root / path).is_dir():
                    found.append(path)
        return sorted(found)

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises FileError: PATH_MISSING, PATH_REFUSED, XML_TOO_LARGE."""
        # A text, not a Path: reading many small files takes a third less.
        file = self._prefix + path
        if not _is_unicode(path):
            raise FileError(PATH_REFUSED, shown(path), None, "the file's name is not UTF-8.")
        try:
            if S_ISLNK(os.lstat(file).st_mode) and not Path(file).resolve().is_relative_to(
                self._root.resolve()
            ):
                raise FileError(PATH_REFUSED, path, None, "it is a link that leads out of the folder.")
            return read_file(file, path)
        except OSError as error:
            raise FileError(PATH_MISSING, path, None, f"{error.strerror or 'it cannot be read'}.") from None


class Zip(_Closing):
    """A zip archive; nothing of it is unpacked to disk."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._archive = Archive(file)

    def paths(self) -> list[str]:
        """Return the paths of all files, sorted."""
        return self._archive.paths()

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises FileError: ZIP_REFUSED, XML_TOO_LARGE."""
        return self._archive.read(path)

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()


class SingleFile(_Closing):
    """One file, by its name."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def paths(self) -> list[str]:
        """Return the file's name."""
        return [self._file.name]

    def read(self, path: str) -> bytes:
        """Return the file's bytes. Raises FileError: PATH_MISSING, XML_TOO_LARGE."""
        if not _is_unicode(path):
            raise FileError(PATH_REFUSED, shown(path), None, "the file's name is not UTF-8.")
        try:
            return read_file(self._file, path)
        except OSError as error:
            raise FileError(PATH_MISSING, path, None, f"{error.strerror or 'it cannot be read'}.") from None


def read_file(file: Path | str, path: str) -> bytes:
    """Return the bytes of a regular file within the limit.

    Raises:
        FileError: PATH_REFUSED for a device or pipe, which might never end; XML_TOO_LARGE.
        OSError: the file cannot be read.
    """
    # O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not S_ISREG(status.st_mode):
            raise FileError(PATH_REFUSED, path, None, "it is no regular file.")
        # Reading makes room for all that it is asked for, so ask for what there is; a file may have grown.
        data = stream.read(min(status.st_size, MAX_BYTES) + 1)
        if len(data) > status.st_size:
            data += stream.read(MAX_BYTES + 1 - len(data))
    if len(data) > MAX_BYTES:
        says = f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB."
        raise FileError(XML_TOO_LARGE, path, None, says)
    return data


def _is_unicode(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(path: str) -> str:
    """Return a path that may be printed and sent: what is no character or would move the cursor is `?`."""
    return "".join(char if char.isprintable() else "?" for char in path)
