"""Connections: the apps that a user has approved, one's own and, for who manages users, another's.

Source: Salesforce Help, "Manage OAuth Access for Your Connected Apps": a user sees and revokes what he has
approved in his personal settings, an admin on the user's detail page (OAuth Connected Apps).
"""

from __future__ import annotations

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.act import act
from changeover.org.lists import AppKind
from changeover.org.model.orgs import Actor
from changeover.org.oauth_records import Connection
from changeover.org.oauth_usage import end_user
from changeover.org.own import own_user
from changeover.org.permissions import OAUTH_USAGE, SIGNED_IN
from changeover.org.ports import Unit
from changeover.org.values import shown


@act(SIGNED_IN, "look at the own connections")
def list_connections(unit: Unit, actor: Actor) -> tuple[Connection, ...]:
    """Return the apps that one has approved, or that hold tokens of one, in the order of their labels."""
    return unit.oauth_usage.connections(actor.org_id, actor.user_id)


@act(SIGNED_IN, "revoke the own connections")
def revoke_connection(unit: Unit, actor: Actor, kind: AppKind, api_name: str) -> int:
    """End all that an app holds of oneself, the approval too; returns how many authorizations that were.

    Raises E-RECORD-NOT-FOUND where one has no connection to it.
    """
    return _revoke(unit, actor, actor.user_id, actor.username, kind, api_name)


@act(OAUTH_USAGE, "look at the connections of users")
def connections_of(unit: Unit, actor: Actor, username: str) -> tuple[Connection, ...]:
    """Return the apps that a user has approved. Raises E-RECORD-NOT-FOUND."""
    return unit.oauth_usage.connections(actor.org_id, own_user(unit, actor, username).user_id)


@act(OAUTH_USAGE, "revoke the connections of users")
def revoke_connection_of(unit: Unit, actor: Actor, username: str, kind: AppKind, api_name: str) -> int:
    """End all that an app holds of a user; returns how many authorizations. Raises E-RECORD-NOT-FOUND."""
    user = own_user(unit, actor, username)
    return _revoke(unit, actor, user.user_id, user.username, kind, api_name)


def _revoke(unit: Unit, actor: Actor, user_id: str, username: str, kind: AppKind, api_name: str) -> int:
    # Not the app itself is asked for: who has no connection to an app need not learn that it is there.
    for one in unit.oauth_usage.connections(actor.org_id, user_id):
        if one.kind is kind and one.api_name.casefold() == api_name.casefold():
            return end_user(unit, actor, one.api_name, one.consumer_key, user_id, username)
    message = f"{shown(username)} has no connection to the {kind.words} “{shown(api_name)}”."
    raise ChangeoverError(errors.RECORD_NOT_FOUND, message)
