"""What has expired is forgotten while tokens are asked for: once an hour in each process, a little a time."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from changeover.org.ports import Units

EVERY = timedelta(hours=1)
AT_A_TIME = 1000
"""Rows of each table: who waits for the writer meanwhile does not notice."""


class Forgetting:
    """When it is time again. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: datetime | None = None

    def due(self, now: datetime) -> bool:
        """Whether it is time to, and nobody is at it."""
        return (self._next is None or now >= self._next) and not self._lock.locked()

    def forget(self, units: Units, now: datetime) -> None:
        """Forget some of what has expired, where it is time to; call it outside a unit."""
        if not self.due(now):
            return
        # Who finds another one at it leaves it to that one.
        if not self._lock.acquire(blocking=False):
            return
        try:
            with units.unit() as unit:
                more = unit.oauth.forget_expired(now, AT_A_TIME)
                unit.staged.forget_expired(now)
            self._next = now if more else now + EVERY
        finally:
            self._lock.release()
