"""`changeover plan`: what a migration will make of each app, as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from changeover.cli.assessed import NEEDS_SOMEBODY
from changeover.cli.exit_codes import DONE, ERROR, FINDINGS
from changeover.cli.output import emit, emit_error, say
from changeover.cli.owners import owners_of, owners_option, tell_unknown
from changeover.cli.paths import GivenPath
from changeover.cli.places import entered, every_app, opened, place_options, user_option
from changeover.cli.plan_options import confirm_options, confirmed, selected, selection_options
from changeover.cli.plan_show import show
from changeover.cli.terminal import complain
from changeover.errors import ChangeoverError
from changeover.migration.finding import Verdict
from changeover.migration.plan import PlanEnd
from changeover.org.lists import AppQuery
from changeover.plans.file import PlanWriter
from changeover.plans.making import Choices, Made, OrgPlan, end_of_files, head_of_files, plan_files
from changeover.project.login_history import LoginHistory
from changeover.project.project import Project

MAKE = "make"


class PlanGroup(click.Group):
    """`plan SOURCE` is `plan make SOURCE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in `make` where no command is named."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [MAKE, *args]
        return super().parse_args(ctx, args)


@click.group("plan", cls=PlanGroup)
def command() -> None:
    """Write down what a migration will make of each app, and look at it before anybody makes it.

    `changeover plan SOURCE -o plan.json` is short for `changeover plan make SOURCE -o plan.json`.
    """


@command.command(MAKE)
@click.argument("source", required=False, type=GivenPath())
@click.argument("apps", nargs=-1, metavar="[APP]...")
@click.option("-o", "--output", "target", required=True, type=GivenPath(), help="The plan file to write.")
@selection_options
@owners_option
@click.option(
    "--login-history",
    "histories",
    multiple=True,
    type=GivenPath(),
    metavar="FILE",
    help="Login History: Setup's CSV, or the CSV or JSON answer of a SOQL query; may be repeated.",
)
@confirm_options
@click.option("--org", help="Instead of SOURCE, the apps of this org: its name, id or My Domain.")
@user_option
@place_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def make(
    source: Path | None,
    apps: tuple[str, ...],
    target: Path,
    org: str | None,
    *,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - its options
) -> int:
    """Write a plan of the connected apps in SOURCE, or of an org.

    SOURCE is an SFDX project, any folder of metadata, a package as a folder or zip, or one file. APP is an
    API name or a pattern such as 'Billing*'; without any, all apps are planned. With --org, name the apps
    alone. The confirmations may be given here already: the plan then says by whom.

    Exit code: 0 all may be migrated or have been, 2 some need a confirmation or may not be migrated, 1 a file
    cannot be read.
    """
    if org is None and source is None:
        raise click.UsageError("name a SOURCE, or an org with --org")
    if org is not None and source is not None:
        # The first word of an org's plan is an app.
        apps = (str(source), *apps)
    if org is not None and given["histories"]:
        raise click.UsageError("--login-history is for files: an org has its own Login History")
    report = _Report(target, as_json=as_json)
    try:
        if org is not None:
            _plan_org(org, _choices(apps, given), target, report, given)
        elif source is not None:
            _plan_files(source, _choices(apps, given), target, report, given["histories"])
    except ChangeoverError as error:
        if not as_json:
            raise
        emit_error(error)
        return ERROR
    return report.finish()


command.add_command(show)


def _choices(apps: tuple[str, ...], given: dict[str, Any]) -> Choices:
    now = datetime.now(UTC)
    return Choices(
        made_at=now,
        made_by=given["by"],
        today=now.astimezone().date(),
        selection=selected(apps, given["verdicts"], given["waves"]),
        owners=owners_of(given["owners"]),
        confirmed=confirmed(
            local=given["confirm_local"], no_username_password=given["confirm_no_username_password"]
        ),
        despite_evidence=frozenset(name.casefold() for name in given["confirm_despite_evidence"]),
    )


def _plan_files(
    source: Path, choices: Choices, target: Path, report: _Report, histories: tuple[Path, ...]
) -> None:
    with Project(source) as project:
        logins = _read(histories, project) if histories else None
        with PlanWriter(target, head_of_files(project, target, choices, logins)) as writer:
            report.take(plan_files(project, choices, logins), writer)
            report.end = end_of_files(project, choices, report.verdicts)
            if logins is not None:
                report.login_history(logins)
            writer.finish(report.end)


def _read(histories: tuple[Path, ...], project: Project) -> LoginHistory:
    logins = LoginHistory()
    for file in histories:
        logins.add(file, project.index.by_label)
    return logins


def _plan_org(org: str, choices: Choices, target: Path, report: _Report, given: dict[str, Any]) -> None:
    with opened(given["data"], given["database"], create=False) as house:
        inside = entered(house.units, org, given["user"])
        now = house.clock.now()
        chosen = replace(choices, made_by=inside.actor.username, made_at=now, today=now.astimezone().date())
        names = (row.api_name for row in every_app(inside, AppQuery(sort="api_name")))
        plan = OrgPlan(inside.units, inside.actor, names, chosen)
        with PlanWriter(target, plan.head) as writer:
            report.take(plan.apps(), writer)
            report.end = plan.end(report.verdicts)
            writer.finish(report.end)


class _Report:
    """Tells what was planned."""

    def __init__(self, target: Path, *, as_json: bool) -> None:
        self._target = target
        self._as_json = as_json
        self.verdicts: Counter[Verdict] = Counter()
        self.end: PlanEnd | None = None
        self._logins: LoginHistory | None = None

    def take(self, apps: Iterator[Made], writer: PlanWriter) -> None:
        """Write the apps."""
        for made in apps:
            self.verdicts[made.verdict] += 1
            writer.add(made.record)

    def login_history(self, logins: LoginHistory) -> None:
        """Take note of what was wrong with Login History."""
        self._logins = logins

    def finish(self) -> int:
        """Report the whole; return the exit code."""
        end, logins = self.end, self._logins
        if end is None:
            return ERROR
        errors = [*end.errors, *(logins.errors if logins is not None else ())]
        if self._as_json:
            emit(
                {
                    "plan": str(self._target),
                    "verdicts": end.verdicts,
                    "unknown_owners": end.unknown_owners,
                    "errors": [_told(error) for error in errors],
                }
            )
        else:
            counts = ", ".join(f"{self.verdicts[verdict]} {verdict.value}" for verdict in Verdict)
            say(f"{self._target}: {self.verdicts.total()} apps planned: {counts}.")
            tell_unknown(end.unknown_owners)
            for error in errors:
                complain(f"{error.code}: {error.message} {error.remedy}")
        for note in (*logins.notes, *logins.overlaps()) if logins is not None else ():
            complain(f"Note: {note}")
        if errors:
            return ERROR
        return FINDINGS if NEEDS_SOMEBODY & self.verdicts.keys() else DONE


def _told(error: Any) -> dict[str, Any]:  # noqa: ANN401 - of the plan's end, or of Login History
    names = ("path", "line", "code", "message", "remedy")
    told: dict[str, Any] = msgspec.to_builtins({name: getattr(error, name) for name in names})
    return told
