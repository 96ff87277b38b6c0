"""The account: where each leaf of a connected app went, and where each leaf of the result came from.

An app has a hundred such pieces: they are named tuples, made three times as fast as frozen dataclasses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What became of a leaf."""

    CARRIED = "carried"
    """The result holds that very value."""
    TRANSLATED = "translated"
    """The result says the same in other words."""
    SPLIT = "split"
    """Several leaves of the result say together what this one said."""
    LOST = "lost"
    """An external client app has no place for it; only for the fields listed in `migration.mapping`."""


class Target(NamedTuple):
    """A leaf of the result: `component` is `App_glbloauth.ecaGlblOauth`, `path` an XPath in it."""

    component: str
    path: str
    value: str

    def __str__(self) -> str:
        return f"{self.component}/{self.path}"


class Entry(NamedTuple):
    """What became of one leaf of the source, or of one reference to the app."""

    source: str
    """Leaf path in the connected app; of a reference: the referring file, a colon, the leaf path there."""
    kind: Kind
    value: str
    """The source's value as it stood."""
    targets: tuple[Target, ...]
    note: str = ""
    """What the reader should know; of a lost one, the consequence."""


class Added(NamedTuple):
    """A leaf of the result that comes from no leaf of the source, and why it is there."""

    target: Target
    why: str
    decision: str | None = None
    """Id of the decision that it rests on, None where a document says so."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Both ways: one entry a source leaf and reference; every written leaf in an entry or in `added`."""

    entries: tuple[Entry, ...]
    added: tuple[Added, ...]

    @property
    def lost(self) -> tuple[Entry, ...]:
        """The entries of what the external client app will not have."""
        return tuple(entry for entry in self.entries if entry.kind is Kind.LOST)
