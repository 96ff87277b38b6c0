"""What is said of a rehearsed app: a row for each flow, made from what its logins came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from changeover.errors import ChangeoverError
from changeover.rehearse.flows import RehearsedFlow
from changeover.rehearse.integration import STAGES
from changeover.rehearse.outcome import Outcome, lost, verdict_of
from changeover.rehearse.reasons import When, reason_of
from changeover.shapes.rehearsals import LoginVerdict

BEFORE, AFTER, AFTER_REVERT = STAGES


@dataclass(frozen=True, kw_only=True)
class Row:
    """One flow of one app."""

    flow: str
    title: str
    verdict: LoginVerdict
    before: Outcome | None = None
    """None where it was not rehearsed."""
    after: Outcome | None = None
    after_revert: Outcome | None = None
    reason: str = ""
    """Why it fails, why it is not rehearsed; empty where all is well."""
    remedy: str = ""
    depends_on: tuple[str, ...] = ()
    """Ids of decisions: taken the other way, the row would be another."""


@dataclass(frozen=True, kw_only=True)
class RehearsedApp:
    """One app."""

    api_name: str
    label: str
    path: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    """What stands on the copy in place of what nobody here knows."""


@dataclass(frozen=True)
class Cycle:
    """The outcomes of one way there and back, by flow and stage; or why there was none."""

    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    unprepared: dict[str, Outcome] = field(default_factory=dict)
    """What went wrong, by flow, when that was to be had which a flow needs from before."""
    blocked: ChangeoverError | None = None

    def unlike(self, other: Cycle, flow: RehearsedFlow) -> bool:
        """Whether a flow came to something else in another cycle, at a stage that both have."""
        both = [
            (self.outcomes.get((flow.id, stage)), other.outcomes.get((flow.id, stage))) for stage in STAGES
        ]
        return any(mine and theirs and not mine.like(theirs) for mine, theirs in both)


SAML = Row(
    flow="saml",
    title="SAML single sign-on",
    verdict=LoginVerdict.NOT_REHEARSED,
    reason="SAML is not rehearsed: a local org answers no SAML requests.",
    remedy="Try the sign-on by hand in a sandbox, with the service provider's test settings.",
)


def not_rehearsed(flow: RehearsedFlow, reason: str, remedy: str) -> Row:
    """Return the row of a flow that was not rehearsed."""
    return Row(
        flow=flow.id, title=flow.title, verdict=LoginVerdict.NOT_REHEARSED, reason=reason, remedy=remedy
    )


def row_of(
    flow: RehearsedFlow,
    cycle: Cycle,
    depends_on: tuple[str, ...] = (),
    *,
    elsewhere: bool = False,
    always: frozenset[When] = frozenset(),
) -> Row:
    """Return what a flow came to on the way there and back.

    Args:
        flow: the flow.
        cycle: its outcomes at every stage.
        depends_on: ids of the decisions with which the row would be another.
        elsewhere: whether the clients log in to another org than the app's.
        always: what is so at every stage.
    """
    when = {When.ELSEWHERE, When.MIGRATED} if elsewhere else {When.MIGRATED}
    told = _told(flow, cycle, always)
    if told is not None:
        return told
    before, after, reverted = (cycle.outcomes[flow.id, one] for one in STAGES)
    stages = (
        _Stage(before, always),
        _Stage(after, always | when, "after the migration"),
        _Stage(reverted, always, "after the revert"),
    )
    reason, remedy = _why(flow.id, stages)
    return Row(
        flow=flow.id,
        title=flow.title,
        verdict=verdict_of(before, after, reverted),
        before=before,
        after=after,
        after_revert=reverted,
        reason=reason,
        remedy=remedy,
        depends_on=depends_on,
    )


def way_back_of(flow: RehearsedFlow, cycle: Cycle, *, always: frozenset[When] = frozenset()) -> Row:
    """Return what a flow of an app that is migrated already came to: now, and after a revert.

    `always`: what is so at either stage.
    """
    told = _told(flow, cycle, always | {When.MIGRATED})
    if told is not None:
        return told
    now, reverted = (cycle.outcomes[flow.id, one] for one in (AFTER, AFTER_REVERT))
    stages = (
        _Stage(now, always | {When.MIGRATED}),
        _Stage(reverted, always | {When.REVERTED}, "after the revert"),
    )
    reason, remedy = _why(flow.id, stages)
    return Row(
        flow=flow.id,
        title=flow.title,
        verdict=verdict_of(now, reverted, reverted),
        after=now,
        after_revert=reverted,
        reason=reason,
        remedy=remedy,
    )


@dataclass(frozen=True)
class _Stage:
    outcome: Outcome
    when: frozenset[When]
    name: str = ""


def _told(flow: RehearsedFlow, cycle: Cycle, when: frozenset[When]) -> Row | None:
    """Return the row of a flow that lacks what it needs from before; None where it has that."""
    unprepared = cycle.unprepared.get(flow.id)
    if unprepared is None:
        return None
    said, remedy = reason_of(unprepared, flow.id, when)
    told = f"{unprepared.error}: {unprepared.description}".rstrip(": ")
    return not_rehearsed(flow, f"It needs a login from before, and that fails ({told}). {said}", remedy)


def _why(flow: str, stages: Sequence[_Stage]) -> tuple[str, str]:
    # What failed first has a reason of its own, whatever comes on top.
    for one in stages:
        if not one.outcome.works:
            return reason_of(one.outcome, flow, one.when)
    first, *later = stages
    for one in later:
        gone = lost(first.outcome, one.outcome)
        if gone:
            said = f"The client logs in, but {one.name} it no longer gets: {', '.join(gone)}."
            return said, "Make sure that the client does without, or set it on the app."
    return "", ""
