"""`changeover permission-set`: permission sets and the permissions that they hold."""

from __future__ import annotations

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say, table
from changeover.cli.permissions import changed, permission_options, told
from changeover.cli.places import Inside, in_org
from changeover.org import permission_sets as acts
from changeover.shapes.people import PermissionSet


@click.group("permission-set")
def command() -> None:
    """Permission sets of an org and the permissions that they hold."""


@command.command("list")
@in_org
def list_(inside: Inside, *, as_json: bool) -> int:
    """List permission sets."""
    with inside.units.read() as unit:
        found = acts.list_permission_sets(unit, inside.actor)
    if as_json:
        emit({"permission_sets": [PermissionSet.of(each) for each in found]})
    else:
        table(
            ("API name", "Label", "Permissions", "Placeholder"),
            ((each.api_name, each.label, told(each.permissions), each.placeholder) for each in found),
        )
    return DONE


@command.command("save")
@click.argument("api_name")
@click.option("--label", help="The one that is there, or the API name by default.")
@permission_options
@in_org
def save(
    inside: Inside,
    api_name: str,
    label: str | None,
    add: tuple[str, ...],
    remove: tuple[str, ...],
    *,
    as_json: bool,
) -> int:
    """Create a permission set, or change it; a placeholder becomes a real one."""
    with inside.units.unit() as unit:
        by_name = {each.api_name.casefold(): each for each in acts.list_permission_sets(unit, inside.actor)}
        there = by_name.get(api_name.casefold())
        permissions = changed(there.permissions if there else frozenset(), add, remove)
        called = label if label is not None else there.label if there else api_name
        saved = acts.save_permission_set(unit, inside.actor, api_name, called, permissions)
    if as_json:
        emit({"permission_set": PermissionSet.of(saved)})
    else:
        say(f"The permission set {saved.api_name} has {told(saved.permissions) or 'no permission'}.")
    return DONE
