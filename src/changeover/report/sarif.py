"""The report as SARIF 2.1.0, as code scanning in GitHub and others take it.

Sources: OASIS SARIF 2.1.0; GitHub Docs, SARIF support for code scanning (properties, fingerprints, paths that
are relative to the root of the repository) and About code scanning limits on SARIF results (25,000 results a
run at most, of which the 5,000 gravest are shown; 20 tags a rule).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from changeover import __version__
from changeover.migration.finding import Severity
from changeover.migration.readiness import Readiness
from changeover.report.app import ReportedApp, Told
from changeover.report.rule_list import INDEX, LEVELS, descriptors
from changeover.report.spool import Spool

MOST_RESULTS = 25_000
"""A run with more is refused by GitHub."""
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"


class Place(NamedTuple):
    """Where a result is shown."""

    uri: str | None
    """Of the file, relative to the root of the repository, percent-encoded; None where there is no file."""
    has_lines: bool
    """Whether a line in it can be named: not in an archive."""


def sarif(
    spool: Spool, place: Callable[[ReportedApp], Place], problems: list[str], most: int = MOST_RESULTS
) -> Iterator[bytes]:
    """Yield the document in pieces.

    Args:
        spool: the apps.
        place: where an app's file is.
        problems: messages on what could not be read; they go with the run, for they are no results.
        most: results at most; the gravest are kept.
    """
    counts = Counter(told.severity for _, told in _told(spool))
    kept = _kept(counts, most)
    left_out = counts.total() - sum(kept.values())
    yield _head()
    taken: Counter[Severity] = Counter()
    for severity in Severity:
        for app, told in _told(spool):
            if told.severity is severity and taken[severity] < kept[severity]:
                yield (b",\n" if taken.total() else b"\n") + msgspec.json.encode(
                    _result(app, told, place(app))
                )
                taken[severity] += 1
    yield b"\n]" + _tail(problems, left_out) + b"}]}\n"


def _told(spool: Spool) -> Iterator[tuple[ReportedApp, Told]]:
    for readiness in Readiness:
        for app in spool.of(readiness):
            for told in app.findings:
                yield app, told


def _kept(counts: Counter[Severity], most: int) -> Counter[Severity]:
    kept: Counter[Severity] = Counter()
    for severity in Severity:
        kept[severity] = min(counts[severity], most - kept.total())
    return kept


def _head() -> bytes:
    driver = {
        "name": "Changeover",
        "semanticVersion": __version__,
        "version": __version__,
        "shortDescription": {"text": "May these connected apps become external client apps?"},
        "rules": descriptors(),
    }
    run = {"tool": {"driver": driver}, "columnKind": "utf16CodeUnits", "originalUriBaseIds": {ROOT: _root()}}
    start = {"$schema": SCHEMA, "version": "2.1.0"}
    return (
        msgspec.json.encode(start)[:-1] + b', "runs": [' + msgspec.json.encode(run)[:-1] + b', "results": ['
    )


def _root() -> dict[str, Any]:
    return {"description": {"text": "The folder in which Changeover was called: the root of the repository."}}


def _tail(problems: list[str], left_out: int) -> bytes:
    notifications = [{"level": "error", "message": {"text": problem}} for problem in problems]
    if left_out:
        says = f"{left_out} results of the least severity are left out: GitHub takes {MOST_RESULTS} a run."
        notifications.append({"level": "warning", "message": {"text": says}})
    done: dict[str, Any] = {"executionSuccessful": not problems}
    if notifications:
        done["toolExecutionNotifications"] = notifications
    return b', "invocations": [' + msgspec.json.encode(done) + b"]"


def _result(app: ReportedApp, told: Told, place: Place) -> dict[str, Any]:
    return {
        "ruleId": told.rule,
        "ruleIndex": INDEX[told.rule],
        "level": LEVELS[told.severity],
        "message": {"text": f"{told.evidence} {told.remedy}"},
        "locations": [_location(app, told, place)],
        "partialFingerprints": _fingerprints(app, told),
        "properties": {"severity": told.severity.value, "status": told.status.value},
    }


def _location(app: ReportedApp, told: Told, place: Place) -> dict[str, Any]:
    name = {"name": app.api_name, "fullyQualifiedName": f"ConnectedApp/{app.api_name}", "kind": "resource"}
    if place.uri is None:
        return {"logicalLocations": [name]}
    # GitHub shows a result only at a line; what is about the app as a whole stands at the first.
    region = {"startLine": (told.line or 1) if place.has_lines else 1}
    artifact = {"uri": place.uri, "uriBaseId": ROOT}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}, "logicalLocations": [name]}


def _fingerprints(app: ReportedApp, told: Told) -> dict[str, str]:
    """Return what makes the result the same one in the next run: rule and app, not the line nor the day.

    A rule that says two things of one app is told apart by what it says.
    """
    twins = [each for each in app.findings if each.rule == told.rule]
    nth = twins.index(told) + 1 if told in twins else 1
    digest = hashlib.sha256(f"{told.rule}\0{app.api_name}\0{app.path}".encode("utf-8", "replace")).hexdigest()
    return {"primaryLocationLineHash": f"{digest[:16]}:{nth}", "changeoverRuleAndApp/v1": f"{digest}:{nth}"}
