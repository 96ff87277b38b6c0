"""What an operator is told of the keys of an installation and of its backups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


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


@dataclass(frozen=True, kw_only=True)
class Backup:
    """What a backup says of itself."""

    changeover: str
    """The version that took it."""
    schema: str
    """The step at which its database stood."""
    database: str
    """The kind of its database."""
    taken_at: datetime
    signed_with: str
    """Id of the key with which it is signed."""
    signature_checked: bool
    """Whether that key is here: without it nobody can say who wrote the file."""
    sealed_with: Mapping[str, int]
    """Ids of the keys that open the secrets in it, and how many each."""
    rows: Mapping[str, int]
    """How many rows it has of which table."""
    left_out: tuple[str, ...]
    """Tables that are not in it."""
    size: int
    """Of the file, in bytes."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What was restored."""

    backup: Backup
    secrets_left_out: int
    """How many secrets were sealed with a key that is missing."""
