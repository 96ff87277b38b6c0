"""`changeover revert`: take back an external client app by its name, or what a plan made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from changeover.cli.apply import results_option
from changeover.cli.exit_codes import DONE, ERROR
from changeover.cli.output import emit_each, emit_error, say
from changeover.cli.paths import GivenPath
from changeover.cli.places import entered, opened, place_options, user_option
from changeover.cli.plan_options import selected, wave_option, whoever_types
from changeover.cli.progress import Counted, progress
from changeover.cli.revert import at_a_terminal, tell_losses
from changeover.cli.revert import command as of_one
from changeover.errors import CONFIRM_DELETION, PLAN_OTHER_PLACE, ChangeoverError
from changeover.org.trial import Trial
from changeover.plans.file import PlanFile
from changeover.plans.onto_files import RevertFiles
from changeover.plans.onto_org import RevertOrg
from changeover.plans.results import Became, PlaceRecord, Results
from changeover.plans.reverting import Lost, Reversion
from changeover.plans.selection import Selection
from changeover.shapes.external_client_apps import Losses


@click.command("revert")
@click.argument("apps", nargs=-1, metavar="[APP]...")
@click.option("--plan", type=GivenPath(), metavar="PLAN", help="Take back what applying this plan made.")
@wave_option
@click.option("--yes", is_flag=True, help="Delete without asking.")
@click.option("--list", "only_list", is_flag=True, help="Only list what would be lost.")
@click.option("--dry-run", is_flag=True, help="With --plan: do everything, and keep nothing of it.")
@results_option
@click.option(
    "--org", envvar="CHANGEOVER_ORG", help="Name, id or My Domain of the org; the only one by default."
)
@user_option
@place_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def command(
    context: click.Context,
    /,
    apps: tuple[str, ...],
    plan: Path | None,
    waves: tuple[str, ...],
    *,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - its options
) -> int:
    """Delete an external client app: its connected app is active again, as it was at migration.

    APP is the external client app's API name. What was changed on it since is lost and is listed first. With
    --plan, what applying the plan made is taken back: all of it, the apps named, or a --wave; of a plan of
    files exactly the files that were written and have not been changed since.

    Exit code: 0 taken back or nothing to do, 1 an error.
    """
    if plan is None:
        return _one(context, apps, waves, given, as_json=as_json)
    try:
        file = PlanFile(plan)
        with _reverted(file, selected(apps, (), waves), given) as reverted:
            return _run(reverted, given, as_json=as_json)
    except ChangeoverError as error:
        if not as_json:
            raise
        emit_error(error)
        return ERROR


def _one(
    context: click.Context,
    apps: tuple[str, ...],
    waves: tuple[str, ...],
    given: dict[str, Any],
    *,
    as_json: bool,
) -> int:
    if len(apps) != 1:
        raise click.UsageError("name one APP, or a plan with --plan")
    if waves or given["dry_run"] or given["results"] is not None:
        raise click.UsageError("--wave, --dry-run and --results go with --plan")
    handed = {name: given[name] for name in ("yes", "only_list", "org", "user", "data", "database")}
    code: int = context.invoke(of_one, app=apps[0], as_json=as_json, **handed)
    return code


@contextmanager
def _reverted(file: PlanFile, selection: Selection, given: dict[str, Any]) -> Iterator[Reversion]:
    """Open where the plan was applied."""
    results = Results.beside(file.path, given["results"], trial=given["dry_run"])
    place = results.place()
    if place is None:
        # Nothing was applied, or all of it is taken back.
        place = PlaceRecord(place="nowhere")
    if not place.place.startswith("org "):
        yield Reversion(
            plan=file,
            place=RevertFiles(results, place, trial=given["dry_run"]),
            results=results,
            by=whoever_types(),
            now=lambda: datetime.now(UTC),
            selection=selection,
        )
        return
    with opened(given["data"], given["database"], create=False) as house:
        org_id = place.place.removeprefix("org ")
        # Only what is typed contradicts the results; CHANGEOVER_ORG is a habit.
        typed = click.get_current_context().get_parameter_source("org") is ParameterSource.COMMANDLINE
        inside = entered(house.units, given["org"] if typed else org_id, given["user"])
        if inside.org.org_id != org_id:
            message = f"The plan was applied to the org {org_id}, not to {inside.org.name}."
            raise ChangeoverError(PLAN_OTHER_PLACE, message, "Leave --org out.")
        units = Trial(inside.units) if given["dry_run"] else inside.units
        yield Reversion(
            plan=file,
            place=RevertOrg(units, inside.actor, results),
            results=results,
            by=inside.actor.username,
            now=house.clock.now,
            selection=selection,
        )


def _run(reverted: Reversion, given: dict[str, Any], *, as_json: bool) -> int:
    if given["only_list"]:
        if as_json:
            return emit_each("lost", (_lost(lost) for lost in reverted.look()))
        _show(reverted.look())
        return DONE
    count = _show(reverted.look(), quiet=as_json)
    asked = not given["yes"] and not as_json and at_a_terminal()
    what = f"Take back {count} app{'' if count == 1 else 's'}?"
    if count and not given["yes"] and not given["dry_run"] and not (asked and click.confirm(what, err=True)):
        raise ChangeoverError(CONFIRM_DELETION, f"It was not confirmed that {count} apps are taken back.")
    report = Counted()
    if as_json:
        if emit_each("outcomes", report.counting(reverted.run())) != DONE:
            return ERROR
    else:
        with progress(count, "Taking back") as tell:
            for result in report.counting(reverted.run()):
                if result.outcome is not Became.DONE:
                    told = f". {result.code}: {result.message} {result.remedy}" if result.code else ""
                    tell(f"{result.api_name}: {result.outcome.value}{told}")
        say(f"{report.counts[Became.REVERTED]} taken back, {report.counts[Became.FAILED]} failed.")
        if not report.counts:
            say(f"There are no results of this plan in {reverted.results.folder}.")
    return ERROR if report.counts[Became.FAILED] else DONE


def _show(lost: Iterator[Lost], *, quiet: bool = False) -> int:
    count = 0
    for one in lost:
        count += 1
        if quiet:
            continue
        if one.refused is not None:
            say(f"{one.planned.api_name}: {one.refused}")
        elif one.losses is not None:
            tell_losses(Losses.of(one.losses))
        else:
            say(f"{one.planned.api_name}: its files will be removed.")
    return count


def _lost(lost: Lost) -> Any:  # noqa: ANN401 - a shape, or what an object of JSON holds
    if lost.losses is not None:
        return Losses.of(lost.losses)
    refused = lost.refused
    return {"api_name": lost.planned.api_name, "refused": refused.message if refused is not None else None}
