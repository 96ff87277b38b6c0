"""`changeover profile`: profiles and the permissions that they hold."""

from __future__ import annotations

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say, table
from changeover.cli.permissions import changed, permission_options, told
from changeover.cli.places import Inside, in_org
from changeover.org import permission_sets as acts
from changeover.shapes.people import Profile


@click.group("profile")
def command() -> None:
    """Profiles of an org and the permissions that they hold."""


@command.command("list")
@in_org
def list_(inside: Inside, *, as_json: bool) -> int:
    """List profiles."""
    with inside.units.read() as unit:
        found = acts.list_profiles(unit, inside.actor)
    if as_json:
        emit({"profiles": [Profile.of(each) for each in found]})
    else:
        table(
            ("Name", "Permissions", "Placeholder"),
            ((each.name, told(each.permissions), each.placeholder) for each in found),
        )
    return DONE


@command.command("save")
@click.argument("name")
@permission_options
@in_org
def save(inside: Inside, name: str, add: tuple[str, ...], remove: tuple[str, ...], *, as_json: bool) -> int:
    """Create a profile, or add permissions to it and remove others; a placeholder becomes a real one."""
    with inside.units.unit() as unit:
        by_name = {each.name.casefold(): each for each in acts.list_profiles(unit, inside.actor)}
        there = by_name.get(name.strip().casefold())
        permissions = changed(there.permissions if there else frozenset(), add, remove)
        saved = acts.save_profile(unit, inside.actor, name, permissions)
    if as_json:
        emit({"profile": Profile.of(saved)})
    else:
        say(f"The profile {saved.name} has {told(saved.permissions) or 'no permission'}.")
    return DONE
