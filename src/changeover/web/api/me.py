"""The token's own user: who it is, their password, their API tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from changeover import errors
from changeover.org import sessions, sign_in, tokens
from changeover.org.values import refuse
from changeover.shapes.orgs import Org
from changeover.shapes.people import (
    ApiToken,
    NewApiToken,
    PermissionName,
    Session,
    User,
    permission_names,
)
from changeover.web.api.call import ThisCall
from changeover.web.api.refusals import refusals

TAG = ["Your user"]

KeepToken = Annotated[
    str | None, QueryParameter(name="keep", max_length=255, description="Id of a token that stays good.")
]
KeepSession = Annotated[
    str | None, QueryParameter(name="keep", max_length=255, description="Id of a session that goes on.")
]


class Whoami(Struct, frozen=True, kw_only=True):
    """Whose token it is, and what they may do."""

    user: User
    org: Org
    permissions: tuple[PermissionName, ...]


class PasswordChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password as it is, and as it is to be."""

    old: Annotated[str, Meta(max_length=1024)]
    new: Annotated[str, Meta(max_length=1024)]


class TokenRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token to make."""

    name: Annotated[str, Meta(description="What it is for; for people.")]
    expires_at: Annotated[
        Annotated[datetime, Meta(tz=True)] | None,
        Meta(description="With its zone; null for a token that does not expire."),
    ] = None


@get("/me", sync_to_thread=True, tags=TAG, responses=refusals(permission=False))
def get_me(call: ThisCall) -> Whoami:
    """Return whose token it is, in which org, and with which permissions."""
    with call.read() as unit:
        found = sign_in.whoami(unit, call.actor)
    return Whoami(
        user=User.of(found.user), org=Org.of(found.org), permissions=permission_names(found.permissions)
    )


@put(
    "/me/password",
    sync_to_thread=True,
    status_code=204,
    tags=TAG,
    responses=refusals(
        errors.PASSWORD_WRONG, errors.PASSWORD_TOO_WEAK, errors.SIGN_IN_LOCKED, permission=False, body=True
    ),
)
def change_password(call: ThisCall, data: JSONBody[PasswordChange]) -> None:
    """Change one's own password."""
    sign_in.change_password(call.units, call.actor, data.old, data.new)


@get("/me/tokens", sync_to_thread=True, tags=TAG, responses=refusals(permission=False))
def list_tokens(call: ThisCall) -> list[ApiToken]:
    """List one's own API tokens, the newest first."""
    with call.read() as unit:
        return [ApiToken.of(each) for each in tokens.list_tokens(unit, call.actor)]


@post(
    "/me/tokens",
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.VALUE_REFUSED, permission=False, body=True),
)
def create_token(call: ThisCall, data: JSONBody[TokenRequest]) -> Response[NewApiToken]:
    """Make an API token. Its text is in the answer, once."""
    try:
        until = data.expires_at.astimezone(UTC) if data.expires_at is not None else None
    except OverflowError:
        raise refuse("expires_at", "no calendar has this time.") from None
    with call.unit() as unit:
        made = tokens.create_token(unit, call.actor, data.name, expires_at=until)
    return Response(NewApiToken(token=ApiToken.of(made.token), secret=made.secret), status_code=201)


@delete(
    "/me/tokens/{token_id:str}",
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.RECORD_NOT_FOUND, permission=False),
)
def revoke_token(call: ThisCall, token_id: FromPath[str]) -> None:
    """Revoke one of one's own API tokens: it is refused from now on."""
    with call.unit() as unit:
        tokens.revoke_token(unit, call.actor, token_id)


@delete(
    "/me/tokens",
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.RECORD_NOT_FOUND, permission=False),
)
def revoke_tokens(call: ThisCall, keep: KeepToken = None) -> None:
    """Revoke all of one's own API tokens, that of this request too unless it is the one to keep."""
    with call.unit() as unit:
        tokens.revoke_tokens(unit, call.actor, keep=keep)


@get("/me/sessions", sync_to_thread=True, tags=TAG, responses=refusals(permission=False))
def list_sessions(call: ThisCall) -> list[Session]:
    """List one's own browser sessions, the last used first."""
    with call.read() as unit:
        return [Session.of(each) for each in sessions.list_sessions(unit, call.actor)]


@delete(
    "/me/sessions/{session_id:str}",
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.RECORD_NOT_FOUND, permission=False),
)
def end_session(call: ThisCall, session_id: FromPath[str]) -> None:
    """End one of one's own browser sessions: its browser has to sign in again."""
    with call.unit() as unit:
        sessions.end_session(unit, call.actor, session_id)


@delete(
    "/me/sessions",
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.RECORD_NOT_FOUND, permission=False),
)
def end_sessions(call: ThisCall, keep: KeepSession = None) -> None:
    """End all of one's own browser sessions, or all but one."""
    with call.unit() as unit:
        sessions.end_sessions(unit, call.actor, keep=keep)


OPERATIONS = (
    get_me,
    change_password,
    list_tokens,
    create_token,
    revoke_token,
    revoke_tokens,
    list_sessions,
    end_session,
    end_sessions,
)
