"""`changeover revert`: delete an external client app, so that its connected app is active again."""

from __future__ import annotations

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say
from changeover.cli.places import Inside, in_org
from changeover.cli.running import run_here
from changeover.cli.terminal import at_a_terminal
from changeover.org.batch_runs import new_runner
from changeover.org.batch_undo import Undo, plan_undo, start_undo
from changeover.org.external_client_apps import delete_external_client_app, what_deletion_loses
from changeover.org.lists import OutcomeQuery
from changeover.shapes.external_client_apps import Losses
from changeover.shapes.outcomes import BatchLosses

_PAGE = 200


@click.command("revert")
@click.argument("app", required=False)
@click.option(
    "--batch", "batch_id", metavar="BATCH", help="Every app that this batch migrated and that still is."
)
@click.option("--yes", is_flag=True, help="Delete without asking.")
@click.option("--list", "only_list", is_flag=True, help="Only list what would be lost.")
@in_org
def command(
    inside: Inside, app: str | None, batch_id: str | None, *, yes: bool, only_list: bool, as_json: bool
) -> int:
    """Delete an external client app: its connected app is active again, as it was at migration.

    APP is the external client app's API name. What was changed on it since is lost and is listed first. With
    --batch the apps that a batch migrated are reverted, each as a whole or not at all; what is changed,
    deleted or migrated anew before its turn comes is skipped. Ctrl-C stops where `migrate --resume` goes on.

    Exit code: 0 all reverted, 2 some were skipped, 1 some failed.
    """
    if batch_id is not None:
        return revert_batch(inside, batch_id, yes=yes, only_list=only_list, as_json=as_json)
    return _revert_one(inside, str(app), yes=yes, only_list=only_list, as_json=as_json)


def _revert_one(inside: Inside, app: str, *, yes: bool, only_list: bool, as_json: bool) -> int:
    with inside.units.read() as unit:
        losses = what_deletion_loses(unit, inside.actor, app)
    lost = Losses.of(losses)
    if not as_json:
        tell_losses(lost)
    if only_list:
        if as_json:
            emit({"lost": lost})
        return DONE
    confirmed = confirm(f"Delete the external client app {app}?", yes=yes, as_json=as_json)
    with inside.units.unit() as unit:
        record = delete_external_client_app(
            unit, inside.actor, app, confirmed=confirmed, seen_version=lost.version
        )
    if as_json:
        emit({"lost": lost, "connected_app": record.api_name if record else None})
    else:
        again = f" The connected app {record.api_name} is active again." if record else ""
        say(f"Deleted the external client app {lost.api_name}.{again}")
    return DONE


def revert_batch(inside: Inside, batch_id: str, *, yes: bool, only_list: bool, as_json: bool) -> int:
    """List what the undo of a batch loses, ask, and run it."""
    with inside.units.read() as unit:
        undo = plan_undo(unit, inside.actor, batch_id, OutcomeQuery(page_size=_PAGE))
    if only_list and as_json:
        emit({"lost": BatchLosses.of_undo(undo)})
        return DONE
    if not as_json:
        _tell_batch(inside, undo)
    if only_list:
        return DONE
    confirmed = confirm(f"Delete {undo.there} external client apps?", yes=yes, as_json=as_json)
    with inside.units.unit() as unit:
        runner = new_runner(unit)
        batch = start_undo(unit, inside.actor, batch_id, confirmed=confirmed, stamp=undo.stamp, runner=runner)
    return run_here(inside, batch, runner, as_json=as_json)


def _tell_batch(inside: Inside, undo: Undo) -> None:
    batch_id, found = undo.batch.batch_id, undo.losses
    say(f"{undo.there} external client apps will be deleted; {found.total} of them were changed since.")
    if undo.gone:
        say(f"{undo.gone} were reverted since and will be left alone.")
    while True:
        for losses in found:
            tell_losses(Losses.of(losses))
        if found.page >= found.pages:
            return
        query = OutcomeQuery(page=found.page + 1, page_size=_PAGE)
        with inside.units.read() as unit:
            found = plan_undo(unit, inside.actor, batch_id, query).losses


def confirm(question: str, *, yes: bool, as_json: bool) -> bool:
    """Whether a deletion is confirmed. Where nobody is there to be asked, the act refuses what is not."""
    asked = not yes and not as_json and at_a_terminal()
    return yes or (asked and click.confirm(question, err=True))


def tell_losses(lost: Losses) -> None:
    """Say what deleting an external client app loses, for people."""
    if not (lost.changes or lost.key_changed or lost.secret_changed or lost.staged):
        say(f"Nothing was changed on {lost.api_name} since migration.")
        return
    say(f"What was changed on {lost.api_name} since migration will be lost:")
    for change in lost.changes:
        say(f"  {change.target}: {_value(change.at_migration)} -> {_value(change.now)}")
    if lost.key_changed:
        say("  the consumer key, rotated since")
    if lost.secret_changed:
        say("  the consumer secret, set since")
    if lost.staged:
        say("  the staged credentials")


def _value(text: str | None) -> str:
    return "(nothing)" if text is None else " ".join(text.split()) or "(empty)"
