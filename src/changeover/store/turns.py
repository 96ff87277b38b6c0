"""A lock that goes to whoever has waited longest.

A lock of Python goes to whoever runs at the moment it is free, and that is mostly the thread that has just
let it go: a batch, which takes it again at once, would keep a login waiting for as long as it likes.
"""

from __future__ import annotations

import threading
from collections import deque


class Turn:
    """Whose turn it is."""

    def __init__(self) -> None:
        self._own = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for the turn, at most so many seconds; returns whether it has come."""
        with self._own:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=timeout):
            return True
        with self._own:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        # It came while we gave up.
        return True

    def release(self) -> None:
        """Pass the turn on to whoever has waited longest."""
        with self._own:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
