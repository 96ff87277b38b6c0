"""`changeover apply`: what a plan says, made in a local org or as files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from changeover import errors
from changeover.cli.convert import DO_NOT_DEPLOY
from changeover.cli.exit_codes import DONE, ERROR, FINDINGS, STALE
from changeover.cli.output import emit_each, emit_error, say
from changeover.cli.paths import GivenPath
from changeover.cli.places import entered, opened, place_options, user_option
from changeover.cli.plan_options import confirm_options, confirmed, selected, wave_option
from changeover.cli.progress import Counted, progress
from changeover.cli.terminal import complain
from changeover.errors import ChangeoverError
from changeover.org.trial import Trial
from changeover.plans.applying import Application, Consent
from changeover.plans.file import PlanFile
from changeover.plans.onto_files import OntoFiles
from changeover.plans.onto_org import OntoOrg
from changeover.plans.results import Became, Result, Results
from changeover.plans.selection import Selection
from changeover.project.project import Project

STALE_PLAN = frozenset({errors.PLAN_STALE, errors.PLAN_ENGINE, errors.PLAN_OTHER_PLACE})
"""Refusals of a plan that no longer fits, or fits something else."""


def results_option(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the option --results."""
    return click.option(
        "--results",
        type=GivenPath(),
        metavar="DIR",
        help="Folder for a result file an app; by default PLAN.results beside the plan.",
    )(command)


@click.command("apply")
@click.argument("plan", type=GivenPath())
@click.argument("apps", nargs=-1, metavar="[APP]...")
@wave_option
@click.option("-o", "--output", "target", type=GivenPath(), help="For a plan of files: the folder to write.")
@click.option(
    "--source", type=GivenPath(), help="For a plan of files: where they are now, if they have moved."
)
@click.option("--include-secret", is_flag=True, help="Write consumer secrets too, where the source has them.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["source", "metadata"]),
    default="source",
    show_default=True,
    help="Source format, or metadata format with a package.xml.",
)
@confirm_options
@click.option("--dry-run", is_flag=True, help="Do everything, and keep nothing of it.")
@results_option
@click.option("--org", help="For a plan of an org: that org; by default the one that the plan names.")
@user_option
@place_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    plan: Path,
    apps: tuple[str, ...],
    waves: tuple[str, ...],
    *,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - its options
) -> int:
    """Make what PLAN says: external client apps in a local org, or files as `changeover convert` writes them.

    APP is an API name or a pattern; without any, all apps of the plan are meant. First everything is checked:
    if an app is no longer as it was, or the plan is of another Changeover or another org, nothing is done.
    The confirmations cover only apps that nothing speaks against. Each app is done as a whole or not at all,
    one that is refused stops no other, and a run that was stopped goes on when the command is given again.

    Exit code: 0 all done or nothing to do, 2 some were skipped, 3 the plan is stale or of another place, 1 an
    app failed.
    """
    try:
        file = PlanFile(plan)
        with _applied(file, selected(apps, (), waves), given) as applied:
            total = applied.check()
            report = Counted()
            if as_json:
                if emit_each("outcomes", report.counting(applied.run())) != DONE:
                    return ERROR
            else:
                with progress(total, "Applying") as tell:
                    for result in report.counting(applied.run()):
                        tell(_line(result))
                _sum_up(report.counts, given)
            return _exit_code(report.counts)
    except ChangeoverError as error:
        if as_json:
            emit_error(error)
        else:
            complain(str(error))
        return STALE if error.kind in STALE_PLAN else ERROR


@contextmanager
def _applied(file: PlanFile, selection: Selection, given: dict[str, Any]) -> Iterator[Application]:
    """Open what the plan is applied to."""
    with ExitStack() as stack:
        trial = given["dry_run"]
        results = Results.beside(file.path, given["results"], trial=trial)
        said = {
            "confirmed": confirmed(
                local=given["confirm_local"], no_username_password=given["confirm_no_username_password"]
            ),
            "despite_evidence": frozenset(name.casefold() for name in given["confirm_despite_evidence"]),
        }
        org = file.head.source.org
        if given["target"] is not None:
            if given["org"] is not None:
                raise click.UsageError("say -o for a plan of files, --org for one of an org, not both")
            if org is not None:
                message = f"The plan is of the org {org.name}, not of files."
                raise ChangeoverError(errors.PLAN_OTHER_PLACE, message)
            source = given["source"] or file.path.parent / (file.head.source.path or "")
            project = stack.enter_context(Project(source))
            place = OntoFiles(
                project,
                given["target"],
                results,
                source_format=given["file_format"] == "source",
                include_secret=given["include_secret"],
                trial=trial,
            )
            yield Application(
                plan=file,
                place=place,
                results=results,
                consent=Consent(by=given["by"], **said),
                now=_now,
                selection=selection,
            )
            return
        if org is None and given["org"] is None:
            raise click.UsageError("this plan is of files: name the folder to write with -o")
        if given["include_secret"] or given["source"] is not None or given["file_format"] != "source":
            raise click.UsageError("--include-secret, --source and --format are for a plan of files, with -o")
        house = stack.enter_context(opened(given["data"], given["database"], create=False))
        wanted = given["org"] or (org.org_id if org is not None else None)
        inside = entered(house.units, wanted, given["user"])
        consent = Consent(by=inside.actor.username, **said)
        units = Trial(inside.units) if trial else inside.units
        yield Application(
            plan=file,
            place=OntoOrg(units, inside.actor, inside.org, file, consent, results),
            results=results,
            consent=consent,
            now=house.clock.now,
            selection=selection,
        )


def _now() -> datetime:
    return datetime.now(UTC)


def _sum_up(counts: Counter[Became], given: dict[str, Any]) -> None:
    told = ", ".join(f"{count} {outcome.value}" for outcome, count in counts.items())
    say(f"{told or 'Nothing to apply'}.")
    if given["dry_run"]:
        say("Nothing was kept: this was a dry run.")
    elif given["target"] is not None and counts[Became.APPLIED]:
        say(DO_NOT_DEPLOY)


def _exit_code(counts: Counter[Became]) -> int:
    if counts[Became.FAILED]:
        return ERROR
    if counts[Became.STALE]:
        return STALE
    return FINDINGS if counts[Became.SKIPPED] else DONE


def _line(result: Result) -> str:
    told = f". {result.code}: {result.message} {result.remedy}" if result.code else ""
    secrets = "".join(
        f"\n    {place} is a secret and was left out (--include-secret)" for place in result.left_out
    )
    return f"{result.api_name}: {result.outcome.value}{told}{secrets}"
