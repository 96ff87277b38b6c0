"""`changeover report`: what a customer, a spreadsheet or code scanning wants to know of connected apps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from changeover.cli.assess_org import assessed_apps
from changeover.cli.evidence import Given, evidence_options
from changeover.cli.exit_codes import ERROR
from changeover.cli.fail_on import FAILING, fail_on_option
from changeover.cli.output import emit_error, started
from changeover.cli.owners import owners_of, owners_option, tell_unknown
from changeover.cli.paths import GivenPath
from changeover.cli.places import entered, opened, place_options, user_option
from changeover.cli.report_making import FORMATS, Making, One, Shape, written_report
from changeover.cli.terminal import complain
from changeover.errors import ChangeoverError
from changeover.metadata.file_error import FileError
from changeover.plans.owners import Owners
from changeover.project.project import Project
from changeover.project.shared import share
from changeover.project.tree import shown
from changeover.report.rehearsal import read

ORG_EVIDENCE = "The org's own Login History, as far as it was imported."


@click.command("report")
@click.argument("path", required=False, type=GivenPath())
@evidence_options
@owners_option
@click.option("-o", "--output", "target", type=GivenPath(), help="File to write; by default standard output.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="By default as the file to write is named (report.csv), otherwise html.",
)
@click.option(
    "--rehearsal",
    type=GivenPath(),
    metavar="FILE",
    help="What `changeover rehearse --json` printed: the report shows it too (not in SARIF).",
)
@fail_on_option
@click.option("--org", help="Instead of PATH, the apps of this org: its name, id or My Domain.")
@user_option
@place_options
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
def command(
    path: Path | None,
    given: Given,
    owners: Path | None,
    target: Path | None,
    form: str | None,
    rehearsal: Path | None,
    fail_on: str,
    org: str | None,
    **place: Any,  # noqa: ANN401 - user, data and database
) -> int:
    """Report on the connected apps in PATH, or of an org: how ready they are, what ends when, who is asked.

    The HTML file is complete in itself: it needs no network, runs no script, and can be printed. CSV has a
    row an app; JSON is what `assess --json` says, with the figures; SARIF is for code scanning.

    Exit code: 0 all may be migrated or have been, 2 some need a confirmation or may not be migrated, 1 a file
    cannot be read or written.
    """
    if org is not None and (path is not None or given):
        raise click.UsageError("name files or --org, not both: an org has its own Login History")
    making = Making(
        form=form or _named(target),
        today=datetime.now(UTC).astimezone().date(),
        source="",
        failing=FAILING[fail_on],
    )
    as_json = making.form == "json" and target is None
    try:
        if rehearsal is not None:
            making.rehearsal = read(rehearsal)
        if org is not None:
            return _of_org(making, target, owners_of(owners), org, **place)
        if path is None:
            raise click.UsageError("name a PATH, or an org with --org")
        return _of_files(making, target, owners_of(owners), path, given)
    except FileError as error:
        if not as_json:
            raise
        making.source, making.errors = error.path, partial(tuple, [error])
        return written_report(making, (), target, ())
    except ChangeoverError as error:
        if not as_json:
            raise
        emit_error(error)
        return ERROR


def _named(target: Path | None) -> str:
    """Return the format that a file's name asks for."""
    ending = target.suffix.removeprefix(".").lower() if target is not None else ""
    return ending if ending in FORMATS else "html"


def _of_files(making: Making, target: Path | None, owners: Owners, path: Path, given: Given) -> int:
    with Project(path) as project, closing(Shape(making.form, path, owners)) as shape:
        evidence = given.read(project.index.by_label)
        making.source, making.root, making.evidence = shown(path.resolve().name), path, evidence.summary()
        making.errors = lambda: (*project.errors, *evidence.errors)
        apps = share(project, shape, making.today, evidence.logins, usage=evidence.usage)
        code = written_report(making, apps, target, (path, *given.histories, *given.evidence))
        for note in evidence.notes:
            complain(f"Note: {note}")
        known = {file.full_name.casefold() for file in project.index.connected_apps}
        tell_unknown(owners.unknown(lambda app: app.casefold() in known))
        return code


def _of_org(
    making: Making,
    target: Path | None,
    owners: Owners,
    org: str,
    *,
    user: str | None,
    data: Path,
    database: str | None,
) -> int:
    with opened(data, database, create=False) as house:
        inside = entered(house.units, org, user)
        making.source, making.evidence = f"org {inside.org.name}", (ORG_EVIDENCE,)
        shape = Shape(making.form, owners=owners)
        known: set[str] = set()

        def shaped() -> Iterator[One]:
            for one in assessed_apps(inside):
                known.add(one.app.full_name.casefold())
                yield shape.of(one)

        code = written_report(making, started(shaped()), target, ())
        tell_unknown(owners.unknown(lambda app: app.casefold() in known))
        return code
