"""Files from files: what each connected app becomes, written into a folder.

By default that is the expected result of Setup's button: the same consumer key, for review, for `verify`, for
a local org. Keys are unique over all of Salesforce, so such files must not be deployed; a note in the folder
says so, and keeps a later reading of the project from taking them for external client apps of the org.
`side_by_side` writes an external client app of its own that can be deployed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from changeover.apps.document import Document, from_leaves, leaves
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.secrets import is_secret
from changeover.apps.types import component
from changeover.errors import APP_NOT_FOUND, OUTPUT_IN_SOURCE, OUTPUT_IN_THE_WAY, ChangeoverError
from changeover.metadata.file_error import FileError
from changeover.migration.eligibility import assess
from changeover.migration.finding import Severity, Verdict
from changeover.migration.mapping import IntegrationChange, expected_result, side_by_side
from changeover.migration.mapping.side_by_side import free_api_name
from changeover.project.output import TEMPORARY, OutputFolder
from changeover.project.project import ConnectedAppEntry, Project
from changeover.project.tree import EXPECTED_RESULT

GIT_IGNORE = ".gitignore"
FORCE_IGNORE = ".forceignore"
IGNORE_COMMENT = "# Global OAuth settings of external client apps can hold secrets (Changeover)"
# A killed run may leave such a file under its temporary name.
_TEMPORARY_NAMES = f"{TEMPORARY}*"
GIT_IGNORE_LINES = (IGNORE_COMMENT, "*.ecaGlblOauth-meta.xml", "*.ecaGlblOauth", _TEMPORARY_NAMES)
FORCE_IGNORE_LINES = (
    IGNORE_COMMENT,
    "**/*.ecaGlblOauth-meta.xml",
    "**/*.ecaGlblOauth",
    f"**/{_TEMPORARY_NAMES}",
)
EXPECTED_RESULT_TEXT = """\
Expected results. DO NOT DEPLOY these files.

They show what Setup's "Migrate to External Client App" should make of each connected app, for review and
comparison. They bear the connected apps' consumer keys, which are unique over all of Salesforce: deploying
them fails, or takes a key away from the app that uses it. To deploy an external client app beside the
connected app, write one with `changeover convert --side-by-side`.

Changeover leaves this folder out when it reads a project around it.
"""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a conversion did with one connected app."""

    api_name: str
    path: str
    verdict: Verdict
    external_client_app: str | None = None
    """API name of the external client app; None where none was written."""
    written: tuple[str, ...] = ()
    """Files written, relative to the folder; none if all stood there as they should."""
    left_out: tuple[str, ...] = ()
    """Secrets that were not written, as component and path."""
    skipped: tuple[str, ...] = ()
    """Why the app was skipped; none if it was not."""
    changes: tuple[IntegrationChange, ...] = ()
    """What each integration must change to use the new app; side by side only."""
    error: ChangeoverError | None = None
    """Why the app could not be written."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """How to convert."""

    today: date
    apps: tuple[str, ...] = ()
    """API names of the apps to convert, compared without case; none stands for all."""
    side_by_side: bool = False
    include_secret: bool = False
    source_format: bool = True


def convert(project: Project, source: Path, target: Path, choices: Choices) -> Iterator[Outcome]:
    """Convert a project's connected apps, one outcome each, in order of their paths.

    Args:
        project: the apps.
        source: what the project was opened from.
        target: the folder to write to.
        choices: which apps, and how.

    Raises:
        ChangeoverError: before anything is written: APP_NOT_FOUND for a name that no connected app has,
            OUTPUT_IN_SOURCE, OUTPUT_IN_THE_WAY. What goes wrong with one app is in its outcome.
    """
    wanted = _wanted(project, choices.apps)
    if not choices.side_by_side and source.exists() and target.resolve() == source.resolve():
        raise FileError(OUTPUT_IN_SOURCE, str(target), None, "expected results need a folder of their own.")
    folder = OutputFolder(target, source_format=choices.source_format)
    _mark(folder, choices)
    names = _Names(project, source, target)
    for entry in project.connected_apps(choices.today):
        if not wanted or entry.app.full_name.casefold() in wanted:
            yield _converted(entry, folder, names, choices)
    folder.finish()


def _wanted(project: Project, apps: tuple[str, ...]) -> frozenset[str]:
    for name in apps:
        if name.casefold() not in project.index.by_name:
            raise ChangeoverError(APP_NOT_FOUND, f"No connected app {name} was read.")
    return frozenset(name.casefold() for name in apps)


def _mark(folder: OutputFolder, choices: Choices) -> None:
    marked = (folder.root / EXPECTED_RESULT).exists()
    if choices.side_by_side:
        if marked:
            says = "the folder holds expected results, which must not be deployed with others."
            raise FileError(OUTPUT_IN_THE_WAY, EXPECTED_RESULT, None, says)
        folder.add_lines(GIT_IGNORE, GIT_IGNORE_LINES)
        return
    if folder.holds_apps and not marked:
        says = "apps stand in the folder that are no expected results."
        raise FileError(OUTPUT_IN_THE_WAY, str(folder.root), None, says)
    folder.write_text(EXPECTED_RESULT, EXPECTED_RESULT_TEXT)
    folder.add_lines(GIT_IGNORE, GIT_IGNORE_LINES)
    folder.add_lines(FORCE_IGNORE, FORCE_IGNORE_LINES)


class _Names:
    """API names that are taken, so that an app side by side gets a free one.

    Those in the target itself are not: a second run finds what the first one wrote.
    """

    def __init__(self, project: Project, source: Path, target: Path) -> None:
        index = project.index
        self._taken = {app.full_name.casefold() for app in index.connected_apps}
        self._taken |= {
            files.name.casefold()
            for files in index.external_client_apps.values()
            if not all(_inside(source, path, target) for path in (*files.headers, *files.parts))
        }

    def free(self, wanted: str) -> str:
        """Return a free name and take it."""
        clashes: set[str] = set()
        while (name := free_api_name(wanted, frozenset(clashes))).casefold() in self._taken:
            clashes.add(name)
        self._taken.add(name.casefold())
        return name


def _inside(source: Path, path: str, target: Path) -> bool:
    return source.is_dir() and (source / path).resolve().is_relative_to(target.resolve())


def _converted(entry: ConnectedAppEntry, folder: OutputFolder, names: _Names, choices: Choices) -> Outcome:
    app, references = entry.app, entry.situation.references
    assessment = assess(app, entry.situation)
    outcome = Outcome(api_name=app.full_name, path=entry.path, verdict=assessment.verdict)
    skipped = tuple(finding.evidence for finding in assessment.with_severity(Severity.BLOCKER))
    if entry.situation.same_name:
        others = ", ".join(entry.situation.same_name)
        skipped += (f"{others} holds an app of the same name; convert one of the files by itself.",)
    if assessment.verdict is Verdict.MIGRATED and choices.side_by_side:
        skipped += ("It has been migrated; its external client app is there.",)
    if skipped:
        return replace(outcome, skipped=skipped)
    try:
        if choices.side_by_side:
            made = side_by_side(app, names.free(app.full_name), references)
            external, changes = made.external_client_app, made.changes
        else:
            external, changes = expected_result(app, references).external_client_app, ()
        left_out, private = _secrets(external)
        if not choices.include_secret:
            external, private = _without_secrets(external), frozenset()
        written = folder.write_app(external, private=private)
    except ChangeoverError as error:
        return replace(outcome, error=error)
    return replace(
        outcome,
        external_client_app=external.api_name,
        written=written,
        left_out=() if choices.include_secret else left_out,
        changes=changes,
    )


def _secrets(app: ExternalClientApp) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the places that hold a secret, and the full names of their documents."""
    found = [
        (document, leaf.path)
        for document in app.documents
        for leaf in leaves(document)
        if leaf.value and is_secret(leaf.path)
    ]
    places = tuple(f"{component(document)}/{path}" for document, path in found)
    return places, frozenset(document.full_name for document, _ in found)


def _without_secrets(app: ExternalClientApp) -> ExternalClientApp:
    return ExternalClientApp(header=_open(app.header), parts=tuple(_open(part) for part in app.parts))


D = TypeVar("D", bound=Document)


def _open(document: D) -> D:
    """Return a document without the secrets in it."""
    shown = [leaf for leaf in leaves(document) if not (leaf.value and is_secret(leaf.path))]
    return from_leaves(type(document), document.full_name, shown)
