"""Files from files: what each connected app becomes, written into a folder.

By default that is the expected result of Setup's button: the same consumer key, for review, for `verify`, for
a local org. Keys are unique over all of Salesforce, so such files must not be deployed; a note in the folder
says so, and keeps a later reading of the project from taking them for external client apps of the org.
`side_by_side` writes an external client app of its own that can be deployed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

from changeover.apps.building import from_leaves
from changeover.apps.document import Document, leaves
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.secrets import is_secret
from changeover.apps.types import component
from changeover.errors import APP_NOT_FOUND, OUTPUT_IN_SOURCE, OUTPUT_IN_THE_WAY, ChangeoverError
from changeover.metadata.file_error import FileError
from changeover.migration.eligibility import assess
from changeover.migration.finding import Assessment, Severity, Verdict
from changeover.migration.mapping import IntegrationChange, result_of, side_by_side
from changeover.migration.mapping.side_by_side import free_api_name
from changeover.migration.rules import ABOUT_THE_BUTTON
from changeover.project.output import TEMPORARY, NewFile, OutputFolder, files_of, with_lines
from changeover.project.project import ConnectedAppEntry, Project
from changeover.project.shared import share
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
    if choices.side_by_side:
        folder = OutputFolder(target, source_format=choices.source_format)
        _mark_side_by_side(folder)
    else:
        refuse_source(source, target)
        folder = OutputFolder(target, source_format=choices.source_format)
        mark_expected(folder)
    names = _names(project, source, target, wanted) if choices.side_by_side else {}
    for made in share(project, _Make(choices, wanted, names), choices.today):
        if made is not None:
            yield _written(made, folder)
    folder.finish()


def _wanted(project: Project, apps: tuple[str, ...]) -> frozenset[str]:
    for name in apps:
        if name.casefold() not in project.index.by_name:
            raise ChangeoverError(APP_NOT_FOUND, f"No connected app {name} was read.")
    return frozenset(name.casefold() for name in apps)


def refuse_source(source: Path, target: Path) -> None:
    """Refuse to write expected results into the folder that they come from. Raises OUTPUT_IN_SOURCE."""
    if source.exists() and target.resolve() == source.resolve():
        raise FileError(OUTPUT_IN_SOURCE, str(target), None, "expected results need a folder of their own.")


def mark_expected(folder: OutputFolder) -> None:
    """Mark a folder as one of expected results. Raises OUTPUT_IN_THE_WAY where others' apps stand in it."""
    if folder.holds_apps and not (folder.root / EXPECTED_RESULT).exists():
        says = "apps stand in the folder that are no expected results."
        raise FileError(OUTPUT_IN_THE_WAY, str(folder.root), None, says)
    folder.write_text(EXPECTED_RESULT, EXPECTED_RESULT_TEXT)
    folder.add_lines(GIT_IGNORE, GIT_IGNORE_LINES)
    folder.add_lines(FORCE_IGNORE, FORCE_IGNORE_LINES)


def marks(before: Mapping[str, bytes | None]) -> dict[str, bytes]:
    """Return what `mark_expected` makes of the files that it touches, by path.

    Args:
        before: what stands there, None where nothing does.
    """
    return {
        EXPECTED_RESULT: EXPECTED_RESULT_TEXT.encode(),
        GIT_IGNORE: with_lines(before.get(GIT_IGNORE) or b"", GIT_IGNORE_LINES),
        FORCE_IGNORE: with_lines(before.get(FORCE_IGNORE) or b"", FORCE_IGNORE_LINES),
    }


def _mark_side_by_side(folder: OutputFolder) -> None:
    if (folder.root / EXPECTED_RESULT).exists():
        says = "the folder holds expected results, which must not be deployed with others."
        raise FileError(OUTPUT_IN_THE_WAY, EXPECTED_RESULT, None, says)
    folder.add_lines(GIT_IGNORE, GIT_IGNORE_LINES)


def _names(project: Project, source: Path, target: Path, wanted: frozenset[str]) -> dict[str, str]:
    """Return a free API name for each app that is converted, by path, in order of the paths.

    Names in the target itself are free: a second run finds what the first one wrote.
    """
    index = project.index
    taken = {app.full_name.casefold() for app in index.connected_apps}
    taken |= {
        files.name.casefold()
        for files in index.external_client_apps.values()
        if not all(_inside(source, path, target) for path in (*files.headers, *files.parts))
    }
    names = {}
    for app in index.connected_apps:
        if wanted and app.full_name.casefold() not in wanted:
            continue
        clashes: set[str] = set()
        while (name := free_api_name(app.full_name, frozenset(clashes))).casefold() in taken:
            clashes.add(name)
        taken.add(name.casefold())
        names[app.path] = name
    return names


def _inside(source: Path, path: str, target: Path) -> bool:
    return source.is_dir() and (source / path).resolve().is_relative_to(target.resolve())


class _Made(NamedTuple):
    """What is to be said of an app, and the files that are to be written; none where nothing is."""

    outcome: Outcome
    files: tuple[NewFile, ...] = ()


@dataclass(frozen=True)
class _Make:
    """Makes an app's files; nothing is written yet, so that processes can share it."""

    choices: Choices
    wanted: frozenset[str]
    """Names of the apps to convert, without case; none stands for all."""
    names: Mapping[str, str]
    """API names of the apps side by side, by path of the connected app."""

    def __call__(self, entry: ConnectedAppEntry) -> _Made | None:
        if self.wanted and entry.app.full_name.casefold() not in self.wanted:
            return None
        assessment = assess(entry.app, entry.situation)
        outcome = Outcome(api_name=entry.app.full_name, path=entry.path, verdict=assessment.verdict)
        skipped = _skipped(entry, assessment, self.choices)
        if skipped:
            return _Made(replace(outcome, skipped=skipped))
        try:
            return self._make(entry, outcome)
        except ChangeoverError as error:
            return _Made(replace(outcome, error=error))

    def _make(self, entry: ConnectedAppEntry, outcome: Outcome) -> _Made:
        app, references = entry.app, entry.situation.references
        if self.choices.side_by_side:
            made = side_by_side(app, self.names[entry.path], references)
            external, changes = made.external_client_app, made.changes
        else:
            external, changes = result_of(app, references), ()
        left_out, private = _secrets(external)
        if self.choices.include_secret:
            left_out = ()
        elif left_out:
            external, private = _without_secrets(external), frozenset()
        files = files_of(external, source_format=self.choices.source_format, private=private)
        told = replace(outcome, external_client_app=external.api_name, left_out=left_out, changes=changes)
        return _Made(told, files)


def _skipped(entry: ConnectedAppEntry, assessment: Assessment, choices: Choices) -> tuple[str, ...]:
    """Say why an app is skipped. What only takes the button away does not stop an app side by side."""
    skipped = tuple(
        finding.evidence
        for finding in assessment.with_severity(Severity.BLOCKER)
        if not (choices.side_by_side and finding.rule in ABOUT_THE_BUTTON)
    )
    if entry.situation.same_name:
        others = ", ".join(entry.situation.same_name)
        skipped += (f"{others} holds an app of the same name; convert one of the files by itself.",)
    if assessment.verdict is Verdict.MIGRATED and choices.side_by_side:
        skipped += ("It has been migrated; its external client app is there.",)
    return skipped


def _written(made: _Made, folder: OutputFolder) -> Outcome:
    outcome = made.outcome
    if outcome.external_client_app is None:
        return outcome
    try:
        return replace(outcome, written=folder.write_files(outcome.external_client_app, made.files))
    except ChangeoverError as error:
        return Outcome(api_name=outcome.api_name, path=outcome.path, verdict=outcome.verdict, error=error)


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
