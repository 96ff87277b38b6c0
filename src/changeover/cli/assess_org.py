"""`changeover assess --org`: the verdict on every connected app of an org."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from changeover.cli.assess_json import encoded, write_json
from changeover.cli.assess_table import row, table_drawing, write_table
from changeover.cli.assessed import Assessed
from changeover.cli.exit_codes import DONE, ERROR, FINDINGS
from changeover.cli.output import emit_error, started
from changeover.cli.places import Inside, entered, every_app, opened
from changeover.errors import ChangeoverError
from changeover.migration.finding import Verdict
from changeover.migration.rules.use import last_use
from changeover.org.app_manager import plan_migration
from changeover.org.lists import AppQuery


def assess_org(
    data: Path,
    database: str | None,
    org: str,
    user: str | None,
    failing: frozenset[Verdict],
    *,
    as_json: bool,
) -> int:
    """Say which connected apps of an org may be migrated; return the exit code.

    Args:
        data: folder of the installation.
        database: another database than the one in it.
        org: name, id or My Domain.
        user: as whom to act, None for the first administrator.
        failing: the verdicts that end it with 2.
        as_json: whether to print one JSON document.

    Raises:
        ChangeoverError: E-STORE-UNREADABLE, E-RECORD-NOT-FOUND, E-NOT-PERMITTED.
    """
    try:
        with opened(data, database, create=False) as house:
            assessed = started(assessed_apps(entered(house.units, org, user)))
            if as_json:
                verdicts = write_json(map(encoded, assessed), tuple)
            else:
                table = table_drawing()
                verdicts = write_table(table, (row(one, table) for one in assessed), tuple, ())
    except ChangeoverError as error:
        if not as_json:
            raise
        emit_error(error)
        return ERROR
    return FINDINGS if verdicts & failing else DONE


def assessed_apps(inside: Inside) -> Iterator[Assessed]:
    """Assess the connected apps of an org one by one, in order of their names."""
    for each in every_app(inside, AppQuery(sort="api_name")):
        with inside.units.read() as unit:
            planned = plan_migration(unit, inside.actor, each.api_name)
        record, assessment = planned.app, planned.assessment
        path = record.source_path or ""
        findings, account = assessment.findings, planned.account
        yield Assessed(path, record.document, assessment, findings, account, last_use(planned.logins, None))
