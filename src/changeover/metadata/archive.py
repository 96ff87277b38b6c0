"""A zip archive as a retrieve answers with, opened as if it came from an enemy.

Limits: Salesforce itself takes at most 10,000 files and 400 MB unpacked in one retrieve or deploy (Salesforce
Developer Limits Quick Reference, Metadata API limits); an archive of many orgs' apps may hold more files.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path
from stat import S_ISLNK
from typing import BinaryIO, Self

from changeover.errors import PATH_MISSING, XML_TOO_LARGE, ZIP_REFUSED
from changeover.metadata.encoding import MAX_BYTES
from changeover.metadata.file_error import FileError

MAX_ENTRIES = 65_534
"""What an archive can hold without Zip64, which no retrieve needs."""
SENT = "the zip file"
"""What messages call an archive that has no path."""
MAX_DIRECTORY = 16 * 1024 * 1024
MAX_UNPACKED = 1024 * 1024 * 1024

_END = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_END_SIZE = 22
_MAX_COMMENT = 0xFFFF
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_BROKEN = (zipfile.BadZipFile, struct.error, EOFError, ValueError, NotImplementedError)


class Archive:
    """An open zip archive: the paths of its files, and their bytes one by one.

    Nothing is ever unpacked to disk. Use it as a context manager.

    Args:
        file: the archive's path, or its bytes where it came over a wire.
        most_entries: files and folders that it may hold, `MAX_ENTRIES` by default.
        most_unpacked: bytes that it may unpack to, `MAX_UNPACKED` by default.

    Raises:
        FileError: ZIP_REFUSED if it is broken, too large, encrypted, holds a path twice, a link, or a path
            that leads out of it; PATH_MISSING if it cannot be opened.
    """

    def __init__(
        self, file: Path | bytes, *, most_entries: int | None = None, most_unpacked: int | None = None
    ) -> None:
        self._name = file.name if isinstance(file, Path) else SENT
        self._most_entries = most_entries or MAX_ENTRIES
        self._most_unpacked = most_unpacked or MAX_UNPACKED
        try:
            self._stream: BinaryIO = file.open("rb") if isinstance(file, Path) else io.BytesIO(file)
        except OSError as error:
            raise FileError(PATH_MISSING, self._name, None, f"{error.strerror or 'unreadable'}.") from None
        try:
            self._check_size()
            self._zip = zipfile.ZipFile(self._stream)
            self._entries = self._checked()
        except _BROKEN:
            self._stream.close()
            raise self._refused("the archive is broken.") from None
        except BaseException:
            self._stream.close()
            raise
        self._read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()
        self._stream.close()

    def paths(self) -> list[str]:
        """Return the paths of all files, sorted."""
        return sorted(self._entries)

    def read(self, path: str) -> bytes:
        """Return a file's bytes.

        What the headers say of the size is not believed: reading stops at the limit.

        Raises:
            FileError: XML_TOO_LARGE beyond `MAX_BYTES`, ZIP_REFUSED where the entry is damaged or all that
                was read from the archive exceeds `MAX_UNPACKED`.
        """
        try:
            with self._zip.open(self._entries[path]) as stream:
                data = stream.read(MAX_BYTES + 1)
        except (*_BROKEN, zlib.error, OSError, RuntimeError):
            raise FileError(ZIP_REFUSED, path, None, "the file is damaged in the archive.") from None
        if len(data) > MAX_BYTES:
            says = f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB."
            raise FileError(XML_TOO_LARGE, path, None, says)
        self._read += len(data)
        if self._read > 4 * self._most_unpacked:  # a reader makes two passes, and a conversion two more
            raise self._refused("the archive unpacks to more than its directory says.")
        return data

    def _refused(self, says: str) -> FileError:
        return FileError(ZIP_REFUSED, self._name, None, says)

    def _check_size(self) -> None:
        # zipfile reads the whole central directory into memory, so its size is looked at before.
        self._stream.seek(0, 2)
        size = self._stream.tell()
        self._stream.seek(max(0, size - _END_SIZE - _MAX_COMMENT))
        tail = self._stream.read()
        self._stream.seek(0)
        end = tail.rfind(_END)
        if end < 0 or len(tail) < end + _END_SIZE:
            raise self._refused("the file is no zip archive, or it is cut off.")
        if tail[max(0, end - 20) : end].startswith(_ZIP64_LOCATOR):
            raise self._refused(f"the archive is of the Zip64 kind, for more than {MAX_ENTRIES} files.")
        (entries,) = struct.unpack_from("<H", tail, end + 10)
        (directory,) = struct.unpack_from("<I", tail, end + 12)
        if entries > self._most_entries or directory > MAX_DIRECTORY:
            raise self._refused("the archive's directory is too large.")

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        entries: dict[str, zipfile.ZipInfo] = {}
        unpacked = 0
        for info in self._zip.infolist():
            path = info.filename
            # zipfile cuts a name at NUL; what it cut off was there to deceive someone.
            if info.orig_filename != path or _leads_out(path):
                raise self._refused(f"a path leads out of it or deceives: {_shown(info.orig_filename)}.")
            if S_ISLNK(info.external_attr >> 16):
                raise self._refused(f"{_shown(path)} is a link.")
            if info.is_dir():
                continue
            if path in entries:
                raise self._refused(f"{_shown(path)} stands in it twice.")
            if info.flag_bits & _ENCRYPTED:
                raise self._refused(f"{_shown(path)} is encrypted.")
            if info.compress_type not in _METHODS:
                raise self._refused(f"{_shown(path)} is packed in a way that Salesforce does not use.")
            unpacked += info.file_size
            if unpacked > self._most_unpacked:
                raise self._refused(f"it unpacks to more than {self._most_unpacked // 1024 // 1024} MiB.")
            entries[path] = info
        if len(entries) > self._most_entries:
            raise self._refused(f"it holds more than {self._most_entries} files.")
        return entries


def _leads_out(path: str) -> bool:
    steps = path.removesuffix("/").split("/")
    drive = len(path) > 1 and path[1] == ":"
    return drive or "\\" in path or any(step in {"", ".", ".."} for step in steps)


def _shown(path: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in path[:200])
