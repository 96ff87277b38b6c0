"""`changeover rehearse`: OAuth clients log in on a copy before a migration, after it, after the revert."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click
import msgspec

from changeover import errors
from changeover.cli.assess_json import error_object
from changeover.cli.evidence import Given, evidence_options
from changeover.cli.exit_codes import DONE, ERROR, FINDINGS
from changeover.cli.output import emit_error
from changeover.cli.paths import GivenPath
from changeover.cli.places import Inside, entered, opened, place_options, user_option, wiring
from changeover.cli.progress import progress
from changeover.cli.rehearse_lines import HEADING, app_lines, summary_line
from changeover.cli.terminal import complain
from changeover.errors import ChangeoverError
from changeover.project.evidence import Evidence
from changeover.project.project import Project
from changeover.rehearse.assumptions import ASSUMPTIONS
from changeover.rehearse.from_files import FilesSource
from changeover.rehearse.from_org import OrgSource
from changeover.rehearse.rehearsal import Rehearsal
from changeover.rehearse.told import Tally, app_told, setting_told
from changeover.shapes.rehearsals import LoginVerdict, RehearsalSetting, RehearsedApp

_YEARS = range(2000, 2100)
"""A clock beyond these has no meaning to tokens and certificates."""
Errors = Callable[[], tuple[ChangeoverError, ...]]


@click.command("rehearse")
@click.argument("path", required=False, type=GivenPath())
@evidence_options
@click.option("--app", "apps", multiple=True, metavar="NAME", help="Only this app; may be repeated.")
@click.option(
    "--assume",
    "assumed",
    multiple=True,
    type=click.Choice([one.name for one in ASSUMPTIONS]),
    help="Take a decision the other way; may be repeated.",
)
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Rehearse as of another day, as 2027-03-01; by default today.",
)
@click.option("--org", help="Instead of PATH, the apps of this org: its name, id or My Domain.")
@user_option
@place_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    path: Path | None,
    given: Given,
    apps: tuple[str, ...],
    assumed: tuple[str, ...],
    day: datetime | None,
    *,
    org: str | None,
    as_json: bool,
    **place: Any,  # noqa: ANN401 - user, data and database
) -> int:
    """Log in as the clients of the connected apps in PATH, or of an org, do: before, after, and back again.

    On a copy, which is thrown away, each app is migrated and reverted, and an OAuth client logs in at each
    stage by each flow that the app is set up for. The org or the files are only read. What it shows follows
    from Changeover's rules; Salesforce may do otherwise. Where a row depends on a decision of ours, it says
    so, and --assume shows what it would be then.

    Exit code: 0 nothing breaks, 2 a login breaks, 1 an error.
    """
    if org is not None and (path is not None or given):
        raise click.UsageError("name files or --org, not both: an org has its own Login History")
    if org is None and path is None:
        raise click.UsageError("name a PATH, or an org with --org")
    start = _start(day)
    try:
        with ExitStack() as stack:
            stack.enter_context(_ended_as_by_ctrl_c())
            source: FilesSource | OrgSource
            if path is not None:
                project = stack.enter_context(Project(path))
                evidence = given.read(project.index.by_label)
                source = _of_files(project, start or datetime.now(UTC), evidence, apps)
                problems: Errors = lambda: (*project.errors, *evidence.errors)  # noqa: E731 - one line, once
            else:
                inside = stack.enter_context(_inside(org, **place))
                source, problems = OrgSource(inside.units, inside.actor, apps), tuple
            copy = stack.enter_context(wiring().rehearsal_copy(start))
            setting = setting_told(source.name, copy.clock.now().date(), assumed)
            rehearsed = map(app_told, Rehearsal(copy, source, assumed).apps())
            tell = _tell_json if as_json else _tell_lines
            return tell(setting, rehearsed, len(source), problems)
    except ChangeoverError as error:
        if not as_json:
            raise
        emit_error(error)
        return ERROR


@contextmanager
def _inside(org: str | None, *, user: str | None, data: Path, database: str | None) -> Iterator[Inside]:
    with opened(data, database, create=False) as house:
        yield entered(house.units, org, user)


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Have whoever ends the process (CI that cancels a job, a terminal that closes) leave no copy behind."""

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise KeyboardInterrupt

    # What is to be ignored (`nohup`) goes on to be.
    ours = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _start(day: datetime | None) -> datetime | None:
    """Return a day at this time of it."""
    if day is None:
        return None
    if day.year not in _YEARS:
        raise click.UsageError(f"--day is a day from {_YEARS[0]} to {_YEARS[-1]}")
    return datetime.combine(day.date(), datetime.now(UTC).timetz())


def _of_files(project: Project, at: datetime, evidence: Evidence, apps: tuple[str, ...]) -> FilesSource:
    day: date = at.astimezone().date()
    source = FilesSource(project, day, evidence, apps)
    missing = source.missing()
    if missing:
        message = f"{source.name} holds no connected app {', '.join(missing)}."
        raise ChangeoverError(errors.APP_NOT_FOUND, message)
    return source


def _tell_lines(setting: RehearsalSetting, apps: Iterator[RehearsedApp], total: int, problems: Errors) -> int:
    tally = Tally()
    with progress(total, "Rehearsing") as tell:
        click.echo(HEADING)
        for app in apps:
            tally.add(app)
            tell(app_lines(app))
    for problem in problems():
        complain(str(problem))
    click.echo(summary_line(tally.figures))
    for one in setting.assumed:
        click.echo(f"Assumed against {one.decision}: {one.what}.")
    click.echo(setting.caveat)
    return _code(tally, problems)


def _tell_json(setting: RehearsalSetting, apps: Iterator[RehearsedApp], total: int, problems: Errors) -> int:
    del total
    tally, out = Tally(), sys.stdout.buffer
    out.write(msgspec.json.encode(setting)[:-1] + b', "apps": [')
    for nth, app in enumerate(apps):
        tally.add(app)
        out.write((b",\n" if nth else b"\n") + msgspec.json.encode(app))
        out.flush()
    rest = {"summary": tally.figures, "errors": [error_object(error) for error in problems()]}
    out.write(b"\n], " + msgspec.json.encode(rest)[1:] + b"\n")
    out.flush()
    return _code(tally, problems)


def _code(tally: Tally, problems: Errors) -> int:
    if problems():
        return ERROR
    return FINDINGS if tally.of(LoginVerdict.BREAKS) else DONE
