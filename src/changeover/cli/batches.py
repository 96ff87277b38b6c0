"""`changeover batches`: the batches of an org, what became of each app, and stopping one."""

from __future__ import annotations

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, emit_each, say, table
from changeover.cli.places import Inside, in_org
from changeover.org.batches import every_outcome, list_batches, stop_batch, view_batch
from changeover.shapes.outcomes import Batch, Outcome


@click.command("batches")
@click.argument("batch", required=False)
@click.option(
    "--result",
    type=click.Choice(["migrated", "reverted", "skipped", "failed"]),
    help="Only the apps with this result.",
)
@click.option("--stop", is_flag=True, help="Stop the batch after the app at hand.")
@in_org
def command(inside: Inside, batch: str | None, result: str | None, *, stop: bool, as_json: bool) -> int:
    """List the last batches; or show of one what became of each app.

    BATCH is its id. To go on with one that was stopped: changeover migrate --resume BATCH. To undo
    one: changeover revert --batch BATCH.
    """
    if batch is None:
        if stop or result:
            raise click.UsageError("name the batch")
        return _list(inside, as_json=as_json)
    if stop:
        with inside.units.unit() as unit:
            stopped = stop_batch(unit, inside.actor, batch)
        if as_json:
            emit({"batch": Batch.of(stopped)})
        else:
            say(f"{batch}: {stopped.state}, {stopped.count} of {stopped.total} apps are done.")
        return DONE
    with inside.units.read() as unit:
        view_batch(unit, inside.actor, batch)
        outcomes = every_outcome(unit, inside.actor, batch, result or "")
        if as_json:
            return emit_each("outcomes", (Outcome.of(one) for one in outcomes))
        rows = ((one.name, one.result, one.code, f"{one.message} {one.remedy}".strip()) for one in outcomes)
        table(("App", "Result", "Code", "What happened"), rows)
    return DONE


def _list(inside: Inside, *, as_json: bool) -> int:
    with inside.units.read() as unit:
        found = list_batches(unit, inside.actor)
    if as_json:
        emit({"batches": [Batch.of(each) for each in found]})
        return DONE
    columns = ("Batch", "What", "State", "Done", "Apps", "Started by", "Started")
    table(
        columns,
        (
            (
                each.batch_id,
                "undo" if each.of_batch else "migration",
                each.state,
                each.count,
                each.total,
                each.started_by,
                f"{each.started_at:%Y-%m-%d %H:%M} UTC",
            )
            for each in found
        ),
    )
    return DONE
