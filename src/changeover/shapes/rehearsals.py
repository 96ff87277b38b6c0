"""A rehearsal as JSON: the same on the command line, over REST and in the file that a report takes in."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct


class LoginVerdict(StrEnum):
    """What the migration does to a login."""

    SAME = "same"
    BREAKS = "breaks"
    ONLY_AFTER = "works only after"
    NOT_REHEARSED = "cannot be rehearsed"


class LoginOutcome(Struct, frozen=True, kw_only=True):
    """What a client got."""

    works: bool
    error: Annotated[str, Meta(description="What it was told as `error`; empty where it logged in.")]
    description: Annotated[str, Meta(description="The `error_description`.")]
    gained: Annotated[tuple[str, ...], Meta(description="What it was given: `scope api`, `a refresh token`.")]


class RehearsedFlow(Struct, frozen=True, kw_only=True):
    """One flow of one app."""

    flow: Annotated[str, Meta(description="`web-server`, `refresh-token`, ...: see docs/rehearse.md.")]
    title: str
    verdict: LoginVerdict
    before: Annotated[LoginOutcome | None, Meta(description="Null where it was not rehearsed.")]
    after: LoginOutcome | None
    after_revert: LoginOutcome | None
    reason: Annotated[str, Meta(description="Why it fails or is not rehearsed; empty where all is well.")]
    remedy: str
    depends_on: Annotated[
        tuple[str, ...],
        Meta(
            description="Decisions (`D-01` ...) with which the row would be another; none: safe either way."
        ),
    ]


class RehearsedApp(Struct, frozen=True, kw_only=True):
    """One app."""

    api_name: str
    label: str
    path: Annotated[str, Meta(description="Relative to what was opened; of an org, where it came from.")]
    rows: tuple[RehearsedFlow, ...]
    notes: Annotated[tuple[str, ...], Meta(description="What stood on the copy for what nobody here knows.")]


class Assumed(Struct, frozen=True, kw_only=True):
    """A decision that was taken the other way."""

    name: str
    decision: str
    what: str


class RehearsalFigures(Struct, frozen=True, kw_only=True):
    """How many rows came to what."""

    apps: int
    rows: Annotated[dict[str, int], Meta(description="By verdict; none for what no row is.")]
    failing_alike: Annotated[int, Meta(description="Rows that are the same and fail at every stage.")]


class RehearsalSetting(Struct, frozen=True, kw_only=True):
    """What a rehearsal was of, and on what terms."""

    source: str
    day: Annotated[date, Meta(description="The day on the copy.")]
    assumed: tuple[Assumed, ...]
    caveat: str
