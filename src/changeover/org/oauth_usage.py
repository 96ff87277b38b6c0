"""Connected Apps OAuth Usage and External Client Apps OAuth Usage: who uses which app, and taking it back.

Source: salesforce-reference 8.4 (two pages; by app, user and token; revoked at each level; only apps with
live tokens are listed; Block and Unblock for connected apps) and 8.2 (what a row tells).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import Act
from changeover.org import audit
from changeover.org.act import act
from changeover.org.built_in import BUILT_IN, BY_API_NAME
from changeover.org.lists import AppKind, Page, UsageQuery
from changeover.org.model.orgs import Actor
from changeover.org.oauth_records import AppUsage, Authorization, TokenRow, UserUsage
from changeover.org.own import own_app, own_external_client_app, own_user, state_after
from changeover.org.permissions import OAUTH_BLOCK, OAUTH_USAGE
from changeover.org.ports import Unit
from changeover.org.values import refuse, shown


@act(OAUTH_USAGE, "look at OAuth usage")
def list_usage(unit: Unit, actor: Actor, kind: AppKind, query: UsageQuery | None = None) -> Page[AppUsage]:
    """Return the apps of a kind that hold authorizations or are blocked, by default the one used last first.

    Apps that every org has without a record (`built_in`) are listed with the connected apps.
    A migrated app's authorizations are its external client app's, until a revert.
    """
    return unit.oauth_usage.apps(actor.org_id, kind, query or UsageQuery())


@act(OAUTH_USAGE, "look at OAuth usage")
def users_of(
    unit: Unit, actor: Actor, kind: AppKind, api_name: str, query: UsageQuery | None = None
) -> Page[UserUsage]:
    """Return the users of an app, by default the one who used it last first.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-EXTERNAL-CLIENT-APP-NOT-FOUND.
    """
    key = _key(unit, actor, kind, api_name)
    return unit.oauth_usage.users(actor.org_id, key, query or UsageQuery())


@act(OAUTH_USAGE, "look at OAuth usage")
def authorizations_of(
    unit: Unit, actor: Actor, kind: AppKind, api_name: str, username: str
) -> tuple[Authorization, ...]:
    """Return what a user has authorized an app to, the one used last first; five at most.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-RECORD-NOT-FOUND.
    """
    key = _key(unit, actor, kind, api_name)
    user = own_user(unit, actor, username)
    held = unit.oauth.authorizations(actor.org_id, consumer_key=key, user_id=user.user_id)
    return tuple(reversed(held))


@act(OAUTH_USAGE, "export OAuth usage")
def export_tokens(unit: Unit, actor: Actor) -> Iterator[TokenRow]:
    """Return every authorization of both kinds of app, as Salesforce's OauthToken lists them. No token."""
    return unit.oauth_usage.tokens(actor.org_id)


@act(OAUTH_USAGE, "look at OAuth usage")
def is_blocked(unit: Unit, actor: Actor, kind: AppKind, api_name: str) -> bool:
    """Whether an app is blocked. Raises E-APP-NOT-FOUND, E-EXTERNAL-CLIENT-APP-NOT-FOUND."""
    return unit.oauth_usage.blocked(actor.org_id, _key(unit, actor, kind, api_name))


class Holder(NamedTuple):
    """An app as OAuth usage knows it."""

    api_name: str
    label: str
    consumer_key: str
    """Empty, which nothing is issued under, where it has none."""


def holder(unit: Unit, actor: Actor, kind: AppKind, api_name: str) -> Holder:
    """Return the app of a name: the org's own, else one that every org has.

    A migrated connected app has no consumer key any more: it is its external client app's.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-EXTERNAL-CLIENT-APP-NOT-FOUND.
    """
    if kind is AppKind.EXTERNAL:
        external = own_external_client_app(unit, actor, api_name)
        return Holder(external.api_name, external.label, external.app.consumer_key or "")
    built_in = BY_API_NAME.get(api_name.casefold())
    if built_in is not None and unit.apps.get(actor.org_id, api_name) is None:
        return Holder(built_in.api_name, built_in.label, built_in.consumer_key)
    record = own_app(unit, actor, api_name)
    key = "" if record.read_only else record.document.consumer_key or ""
    return Holder(record.api_name, record.label, key)


def _key(unit: Unit, actor: Actor, kind: AppKind, api_name: str) -> str:
    return holder(unit, actor, kind, api_name).consumer_key


@act(OAUTH_USAGE, "revoke OAuth tokens")
def revoke_authorization(
    unit: Unit, actor: Actor, kind: AppKind, api_name: str, authorization_id: str
) -> None:
    """End one authorization of an app with all its tokens; with the user's last one the approval ends too.

    Raises:
        ChangeoverError: E-RECORD-NOT-FOUND, E-APP-NOT-FOUND, E-EXTERNAL-CLIENT-APP-NOT-FOUND.
    """
    found = unit.oauth.authorization(authorization_id)
    key = _key(unit, actor, kind, api_name)
    if found is None or found.org_id != actor.org_id or found.consumer_key != key:
        message = f"{shown(api_name)} has no authorization “{shown(authorization_id)}”."
        raise ChangeoverError(errors.RECORD_NOT_FOUND, message)
    user = unit.users.get(found.user_id)
    unit.oauth.end(authorization_id)
    if not unit.oauth.authorizations(actor.org_id, consumer_key=key, user_id=found.user_id):
        unit.oauth_usage.end_user(actor.org_id, key, found.user_id)
    username = user.username if user is not None else found.user_id
    _record(unit, actor, audit.Event.OAUTH_TOKEN_REVOKED, api_name, f"one token of {username}", 1)


@act(OAUTH_USAGE, "revoke OAuth tokens")
def revoke_user(unit: Unit, actor: Actor, kind: AppKind, api_name: str, username: str) -> int:
    """End all that an app holds of a user, the approval too; returns how many authorizations that were.

    Raises:
        ChangeoverError: E-RECORD-NOT-FOUND, E-APP-NOT-FOUND, E-EXTERNAL-CLIENT-APP-NOT-FOUND.
    """
    user = own_user(unit, actor, username)
    return end_user(unit, actor, api_name, _key(unit, actor, kind, api_name), user.user_id, user.username)


def end_user(unit: Unit, actor: Actor, api_name: str, key: str, user_id: str, username: str) -> int:
    """End all that a consumer holds of a user, and say so in the audit trail; returns how many."""
    ended = unit.oauth_usage.end_user(actor.org_id, key, user_id)
    _record(unit, actor, audit.Event.OAUTH_USER_REVOKED, api_name, f"all tokens of {username}", ended)
    return ended


@act(OAUTH_USAGE, "revoke OAuth tokens")
def revoke_app(unit: Unit, actor: Actor, kind: AppKind, api_name: str) -> int:
    """End everything that was issued to an app, approvals too; returns how many authorizations that were.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-EXTERNAL-CLIENT-APP-NOT-FOUND.
    """
    ended = unit.oauth.end_consumer(actor.org_id, _key(unit, actor, kind, api_name))
    _record(unit, actor, audit.Event.OAUTH_APP_REVOKED, api_name, "all tokens", ended)
    return ended


@act(OAUTH_BLOCK, "block connected apps")
def block_app(unit: Unit, actor: Actor, kind: AppKind, api_name: str) -> None:
    """Block a connected app: its sessions end, and nobody logs in with it until it is unblocked.

    Refresh tokens and approvals stay, and are good again afterwards. An app that is blocked stays so. An
    external client app has no Block; it is disabled in its policies (isEnabled).

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-APP-READ-ONLY, E-VALUE-REFUSED for an external client app,
            or where it has no consumer key.
    """
    if kind is AppKind.EXTERNAL:
        raise refuse("app", "an external client app is not blocked, but disabled in its policies.")
    found = holder(unit, actor, kind, api_name)
    key = found.consumer_key
    if key not in BUILT_IN:
        state_after(own_app(unit, actor, api_name, lock=True), Act.EDIT)
    if not key:
        raise refuse("consumer key", f"{shown(found.label)} has none, so nobody logs in with it.")
    if unit.oauth_usage.blocked(actor.org_id, key):
        return
    unit.oauth_usage.block(actor.org_id, key, unit.now, actor.username)
    unit.oauth_usage.end_access(actor.org_id, key)
    text = f"Blocked the connected app {found.label}."
    audit.record(unit, actor, audit.Event.OAUTH_APP_BLOCKED, found.api_name, text)


@act(OAUTH_BLOCK, "unblock apps")
def unblock_app(unit: Unit, actor: Actor, kind: AppKind, api_name: str) -> None:
    """Let an app in again. One that is not blocked stays so.

    A block goes over with a migration (`decisions.BLOCK_GOES_OVER`): external client apps may be blocked too.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-EXTERNAL-CLIENT-APP-NOT-FOUND.
    """
    if unit.oauth_usage.unblock(actor.org_id, _key(unit, actor, kind, api_name)):
        text = f"Unblocked the {kind.words} {api_name}."
        audit.record(unit, actor, audit.Event.OAUTH_APP_UNBLOCKED, api_name, text)


def _record(unit: Unit, actor: Actor, event: audit.Event, api_name: str, what: str, count: int) -> None:
    text = f"Revoked {what} for {api_name}."
    audit.record(unit, actor, event, api_name, text, after={"revoked": count})
