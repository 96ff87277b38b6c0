"""A file that appears under its name only when it is whole."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Self

from changeover.errors import OUTPUT_FAILED
from changeover.metadata.file_error import FileError


class WholeFile:
    """Writes a file under a temporary name; one that stands there is replaced at the end.

    Use it as a context manager: what was not finished leaves nothing.

    Args:
        path: the file.

    Raises:
        FileError: OUTPUT_FAILED.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
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

    def _failed(self, error: OSError) -> FileError:
        return FileError(OUTPUT_FAILED, str(self.path), None, f"{error.strerror or 'the disk refuses'}.")
