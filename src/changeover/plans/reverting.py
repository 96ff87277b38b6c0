"""Taking back what a plan did: of an app, of a wave, of the whole plan; in an org or among files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from changeover.errors import ChangeoverError
from changeover.migration.plan import PlannedApp
from changeover.org.external_client_apps import Losses
from changeover.plans.file import PlanFile
from changeover.plans.onto_files import RevertFiles
from changeover.plans.onto_org import RevertOrg
from changeover.plans.results import Became, Result, Results, named
from changeover.plans.selection import Selection

NOT_APPLIED = "The results of this plan do not say that it was applied."


@dataclass(frozen=True, kw_only=True)
class Lost:
    """An app that is to be taken back, and what is lost with it."""

    planned: PlannedApp
    losses: Losses | None
    """Of an org."""
    refused: ChangeoverError | None = None


@dataclass(frozen=True, kw_only=True)
class Reversion:
    """A plan that is taken back."""

    plan: PlanFile
    place: RevertOrg | RevertFiles
    results: Results
    by: str
    now: Callable[[], datetime]
    selection: Selection = field(default_factory=Selection)
    _versions: dict[str, int] = field(default_factory=dict)

    def look(self) -> Iterator[Lost]:
        """Yield what is to be taken back, and what is lost with it. Raises E-APP-NOT-FOUND."""
        self.selection.refuse_unknown(app.api_name for app in self.plan.apps())
        for name, planned in self._meant():
            result = self.results.read(name)
            if result is None:
                continue
            try:
                losses = self._losses(planned, result)
            except ChangeoverError as error:
                yield Lost(planned=planned, losses=None, refused=error)
                continue
            if losses is not None:
                self._versions[name] = losses.app.version
            if losses is not None or (result.files and not isinstance(self.place, RevertOrg)):
                yield Lost(planned=planned, losses=losses)

    def run(self) -> Iterator[Result]:
        """Take the apps back one after another, and yield what became of each. Call `look` before."""
        for name, planned in self._meant():
            result = self.results.read(name)
            if result is not None:
                yield self._revert(name, planned, result)
        self.place.finish(self.results.all())

    def _meant(self) -> Iterator[tuple[str, PlannedApp]]:
        for name, planned in named(self.plan):
            if self.selection.has(planned.api_name, planned.verdict, planned.wave):
                yield name, planned

    def _losses(self, planned: PlannedApp, result: Result) -> Losses | None:
        return self.place.losses(planned, result) if isinstance(self.place, RevertOrg) else None

    def _revert(self, name: str, planned: PlannedApp, result: Result) -> Result:
        now = replace(result, at=self.now(), by=self.by, code=None, message="", remedy="")
        try:
            if isinstance(self.place, RevertFiles):
                if not result.files:
                    return replace(now, outcome=Became.DONE, message=NOT_APPLIED)
                self.place.revert(result)
            else:
                losses = self.place.losses(planned, result)
                if losses is None:
                    if result.outcome is not Became.APPLYING:
                        return replace(now, outcome=Became.DONE, message=NOT_APPLIED)
                else:
                    # Where something was changed since it was shown, nothing of it is thrown away unseen.
                    self.place.revert(planned, self._versions.get(name, losses.app.version))
        except ChangeoverError as error:
            return replace(
                now, outcome=Became.FAILED, code=error.code, message=error.message, remedy=error.remedy
            )
        return self.results.write(name, replace(now, outcome=Became.REVERTED, files=()))
