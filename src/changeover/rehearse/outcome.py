"""What a rehearsed login came to, and what is made of three of them."""

from __future__ import annotations

from dataclasses import dataclass

from changeover.shapes.rehearsals import LoginVerdict


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a client got."""

    gained: frozenset[str] = frozenset()
    """What it was given, in words: `scope api`, `a refresh token`, `attribute department`."""
    error: str = ""
    """The `error` that it was told; empty where it logged in."""
    description: str = ""
    """The `error_description`."""

    @property
    def works(self) -> bool:
        """Whether the client logged in."""
        return not self.error

    def like(self, other: Outcome) -> bool:
        """Whether the client is served alike: it logs in to the same things, or not at all for any reason."""
        return self.works is other.works and self.gained == other.gained


class Refused(Exception):  # noqa: N818 - what happened to a login, no fault
    """A login that did not go through, as the client was told.

    Args:
        error: the `error`.
        description: the `error_description`.
    """

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


def verdict_of(before: Outcome, after: Outcome, after_revert: Outcome) -> LoginVerdict:
    """Return what three outcomes of one login say.

    A login that fails before and after alike is the same: the migration does nothing to it. One that goes
    through with less than before breaks, and so does one that does not come back with the revert.
    """
    if not before.works:
        return LoginVerdict.ONLY_AFTER if after.works else LoginVerdict.SAME
    held = after.works and after_revert.works
    if held and not lost(before, after) and not lost(before, after_revert):
        return LoginVerdict.SAME
    return LoginVerdict.BREAKS


def lost(before: Outcome, then: Outcome) -> tuple[str, ...]:
    """Return what a client was given before and is not given any more, in order."""
    return tuple(sorted(before.gained - then.gained))
