"""`changeover plan show`: a plan for people, app by app."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import click

from changeover.cli.exit_codes import DONE, ERROR
from changeover.cli.output import emit_each, emit_error, say, table
from changeover.cli.paths import GivenPath
from changeover.cli.plan_options import selected, selection_options
from changeover.errors import ChangeoverError
from changeover.migration.account import Kind
from changeover.migration.plan import Confirmation, PlannedApp
from changeover.plans.file import PlanFile
from changeover.plans.selection import Selection

NOBODY = "nobody yet"


@click.command("show")
@click.argument("plan", type=GivenPath())
@click.argument("apps", nargs=-1, metavar="[APP]...")
@selection_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document: the records of the plan.")
def show(
    plan: Path,
    apps: tuple[str, ...],
    verdicts: tuple[str, ...],
    waves: tuple[str, ...],
    *,
    as_json: bool,
) -> int:
    """Show a plan: a line an app, or of each APP named everything.

    APP is an API name or a pattern; '*' shows everything of all. Of an app are told: every field of the
    connected app with its value, where it goes and what it says there; what is added; what is lost; what must
    be confirmed, and by whom it was.
    """
    try:
        file = PlanFile(plan)
        chosen = selected(apps, verdicts, waves)
        if apps:
            chosen.refuse_unknown(app.api_name for app in file.apps())
    except ChangeoverError as error:
        if not as_json:
            raise
        emit_error(error)
        return ERROR
    with closing(_chosen(file, chosen)) as found:
        if as_json:
            return emit_each("apps", found)
        if apps:
            for app in found:
                _tell(app)
        else:
            _overview(found)
    return DONE


def _chosen(file: PlanFile, chosen: Selection) -> Generator[PlannedApp]:
    for app in file.apps():
        if chosen.has(app.api_name, app.verdict, app.wave):
            yield app


def _overview(apps: Iterator[PlannedApp]) -> None:
    columns = ("App", "Label", "Verdict", "Wave", "Owner", "Contact", "To confirm", "Lost")
    table(
        columns,
        (
            (
                app.api_name,
                app.label,
                app.verdict.value,
                app.wave,
                app.owner,
                app.contact,
                sum(one.given is None for one in app.confirmations),
                len(app.lost),
            )
            for app in apps
        ),
    )


def _tell(app: PlannedApp) -> None:
    label = f" ({app.label})" if app.label != app.api_name else ""
    say(f"{app.api_name}{label}: {app.verdict.value}")
    where = {
        "File": app.path,
        "Wave": app.wave,
        "Owner": app.owner,
        "Contact": app.contact,
        "Last users": ", ".join(f"{one.user} ({one.flow}, {one.last:%Y-%m-%d})" for one in app.last_users),
    }
    for name, value in where.items():
        if value:
            say(f"  {name}: {value}")
    for finding in app.findings:
        say(f"  {finding.severity.value.capitalize()}: {finding.evidence} {finding.remedy}")
    for hidden in app.not_visible:
        say(f"  Not visible: {hidden.rule}. {hidden.where_to_look}")
    for one in app.confirmations:
        say(f"  To confirm: {one.statement} Confirmed by: {_by(one)}")
    say("  What becomes of each field:")
    table(
        ("Source field", "Old value", "Target field", "New value", "What"),
        (
            (entry.source, entry.value, str(target), target.value, entry.kind.value)
            for entry in app.account
            if entry.kind is not Kind.LOST
            for target in entry.targets
        ),
    )
    say("  What is added:" if app.added else "  Nothing is added.")
    table(
        ("Target field", "Value", "Why"),
        ((str(added.target), added.target.value, added.why) for added in app.added),
    )
    say("  What is lost:" if app.lost else "  Nothing is lost.")
    table(
        ("Source field", "Old value", "Consequence"),
        ((lost.source, lost.value, lost.consequence) for lost in app.lost),
    )
    say("")


def _by(one: Confirmation) -> str:
    return f"{one.given.by}, {one.given.at:%Y-%m-%d %H:%M} UTC" if one.given is not None else NOBODY
