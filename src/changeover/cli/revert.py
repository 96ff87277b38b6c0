"""`changeover revert`: delete an external client app, so that its connected app is active again."""

from __future__ import annotations

import sys

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say
from changeover.cli.places import Inside, in_org
from changeover.org.external_client_apps import delete_external_client_app, what_deletion_loses
from changeover.shapes.external_client_apps import Losses


@click.command("revert")
@click.argument("app")
@click.option("--yes", is_flag=True, help="Delete without asking.")
@click.option("--list", "only_list", is_flag=True, help="Only list what would be lost.")
@in_org
def command(inside: Inside, app: str, *, yes: bool, only_list: bool, as_json: bool) -> int:
    """Delete an external client app: its connected app is active again, as it was at migration.

    APP is the external client app's API name. What was changed on it since is lost and is listed first.
    """
    with inside.units.read() as unit:
        losses = what_deletion_loses(unit, inside.actor, app)
    lost = Losses.of(losses)
    if not as_json:
        tell_losses(lost)
    if only_list:
        if as_json:
            emit({"lost": lost})
        return DONE
    # Nobody to ask: the act refuses what is not confirmed.
    asked = not yes and not as_json and at_a_terminal()
    confirmed = yes or (asked and click.confirm(f"Delete the external client app {app}?", err=True))
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


def at_a_terminal() -> bool:
    """Whether somebody sits there who can be asked."""
    return sys.stdin.isatty()


def tell_losses(lost: Losses) -> None:
    """Say what deleting an external client app loses, for people."""
    if not (lost.changes or lost.key_changed or lost.secret_changed):
        say(f"Nothing was changed on {lost.api_name} since migration.")
        return
    say(f"What was changed on {lost.api_name} since migration will be lost:")
    for change in lost.changes:
        say(f"  {change.target}: {_value(change.at_migration)} -> {_value(change.now)}")
    if lost.key_changed:
        say("  the consumer key, rotated since")
    if lost.secret_changed:
        say("  the consumer secret, set since")


def _value(text: str | None) -> str:
    return "(nothing)" if text is None else " ".join(text.split()) or "(empty)"
