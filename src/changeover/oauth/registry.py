"""Which app holds a consumer key: one of Salesforce's own, the external client app, or the connected app.

A key of staged credentials leads to its external client app as well (`org.staged_credentials`).

This is where a migration hands the consumer over: the key leads to another app from the commit on, and all
that was issued under it goes along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from changeover.oauth.built_in import CLIENTS
from changeover.oauth.client import OauthClient, of_connected_app, of_external_client_app
from changeover.oauth.refusals import APP_NOT_INSTALLED, CLIENT_UNKNOWN, EXTERNAL_APP_NOT_FOUND, Refusal
from changeover.org.consumers import Consumer, Documents
from changeover.org.ports import Unit

A = TypeVar("A")


class _Once:
    """A secret, unsealed when it is first asked for, and once. `functools.cache` would take as long."""

    __slots__ = ("_found", "_unseal")

    def __init__(self, unseal: Callable[[], str | None]) -> None:
        self._unseal: Callable[[], str | None] | None = unseal
        self._found: str | None = None

    def __call__(self) -> str | None:
        if self._unseal is not None:
            self._found, self._unseal = self._unseal(), None
        return self._found


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A client and where its secret is kept."""

    client: OauthClient
    app_id: str
    secret: Callable[[], str | None]
    """Unseals the consumer secret; None where it is not set."""


_CLIENTS: WeakKeyDictionary[Documents[Any], OauthClient | None] = WeakKeyDictionary()


def _client(documents: Documents[A], read: Callable[[A], OauthClient | None]) -> OauthClient | None:
    """Return an app as a client; worked out once for as long as the app is stored as it is."""
    try:
        return _CLIENTS[documents]
    except KeyError:
        found = _CLIENTS[documents] = read(documents.app)
        return found


def registered(unit: Unit, org_id: str, consumer_key: str) -> Registered | None:
    """Return the client with a consumer key in an org, None where there is none.

    Asked anew in each transaction: a migration, an edit or another secret counts from its commit on.
    """
    built_in = CLIENTS.get(consumer_key)
    if built_in is not None:
        return Registered(client=built_in, app_id=built_in.api_name, secret=lambda: None)
    external, connected = unit.consumers.holders(org_id, consumer_key)
    if external is not None:
        return _registered(external, of_external_client_app)
    if connected is None or connected.read_only:
        # A migrated app itself logs in no more. Where its external client app has another key now, the old
        # key leads nowhere (decision D-03), unless it is one of staged credentials.
        return _staged(unit, org_id, consumer_key)
    return _registered(connected, of_connected_app)


def _registered(consumer: Consumer[A], read: Callable[[A], OauthClient | None]) -> Registered | None:
    client = _client(consumer.documents, read)
    if client is None:
        return None
    return Registered(client=client, app_id=consumer.app_id, secret=_Once(consumer.secret))


def _staged(unit: Unit, org_id: str, consumer_key: str) -> Registered | None:
    """Return the external client app whose staged credentials have a key, None where their time is over."""
    staged = unit.consumers.staged(org_id, consumer_key)
    if staged is None or unit.now >= staged.expires_at:
        return None
    holder = unit.consumers.holders(org_id, staged.of_key).external
    found = _registered(holder, of_external_client_app) if holder is not None else None
    if found is None:
        return None
    client = replace(found.client, client_id=consumer_key)
    return Registered(client=client, app_id=found.app_id, secret=_Once(staged.secret))


def unknown(unit: Unit, org_id: str, consumer_key: str) -> Refusal:
    """Return how a key is refused that no app of an org has: as nobody's, or as another org's.

    A local external client app is of no use in another org (salesforce-reference 4.8).
    Another org's connected app would have to be installed, and a local org installs none.
    """
    others = [org.org_id for org in unit.orgs.list() if org.org_id != org_id]
    if any(unit.external.holder_of_key(other, consumer_key) is not None for other in others):
        return EXTERNAL_APP_NOT_FOUND
    if any(unit.apps.holder_of_key(other, consumer_key) is not None for other in others):
        return APP_NOT_INSTALLED
    return CLIENT_UNKNOWN


def all_clients(unit: Unit, org_id: str) -> tuple[OauthClient, ...]:
    """Return every client of an org, external client apps first."""
    found = []
    for name in unit.external.names(org_id):
        external = unit.external.get(org_id, name)
        client = of_external_client_app(external.app) if external is not None else None
        found.append(client)
    for name in unit.apps.names(org_id):
        record = unit.apps.get(org_id, name)
        if record is not None and not record.read_only:
            found.append(of_connected_app(record.document))
    return tuple(client for client in found if client is not None)
