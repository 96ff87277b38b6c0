"""Making a plan: of the apps of a project, or of those of an org."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from changeover.metadata.file_error import FileError
from changeover.migration.eligibility import assess
from changeover.migration.finding import Verdict
from changeover.migration.mapping import Migration, expected_result
from changeover.migration.plan import (
    FORMAT,
    Asked,
    FileTrouble,
    Given,
    LoginWindow,
    OrgIdentity,
    PlanEnd,
    PlanHead,
    PlannedApp,
    Seen,
    Source,
    SourceKind,
    fingerprint,
    plan_app,
)
from changeover.org.act import held
from changeover.org.app_manager import plan_migration
from changeover.org.company import view_org
from changeover.org.model.orgs import Actor, Org
from changeover.org.permissions import LOGIN_HISTORY
from changeover.org.planning import switches_of
from changeover.org.ports import Units
from changeover.plans.engine import engine
from changeover.plans.file import encoded
from changeover.plans.owners import Owners
from changeover.plans.selection import Selection
from changeover.project.file_findings import file_findings
from changeover.project.index import Index
from changeover.project.login_history import LoginHistory
from changeover.project.project import ConnectedAppEntry, Project
from changeover.project.shared import share


@dataclass(frozen=True, kw_only=True)
class Choices:
    """How to make a plan."""

    made_at: datetime
    made_by: str
    today: date
    selection: Selection = field(default_factory=Selection)
    owners: Owners = field(default_factory=Owners)
    confirmed: frozenset[Asked] = frozenset()
    """What is confirmed of all apps: that they are local, that none uses the username-password flow."""
    despite_evidence: frozenset[str] = frozenset()
    """API names without case: apps confirmed, one by one, against the evidence shown."""

    def given(self, api_name: str) -> Mapping[Asked, Given]:
        """Return what is confirmed of an app."""
        given = Given(by=self.made_by, at=self.made_at)
        said = dict.fromkeys(self.confirmed, given)
        if api_name.casefold() in self.despite_evidence:
            said[Asked.DESPITE_EVIDENCE] = given
        return said

    def plan(self, seen: Seen, made: Migration) -> PlannedApp:
        """Return an app's record."""
        name = seen.app.full_name
        return plan_app(seen, made, owner=self.owners.of(name), given=self.given(name))


class Made(NamedTuple):
    """An app's record as it will stand in the file."""

    api_name: str
    verdict: Verdict
    record: bytes


def head_of_files(
    project: Project, plan: Path, choices: Choices, logins: LoginHistory | None = None
) -> PlanHead:
    """Return the head of a plan of a project.

    Args:
        project: the apps.
        plan: where the plan will be: the way from there to the source stands in it.
        choices: how to plan.
        logins: what was read from Login History, None if none was given.
    """
    path = project.path
    kind = SourceKind.FOLDER if path.is_dir() else SourceKind.ZIP if project.is_zip else SourceKind.FILE
    source = Source(
        kind=kind,
        name=path.resolve().name,
        path=_way(plan.parent, path),
        org=None,
        switches=switches_in(project.index),
    )
    return _head(source, choices, logins.window if logins is not None else None)


def plan_files(
    project: Project, choices: Choices, logins: LoginHistory | None = None, *, processes: int | None = None
) -> Iterator[Made]:
    """Plan the apps of a project, in order of their paths.

    Args:
        project: the apps. What is wrong with a file is in its `errors`.
        choices: which apps, and how.
        logins: what was read from Login History, None if none was given.
        processes: over how many to share the work; by default by the number of apps and of processors.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND for a name or pattern that no app has, before anything is yielded.
    """
    choices.selection.refuse_unknown(app.full_name for app in project.index.connected_apps)
    work = _PlanFile(choices, switches_in(project.index))
    for made in share(project, work, choices.today, logins, processes=processes):
        if made is not None:
            yield made


def switches_in(index: Index) -> dict[str, bool | None]:
    """Return the settings of the whole org that a project tells."""
    return {"username_password_blocked": index.username_password_blocked}


@dataclass(frozen=True)
class _PlanFile:
    """Makes an app's record; processes share it."""

    choices: Choices
    switches: Mapping[str, bool | None]

    def __call__(self, entry: ConnectedAppEntry) -> Made | None:
        if not self.choices.selection.names(entry.app.full_name):
            return None
        assessment = assess(entry.app, entry.situation)
        owner = self.choices.owners.of(entry.app.full_name)
        wave = owner.wave if owner else None
        if not self.choices.selection.has(entry.app.full_name, assessment.verdict, wave):
            return None
        seen = Seen(
            app=entry.app,
            assessment=assessment,
            findings=(*assessment.findings, *file_findings(entry)),
            fingerprint=fingerprint(entry.app, entry.situation, self.switches),
            logins=entry.situation.logins,
            path=entry.path,
        )
        planned = self.choices.plan(seen, expected_result(entry.app, entry.situation.references))
        return Made(planned.api_name, planned.verdict, encoded(planned))


def end_of_files(project: Project, choices: Choices, verdicts: Mapping[Verdict, int]) -> PlanEnd:
    """Return the end of a plan of a project, once all its apps have been planned."""
    by_name = project.index.by_name
    return PlanEnd(
        verdicts=_counts(verdicts),
        unknown_owners=choices.owners.unknown(lambda app: app.casefold() in by_name),
        errors=tuple(_trouble(error) for error in project.errors),
    )


def head_of_org(org: Org, choices: Choices, window: tuple[datetime, datetime] | None) -> PlanHead:
    """Return the head of a plan of an org."""
    source = Source(
        kind=SourceKind.ORG,
        name=org.name,
        path=None,
        org=OrgIdentity(org_id=org.org_id, name=org.name, my_domain=org.my_domain, edition=org.edition.value),
        switches=switches_of(org),
    )
    return _head(source, choices, window)


class OrgPlan:
    """The apps of an org as they are planned, through the same acts as in App Manager.

    Args:
        units: where transactions come from.
        actor: who plans; needs what it takes to open Setup.
        names: API names of all apps of the org, in their order.
        choices: which apps, and how.

    Raises:
        ChangeoverError: E-NOT-PERMITTED, E-APP-NOT-FOUND for a name or pattern that no app has.
    """

    def __init__(self, units: Units, actor: Actor, names: Iterable[str], choices: Choices) -> None:
        self._units = units
        self._actor = actor
        self._choices = choices
        with units.read() as unit:
            self.org = view_org(unit, actor)
            may_look = LOGIN_HISTORY.met_by(held(unit, actor))
            self.window = unit.logins.window(actor.org_id) if may_look else None
        self._names = tuple(names)
        choices.selection.refuse_unknown(self._names)

    @property
    def head(self) -> PlanHead:
        """The head of the plan."""
        return head_of_org(self.org, self._choices, self.window)

    def apps(self) -> Iterator[Made]:
        """Plan the apps, in order of their API names; each in a transaction of its own."""
        for name in self._names:
            if self._choices.selection.names(name):
                planned = self._planned(name)
                if self._choices.selection.has(name, planned.verdict, planned.wave):
                    yield Made(name, planned.verdict, encoded(planned))

    def end(self, verdicts: Mapping[Verdict, int]) -> PlanEnd:
        """Return the end of the plan."""
        known = {name.casefold() for name in self._names}
        return PlanEnd(
            verdicts=_counts(verdicts),
            unknown_owners=self._choices.owners.unknown(lambda app: app.casefold() in known),
            errors=(),
        )

    def _planned(self, name: str) -> PlannedApp:
        with self._units.read() as unit:
            found = plan_migration(unit, self._actor, name)
        seen = Seen(
            app=found.app.document,
            assessment=found.assessment,
            findings=found.assessment.findings,
            fingerprint=found.fingerprint,
            logins=found.logins,
            path=found.app.source_path,
            app_id=found.app.app_id,
        )
        made = Migration(external_client_app=found.external_client_app, account=found.account)
        return self._choices.plan(seen, made)


def _head(source: Source, choices: Choices, window: tuple[datetime, datetime] | None) -> PlanHead:
    return PlanHead(
        format=FORMAT,
        engine=engine(),
        source=source,
        made_at=choices.made_at,
        made_by=choices.made_by,
        today=choices.today,
        logins=LoginWindow(start=window[0], end=window[1]) if window is not None else None,
    )


def _way(folder: Path, source: Path) -> str:
    return Path(os.path.relpath(source.resolve(), folder.resolve())).as_posix()


def _counts(verdicts: Mapping[Verdict, int]) -> dict[str, int]:
    return {verdict.value: verdicts.get(verdict, 0) for verdict in Verdict}


def _trouble(error: FileError) -> FileTrouble:
    return FileTrouble(
        path=error.path, line=error.line, code=error.code, message=error.message, remedy=error.remedy
    )
