"""Connections: the apps that a user has approved, one's own and, for who manages users, another's."""

from __future__ import annotations

from litestar import delete, get
from litestar.params import FromPath

from changeover import errors
from changeover.org import connections as acts
from changeover.org.lists import AppKind
from changeover.shapes.oauth_usage import Connection
from changeover.web.api.call import ThisCall
from changeover.web.api.me import TAG
from changeover.web.api.people import PATH
from changeover.web.api.people import TAG as PEOPLE
from changeover.web.api.refusals import refusals

_CONNECTIONS = "/connections"
_ONE = _CONNECTIONS + "/{kind:str}/{app:str}"
_OF_USER = refusals(errors.RECORD_NOT_FOUND)


@get("/me" + _CONNECTIONS, sync_to_thread=True, tags=TAG, responses=refusals(permission=False))
def list_connections(call: ThisCall) -> list[Connection]:
    """List the apps that one has approved, or that hold tokens of one."""
    with call.read() as unit:
        return [Connection.of(each) for each in acts.list_connections(unit, call.actor)]


@delete(
    "/me" + _ONE,
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.RECORD_NOT_FOUND, permission=False),
)
def revoke_connection(call: ThisCall, kind: FromPath[AppKind], app: FromPath[str]) -> None:
    """Revoke all that an app holds of oneself, the approval too."""
    with call.unit() as unit:
        acts.revoke_connection(unit, call.actor, kind, app)


@get(PATH + _CONNECTIONS, sync_to_thread=True, tags=PEOPLE, responses=_OF_USER)
def list_connections_of_user(call: ThisCall, username: FromPath[str]) -> list[Connection]:
    """List the apps that a user has approved, or that hold tokens of the user."""
    with call.read() as unit:
        return [Connection.of(each) for each in acts.connections_of(unit, call.actor, username)]


@delete(PATH + _ONE, sync_to_thread=True, tags=PEOPLE, responses=_OF_USER)
def revoke_connection_of_user(
    call: ThisCall, username: FromPath[str], kind: FromPath[AppKind], app: FromPath[str]
) -> None:
    """Revoke all that an app holds of a user, the approval too."""
    with call.unit() as unit:
        acts.revoke_connection_of(unit, call.actor, username, kind, app)


OPERATIONS = (
    list_connections,
    revoke_connection,
    list_connections_of_user,
    revoke_connection_of_user,
)
