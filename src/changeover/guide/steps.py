"""One app's step in the runbook: what to look up, what to confirm and on what evidence, what is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from changeover.guide.links import Links
from changeover.guide.ticks import Tick
from changeover.migration.dates import written
from changeover.migration.finding import Severity, Verdict
from changeover.migration.plan import (
    Asked,
    Confirmation,
    Lost,
    PlannedApp,
    PlannedFinding,
    PlannedHidden,
)
from changeover.migration.rules import BY_ID
from changeover.migration.rules.afterwards import CONNECTED_APP_SUPPORT_ENDS
from changeover.migration.rules.flows import (
    OWN_PIPELINE,
    USERNAME_PASSWORD_POSSIBLE,
    USERNAME_PASSWORD_SEEN,
)
from changeover.migration.rules.origin import NOT_LOCAL
from changeover.migration.verification import Status

_FLOW_RULES = frozenset({USERNAME_PASSWORD_SEEN.id, USERNAME_PASSWORD_POSSIBLE.id})
# Said once, among the dates.
_OF_ALL = frozenset({CONNECTED_APP_SUPPORT_ENDS.id})
_NUMBER = re.compile(r"([0-9]+)")


class Part(StrEnum):
    """In which part of the runbook an app stands, in their order."""

    WAVES = "waves"
    PIPELINE = "pipeline"
    BLOCKED = "blocked"
    MIGRATED = "migrated"


Place = tuple[int, int, tuple[tuple[int, int, str], ...], str]
"""What orders the chapters: part, whether a wave has no name, the name by its numbers, the name."""


class Mark(StrEnum):
    """Whether a step is done."""

    TO_DO = "to do"
    DONE = "done"
    DIFFERS = "not as expected"


@dataclass(frozen=True, kw_only=True)
class ToConfirm:
    """Something that is confirmed in the dialog of the migration."""

    statement: str
    evidence: tuple[str, ...]
    by: str | None
    """Who has confirmed it and when; None as long as nobody has."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One app's step."""

    api_name: str
    label: str
    link: str | None
    tell: tuple[str, ...]
    users: tuple[str, ...]
    confirm: tuple[ToConfirm, ...]
    look: tuple[str, ...]
    """What no file shows and must be looked up in Setup first."""
    missing: tuple[str, ...]
    """What may take the button away, of what was seen."""
    warnings: tuple[PlannedFinding, ...]
    blockers: tuple[PlannedFinding, ...]
    lost: tuple[Lost, ...]
    mark: Mark
    tick: Tick | None


def part_of(app: PlannedApp) -> Part:
    """Say in which part of the runbook an app stands: its own pipeline's app comes last of all clicks."""
    if app.verdict is Verdict.MIGRATED:
        return Part.MIGRATED
    if app.verdict is Verdict.BLOCKED:
        return Part.BLOCKED
    own = any(finding.rule == OWN_PIPELINE.id for finding in app.findings)
    return Part.PIPELINE if own else Part.WAVES


def place_of(app: PlannedApp) -> Place:
    """Return what orders an app's chapter; waves are ordered by the numbers in their names."""
    part = part_of(app)
    wave = (app.wave or "") if part is Part.WAVES else ""
    pieces = tuple(
        (0, int(piece), "") if piece.isdigit() else (1, 0, piece.casefold())
        for piece in _NUMBER.split(wave)
        if piece
    )
    return (tuple(Part).index(part), int(not wave), pieces, wave)


def step_of(app: PlannedApp, links: Links, tick: Tick | None) -> Step:
    """Return an app's step.

    Args:
        app: its record in the plan.
        links: addresses in Setup.
        tick: what `verify` found of it, None if it was not asked.
    """
    tell = dict.fromkeys(one for one in (app.owner, app.contact) if one)
    return Step(
        api_name=app.api_name,
        label=app.label,
        link=links.of(app.api_name, app.label),
        tell=tuple(tell),
        users=tuple(f"{one.user} ({one.flow}, {written(one.last.date())})" for one in app.last_users),
        confirm=tuple(_to_confirm(app, one) for one in app.confirmations),
        look=_look(app),
        missing=tuple(
            f"{found.evidence} {found.remedy}"
            for found in app.findings
            if _takes_the_button(found.rule) and found.severity is not Severity.BLOCKER
        ),
        warnings=tuple(one for one in _with(app, Severity.WARNING) if one.rule not in _OF_ALL),
        blockers=_with(app, Severity.BLOCKER),
        lost=app.lost,
        mark=_mark(app, tick),
        tick=tick,
    )


def _mark(app: PlannedApp, tick: Tick | None) -> Mark:
    if tick is not None and tick.status is Status.DRIFT:
        return Mark.DIFFERS
    if app.verdict is Verdict.MIGRATED or (tick is not None and tick.status is Status.VERIFIED):
        return Mark.DONE
    return Mark.TO_DO


def _to_confirm(app: PlannedApp, one: Confirmation) -> ToConfirm:
    given = one.given
    evidence: tuple[str, ...]
    match one.what:
        case Asked.LOCAL:
            hidden = [hidden.where_to_look for hidden in app.not_visible if hidden.rule == NOT_LOCAL.id]
            evidence = tuple(hidden) or ("The org knows that it is.",)
        case Asked.NO_USERNAME_PASSWORD:
            evidence = tuple(
                f"{found.evidence} {found.remedy}" for found in app.findings if found.rule in _FLOW_RULES
            )
        case Asked.DESPITE_EVIDENCE:
            evidence = tuple(found.remedy for found in app.findings if found.rule == one.rule)
    return ToConfirm(
        statement=one.statement,
        evidence=evidence,
        by=f"{given.by}, {written(given.at.date())}" if given is not None else None,
    )


def _look(app: PlannedApp) -> tuple[str, ...]:
    confirmed = {NOT_LOCAL.id, *_FLOW_RULES}
    wanted = [hidden for hidden in app.not_visible if _bears(hidden) and hidden.rule not in confirmed]
    return tuple(dict.fromkeys(hidden.where_to_look for hidden in wanted))


def _bears(hidden: PlannedHidden) -> bool:
    """Whether a rule that could not be judged may stand in the way, or must be confirmed."""
    rule = BY_ID.get(hidden.rule)
    return rule is not None and rule.severity in {Severity.BLOCKER, Severity.CONFIRM}


def _takes_the_button(rule: str) -> bool:
    found = BY_ID.get(rule)
    return found is not None and found.severity is Severity.BLOCKER


def _with(app: PlannedApp, severity: Severity) -> tuple[PlannedFinding, ...]:
    return tuple(finding for finding in app.findings if finding.severity is severity)
