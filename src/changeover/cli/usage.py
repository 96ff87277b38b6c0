"""`changeover usage`: which app holds OAuth tokens of whom, revoking them, blocking apps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.exported import write_rows
from changeover.cli.output import emit, emit_each, say, table
from changeover.cli.paths import GivenPath
from changeover.cli.places import Command, Inside, in_org
from changeover.cli.user_access import day
from changeover.org import oauth_usage as acts
from changeover.org.lists import AppKind, Page, UsageQuery
from changeover.project.exported_evidence import oauth_token_file
from changeover.shapes.oauth_usage import AppUsage, OauthToken, UserUsage

T = TypeVar("T")

_PAGE = 500


@click.group("usage")
def command() -> None:
    """Which app holds OAuth tokens of whom: Connected Apps and External Client Apps OAuth Usage."""


def _external(command: Command) -> Command:
    """Give a command the argument `kind`, and the option --external."""
    return click.option(
        "--external",
        "kind",
        flag_value=AppKind.EXTERNAL.value,
        default=AppKind.CONNECTED.value,
        help="External client apps, not connected apps.",
    )(command)


def _every(page_of: Callable[[int], Page[T]]) -> Iterator[T]:
    page = 1
    while True:
        found = page_of(page)
        yield from found.rows
        if page >= found.pages:
            return
        page += 1


@command.command("list")
@_external
@click.option("--search", default="", help="Part of the label or API name.")
@in_org
def list_(inside: Inside, kind: str, search: str, *, as_json: bool) -> int:
    """List the apps that hold tokens, and those that are blocked, the one used last first."""
    which = AppKind(kind)
    with inside.units.read() as unit:
        rows = _every(
            lambda page: acts.list_usage(
                unit, inside.actor, which, UsageQuery(search=search, page=page, page_size=_PAGE)
            )
        )
        if as_json:
            return emit_each("apps", (AppUsage.of(row) for row in rows))
        table(
            ("API name", "Label", "Users", "Tokens", "First used", "Last used", "Uses", "Blocked"),
            (
                (
                    row.api_name,
                    row.label,
                    row.users,
                    row.use.tokens,
                    day(row.use.first_used_at),
                    day(row.use.last_used_at),
                    row.use.use_count,
                    row.blocked,
                )
                for row in rows
            ),
        )
    return DONE


@command.command("users")
@click.argument("app")
@_external
@in_org
def users(inside: Inside, app: str, kind: str, *, as_json: bool) -> int:
    """List the users whose tokens an app holds, the one who used it last first."""
    which = AppKind(kind)
    with inside.units.read() as unit:
        rows = _every(
            lambda page: acts.users_of(unit, inside.actor, which, app, UsageQuery(page=page, page_size=_PAGE))
        )
        if as_json:
            return emit_each("users", (UserUsage.of(row) for row in rows))
        table(
            ("Username", "Name", "Tokens", "First used", "Last used", "Uses"),
            (
                (
                    row.username,
                    row.name,
                    row.use.tokens,
                    day(row.use.first_used_at),
                    day(row.use.last_used_at),
                    row.use.use_count,
                )
                for row in rows
            ),
        )
    return DONE


@command.command("tokens")
@click.argument("app")
@click.argument("username")
@_external
@in_org
def tokens(inside: Inside, app: str, username: str, kind: str, *, as_json: bool) -> int:
    """List the tokens that an app holds of a user, the one used last first."""
    with inside.units.read() as unit:
        found = acts.authorizations_of(unit, inside.actor, AppKind(kind), app, username)
    if as_json:
        emit({"tokens": [OauthToken.of(each) for each in found]})
    else:
        table(
            ("Id", "Flow", "Scopes", "First used", "Last used", "Uses"),
            (
                (
                    each.authorization_id,
                    each.flow,
                    " ".join(each.scopes),
                    day(each.created_at),
                    day(each.last_used_at),
                    each.use_count,
                )
                for each in found
            ),
        )
    return DONE


@command.command("revoke")
@click.argument("app")
@click.option("--token", "token_id", metavar="ID", help="Only this token.")
@click.option("--of", metavar="USERNAME", help="All tokens of this user.")
@click.option("--all", "every", is_flag=True, help="All tokens of all users.")
@_external
@in_org
def revoke(
    inside: Inside,
    app: str,
    token_id: str | None,
    of: str | None,
    kind: str,
    *,
    every: bool,
    as_json: bool,
) -> int:
    """Revoke a token of an app, all of a user, or all there are; approvals end with them."""
    which = AppKind(kind)
    ended = 1
    with inside.units.unit() as unit:
        match token_id, of, every:
            case str(token), None, False:
                acts.revoke_authorization(unit, inside.actor, which, app, token)
            case None, str(username), False:
                ended = acts.revoke_user(unit, inside.actor, which, app, username)
            case None, None, True:
                ended = acts.revoke_app(unit, inside.actor, which, app)
            case _:
                raise click.UsageError("say one of --token, --of and --all")
    if as_json:
        emit({"revoked": ended})
    else:
        say(f"Revoked {ended} {'token' if ended == 1 else 'tokens'} of {app}.")
    return DONE


@command.command("block")
@click.argument("app")
@in_org
def block(inside: Inside, app: str, *, as_json: bool) -> int:
    """Block a connected app: sessions end, and nobody logs in with it until it is unblocked."""
    with inside.units.unit() as unit:
        acts.block_app(unit, inside.actor, AppKind.CONNECTED, app)
    if as_json:
        emit({"blocked": True})
    else:
        say(f"{app} is blocked: nobody logs in with it.")
    return DONE


@command.command("unblock")
@click.argument("app")
@_external
@in_org
def unblock(inside: Inside, app: str, kind: str, *, as_json: bool) -> int:
    """Let an app in again."""
    with inside.units.unit() as unit:
        acts.unblock_app(unit, inside.actor, AppKind(kind), app)
    if as_json:
        emit({"blocked": False})
    else:
        say(f"{app} is not blocked.")
    return DONE


@command.command("export")
@click.argument("file", type=GivenPath())
@in_org
def export(inside: Inside, file: Path, *, as_json: bool) -> int:
    """Write the tokens of all apps to FILE as rows of OauthToken: `changeover assess --evidence` reads it.

    No token is in it, and none is stored: only what the rows tell of use.
    """
    with inside.units.read() as unit:
        rows = acts.export_tokens(unit, inside.actor)
        write_rows(file, rows, oauth_token_file, what="token", as_json=as_json)
    return DONE
