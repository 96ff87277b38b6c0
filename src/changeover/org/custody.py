"""What an operator is told of the keys of an installation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class KeyUse:
    """A key, and what it is needed for. Its id says nothing about it."""

    key: str
    """Id, in hexadecimal digits."""
    here: bool
    """Whether the installation has it."""
    current: bool
    """Whether it is the one that seals."""
    sealed: int
    """How many values are sealed with it."""


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """A rotation that has come to its end."""

    key: str
    """Id of the key that seals now."""
    sealed: int
    """How many values were sealed anew."""
    resumed: bool
    """Whether it went on where an earlier one was stopped, and no new key was made."""
