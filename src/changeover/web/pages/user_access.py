"""What a user is signed in with, on the user's page: sessions and API tokens, for who manages users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from changeover.errors import ChangeoverError
from changeover.org import sessions, tokens
from changeover.org.act import require
from changeover.org.model.people import User
from changeover.org.permissions import USERS
from changeover.org.ports import Unit
from changeover.web.forms import ThisForm
from changeover.web.pages import api_tokens
from changeover.web.pages import sessions as own_sessions
from changeover.web.pages.users import PATH, user_of, view
from changeover.web.problems import of_error
from changeover.web.visit import Notice, ThisVisit, Visit

_USER = f"{PATH}/{{user_id:str}}"


@post(f"{_USER}/sessions/end", sync_to_thread=True)
def end_session(visit: ThisVisit, user_id: FromPath[str], form: ThisForm) -> Response[Any]:
    """End a session of a user."""

    def end(unit: Unit, user: User) -> str:
        sessions.end_session_of(unit, visit.actor, user.username, form.text("session"))
        return f"The session of {user.username} was ended."

    return _done(visit, user_id, end)


@post(f"{_USER}/sessions/end-all", sync_to_thread=True)
def end_sessions(visit: ThisVisit, user_id: FromPath[str]) -> Response[Any]:
    """End all sessions of a user."""

    def end(unit: Unit, user: User) -> str:
        ended = sessions.end_sessions_of(unit, visit.actor, user.username)
        return f"{own_sessions.told(ended)} ended."

    return _done(visit, user_id, end)


@get(f"{_USER}/api-tokens/revoke", sync_to_thread=True)
def revoke_token_page(visit: ThisVisit, user_id: FromPath[str], token: FromQuery[str] = "") -> Response[Any]:
    """Ask whether to revoke an API token of a user."""
    with visit.read() as unit:
        user = user_of(unit, visit, user_id)
        held = tokens.tokens_of(unit, visit.actor, user.username)
    return api_tokens.ask_one(visit, held, token, f"{PATH}/{user_id}")


@post(f"{_USER}/api-tokens/revoke", sync_to_thread=True)
def revoke_token(visit: ThisVisit, user_id: FromPath[str], form: ThisForm) -> Response[Any]:
    """Revoke an API token of a user."""

    def revoke(unit: Unit, user: User) -> str:
        tokens.revoke_token_of(unit, visit.actor, user.username, form.text("token"))
        return f"The token of {user.username} was revoked."

    return _done(visit, user_id, revoke)


@get(f"{_USER}/api-tokens/revoke-all", sync_to_thread=True)
def revoke_tokens_page(visit: ThisVisit, user_id: FromPath[str]) -> Response[Any]:
    """Ask whether to revoke all API tokens of a user."""
    with visit.read() as unit:
        user = user_of(unit, visit, user_id)
        require(unit, visit.actor, USERS, "revoke API tokens of other users")
    return api_tokens.ask_all(visit, user.username, f"{PATH}/{user_id}")


@post(f"{_USER}/api-tokens/revoke-all", sync_to_thread=True)
def revoke_tokens(visit: ThisVisit, user_id: FromPath[str]) -> Response[Any]:
    """Revoke all API tokens of a user."""

    def revoke(unit: Unit, user: User) -> str:
        revoked = tokens.revoke_tokens_of(unit, visit.actor, user.username)
        return f"{api_tokens.told(revoked)} revoked."

    return _done(visit, user_id, revoke)


def _done(visit: Visit, user_id: str, act: Callable[[Unit, User], str]) -> Response[Any]:
    """Do what a form of the user's page says, and lead back to it with what was done or why it was not."""
    try:
        with visit.unit() as unit:
            said = act(unit, user_of(unit, visit, user_id))
    except ChangeoverError as error:
        return view(visit, user_id, of_error(error))
    return visit.go(f"{PATH}/{user_id}", Notice("success", said))


ROUTES = (
    end_session,
    end_sessions,
    revoke_token_page,
    revoke_token,
    revoke_tokens_page,
    revoke_tokens,
)
