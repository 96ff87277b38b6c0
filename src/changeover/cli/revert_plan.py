"""`changeover revert`: take back an external client app by its name, or what a plan made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from changeover.cli.apply import results_option
from changeover.cli.exit_codes import DONE, ERROR
from changeover.cli.output import emit_each, emit_error, say
from changeover.cli.paths import GivenPath
from changeover.cli.places import entered, opened
from changeover.cli.plan_options import option_of, selected, wave_option, whoever_types
from changeover.cli.progress import Counted, progress
from changeover.cli.revert import command as of_one
from changeover.cli.revert import tell_losses
from changeover.cli.terminal import at_a_terminal
from changeover.errors import CONFIRM_DELETION, PLAN_OTHER_PLACE, ChangeoverError
from changeover.org.trial import Trial
from changeover.plans.file import PlanFile
from changeover.plans.onto_files import RevertFiles
from changeover.plans.onto_org import RevertOrg
from changeover.plans.results import Became, PlaceRecord, Results
from changeover.plans.reverting import Lost, Reversion
from changeover.plans.selection import Selection
from changeover.shapes.external_client_apps import Losses

WITH_PLAN = (
    "With --plan, what applying the plan made is taken back: all of it, the apps named, or a --wave; of a"
    " plan of files exactly the files that were written and have not been changed since."
)


def _run_either(
    app: str | None,
    more: tuple[str, ...],
    plan: Path | None,
    waves: tuple[str, ...],
    *,
    dry_run: bool,
    results: Path | None,
    **given: Any,  # noqa: ANN401 - the options of `revert` without a plan
) -> int:
    if plan is None:
        if more or waves or dry_run or results is not None:
            raise click.UsageError("several apps, --wave, --dry-run and --results go with --plan")
        return _without_plan(app, given)
    if given["batch_id"] is not None:
        raise click.UsageError("name a batch with --batch or a plan with --plan, not both")
    as_json: bool = given["as_json"]
    apps = (*((app,) if app is not None else ()), *more)
    try:
        file = PlanFile(plan)
        chosen = {**given, "dry_run": dry_run, "results": results}
        with _reverted(file, selected(apps, (), waves), chosen) as reverted:
            return _run(reverted, chosen, as_json=as_json)
    except ChangeoverError as error:
        if not as_json:
            raise
        emit_error(error)
        return ERROR


def _without_plan(app: str | None, given: dict[str, Any]) -> int:
    # Told before anything is opened.
    if (app is None) == (given["batch_id"] is None):
        raise click.UsageError("name one APP, a batch with --batch, or a plan with --plan")
    code: int = click.get_current_context().invoke(of_one, app=app, **given)
    return code


def _params() -> list[click.Parameter]:
    """Return what `revert` takes without a plan, its app no longer needed, and what it takes with one."""
    found = []
    for param in of_one.params:
        known = copy(param)
        if known.name == "app":
            known.required, known.metavar = False, "[APP]..."
        found.append(known)
    plan = click.Option(
        ["--plan"], type=GivenPath(), metavar="PLAN", help="Take back what applying this plan made."
    )
    dry_run = click.Option(
        ["--dry-run"], is_flag=True, help="With --plan: do everything, and keep nothing of it."
    )
    more = click.Argument(["more"], nargs=-1, metavar="", required=False)
    return [*found, more, plan, *option_of(wave_option), dry_run, *option_of(results_option)]


command = click.Command(
    "revert",
    callback=_run_either,
    params=_params(),
    help="\n\n".join((cleandoc(of_one.help or ""), WITH_PLAN)),
)


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
