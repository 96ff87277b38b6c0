"""What pairs of a real org show, in a file that can be shared: no name, key, address or text of theirs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Self

import msgspec

from changeover import __version__, errors
from changeover.errors import ChangeoverError
from changeover.migration.verification import Verified, observed

FORMAT = 1
"""Counted up whenever a reader of the file would have to know."""


class Observation:
    """A file of observations, written whole at the end or not at all. Use it as a context manager.

    The apps stand in it in order of what they show, not in the order of their names.

    Args:
        path: the file; one that is there is replaced.

    Raises:
        ChangeoverError: E-OUTPUT-FAILED.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pairs: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._write()

    def add(self, verified: Verified) -> None:
        """Add one pair; an app that has not been migrated shows nothing."""
        shown: Any = observed(verified)
        if shown is not None:
            self._pairs.append(msgspec.json.encode(shown))

    def _write(self) -> None:
        head = msgspec.json.encode({"format": FORMAT, "changeover": __version__})[:-1]
        content = head + b', "pairs": [\n' + b",\n".join(sorted(self._pairs)) + b"\n]}\n"
        try:
            handle, draft = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                os.replace(draft, self._path)  # noqa: PTH105 - a descriptor's own name
            except BaseException:
                os.unlink(draft)  # noqa: PTH108 - the same
                raise
        except OSError as error:
            message = f"{self._path} could not be written: {error.strerror or error}."
            raise ChangeoverError(errors.OUTPUT_FAILED, message) from None
