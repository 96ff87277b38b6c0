"""Units in which nothing lasts: the very same act as a preview of itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from changeover.org.ports import Passwords, Unit, Units


class _NothingLasts(Exception):  # noqa: N818 - no error: it ends the transaction
    """Makes the store roll back."""


class Trial:
    """Units whose transactions are rolled back at their end, for acts that open their own.

    What an act would have made of one item is not there when it looks at the next: two items that only
    contradict each other are both said to go well. Batches read back what they wrote, and so cannot be
    tried.

    Args:
        units: the real ones.
    """

    def __init__(self, units: Units) -> None:
        self._units = units

    @property
    def passwords(self) -> Passwords:
        """What hashes passwords."""
        return self._units.passwords

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """Begin a transaction that may write and never commits."""
        try:
            with self._units.unit() as unit:
                yield unit
                raise _NothingLasts  # noqa: TRY301 - through the store's own context manager
        except _NothingLasts:
            pass

    def read(self) -> AbstractContextManager[Unit]:
        """Begin a transaction that only reads."""
        return self._units.read()
