"""Verify: whether an external client app is what its connected app should have become.

`Verified` is one connected app's line in that check; `observed` what may be told of it outside the
organisation that owns it, so that a decision of ours becomes a fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.reference import Reference
from changeover.migration import decisions
from changeover.migration.comparison import Comparison, Line, Outcome, compare
from changeover.migration.mapping import Migration, expected_result


class Status(StrEnum):
    """What became of one connected app."""

    VERIFIED = "verified"
    """Its external client app is there, and nothing about it is drift."""
    DRIFT = "drift"
    """Its external client app is there, and something differs, is missing or is extra."""
    NOT_MIGRATED = "not migrated"
    """There is no external client app of its name, nor one with its consumer key."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """One connected app against the external client app that was found for it."""

    status: Status
    expected: Migration
    found: ExternalClientApp | None
    comparison: Comparison
    """Every leaf; empty where nothing was found to compare."""

    @property
    def ticked(self) -> bool:
        """Whether this app's migration is done and found right."""
        return self.status is Status.VERIFIED


def verify(
    app: ConnectedApp, found: ExternalClientApp | None, references: tuple[Reference, ...] = ()
) -> Verified:
    """Compare an external client app with what a connected app should have become. Pure.

    Args:
        app: the connected app as it was when it was migrated.
        found: the external client app of its name, or else the one with its consumer key.
        references: the places that name the connected app.
    """
    expected = expected_result(app, references)
    if found is None:
        return Verified(
            status=Status.NOT_MIGRATED, expected=expected, found=None, comparison=Comparison(lines=())
        )
    comparison = compare(expected, found)
    status = Status.DRIFT if comparison.drift else Status.VERIFIED
    return Verified(status=status, expected=expected, found=found, comparison=comparison)


# What a value may be told as: whatever else it is names somebody.
_PLAIN = frozenset({"true", "false"})


def observed(verified: Verified) -> Mapping[str, Any] | None:
    """Return what a comparison of a real pair shows, without anything that says whose it is.

    Names, addresses, keys and texts are left out; of a value only its form is told (see `form`), parts are
    told by their type. None where there is nothing to observe.

    Returns:
        `{"status", "decisions": {"upheld": [id], "overthrown": [id]}, "lines": [{"outcome", "part", "path",
        "expected", "found", "decision"}]}`; lines of equal leaves are left out.
    """
    if verified.found is None:
        return None
    lines = [line for line in verified.comparison.lines if line.outcome is not Outcome.EQUAL]
    overthrown = {line.decision for line in lines if line.decision is not None}
    return {
        "status": verified.status.value,
        "decisions": {
            "upheld": sorted(upheld(verified) - overthrown),
            "overthrown": sorted(overthrown),
        },
        "lines": [
            {
                "outcome": line.outcome.value,
                "part": line.component.rpartition(".")[2],
                "path": line.path,
                "expected": form(line.expected),
                "found": form(line.found),
                "decision": line.decision,
            }
            for line in lines
        ],
    }


def form(value: str | None) -> str | None:
    """Return what may be told of a value: a switch or a number as it is, otherwise only that it was there.

    Examples: `true`; `365`; `(empty)`; `(text)`; `(several lines)`. None stays None: nothing was there.
    """
    if value is None:
        return None
    if value in _PLAIN or (value.isascii() and value.isdigit() and len(value) <= _DIGITS):
        return value
    if not value.strip():
        return "(empty)"
    return "(several lines)" if len(value.splitlines()) > 1 else "(text)"


_DIGITS = 6
"""Of a number that is told: periods and counts are no longer, ids and telephone numbers are."""


def upheld(verified: Verified) -> set[str]:
    """Return the ids of decisions that a pair confirms: what we decided is what Salesforce did."""
    found, expected = verified.found, verified.expected.external_client_app
    if found is None:
        return set()
    by_place = {
        (entry.target.component, entry.target.path): entry.decision
        for entry in verified.expected.account.added
        if entry.decision is not None
    }
    equal = verified.comparison.of(Outcome.EQUAL)
    ids = {by_place[place] for line in equal if (place := (line.component, line.path)) in by_place}
    ids |= {decision.id for decision, confirms in _CONFIRMED_BY_A_LEAF if any(map(confirms, equal))}
    if found.api_name == expected.api_name:
        ids.add(decisions.SAME_API_NAME.id)
    names = {part.full_name for part in expected.parts}
    if not all(part.full_name in names for part in found.parts):
        ids.discard(decisions.PART_NAMES.id)
    return ids


def _is_key(line: Line) -> bool:
    return line.component.endswith(".ecaGlblOauth") and line.path == "consumerKey"


def _is_pkce_off(line: Line) -> bool:
    said = (line.path, line.found)
    return line.component.endswith(".ecaGlblOauth") and said == ("isPkceRequired", "false")


_CONFIRMED_BY_A_LEAF = (
    (decisions.KEY_HANDED_OVER, _is_key),
    (decisions.PKCE_AS_IT_WAS, _is_pkce_off),
)
