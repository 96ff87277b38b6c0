"""Applying a plan: everything is checked before anything is done; then app by app, each with its result.

The same driver serves an org and a folder of files; what differs is behind `Place`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import structlog

from changeover import errors
from changeover.errors import ChangeoverError, ErrorKind
from changeover.errors.trace import trace_of
from changeover.migration.finding import Severity, Verdict
from changeover.migration.plan import Asked, Confirmation, Given, PlanHead, PlannedApp
from changeover.migration.rules.flows import USERNAME_PASSWORD_SEEN
from changeover.org.batch_runs import SKIPPED
from changeover.org.model.batches import BatchKind
from changeover.org.planning import Standing
from changeover.plans.engine import engine
from changeover.plans.file import PlanFile
from changeover.plans.results import Became, Result, Results, WrittenFile, named
from changeover.plans.selection import Selection

NAMED_AT_MOST = 10

Begin = Callable[[tuple[WrittenFile, ...], tuple[str, ...]], None]
"""Takes note, beforehand, of the files that are about to be written and of the secrets that are left out."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What is confirmed when a plan is applied, beside what is confirmed in it."""

    by: str
    confirmed: frozenset[Asked] = frozenset()
    """Of all apps."""
    despite_evidence: frozenset[str] = frozenset()
    """API names without case."""

    def of(self, planned: PlannedApp, at: datetime) -> tuple[Confirmation, ...]:
        """Return what must be confirmed of an app, and who did, in the plan or now."""
        now = Given(by=self.by, at=at)

        def given(one: Confirmation) -> Given | None:
            if one.given is not None:
                return one.given
            said = one.what in self.confirmed or (
                one.what is Asked.DESPITE_EVIDENCE and self.against_evidence(planned)
            )
            return now if said else None

        return tuple(replace(one, given=given(one)) for one in planned.confirmations)

    def against_evidence(self, planned: PlannedApp) -> bool:
        """Whether an app was confirmed by name against the evidence."""
        return planned.api_name.casefold() in self.despite_evidence


class Place(Protocol):
    """Where a plan is applied."""

    name: str
    """As the results name it: `org 00D…`, or `folder` and the way to it."""

    def refuse(self, head: PlanHead) -> None:
        """Refuse a plan of another place. Raises E-PLAN-OTHER-PLACE."""

    def standing(self, planned: PlannedApp) -> Standing:
        """Say how an app stands to the plan."""

    def stands(self, planned: PlannedApp) -> bool:
        """Whether what is planned for a fresh app is there already, just as planned."""

    def begin(self) -> None:
        """Make ready, before the first app is applied."""

    def apply(self, planned: PlannedApp, given: tuple[Confirmation, ...], begin: Begin) -> bool:
        """Apply an app's record, whole or not at all; return whether anything had to be done.

        Raises ChangeoverError.
        """

    def finish(self) -> None:
        """Leave everything in order, after the last app."""


@dataclass(frozen=True, kw_only=True)
class Application:
    """A plan that is applied somewhere."""

    plan: PlanFile
    place: Place
    results: Results
    consent: Consent
    now: Callable[[], datetime]
    selection: Selection = field(default_factory=Selection)

    def check(self) -> int:
        """Check all that is meant, before anything is done; return how many apps that are.

        Raises:
            ChangeoverError: E-PLAN-ENGINE, E-PLAN-OTHER-PLACE, E-APP-NOT-FOUND, E-PLAN-STALE,
                E-PLAN-UNREADABLE.
        """
        refuse_engine(self.plan.head)
        self.place.refuse(self.plan.head)
        self.results.refuse_other(self.place.name)
        self.selection.refuse_unknown(app.api_name for app in self.plan.apps())
        stale: list[str] = []
        count = 0
        for _, planned in self._meant():
            count += 1
            if self.place.standing(planned) is Standing.STALE:
                stale.append(planned.api_name)
        if stale:
            message = f"{_listed(stale)} {'is' if len(stale) == 1 else 'are'} no longer as planned."
            raise ChangeoverError(errors.PLAN_STALE, f"{message} Nothing was changed.")
        return count

    def run(self) -> Iterator[Result]:
        """Apply the apps one after another, and yield what became of each. Call `check` before."""
        self.place.begin()
        try:
            for name, planned in self._meant():
                yield self._apply(name, planned)
        finally:
            self.place.finish()

    def _meant(self) -> Iterator[tuple[str, PlannedApp]]:
        for name, planned in named(self.plan):
            if self.selection.has(planned.api_name, planned.verdict, planned.wave):
                yield name, planned

    def _apply(self, name: str, planned: PlannedApp) -> Result:
        earlier = self.results.read(name)
        begun = Result(
            plan=self.plan.digest,
            api_name=planned.api_name,
            path=planned.path,
            fingerprint=planned.fingerprint,
            outcome=Became.APPLYING,
            at=self.now(),
            by=self.consent.by,
            confirmed=self.consent.of(planned, self.now()),
            files=earlier.files if earlier is not None else (),
        )
        noted = [begun]

        def begin(files: tuple[WrittenFile, ...], left_out: tuple[str, ...]) -> None:
            by_path = {one.path: one for one in (*begun.files, *files)}
            known = replace(begun, files=tuple(by_path.values()), left_out=left_out)
            noted.append(self.results.write(name, known))

        try:
            standing = self.place.standing(planned)
            if standing is Standing.STALE:
                message = f"{planned.api_name} is no longer as planned: it has just changed."
                return self._refused(name, begun, ChangeoverError(errors.PLAN_STALE, message))
            there = standing is Standing.DONE or planned.verdict is Verdict.MIGRATED
            if there or self.place.stands(planned):
                return self._was_there(name, begun, earlier)
            refuse_skipped(planned, begun.confirmed)
            changed = self.place.apply(planned, begun.confirmed, begin)
        except ChangeoverError as error:
            return self._refused(name, noted[-1], error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other apps go on
            # A fault of ours in one app stops no other; its detail belongs in the log only.
            _log.error("applying failed", app=planned.api_name, trace=trace_of(error))
            kind = errors.INTERNAL
            return self._refused(name, noted[-1], ChangeoverError(kind, kind.title))
        outcome = Became.APPLIED if changed else Became.DONE
        return self.results.write(name, replace(noted[-1], outcome=outcome, at=self.now()))

    def _was_there(self, name: str, begun: Result, earlier: Result | None) -> Result:
        """Return the result of an app that is as planned. A run that was killed after it did it, did it."""
        if earlier is not None and earlier.plan == begun.plan:
            if earlier.outcome is Became.APPLYING:
                return self.results.write(name, replace(earlier, outcome=Became.APPLIED))
            if earlier.outcome in {Became.APPLIED, Became.DONE}:
                # Applied twice: nothing changes, nor does what is said of the first time.
                return replace(earlier, outcome=Became.DONE)
        return self.results.write(name, replace(begun, outcome=Became.DONE, confirmed=()))

    def _refused(self, name: str, begun: Result, error: ChangeoverError) -> Result:
        outcome = Became.SKIPPED if error.kind in SKIPPED[BatchKind.MIGRATE] else Became.FAILED
        if error.kind is errors.PLAN_STALE:
            outcome = Became.STALE
        refused = replace(begun, outcome=outcome, code=error.code, message=error.message, remedy=error.remedy)
        return self.results.write(name, refused)


def refuse_engine(head: PlanHead) -> None:
    """Refuse a plan that another Changeover made. Raises E-PLAN-ENGINE."""
    here = engine()
    if head.engine != here:
        theirs = f"{head.engine.version} ({head.engine.digest[:12]})"
        message = f"The plan was made by Changeover {theirs}; this is {here.version} ({here.digest[:12]})."
        raise ChangeoverError(errors.PLAN_ENGINE, message)


def refuse_skipped(planned: PlannedApp, given: tuple[Confirmation, ...]) -> None:
    """Refuse an app that cannot be migrated, or of which something is not confirmed.

    Raises:
        ChangeoverError: E-NOT-ELIGIBLE, E-CONFIRM-LOCAL, E-CONFIRM-NO-USERNAME-PASSWORD,
            E-USERNAME-PASSWORD-SEEN, E-EVIDENCE-AGAINST.
    """
    blockers = [found for found in planned.findings if found.severity is Severity.BLOCKER]
    if planned.verdict is Verdict.BLOCKED:
        reasons = " ".join(found.evidence for found in blockers)
        message = f"{planned.api_name} cannot be migrated: {reasons}"
        raise ChangeoverError(errors.NOT_ELIGIBLE, message, blockers[0].remedy if blockers else None)
    missing = next((one for one in given if one.given is None), None)
    if missing is None:
        return
    name = planned.api_name
    kinds: dict[Asked, tuple[ErrorKind, str]] = {
        Asked.LOCAL: (errors.CONFIRM_LOCAL, f"It was not confirmed that {name} is local."),
        Asked.NO_USERNAME_PASSWORD: (
            errors.CONFIRM_NO_USERNAME_PASSWORD,
            f"It was not confirmed that {name} does not use the username-password flow.",
        ),
    }
    seen = missing.rule == USERNAME_PASSWORD_SEEN.id
    against = errors.USERNAME_PASSWORD_SEEN if seen else errors.EVIDENCE_AGAINST
    kind, message = kinds.get(missing.what, (against, missing.statement))
    raise ChangeoverError(kind, message)


def _listed(names: list[str]) -> str:
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
