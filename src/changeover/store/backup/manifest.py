"""The manifest of a backup: what is in it, where from, and the checksum of each table."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from changeover.store.backup.tables import BY_NAME, Shape

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
KeyId = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
Count = Annotated[int, Meta(ge=0)]
Name = Annotated[str, Meta(pattern="^[a-z_]{1,63}$")]
KindName = Annotated[str, Meta(pattern=f"^({'|'.join(BY_NAME)})$")]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a part of a manifest is made of: nothing beside its fields."""


class TablePart(_Part, frozen=True):
    """One table."""

    name: Name
    columns: list[tuple[Name, KindName]]
    """In the order of the values of a row, with their kinds."""
    rows: Count
    bytes: Count
    """Of its lines, unpacked."""
    sha256: Digest
    """Of its lines, unpacked."""

    @property
    def shape(self) -> Shape:
        """The table as a database should have it; its primary key is not told."""
        return Shape(self.name, tuple((name, BY_NAME[kind]) for name, kind in self.columns), ())


class Body(_Part, frozen=True):
    """All rows of all tables, packed."""

    bytes: Count
    sha256: Digest


class Manifest(_Part, frozen=True):
    """The manifest."""

    changeover: str
    """Version that took the backup."""
    schema: Annotated[str, Meta(pattern="^[0-9A-Za-z_]{1,32}$")]
    """The step at which the database stood."""
    database: str
    """Kind of the database."""
    taken_at: Annotated[datetime, Meta(tz=True)]
    sealed_with: dict[KeyId, Count]
    """Ids of the keys that open the sealed values, and how many each."""
    left_out: list[str]
    tables: list[TablePart]
    body: Body

    def encoded(self) -> bytes:
        """Return one line of JSON, without its end."""
        return msgspec.json.encode(self)

    @classmethod
    def decoded(cls, line: bytes) -> Manifest:
        """Read what `encoded` made. Raises msgspec.DecodeError, UnicodeDecodeError."""
        return msgspec.json.decode(line, type=cls)
