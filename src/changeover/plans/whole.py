"""A file that appears under its name only when it is whole."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Self

from changeover.errors import OUTPUT_FAILED, OUTPUT_IN_THE_WAY
from changeover.metadata.file_error import FileError

_BEGINNING = 4096
"""Bytes in which a file of ours says what it is."""


class WholeFile:
    """Writes a file under a temporary name; one that stands there is replaced at the end.

    Use it as a context manager: what was not finished leaves nothing.

    Args:
        path: the file.
        replaces: what stands near the beginning of a file that may be replaced; None for any.

    Raises:
        FileError: OUTPUT_IN_THE_WAY where another file stands, OUTPUT_FAILED.
    """

    def __init__(self, path: Path, replaces: bytes | None = None) -> None:
        self.path = path
        if replaces is not None and not self._is_ours(replaces):
            says = "another file stands there, which is not replaced."
            raise FileError(OUTPUT_IN_THE_WAY, str(path), None, says)
        self._temporary = path.with_name(f".changeover-{secrets.token_hex(8)}")
        try:
            self._stream = self._temporary.open("xb")
        except OSError as error:
            raise self._failed(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._stream.close()
        with suppress(OSError):
            self._temporary.unlink()

    def write(self, data: bytes) -> None:
        """Write some more. Raises FileError: OUTPUT_FAILED."""
        try:
            self._stream.write(data)
        except OSError as error:
            raise self._failed(error) from None

    def finish(self) -> None:
        """Put the file in its place. Raises FileError: OUTPUT_FAILED."""
        try:
            self._stream.close()
            os.replace(self._temporary, self.path)  # noqa: PTH105  # Path.replace refuses nothing more
        except OSError as error:
            raise self._failed(error) from None

    def _is_ours(self, beginning: bytes) -> bool:
        try:
            with self.path.open("rb") as stream:
                return beginning in stream.read(_BEGINNING)
        except FileNotFoundError:
            return True
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> FileError:
        return FileError(OUTPUT_FAILED, str(self.path), None, f"{error.strerror or 'the disk refuses'}.")
