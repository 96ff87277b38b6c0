"""People's passwords: argon2id with OWASP's parameters."""

from __future__ import annotations

import os
from functools import cached_property
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Each check takes a core for tens of milliseconds and 19 MiB: a flood of sign-ins must not take all of them.
_AT_ONCE = BoundedSemaphore(max(1, min(2, (os.cpu_count() or 1) // 2)))


class Argon2Passwords:
    """Hashes and verifies.

    Args:
        hasher: with which parameters.
    """

    def __init__(self, hasher: PasswordHasher = _HASHER) -> None:
        self._hasher = hasher

    def hash(self, password: str) -> str:
        """Return the hash to store."""
        with _AT_ONCE:
            return self._hasher.hash(password)

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. With None it takes as long and returns False."""
        with _AT_ONCE:
            try:
                self._hasher.verify(stored or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody's")
