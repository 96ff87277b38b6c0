"""What a rehearsed flow is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from changeover.oauth.client import OauthClient
from changeover.rehearse.integration import Integration


@dataclass(frozen=True, kw_only=True)
class SetUp:
    """What an app is set up for."""

    client: OauthClient
    seen: frozenset[str]
    """Flows that Login History has seen: those that no setting of the app switches on."""


def nothing_to_keep(integration: Integration) -> None:
    """Prepare nothing."""
    del integration


@dataclass(frozen=True, kw_only=True)
class RehearsedFlow:
    """One way to log in, as an integration does it."""

    id: str
    title: str
    set_up: Callable[[SetUp], bool]
    """Whether an app is set up for it."""
    run: Callable[[Integration], frozenset[str]]
    """Logs in and returns what was given. Raises Refused, or what the client library raises."""
    prepare: Callable[[Integration], None] = nothing_to_keep
    """Gets what has to be there from before the migration. Raises as `run`."""
