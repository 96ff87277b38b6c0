"""What a user is signed in with: browser sessions and API tokens, for who manages users."""

from __future__ import annotations

from litestar import delete, get
from litestar.params import FromPath

from changeover import errors
from changeover.org import sessions, tokens
from changeover.shapes.people import ApiToken, Session
from changeover.web.api.call import ThisCall
from changeover.web.api.people import PATH, TAG
from changeover.web.api.refusals import refusals

_SESSIONS = PATH + "/sessions"
_TOKENS = PATH + "/tokens"
_REFUSALS = refusals(errors.RECORD_NOT_FOUND)


@get(_SESSIONS, sync_to_thread=True, tags=TAG, responses=_REFUSALS)
def list_sessions_of_user(call: ThisCall, username: FromPath[str]) -> list[Session]:
    """List the browser sessions of a user, the last used first."""
    with call.read() as unit:
        return [Session.of(each) for each in sessions.sessions_of(unit, call.actor, username)]


@delete(_SESSIONS + "/{session_id:str}", sync_to_thread=True, tags=TAG, responses=_REFUSALS)
def end_session_of_user(call: ThisCall, username: FromPath[str], session_id: FromPath[str]) -> None:
    """End a browser session of a user: its browser has to sign in again."""
    with call.unit() as unit:
        sessions.end_session_of(unit, call.actor, username, session_id)


@delete(_SESSIONS, sync_to_thread=True, tags=TAG, responses=_REFUSALS)
def end_sessions_of_user(call: ThisCall, username: FromPath[str]) -> None:
    """End all browser sessions of a user."""
    with call.unit() as unit:
        sessions.end_sessions_of(unit, call.actor, username)


@get(_TOKENS, sync_to_thread=True, tags=TAG, responses=_REFUSALS)
def list_tokens_of_user(call: ThisCall, username: FromPath[str]) -> list[ApiToken]:
    """List the API tokens of a user, the newest first."""
    with call.read() as unit:
        return [ApiToken.of(each) for each in tokens.tokens_of(unit, call.actor, username)]


@delete(_TOKENS + "/{token_id:str}", sync_to_thread=True, tags=TAG, responses=_REFUSALS)
def revoke_token_of_user(call: ThisCall, username: FromPath[str], token_id: FromPath[str]) -> None:
    """Revoke an API token of a user: it is refused from now on."""
    with call.unit() as unit:
        tokens.revoke_token_of(unit, call.actor, username, token_id)


@delete(_TOKENS, sync_to_thread=True, tags=TAG, responses=_REFUSALS)
def revoke_tokens_of_user(call: ThisCall, username: FromPath[str]) -> None:
    """Revoke all API tokens of a user."""
    with call.unit() as unit:
        tokens.revoke_tokens_of(unit, call.actor, username)


OPERATIONS = (
    list_sessions_of_user,
    end_session_of_user,
    end_sessions_of_user,
    list_tokens_of_user,
    revoke_token_of_user,
    revoke_tokens_of_user,
)
