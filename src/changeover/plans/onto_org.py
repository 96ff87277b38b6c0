"""A plan applied to a local org, through its acts: the same permissions, the same audit trail."""

from __future__ import annotations

from collections.abc import Iterable

from changeover.errors import PLAN_OTHER_PLACE, PLAN_STALE, ChangeoverError
from changeover.migration.finding import Severity
from changeover.migration.plan import Asked, Confirmation, PlanHead, PlannedApp
from changeover.org.app_manager import assess_app
from changeover.org.external_client_apps import (
    Losses,
    delete_external_client_app,
    what_deletion_loses,
)
from changeover.org.migrate import migrate
from changeover.org.model import apps
from changeover.org.model.orgs import Actor, Org
from changeover.org.planning import ByPlan, Standing, standing, switches_of
from changeover.org.ports import Unit, Units
from changeover.plans.applying import Begin, Consent
from changeover.plans.file import PlanFile
from changeover.plans.results import Became, PlaceRecord, Result, Results


class OntoOrg:
    """An org to which a plan is applied.

    Args:
        units: where transactions come from; a `Trial` makes it a dry run.
        actor: who applies it.
        org: the org.
        plan: the plan.
        consent: what is confirmed now.
        results: where the results are.
    """

    def __init__(
        self, units: Units, actor: Actor, org: Org, plan: PlanFile, consent: Consent, results: Results
    ) -> None:
        self._units = units
        self._actor = actor
        self._org = org
        self._plan = plan
        self._consent = consent
        self._results = results
        self.name = f"org {org.org_id}"

    def refuse(self, head: PlanHead) -> None:
        """Refuse a plan of files, of another org, or of other switches there.

        Raises E-PLAN-OTHER-PLACE, E-PLAN-STALE.
        """
        planned = head.source.org
        if planned is None:
            message = f"The plan is of files ({head.source.name}), not of an org."
            raise ChangeoverError(PLAN_OTHER_PLACE, message)
        if planned.org_id != self._org.org_id:
            message = f"The plan is of the org {planned.name} ({planned.org_id}), not of {self._org.name}."
            raise ChangeoverError(PLAN_OTHER_PLACE, message)
        now = {"edition": self._org.edition.value, **switches_of(self._org)}
        then = {"edition": planned.edition, **head.source.switches}
        changed = [name for name in now if now[name] != then.get(name)]
        if changed:
            message = f"Of the org {self._org.name} {', '.join(changed)} has changed since the plan was made."
            raise ChangeoverError(PLAN_STALE, message)

    def standing(self, planned: PlannedApp) -> Standing:
        """Say how an app stands to the plan."""
        with self._units.read() as unit:
            return standing(unit, self._actor, planned)

    def stands(self, planned: PlannedApp) -> bool:
        """Nothing of a fresh app of an org is there already."""
        del planned
        return False

    def begin(self) -> None:
        """Take note of the org."""
        self._results.bind(PlaceRecord(place=self.name))

    def apply(self, planned: PlannedApp, given: tuple[Confirmation, ...], begin: Begin) -> bool:
        """Migrate an app, in one transaction: what is made is what the plan says, or nothing is."""
        begin((), ())
        by_plan = ByPlan(planned=planned, name=self._plan.path.name, digest=self._plan.digest, given=given)
        with self._units.unit() as unit:
            confirmation = apps.Confirmation(
                local=True,
                no_username_password=True,
                despite_evidence=self._consent.against_evidence(planned)
                or self._covered(unit, given, planned),
            )
            migrate(unit, self._actor, planned.api_name, confirmation, by_plan)
        return True

    def finish(self) -> None:
        """Nothing is left to do."""

    def _covered(self, unit: Unit, given: tuple[Confirmation, ...], planned: PlannedApp) -> bool:
        """Whether what speaks against it now was confirmed in the plan: login rows may have come since."""
        covered = {one.rule for one in given if one.what is Asked.DESPITE_EVIDENCE}
        if not covered:
            return False
        found = assess_app(unit, self._actor, planned.api_name)
        return {finding.rule for finding in found.with_severity(Severity.CONFIRM)} <= covered


class RevertOrg:
    """An org in which what a plan made is deleted again.

    Args:
        units: where transactions come from; a `Trial` makes it a dry run.
        actor: who does it.
        results: the results of the plan.
    """

    def __init__(self, units: Units, actor: Actor, results: Results) -> None:
        self._units = units
        self._actor = actor
        self._results = results

    def losses(self, planned: PlannedApp, result: Result) -> Losses | None:
        """Return what taking an app back loses; None where there is nothing to take back.

        Raises:
            ChangeoverError: E-PLAN-STALE if the external client app is not the one that the plan made.
        """
        if result.outcome not in {Became.APPLIED, Became.APPLYING, Became.DONE}:
            return None
        with self._units.read() as unit:
            stands = standing(unit, self._actor, planned)
            if stands is Standing.FRESH or result.outcome is Became.DONE:
                return None
            if stands is Standing.STALE:
                message = f"{planned.api_name} is no longer what the plan made of it."
                raise ChangeoverError(PLAN_STALE, message, "Look at it, and take it back by its name.")
            return what_deletion_loses(unit, self._actor, planned.api_name)

    def revert(self, planned: PlannedApp, seen_version: int) -> None:
        """Delete the external client app that was made. Raises as the act does, E-STALE-PAGE among others."""
        with self._units.unit() as unit:
            delete_external_client_app(
                unit, self._actor, planned.api_name, confirmed=True, seen_version=seen_version
            )

    def finish(self, left: Iterable[Result]) -> None:
        """Forget the org, where nothing that was applied is left in it."""
        if not any(result.outcome in {Became.APPLIED, Became.APPLYING} for result in left):
            self._results.release()
