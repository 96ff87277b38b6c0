"""A project of files as what is rehearsed. Files tell of no people: those are made for the copy."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from itertools import starmap

from changeover.migration.eligibility import assess
from changeover.migration.finding import Verdict
from changeover.org.model.orgs import Edition, Org
from changeover.project.evidence import Evidence
from changeover.project.project import ConnectedAppEntry, Project
from changeover.rehearse.addresses import SeenFrom
from changeover.rehearse.judged import blocked_by
from changeover.rehearse.source import People, SourceApp


class FilesSource:
    """The apps of a project.

    Args:
        project: opened.
        today: the day on which rules with a date are judged.
        evidence: what was read beside it.
        names: API names of the apps, in any case; all by default.
    """

    def __init__(
        self, project: Project, today: date, evidence: Evidence, names: Collection[str] = ()
    ) -> None:
        self._project = project
        self._today = today
        self._evidence = evidence
        self._names = {name.casefold() for name in names}

    def __len__(self) -> int:
        """Return how many apps there are, as far as the names of the files tell."""
        return sum(self._wanted(one.full_name) for one in self._project.index.connected_apps)

    @property
    def name(self) -> str:
        """The path."""
        return str(self._project.path)

    @property
    def org(self) -> Org:
        """Edition and switches as far as files tell: Developer Edition stands in for what they do not."""
        return Org(
            org_id="",
            name=self.name,
            edition=Edition.DEVELOPER,
            my_domain="",
            username_password_blocked=self._project.index.username_password_blocked or False,
        )

    @property
    def people(self) -> People:
        """Nobody."""
        return People()

    def apps(self) -> Iterator[SourceApp]:
        """Yield the apps one by one; files that cannot be read stand in `project.errors`."""
        read = self._project.connected_apps(self._today, self._evidence.logins, self._evidence.usage)
        for entry in read:
            if self._wanted(entry.app.full_name):
                yield self._source_app(entry)

    def missing(self) -> tuple[str, ...]:
        """Return the names that no file bears, in order."""
        there = {one.full_name.casefold() for one in self._project.index.connected_apps}
        return tuple(sorted(self._names - there))

    def _wanted(self, name: str) -> bool:
        return not self._names or name.casefold() in self._names

    def _seen_from(self, label: str | None) -> tuple[SeenFrom, ...]:
        history = self._evidence.logins
        return tuple(starmap(SeenFrom, history.addresses(label))) if history is not None else ()

    def _source_app(self, entry: ConnectedAppEntry) -> SourceApp:
        logins = entry.situation.logins
        flows = logins.flows if logins is not None else ()
        assessment = assess(entry.app, entry.situation)
        migrated = assessment.verdict is Verdict.MIGRATED
        external = self._project.external_client_app(entry.app.full_name) if migrated else None
        return SourceApp(
            app=entry.app,
            path=entry.path,
            seen=frozenset(flow.sub_type for flow in flows),
            # Who they are is in no file: people of the copy's own log in.
            seen_from=self._seen_from(entry.app.label),
            references=entry.situation.references,
            blocked=blocked_by(assessment, external),
            external=external,
        )
