"""`changeover worker`: runs batches that the other doors have started."""

from __future__ import annotations

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.key import complain_of_missing_keys
from changeover.cli.output import emit, say
from changeover.cli.places import House, with_house
from changeover.serving.rubbish import less_rubbish


@click.command("worker")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 32),
    default=1,
    show_default=True,
    help="Batches that it runs at the same time, on PostgreSQL.",
)
@with_house()
def command(house: House, concurrency: int, *, as_json: bool) -> int:
    """Run batches until stopped with Ctrl-C.

    On PostgreSQL the batches that browsers and programs start wait for a worker; start as many as you like,
    on as many machines as you like. A worker that is stopped finishes the app at hand and hands its batch on;
    the batch of one that dies is taken up by another one within half a minute. On SQLite `changeover serve`
    runs batches itself, and a worker only helps where nothing is served.
    """
    complain_of_missing_keys(house)
    if as_json:
        emit({"worker": "ready"})
    else:
        say("Ready to run batches (stop with Ctrl-C).")
    with less_rubbish():
        house.work(concurrency=concurrency)
    return DONE
