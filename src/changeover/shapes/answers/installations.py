"""What the commands on a whole installation print with `--json`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

KeyId = Annotated[str, Meta(description="Id of a key, which says nothing about it.", pattern="^[0-9a-f]+$")]


class Backup(Struct, frozen=True, kw_only=True):
    """The answer of `changeover backup` and of `changeover restore`: what the backup says of itself."""

    file: str
    changeover: Annotated[str, Meta(description="The version that took it.")]
    schema: Annotated[str, Meta(description="The step at which its database stood.")]
    database: Annotated[str, Meta(description="The kind of its database.")]
    taken_at: datetime
    signed_with: KeyId
    signature_checked: Annotated[bool, Meta(description="Whether the key that signed it is here.")]
    sealed_with: Annotated[dict[str, int], Meta(description="How many secrets in it which key opens.")]
    rows: Annotated[dict[str, int], Meta(description="How many rows it has of which table.")]
    left_out: Annotated[tuple[str, ...], Meta(description="Tables that are not in it.")]
    size: Annotated[int, Meta(description="Of the file, in bytes.", ge=0)]
    secrets_left_out: Annotated[
        int | UnsetType, Meta(description="After a restore: secrets whose key is missing.")
    ] = UNSET


class KeyUse(Struct, frozen=True, kw_only=True):
    """A key that is here or needed."""

    key: KeyId
    here: bool
    current: Annotated[bool, Meta(description="Whether it is the one that seals.")]
    sealed: Annotated[int, Meta(description="How many values are sealed with it.", ge=0)]


class KeyStatus(Struct, frozen=True, kw_only=True):
    """The answer of `changeover key status`."""

    keys: tuple[KeyUse, ...]


class KeyRotated(Struct, frozen=True, kw_only=True):
    """The answer of `changeover key rotate`."""

    key: KeyId
    sealed: Annotated[int, Meta(description="How many values were sealed anew.", ge=0)]
    resumed: Annotated[bool, Meta(description="Whether it went on where an earlier one was stopped.")]


class KeysRetired(Struct, frozen=True, kw_only=True):
    """The answer of `changeover key retire`."""

    dropped: tuple[KeyId, ...]


class Worker(Struct, frozen=True, kw_only=True):
    """What `changeover worker` prints before it works."""

    worker: Annotated[str, Meta(description="`ready`.")]
