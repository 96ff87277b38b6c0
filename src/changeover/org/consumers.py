"""Who holds a consumer key, as the OAuth endpoints ask for it at every login."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp

A = TypeVar("A")


@dataclass(frozen=True, eq=False)
class Documents(Generic[A]):
    """An app as it was read from what is stored.

    The same object as long as the same text is stored, so that whatever follows from it can be remembered by
    it: it is compared by identity. It holds no secret.
    """

    app: A


@dataclass(frozen=True, kw_only=True)
class Consumer(Generic[A]):
    """The app with a consumer key."""

    app_id: str
    documents: Documents[A]
    read_only: bool
    """Whether a migration has handed the key on."""
    secret: Callable[[], str | None]
    """Unseals the consumer secret; None where it is not set. Raises E-KEY-MISSING, E-SEAL-BROKEN."""


class Holders(NamedTuple):
    """The apps with a consumer key: both after a migration, until one of them is given another."""

    external: Consumer[ExternalClientApp] | None
    connected: Consumer[ConnectedApp] | None


@dataclass(frozen=True, kw_only=True)
class StagedConsumer:
    """The staged credentials with a consumer key."""

    of_key: str
    """The consumer key of the external client app that they belong to."""
    expires_at: datetime
    secret: Callable[[], str | None]
    """Unseals their secret; None where none is set. Raises E-KEY-MISSING, E-SEAL-BROKEN."""
