"""`changeover user connection`: the apps that a user has approved."""

from __future__ import annotations

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say, table
from changeover.cli.places import Inside, in_org
from changeover.cli.user_access import day, of_option
from changeover.org import connections as acts
from changeover.org.lists import AppKind
from changeover.shapes.oauth_usage import Connection


@click.group("connection")
def connection() -> None:
    """Apps that a user has approved, or that hold tokens of the user."""


@connection.command("list")
@of_option
@in_org
def list_connections(inside: Inside, of: str | None, *, as_json: bool) -> int:
    """List a user's connections, by label."""
    with inside.units.read() as unit:
        if of is None:
            found = acts.list_connections(unit, inside.actor)
        else:
            found = acts.connections_of(unit, inside.actor, of)
    if as_json:
        emit({"connections": [Connection.of(each) for each in found]})
    else:
        table(
            ("API name", "Label", "Kind", "Scopes", "Approved", "Tokens", "Last used", "Uses"),
            (
                (
                    c.api_name,
                    c.label,
                    c.kind.words,
                    " ".join(c.scopes),
                    day(c.approved_at),
                    c.use.tokens,
                    day(c.use.last_used_at),
                    c.use.use_count,
                )
                for c in found
            ),
        )
    return DONE


@connection.command("revoke")
@click.argument("app")
@click.option("--external", is_flag=True, help="The external client app of this name, not the connected app.")
@of_option
@in_org
def revoke_connection(inside: Inside, app: str, of: str | None, *, external: bool, as_json: bool) -> int:
    """Revoke all that an app holds of a user: tokens end, and it has to ask again."""
    kind = AppKind.EXTERNAL if external else AppKind.CONNECTED
    with inside.units.unit() as unit:
        if of is None:
            ended = acts.revoke_connection(unit, inside.actor, kind, app)
        else:
            ended = acts.revoke_connection_of(unit, inside.actor, of, kind, app)
    if as_json:
        emit({"revoked": ended})
    else:
        say(f"Revoked {ended} {'token' if ended == 1 else 'tokens'} of {app}.")
    return DONE
