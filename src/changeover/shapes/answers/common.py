"""What answers have in common: why something was refused, and what was wrong with a file."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Refused(Struct, frozen=True, kw_only=True):
    """Why nothing was done, or why a list broke off."""

    code: Annotated[str, Meta(description="Stable: `E-...`.", pattern="^E-[A-Z-]+$")]
    message: str
    remedy: str


class Refusal(Struct, frozen=True, kw_only=True):
    """The answer of a command that was refused as a whole."""

    error: Refused


class Problem(Struct, frozen=True, kw_only=True):
    """What was wrong, with the file where it was one."""

    path: str | None
    line: Annotated[int | None, Meta(description="Counted from 1; null where no line is meant.")]
    code: Annotated[str, Meta(description="Stable: `E-...`.", pattern="^E-[A-Z-]+$")]
    message: str
    remedy: str
