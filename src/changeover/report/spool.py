"""Apps that wait on the disk until the figures above them are known: ten thousand are never in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO, Self

import msgspec

from changeover.migration.readiness import Readiness
from changeover.report.app import ReportedApp

_IN_MEMORY = 256 * 1024
"""Bytes of each file that stay in memory: a small report touches no disk."""


class Spool:
    """Apps by readiness, each in the order in which they came. Use it as a context manager."""

    def __init__(self) -> None:
        self._files: dict[Readiness, IO[bytes]] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, app: ReportedApp) -> None:
        """Keep an app."""
        file = self._files.get(app.readiness)
        if file is None:
            file = self._open.enter_context(SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - the stack closes it
            self._files[app.readiness] = file
        file.write(msgspec.json.encode(app) + b"\n")

    def of(self, readiness: Readiness) -> Iterator[ReportedApp]:
        """Yield the apps of one readiness; may be asked again."""
        file = self._files.get(readiness)
        if file is None:
            return
        file.seek(0)
        decoder = msgspec.json.Decoder(ReportedApp)
        for line in file:
            yield decoder.decode(line)
