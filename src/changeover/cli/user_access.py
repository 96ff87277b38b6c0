"""`changeover user session` and `changeover user token`: what a user is signed in with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say, table
from changeover.cli.places import Command, Inside, in_org
from changeover.org import sessions, tokens
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit
from changeover.shapes.people import ApiToken, NewApiToken, Session


def of_option(command: Command) -> Command:
    """Give a command the option --of."""
    return click.option(
        "--of", metavar="USERNAME", help="Another user's, for who may manage users; your own by default."
    )(command)


def day(moment: datetime | None) -> str:
    """Return a moment as a table shows it; empty for none."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _one_or_all(one: str | None, *, every: bool) -> None:
    if (one is None) is not every:
        raise click.UsageError("name one, or say --all")


class _Ends(NamedTuple):
    """The acts that end one or all of a kind, one's own or a user's."""

    one: Callable[[Unit, Actor, str], None]
    every: Callable[[Unit, Actor], int]
    one_of: Callable[[Unit, Actor, str, str], None]
    every_of: Callable[[Unit, Actor, str], int]


_SESSIONS = _Ends(
    sessions.end_session, sessions.end_sessions, sessions.end_session_of, sessions.end_sessions_of
)
_TOKENS = _Ends(tokens.revoke_token, tokens.revoke_tokens, tokens.revoke_token_of, tokens.revoke_tokens_of)


def _ended(inside: Inside, which: str | None, of: str | None, ends: _Ends) -> int:
    """End one by its id, or all, of oneself or of a user; return how many."""
    with inside.units.unit() as unit:
        if which is None:
            return ends.every(unit, inside.actor) if of is None else ends.every_of(unit, inside.actor, of)
        if of is None:
            ends.one(unit, inside.actor, which)
        else:
            ends.one_of(unit, inside.actor, of, which)
        return 1


@click.group("session")
def session() -> None:
    """Browser sessions: who is signed in, since when and from where."""


@session.command("list")
@of_option
@in_org
def list_sessions(inside: Inside, of: str | None, *, as_json: bool) -> int:
    """List a user's browser sessions, the last used first."""
    with inside.units.read() as unit:
        if of is None:
            found = sessions.list_sessions(unit, inside.actor)
        else:
            found = sessions.sessions_of(unit, inside.actor, of)
    if as_json:
        emit({"sessions": [Session.of(each) for each in found]})
    else:
        table(
            ("Id", "Browser", "Signed in from", "Signed in", "Last used", "Ends if not used"),
            (
                (
                    s.session_id,
                    s.browser,
                    s.address,
                    day(s.created_at),
                    day(s.last_used_at),
                    day(s.expires_at),
                )
                for s in found
            ),
        )
    return DONE


@session.command("end")
@click.argument("session_id", required=False)
@click.option("--all", "every", is_flag=True, help="All of the user's sessions.")
@of_option
@in_org
def end_session(inside: Inside, session_id: str | None, of: str | None, *, every: bool, as_json: bool) -> int:
    """End a browser session, or all of a user: the browser has to sign in again."""
    _one_or_all(session_id, every=every)
    ended = _ended(inside, session_id, of, _SESSIONS)
    if as_json:
        emit({"ended": ended})
    else:
        say(f"Ended {ended} {'session' if ended == 1 else 'sessions'}.")
    return DONE


@click.group("token")
def token() -> None:
    """Personal API tokens, for REST."""


@token.command("create")
@click.argument("name")
@click.option("--days", type=click.IntRange(min=1), help="After how many days it expires; never by default.")
@in_org
def create_token(inside: Inside, name: str, days: int | None, *, as_json: bool) -> int:
    """Make an API token for the acting user; its text is shown once."""
    with inside.units.unit() as unit:
        until = unit.now + timedelta(days=days) if days else None
        made = tokens.create_token(unit, inside.actor, name, expires_at=until)
    if as_json:
        emit(NewApiToken(token=ApiToken.of(made.token), secret=made.secret))
    else:
        say(f"API token “{made.token.name}” of {inside.actor.username}, shown this once: {made.secret}")
    return DONE


@token.command("list")
@of_option
@in_org
def list_tokens(inside: Inside, of: str | None, *, as_json: bool) -> int:
    """List a user's API tokens, the newest first."""
    with inside.units.read() as unit:
        if of is None:
            found = tokens.list_tokens(unit, inside.actor)
        else:
            found = tokens.tokens_of(unit, inside.actor, of)
    if as_json:
        emit({"tokens": [ApiToken.of(each) for each in found]})
    else:
        table(
            ("Id", "Name", "Created", "Expires", "Last used", "Revoked"),
            (
                (t.token_id, t.name, day(t.created_at), day(t.expires_at), day(t.last_used_at), t.revoked)
                for t in found
            ),
        )
    return DONE


@token.command("revoke")
@click.argument("token_id", required=False)
@click.option("--all", "every", is_flag=True, help="All of the user's tokens.")
@of_option
@in_org
def revoke_token(inside: Inside, token_id: str | None, of: str | None, *, every: bool, as_json: bool) -> int:
    """Revoke an API token, or all of a user: it is refused from now on."""
    _one_or_all(token_id, every=every)
    revoked = _ended(inside, token_id, of, _TOKENS)
    if as_json:
        emit({"revoked": revoked})
    else:
        say(f"Revoked {revoked} {'token' if revoked == 1 else 'tokens'}.")
    return DONE
