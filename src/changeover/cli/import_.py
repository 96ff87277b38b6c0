"""`changeover import`: apps and Login History from files into an org."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from changeover.cli.exit_codes import DONE, ERROR
from changeover.cli.output import emit, say
from changeover.cli.paths import GivenPath
from changeover.cli.places import Inside, in_org
from changeover.cli.terminal import complain
from changeover.org.logins import import_login_histories
from changeover.org.trial import Trial
from changeover.project.incoming import incoming
from changeover.project.org_logins import OrgLogins
from changeover.project.project import Project
from changeover.shapes.imports import FileProblem, ImportedApp, imported


@click.command("import")
@click.argument("path", required=False, type=GivenPath())
@click.option(
    "--login-history",
    "histories",
    multiple=True,
    type=GivenPath(),
    metavar="FILE",
    help="Login History: Setup's CSV, or the CSV or JSON answer of a SOQL query; may be repeated.",
)
@click.option("--preview", is_flag=True, help="Only say what would become of each app.")
@in_org
def command(
    inside: Inside, path: Path | None, histories: tuple[Path, ...], *, preview: bool, as_json: bool
) -> int:
    """Import the apps in PATH into an org: create them, update them, and leave migrated ones as they are.

    PATH is an SFDX project, any folder of metadata, a package as a folder or zip, or one file. Each app is
    imported as a whole or not at all, and one that is refused stops no other.

    Exit code: 0 all imported, 1 an app was refused or a file cannot be read.
    """
    if path is None and not histories:
        raise click.UsageError("name a PATH, or Login History with --login-history")
    if preview and histories:
        raise click.UsageError("--preview is for apps; Login History is imported or not")
    report = _Report(as_json=as_json)
    if path is not None:
        _import_apps(inside, path, report, preview=preview)
    for file in histories:
        _import_logins(inside, file, report)
    return report.finish()


class _Report:
    """Tells what was done, as it is done."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._apps: list[ImportedApp] = []
        self._problems: list[FileProblem] = []
        self._logins: list[dict[str, object]] = []

    def app(self, app: ImportedApp) -> None:
        """Report one app."""
        self._apps.append(app)
        if self._as_json:
            return
        told = f"{app.result}. {app.code}: {app.message} {app.remedy}" if app.code else app.result
        say(f"{app.api_name}: {told}{f'. {app.message}' if app.message and not app.code else ''}")

    def problem(self, problem: FileProblem) -> None:
        """Report a file that could not be used."""
        self._problems.append(problem)
        if not self._as_json:
            complain(f"{problem.code}: {problem.message} {problem.remedy}")

    def logins(self, file: str, read: int, new: int, notes: tuple[str, ...]) -> None:
        """Report a Login History."""
        self._logins.append({"file": file, "read": read, "new": new, "notes": notes})
        if not self._as_json:
            say(f"{file}: {read} logins read, {new} of them new.")
            for note in notes:
                complain(f"Note: {file}: {note}.")

    def finish(self) -> int:
        """Report the whole; return the exit code."""
        counts = Counter(app.result for app in self._apps)
        if self._as_json:
            emit({"apps": self._apps, "login_history": self._logins, "errors": self._problems})
        elif counts:
            say(", ".join(f"{count} {result}" for result, count in counts.items()))
        return ERROR if counts["refused"] or self._problems else DONE


def _import_apps(inside: Inside, path: Path, report: _Report, *, preview: bool) -> None:
    units = Trial(inside.units) if preview else inside.units
    with Project(path) as project:
        for app in imported(units, inside.actor, incoming(project)):
            report.app(app)
        for error in project.errors:
            report.problem(FileProblem.of(error))


def _import_logins(inside: Inside, file: Path, report: _Report) -> None:
    rows = OrgLogins(file)
    done = import_login_histories(inside.units, inside.actor, [rows])
    report.logins(rows.name, done.read, done.new, rows.notes)
    for error in rows.errors:
        report.problem(FileProblem.of(error))
