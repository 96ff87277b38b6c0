"""Fixtures for attacks on the OAuth endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient
from litestar.testing.transport import TestClientTransport

from changeover.web.services import Services
from tests.attack.oauth.target import BASE, Target
from tests.oauth.conftest import pair
from tests.oauth.endpoint import INTEGRATION, Pair
from tests.org.conftest import prepared, world
from tests.org.world import SECRET, World, app
from tests.served import served

__all__ = ["pair", "prepared", "world"]


@pytest.fixture
def target(world: World, pair: Pair) -> Target:
    """Return an org whose app Billing may use every flow, over HTTP."""
    oauth = {
        "consumer_secret": SECRET,
        "certificate": pair.certificate,
        "is_client_credential_enabled": True,
        "oauth_client_credential_user": INTEGRATION,
        "scopes": ("Api", "RefreshToken", "OpenID", "Web"),
        "is_refresh_token_rotation_enabled": True,
        "is_device_flow_enabled": True,
    }
    world.user(INTEGRATION, "Standard User")
    world.bring(app(oauth=oauth, profile_name=("Standard User",)))
    house = world.house
    services = Services(units=house.units, key_values=house.key_values, clock=world.clock)
    client = TestClient(served(services), base_url=BASE, raise_server_exceptions=False)
    return Target(world, pair, client)


@pytest.fixture
def come_from(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what sets the address from which requests come: as the server's socket sees it."""
    parse = TestClientTransport.parse_request
    address = ["203.0.113.7"]

    def parsed(self: Any, request: Any) -> dict[str, Any]:
        return {**parse(self, request), "client": (address[0], 50000)}

    monkeypatch.setattr(TestClientTransport, "parse_request", parsed)

    def come(from_address: str) -> None:
        address[0] = from_address

    return come
