"""`changeover assess`: the verdict on every connected app in files, its findings and its account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from changeover.cli.assess_json import Encoded, encoded, write_json
from changeover.cli.assess_org import assess_org
from changeover.cli.assess_table import Row, row, table_drawing, write_table
from changeover.cli.assessed import assessed_entry
from changeover.cli.drawing import Drawing
from changeover.cli.evidence import Given, evidence_options
from changeover.cli.exit_codes import DONE, ERROR, FINDINGS
from changeover.cli.fail_on import FAILING, fail_on_option
from changeover.cli.paths import GivenPath
from changeover.cli.places import place_options, user_option
from changeover.cli.terminal import complain
from changeover.metadata.file_error import FileError
from changeover.migration.finding import Verdict
from changeover.project.project import ConnectedAppEntry, Project
from changeover.project.shared import share


@click.command("assess")
@click.argument("path", required=False, type=GivenPath())
@evidence_options
@fail_on_option
@click.option("--org", help="Instead of PATH, the apps of this org: its name, id or My Domain.")
@user_option
@place_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    path: Path | None,
    given: Given,
    fail_on: str,
    org: str | None,
    user: str | None,
    data: Path,
    database: str | None,
    *,
    as_json: bool,
) -> int:
    """Say which connected apps in PATH, or of an org, may be migrated, and why others may not.

    PATH is an SFDX project, any folder of metadata, a package as a folder or zip, or one file. Nothing is
    changed.

    Exit code: 0 all may be migrated or have been, 2 some need a confirmation or may not be migrated, 1 a file
    cannot be read.
    """
    if org is not None:
        if path is not None or given:
            raise click.UsageError("name files or --org, not both: an org has its own Login History")
        return assess_org(data, database, org, user, FAILING[fail_on], as_json=as_json)
    if path is None:
        raise click.UsageError("name a PATH, or an org with --org")
    try:
        return _assess(path, given, FAILING[fail_on], as_json=as_json)
    except FileError as error:
        if not as_json:
            raise
        write_json((), partial(tuple, [error]))
        return ERROR


def _assess(path: Path, given: Given, failing: frozenset[Verdict], *, as_json: bool) -> int:
    with Project(path) as project:
        evidence = given.read(project.index.by_label)

        def errors() -> tuple[FileError, ...]:
            return (*project.errors, *evidence.errors)

        today = datetime.now(UTC).astimezone().date()
        shared = (today, evidence.logins)
        if as_json:
            verdicts = write_json(share(project, _encoded, *shared, usage=evidence.usage), errors)
        else:
            table = table_drawing()
            rows = share(project, _Drawn(table), *shared, usage=evidence.usage)
            verdicts = write_table(table, rows, errors, evidence.summary())
        for note in evidence.notes:
            complain(f"Note: {note}")
        if errors():
            return ERROR
        return FINDINGS if verdicts & failing else DONE


# What processes share (see project/shared.py) is done as far as the answer's own form, the smallest there is.
def _encoded(entry: ConnectedAppEntry) -> Encoded:
    return encoded(assessed_entry(entry))


@dataclass(frozen=True)
class _Drawn:
    """Draws an app's row of the table."""

    table: Drawing

    def __call__(self, entry: ConnectedAppEntry) -> Row:
        return row(assessed_entry(entry), self.table)
