"""Fixtures for tests of the OAuth endpoints."""

from __future__ import annotations

import pytest

from tests.oauth.endpoint import INTEGRATION, Endpoint, Pair
from tests.org.conftest import prepared, world
from tests.org.world import SECRET, World, app

__all__ = ["prepared", "world"]


@pytest.fixture(scope="session")
def pair() -> Pair:
    """Return a key pair; making one takes a tenth of a second."""
    return Pair()


@pytest.fixture
def endpoint(world: World, pair: Pair) -> Endpoint:
    """Return an org whose app Billing may use every flow."""
    oauth = {
        "consumer_secret": SECRET,
        "certificate": pair.certificate,
        "is_client_credential_enabled": True,
        "oauth_client_credential_user": INTEGRATION,
        "is_admin_approved": True,
        "scopes": ("Api", "RefreshToken", "OpenID", "Web"),
    }
    world.user(INTEGRATION, "Standard User")
    world.bring(app(oauth=oauth, profile_name=("Standard User",)))
    return Endpoint(world)
