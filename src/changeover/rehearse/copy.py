"""The copy on which a rehearsal happens: an installation of its own that is thrown away, served on loopback.

`wiring` makes it; who rehearses knows no store and no server.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from changeover.org.ports import Units


class CopyClock:
    """The copy's time: the machine's, moved to the day that is rehearsed, and further while tokens lie idle.

    Args:
        start: when the rehearsal begins; now by default.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._ahead = start - datetime.now(UTC) if start is not None else timedelta(0)

    def now(self) -> datetime:
        """Return the time, with UTC as its zone."""
        return datetime.now(UTC) + self._ahead

    def move(self, by: timedelta) -> None:
        """Let time pass, or with a negative length take it back."""
        self._ahead += by


@dataclass(frozen=True, kw_only=True)
class Copy:
    """An empty installation that is served."""

    units: Units
    clock: CopyClock
    address: str
    """Where it is served: `http://127.0.0.1:40123`."""


class Copies(Protocol):
    """Where copies come from."""

    def __call__(self, start: datetime | None = None) -> AbstractContextManager[Copy]:
        """Make a copy for the length of a `with` block; it is gone afterwards.

        Args:
            start: the time on the copy; now by default.
        """
