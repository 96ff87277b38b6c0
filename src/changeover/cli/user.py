"""`changeover user`: users, their passwords, their sessions and API tokens."""

from __future__ import annotations

import click

from changeover import errors
from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say, table
from changeover.cli.places import Inside, in_org
from changeover.cli.user_access import session, token
from changeover.cli.user_connections import connection
from changeover.errors import ChangeoverError
from changeover.org import people, permission_sets
from changeover.org.model.people import User as Record
from changeover.shapes.people import User


@click.group("user")
def command() -> None:
    """Users of an org, their passwords, browser sessions and API tokens."""


@command.command("list")
@in_org
def list_(inside: Inside, *, as_json: bool) -> int:
    """List users, placeholders last."""
    with inside.units.read() as unit:
        found = people.list_users(unit, inside.actor)
    if as_json:
        emit({"users": [User.of(each) for each in found]})
    else:
        table(
            ("Username", "Name", "Profile", "Permission sets", "Active", "Placeholder"),
            (
                (u.username, u.name, u.profile, ", ".join(u.permission_sets), u.active, u.placeholder)
                for u in found
            ),
        )
    return DONE


@command.command("create")
@click.argument("username")
@click.option("--name", help="The username by default.")
@click.option("--email", help="The username by default.")
@click.option("--profile", default="Standard User", show_default=True, help="Name of the profile.")
@click.option(
    "--permission-set", "sets", multiple=True, metavar="API_NAME", help="To assign; may be repeated."
)
@in_org
def create(
    inside: Inside,
    username: str,
    name: str | None,
    email: str | None,
    profile: str,
    sets: tuple[str, ...],
    *,
    as_json: bool,
) -> int:
    """Create a user. The password is made by chance and shown once."""
    given = people.NewUser(username=username, name=name or username, email=email or username, profile=profile)
    _refuse_unknown(inside, sets)
    password = people.create_user(inside.units, inside.actor, given)
    with inside.units.unit() as unit:
        for each in sets:
            people.assign_permission_set(unit, inside.actor, username.strip(), each)
        user = User.of(people.view_user(unit, inside.actor, username.strip()))
    if as_json:
        emit({"user": user, "password": password})
    else:
        say(f"Created the user {user.username}.")
        say(f"Password, shown this once: {password}")
    return DONE


def _refuse_unknown(inside: Inside, sets: tuple[str, ...]) -> None:
    """Refuse permission sets that cannot be assigned, before a password is made that nobody would see."""
    with inside.units.read() as unit:
        found = permission_sets.list_permission_sets(unit, inside.actor)
    known = {each.api_name.casefold() for each in found if not each.placeholder}
    for each in sets:
        if each.casefold() not in known:
            message = f"{inside.org.name} has no permission set “{each}” that could be assigned."
            raise ChangeoverError(errors.RECORD_NOT_FOUND, message)


@command.command("password")
@click.argument("username")
@in_org
def password_(inside: Inside, username: str, *, as_json: bool) -> int:
    """Give a user a new password, made by chance and shown once; it ends a lock and all sessions."""
    password = people.reset_password(inside.units, inside.actor, username)
    if as_json:
        emit({"username": username, "password": password})
    else:
        say(f"Password of {username}, shown this once: {password}")
    return DONE


@command.command("activate")
@click.argument("username")
@in_org
def activate(inside: Inside, username: str, *, as_json: bool) -> int:
    """Activate a user."""
    return _set_active(inside, username, active=True, as_json=as_json)


@command.command("deactivate")
@click.argument("username")
@in_org
def deactivate(inside: Inside, username: str, *, as_json: bool) -> int:
    """Deactivate a user: sessions end, and tokens are refused until the user is active again."""
    return _set_active(inside, username, active=False, as_json=as_json)


def _set_active(inside: Inside, username: str, *, active: bool, as_json: bool) -> int:
    with inside.units.unit() as unit:
        user = people.edit_user(unit, inside.actor, username, active=active)
    return _tell(user, f"{user.username} is {'active' if active else 'deactivated'}.", as_json=as_json)


@command.command("assign")
@click.argument("username")
@click.argument("permission_set")
@in_org
def assign(inside: Inside, username: str, permission_set: str, *, as_json: bool) -> int:
    """Assign a permission set to a user, by its API name."""
    with inside.units.unit() as unit:
        user = people.assign_permission_set(unit, inside.actor, username, permission_set)
    return _tell(user, f"{user.username} has {', '.join(user.permission_sets)}.", as_json=as_json)


@command.command("unassign")
@click.argument("username")
@click.argument("permission_set")
@in_org
def unassign(inside: Inside, username: str, permission_set: str, *, as_json: bool) -> int:
    """Take a permission set back from a user."""
    with inside.units.unit() as unit:
        user = people.unassign_permission_set(unit, inside.actor, username, permission_set)
    left = ", ".join(user.permission_sets) or "no permission set"
    return _tell(user, f"{user.username} has {left}.", as_json=as_json)


def _tell(user: Record, text: str, *, as_json: bool) -> int:
    if as_json:
        emit({"user": User.of(user)})
    else:
        say(text)
    return DONE


for group in (session, token, connection):
    command.add_command(group)
