"""A batch that the command line runs itself, outcome by outcome; Ctrl-C leaves it to be gone on with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import click

from changeover.cli.exit_codes import DONE, ERROR, FINDINGS
from changeover.cli.output import emit_each, say
from changeover.cli.places import Inside, place_as_given
from changeover.cli.terminal import complain
from changeover.errors import ChangeoverError
from changeover.org.batch_runs import run_batch
from changeover.org.batches import view_batch
from changeover.org.model.batches import Batch, BatchState
from changeover.org.model.batches import Outcome as Done
from changeover.serving.rubbish import less_rubbish
from changeover.shapes.outcomes import Outcome


def run_here(inside: Inside, batch: Batch, runner: str, *, as_json: bool) -> int:
    """Run a batch that was claimed for this process, and print what becomes of each app.

    Whatever ends it early leaves the batch stopped, and says how to go on.

    Returns:
        The exit code: of this run, and for the whole batch that nothing is left to do.
    """
    results: Counter[str] = Counter()

    def outcomes() -> Iterator[Done]:
        with less_rubbish():
            for outcome in run_batch(inside.units, batch.batch_id, runner=runner, leave=BatchState.STOPPED):
                results[outcome.result] += 1
                yield outcome

    try:
        if as_json:
            if emit_each("outcomes", (Outcome.of(outcome) for outcome in outcomes())) != DONE:
                _how_to_go_on(batch)
                return ERROR
        else:
            _tell(outcomes(), results)
    except (KeyboardInterrupt, click.Abort, ChangeoverError):
        _how_to_go_on(batch)
        raise
    if not _done(inside, batch):
        complain(f"Somebody stopped the batch {batch.batch_id}, or another process has taken it over.")
        return ERROR
    if results["failed"]:
        return ERROR
    return FINDINGS if results["skipped"] else DONE


def _tell(outcomes: Iterator[Done], results: Counter[str]) -> None:
    for outcome in outcomes:
        if outcome.code:
            say(f"{outcome.name}: {outcome.result}. {outcome.code}: {outcome.message} {outcome.remedy}")
        else:
            say(f"{outcome.name}: {outcome.result}")
    say(", ".join(f"{count} {result}" for result, count in results.items()) or "Nothing to do.")


def _done(inside: Inside, batch: Batch) -> bool:
    with inside.units.read() as unit:
        return view_batch(unit, inside.actor, batch.batch_id).done


def _how_to_go_on(batch: Batch) -> None:
    how = f"changeover migrate --resume {batch.batch_id}{place_as_given()}"
    complain(f"The batch {batch.batch_id} has stopped. To go on with it: {how}")
