"""From assessed apps to the bytes of a report, whatever its format, and to a file or standard output."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import quote

from changeover.cli.assess_json import encoded
from changeover.cli.assessed import Assessed, assessed_entry
from changeover.cli.exit_codes import DONE, ERROR, FINDINGS
from changeover.cli.fail_on import FAILING
from changeover.cli.terminal import complain
from changeover.errors import OUTPUT_FAILED, OUTPUT_IN_SOURCE, ChangeoverError
from changeover.metadata.file_error import FileError
from changeover.metadata.files import type_of
from changeover.migration.finding import Verdict
from changeover.migration.readiness import Readiness
from changeover.plans.owners import Owners
from changeover.project.project import ConnectedAppEntry
from changeover.project.tree import Tree, open_tree
from changeover.report.app import ReportedApp, reported
from changeover.report.csv_file import csv_rows
from changeover.report.html import html
from changeover.report.json_file import json_document
from changeover.report.lines import lines_of
from changeover.report.rehearsal import ByApp
from changeover.report.sarif import Place, sarif
from changeover.report.spool import Spool
from changeover.report.summary import Summary
from changeover.shapes.answers.rehearsals import Rehearse

FORMATS = ("html", "csv", "json", "sarif")
_CONNECTED_APP = "ConnectedApp"

One = tuple[ReportedApp, bytes]
"""An app of a report, and what `assess --json` says of it where that is asked for."""


class Shape:
    """Makes a report's app of an assessed one. It travels to the processes that share the work.

    Args:
        form: the report's format.
        root: what is read, where lines in its files are asked for; None for an org.
        owners: who answers for which app.
    """

    def __init__(self, form: str, root: Path | None = None, owners: Owners | None = None) -> None:
        self._owners = owners or Owners()
        self._as_json = form == "json"
        self._root = root if form == "sarif" else None
        self._tree: Tree | None = None

    def __call__(self, entry: ConnectedAppEntry) -> One:
        """Assess the connected app of a file and shape it."""
        return self.of(assessed_entry(entry))

    def of(self, one: Assessed) -> One:
        """Shape an assessed app."""
        app = reported(
            one.path,
            one.app,
            one.assessment,
            one.findings,
            one.account,
            one.last_used,
            self._lines(one.path),
            self._owners.of(one.app.full_name),
        )
        return app, encoded(one).object if self._as_json else b""

    def close(self) -> None:
        """Close what was opened to look up lines."""
        if self._tree is not None:
            self._tree.close()

    def _lines(self, path: str) -> dict[str, int]:
        if self._root is None:
            return {}
        if self._tree is None:
            self._tree = open_tree(self._root)
        return lines_of(self._tree.read(path), path)


def _no_errors() -> tuple[FileError, ...]:
    return ()


@dataclass(kw_only=True)
class Making:
    """A report that is being made."""

    form: str
    today: date
    source: str
    """What is read, as a reader knows it."""
    root: Path | None = None
    """The folder, archive or file that is read; None for an org."""
    evidence: tuple[str, ...] = ()
    """What was read beside the apps, a sentence a kind."""
    rehearsal: Rehearse | None = None
    """What logins came to; None where none was given."""
    failing: frozenset[Verdict] = FAILING["confirm"]
    """The verdicts that end the command with 2."""
    errors: Callable[[], tuple[FileError, ...]] = _no_errors
    """What was wrong with files; asked when all apps have been read."""

    def __post_init__(self) -> None:
        """Begin with no app."""
        self.summary = Summary(self.today)

    def document(self, apps: Iterable[One]) -> Iterator[bytes]:
        """Yield the report in pieces; `summary` is complete afterwards."""
        if self.form == "csv":
            rehearsed = ByApp(self.rehearsal.apps) if self.rehearsal is not None else None
            yield from csv_rows((app for app, _ in self._counted(apps)), rehearsed)
            self._count_unreadable()
        elif self.form == "json":
            yield from json_document(
                self.source,
                self._counted(apps),
                self.summary,
                self._all_errors,
                self.evidence,
                self.rehearsal,
            )
        else:
            with Spool() as spool:
                for app, _ in self._counted(apps):
                    spool.add(app)
                errors = self._all_errors()
                if self.form == "html":
                    yield from html(self.source, spool, self.summary, errors, self.evidence, self.rehearsal)
                else:
                    yield from sarif(spool, partial(place_of, self.root), [str(error) for error in errors])

    def _counted(self, apps: Iterable[One]) -> Iterator[One]:
        for app, assessed in apps:
            self.summary.add(app)
            yield app, assessed
        self._count_unreadable()

    def _count_unreadable(self) -> None:
        broken = {error.path for error in self.errors() if _is_connected_app(error.path)}
        self.summary.unreadable = len(broken)

    def _all_errors(self) -> tuple[FileError, ...]:
        return self.errors()


def _is_connected_app(path: str) -> bool:
    found = type_of(path)
    return found is not None and found.name == _CONNECTED_APP


def place_of(root: Path | None, app: ReportedApp) -> Place:
    """Return where the file of an app is, seen from the working folder: code scanning's root."""
    if root is None:
        return Place(None, has_lines=False)
    folder = root if root.is_dir() else root.parent
    is_archive = root.is_file() and app.path != root.name
    file = root if is_archive else folder / app.path
    try:
        named = file.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        # Elsewhere on the machine: named from the root of what was read.
        named = root.name if is_archive else app.path
    return Place(quote(os.fsencode(named), safe="/~!$&'()*+,;=@-._"), has_lines=not is_archive)


def written_report(making: Making, apps: Iterable[One], target: Path | None, inputs: tuple[Path, ...]) -> int:
    """Write a report; return the exit code.

    Args:
        making: the report.
        apps: its apps, taken one by one.
        target: the file to write, whole or not at all; None for standard output.
        inputs: what is read: none of it is overwritten.

    Raises:
        ChangeoverError: OUTPUT_IN_SOURCE, OUTPUT_FAILED.
    """
    pieces = making.document(apps)
    if target is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    else:
        _write(pieces, target, inputs)
        complain(f"{target}: {making.summary.top_line}.")
    errors = making.errors()
    for error in errors:
        if making.form != "json" or target is not None:
            complain(str(error))
    if errors:
        return ERROR
    found = making.summary.readiness
    return FINDINGS if any(found[Readiness(verdict.value)] for verdict in making.failing) else DONE


def _write(pieces: Iterator[bytes], target: Path, inputs: tuple[Path, ...]) -> None:
    if any(target.exists() and given.exists() and target.samefile(given) for given in inputs):
        says = f"{target} is what the report is made of."
        raise ChangeoverError(OUTPUT_IN_SOURCE, says, "Name another file with -o.")
    if _is_connected_app(target.name):
        says = f"{target} is named as a connected app's file is, and a report is none."
        raise ChangeoverError(OUTPUT_IN_SOURCE, says, "Name another file with -o, such as report.html.")
    beside = target.with_name(f".changeover-{secrets.token_hex(8)}")
    try:
        with beside.open("xb") as file:
            for piece in pieces:
                file.write(piece)
        beside.replace(target)
    except OSError as error:
        says = f"{target} could not be written: {error.strerror or 'it failed'}."
        raise ChangeoverError(OUTPUT_FAILED, says) from None
    finally:
        with suppress(OSError):
            beside.unlink()
