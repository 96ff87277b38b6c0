"""What an error is: its entry in the catalogue, and the one exception that says what happened in this case.

A message never holds a secret, a token or a private key.
"""

from __future__ import annotations

from typing import NamedTuple


class ErrorKind(NamedTuple):
    """An entry of the catalogue."""

    code: str
    """Stable: `E-...`."""
    status: int
    """HTTP status over REST and on pages."""
    title: str
    """What happened, in general."""
    remedy: str
    """What to do next, where the error itself does not say it more closely."""


class ChangeoverError(Exception):
    """An error for the reader.

    Args:
        kind: its entry in the catalogue.
        message: one sentence: what happened, with the names of this case.
        remedy: what to do next in this case; the catalogue's by default.
    """

    def __init__(self, kind: ErrorKind, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.remedy = remedy or kind.remedy

    def __reduce__(self) -> tuple[object, ...]:
        """Let the error travel between processes whatever its class's own arguments are."""
        return _restored, (type(self), self.args, self.__dict__)

    @property
    def code(self) -> str:
        """The stable code."""
        return self.kind.code

    def __str__(self) -> str:
        return f"{self.code}: {self.message} {self.remedy}"


def _restored(
    cls: type[ChangeoverError], args: tuple[object, ...], state: dict[str, object]
) -> ChangeoverError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error
