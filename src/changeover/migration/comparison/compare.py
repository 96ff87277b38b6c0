"""What a connected app should have become against the external client app that is there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from changeover.apps.document import Document
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExternalClientApplication,
    ExtlClntAppOauthConfigurablePolicies,
)
from changeover.apps.types import component
from changeover.migration import decisions
from changeover.migration.comparison.equality import meaning
from changeover.migration.comparison.otherwise import Difference, decided
from changeover.migration.comparison.pairing import pair_leaves, pair_parts
from changeover.migration.comparison.silence import (
    MADE_BY_SALESFORCE,
    OF_EVERY_PART,
    OFTEN_LEFT_OUT,
    OFTEN_NOT_RETRIEVED,
)
from changeover.migration.mapping import Migration

FULL_NAME = "fullName"


class Outcome(StrEnum):
    """What a comparison says of one leaf."""

    EQUAL = "equal"
    DIFFERS = "differs"
    MISSING = "missing"
    EXTRA = "extra"
    NOT_RETRIEVED = "not retrieved"
    DECIDED_OTHERWISE = "decided otherwise"


DRIFT = frozenset({Outcome.DIFFERS, Outcome.MISSING, Outcome.EXTRA})


@dataclass(frozen=True, kw_only=True)
class Line:
    """One leaf of the comparison. Values may be secrets: mask them by their path (`apps.secrets`)."""

    outcome: Outcome
    component: str
    """Ours, `App_oauth.ecaOauth`; of an extra part, the one that was found."""
    path: str
    expected: str | None
    found: str | None
    decision: str | None = None
    """Id of our decision that the difference overthrows."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Every leaf that was expected or found."""

    lines: tuple[Line, ...]

    def of(self, *outcomes: Outcome) -> tuple[Line, ...]:
        """Return the lines of some outcomes."""
        return tuple(line for line in self.lines if line.outcome in outcomes)

    @property
    def drift(self) -> tuple[Line, ...]:
        """What is not as it should be, and for which no decision of ours and no retrieve accounts."""
        return self.of(*DRIFT)


def compare(migration: Migration, found: ExternalClientApp | None) -> Comparison:
    """Compare an expected result with what is there. Pure.

    Parts are matched by their type within the app, never by their names; which parts belong to an app says
    `gather`.

    Args:
        migration: what the connected app should have become.
        found: the external client app, None where there is none of its name and key.
    """
    expected = migration.external_client_app
    added = {(entry.target.component, entry.target.path): entry.decision for entry in migration.account.added}
    lines: list[Line] = []
    if found is not None and found.api_name.casefold() != expected.api_name.casefold():
        lines.append(
            Line(
                outcome=Outcome.DECIDED_OTHERWISE,
                component=component(expected.header),
                path=FULL_NAME,
                expected=expected.api_name,
                found=found.api_name,
                decision=decisions.SAME_API_NAME.id,
            )
        )
    for ours, theirs in pair_parts(expected, found):
        lines.extend(_part(ours, theirs, expected, found, added))
    return Comparison(lines=tuple(lines))


def _part(
    ours: Document | None,
    theirs: Document | None,
    expected: ExternalClientApp,
    found: ExternalClientApp | None,
    added: dict[tuple[str, str], str | None],
) -> list[Line]:
    document = ours if ours is not None else theirs
    if document is None:
        return []
    kind, name = type(document), component(document)
    lines = []
    for path, (mine, other) in pair_leaves(ours, theirs).items():
        line = Line(outcome=Outcome.EQUAL, component=name, path=path, expected=mine, found=other)
        if mine is not None and other is not None and meaning(path, mine) == meaning(path, other):
            lines.append(line)
            continue
        if mine is None and _salesforces_own(kind, path, theirs):
            continue
        outcome, decision, note = Outcome.MISSING, None, ""
        if found is not None:
            at = Difference(
                part=kind,
                path=path,
                expected=mine,
                found=other,
                expected_app=expected,
                found_app=found,
                part_found=theirs is not None,
            )
            outcome, decision, note = _outcome(at, added.get((name, path)))
        lines.append(
            Line(
                outcome=outcome,
                component=name,
                path=path,
                expected=mine,
                found=other,
                decision=decision,
                note=note,
            )
        )
    return lines


def _outcome(at: Difference, added_by: str | None) -> tuple[Outcome, str | None, str]:
    """Say what a difference is; `added_by`: the decision by which we wrote the leaf without a source."""
    if not at.part_found and at.part in OFTEN_NOT_RETRIEVED:
        return Outcome.NOT_RETRIEVED, None, OFTEN_NOT_RETRIEVED[at.part]
    if at.found is None and (at.part, at.path) in OFTEN_LEFT_OUT:
        return Outcome.NOT_RETRIEVED, None, OFTEN_LEFT_OUT[at.part, at.path]
    decision = decided(at)
    if decision is None and at.expected is not None and at.part_found:
        decision = added_by
    if decision is not None:
        return Outcome.DECIDED_OTHERWISE, decision, decisions.BY_ID[decision].title + "."
    if at.found is None:
        return Outcome.MISSING, None, ""
    return (Outcome.EXTRA if at.expected is None else Outcome.DIFFERS), None, ""


def _salesforces_own(kind: type[Document], path: str, theirs: Document | None) -> bool:
    """Whether a leaf that only Salesforce's app has is of its own making, or says nothing."""
    if (kind, path) in MADE_BY_SALESFORCE:
        return True
    if path in OF_EVERY_PART and kind is not ExternalClientApplication:
        return True
    if isinstance(theirs, ExtlClntAppOauthConfigurablePolicies):
        # Where tokens live for ever, or not at all, period and unit mean nothing.
        timeless = theirs.refresh_token_policy_type in {"Infinite", "Zero"}
        return timeless and path in {"refreshTokenValidityPeriod", "refreshTokenValidityUnit"}
    return False
