"""Connected Apps OAuth Usage and External Client Apps OAuth Usage: who uses which app, and taking it back.

Source: salesforce-reference 8.4 (two pages; by app, user and token; revoked at each level; only apps with
live tokens are listed) and 8.2 (what a row tells).
"""

from __future__ import annotations

from dataclasses import dataclass

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import audit
from changeover.org.act import act
from changeover.org.lists import AppKind
from changeover.org.model import Actor
from changeover.org.oauth_records import Authorization, KeyUsage
from changeover.org.own import own_app, own_external_client_app, own_user
from changeover.org.permissions import OAUTH_USAGE
from changeover.org.ports import Unit
from changeover.org.values import shown


@dataclass(frozen=True, kw_only=True)
class AppUsage:
    """An app that holds live authorizations."""

    kind: AppKind
    api_name: str
    label: str
    usage: KeyUsage


@dataclass(frozen=True, kw_only=True)
class UserUsage:
    """One authorization of an app, with its user's name."""

    username: str
    authorization: Authorization


@act(OAUTH_USAGE, "look at OAuth usage")
def list_usage(unit: Unit, actor: Actor, kind: AppKind) -> tuple[AppUsage, ...]:
    """Return the apps of a kind that hold authorizations, the one used last first.

    A migrated app's authorizations are its external client app's, until a revert.
    """
    found = (_app_of(unit, actor, usage) for usage in unit.oauth.usage(actor.org_id))
    return tuple(app for app in found if app is not None and app.kind is kind)


def _app_of(unit: Unit, actor: Actor, usage: KeyUsage) -> AppUsage | None:
    name = unit.external.holder_of_key(actor.org_id, usage.consumer_key)
    if name is not None:
        label = own_external_client_app(unit, actor, name).label
        return AppUsage(kind=AppKind.EXTERNAL, api_name=name, label=label, usage=usage)
    name = unit.apps.holder_of_key(actor.org_id, usage.consumer_key)
    if name is None:
        return None
    label = own_app(unit, actor, name).label
    return AppUsage(kind=AppKind.CONNECTED, api_name=name, label=label, usage=usage)


@act(OAUTH_USAGE, "look at OAuth usage")
def users_of(unit: Unit, actor: Actor, kind: AppKind, api_name: str) -> tuple[UserUsage, ...]:
    """Return the authorizations of an app, the one used last first.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-EXTERNAL-CLIENT-APP-NOT-FOUND.
    """
    held = unit.oauth.authorizations(actor.org_id, consumer_key=_key(unit, actor, kind, api_name))
    return tuple(_with_user(unit, one) for one in reversed(held))


def _with_user(unit: Unit, authorization: Authorization) -> UserUsage:
    user = unit.users.get(authorization.user_id)
    return UserUsage(username=user.username if user is not None else "", authorization=authorization)


def _key(unit: Unit, actor: Actor, kind: AppKind, api_name: str) -> str:
    """Return the consumer key of an app; empty, which nothing is issued under, where it has none."""
    if kind is AppKind.EXTERNAL:
        return own_external_client_app(unit, actor, api_name).app.consumer_key or ""
    record = own_app(unit, actor, api_name)
    return "" if record.read_only else record.document.consumer_key or ""


@act(OAUTH_USAGE, "revoke OAuth tokens")
def revoke_authorization(
    unit: Unit, actor: Actor, kind: AppKind, api_name: str, authorization_id: str
) -> None:
    """End one authorization of an app with all its tokens. Raises E-RECORD-NOT-FOUND."""
    found = unit.oauth.authorization(authorization_id)
    key = _key(unit, actor, kind, api_name)
    if found is None or found.org_id != actor.org_id or found.consumer_key != key:
        message = f"{shown(api_name)} has no authorization “{shown(authorization_id)}”."
        raise ChangeoverError(errors.RECORD_NOT_FOUND, message)
    username = _with_user(unit, found).username
    unit.oauth.end(authorization_id)
    _record(unit, actor, audit.Event.OAUTH_TOKEN_REVOKED, api_name, f"one token of {username}", 1)


@act(OAUTH_USAGE, "revoke OAuth tokens")
def revoke_user(unit: Unit, actor: Actor, kind: AppKind, api_name: str, username: str) -> int:
    """End every authorization that a user has given an app; returns how many. Raises E-RECORD-NOT-FOUND."""
    user = own_user(unit, actor, username)
    key = _key(unit, actor, kind, api_name)
    held = unit.oauth.authorizations(actor.org_id, consumer_key=key, user_id=user.user_id)
    for one in held:
        unit.oauth.end(one.authorization_id)
    event = audit.Event.OAUTH_USER_REVOKED
    _record(unit, actor, event, api_name, f"all tokens of {user.username}", len(held))
    return len(held)


@act(OAUTH_USAGE, "revoke OAuth tokens")
def revoke_app(unit: Unit, actor: Actor, kind: AppKind, api_name: str) -> int:
    """End everything that was issued to an app, approvals too; returns how many authorizations that were."""
    ended = unit.oauth.end_consumer(actor.org_id, _key(unit, actor, kind, api_name))
    _record(unit, actor, audit.Event.OAUTH_APP_REVOKED, api_name, "all tokens", ended)
    return ended


def _record(unit: Unit, actor: Actor, event: audit.Event, api_name: str, what: str, count: int) -> None:
    text = f"Revoked {what} for {api_name}."
    audit.record(unit, actor, event, api_name, text, after={"revoked": count})
