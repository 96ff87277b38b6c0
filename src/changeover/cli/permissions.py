"""Options of commands that write the permissions of a profile or a permission set."""

from __future__ import annotations

from collections.abc import Callable

import click

from changeover.org.permissions import Permission

Command = Callable[..., int]
_NAMES = click.Choice([permission.value for permission in Permission], case_sensitive=False)


def permission_options(command: Command) -> Command:
    """Give a command the arguments `add` and `remove`: API names of permissions."""
    add = click.option(
        "--add", multiple=True, type=_NAMES, metavar="PERMISSION", help="API name; may be repeated."
    )
    remove = click.option(
        "--remove", multiple=True, type=_NAMES, metavar="PERMISSION", help="API name; may be repeated."
    )
    return add(remove(command))


def changed(held: frozenset[Permission], add: tuple[str, ...], remove: tuple[str, ...]) -> frozenset[str]:
    """Return API names of permissions after some were added and some removed."""
    return frozenset(({permission.value for permission in held} | {*add}) - {*remove})


def told(held: frozenset[Permission]) -> str:
    """Return API names of permissions as a table shows them, in the order of the catalogue."""
    return " ".join(permission.value for permission in Permission if permission in held)
