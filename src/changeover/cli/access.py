"""`changeover access`: which apps a profile or a permission set gives access to."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say, table
from changeover.cli.places import Command, Inside, in_org
from changeover.org import app_access as acts
from changeover.org.app_access import Grantee
from changeover.shapes.people import AppAccess


@click.group("access")
def command() -> None:
    """Which apps a profile or a permission set gives access to."""


def _grantee(command: Command) -> Command:
    """Give a command the argument `grantee`, and the options --profile and --permission-set."""

    @click.option("--profile", metavar="NAME", help="Name of the profile.")
    @click.option("--permission-set", metavar="API_NAME", help="API name of the permission set.")
    @wraps(command)
    def run(*, profile: str | None, permission_set: str | None, **given: Any) -> int:  # noqa: ANN401 - its own
        if profile is not None and permission_set is None:
            return command(grantee=acts.profile(profile), **given)
        if permission_set is not None and profile is None:
            return command(grantee=acts.permission_set(permission_set), **given)
        raise click.UsageError("name a --profile or a --permission-set")

    return run


_external = click.option(
    "--external", is_flag=True, help="The external client app of this name, not the connected app."
)


@command.command("list")
@_grantee
@in_org
def list_(inside: Inside, grantee: Grantee, *, as_json: bool) -> int:
    """List the apps that name a profile or a permission set, and whether that has an effect."""
    with inside.units.read() as unit:
        found = acts.list_app_access(unit, inside.actor, grantee)
    if as_json:
        emit({"apps": [AppAccess.of(each) for each in found]})
    else:
        table(
            ("API name", "Label", "Kind", "In force", "Read-only"),
            ((app.api_name, app.label, app.kind.words, app.in_force, app.read_only) for app in found),
        )
    return DONE


@command.command("give")
@click.argument("app")
@_external
@_grantee
@in_org
def give(inside: Inside, app: str, grantee: Grantee, *, external: bool, as_json: bool) -> int:
    """Let a profile or a permission set use an app, by its API name."""
    act = acts.give_external_client_app if external else acts.give_connected_app
    return _do(inside, act, app, grantee, "has access to", as_json=as_json)


@command.command("take")
@click.argument("app")
@_external
@_grantee
@in_org
def take(inside: Inside, app: str, grantee: Grantee, *, external: bool, as_json: bool) -> int:
    """Take the access to an app back from a profile or a permission set."""
    act = acts.take_external_client_app if external else acts.take_connected_app
    return _do(inside, act, app, grantee, "has no access to", as_json=as_json)


def _do(
    inside: Inside, act: Callable[..., object], app: str, grantee: Grantee, said: str, *, as_json: bool
) -> int:
    with inside.units.unit() as unit:
        act(unit, inside.actor, app, grantee)
        found = acts.list_app_access(unit, inside.actor, grantee)
    if as_json:
        emit({"apps": [AppAccess.of(each) for each in found]})
    else:
        say(f"The {grantee.kind} {grantee.name} {said} {app}.")
    return DONE
