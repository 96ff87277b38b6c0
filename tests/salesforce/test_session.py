"""Who calls an API: a live token of the org with the scope, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from changeover.errors import ChangeoverError
from changeover.oauth import tokens
from changeover.org import people
from changeover.org.app_manager import list_apps
from changeover.org.external_client_app_edits import edit_policies
from changeover.org.model.orgs import Actor, Door, Org
from changeover.salesforce.refusals import ApiRefused, of_error
from changeover.salesforce.session import WEB, ApiSession, open_session
from changeover.salesforce.versions import VERSIONS, version_of
from tests.oauth.conftest import endpoint, pair, prepared, world
from tests.oauth.endpoint import INTEGRATION, KEY, Endpoint, secrets
from tests.org.world import World, other_org

__all__ = ["endpoint", "pair", "prepared", "world"]


def org_of(world: World, actor: Actor) -> Org:
    with world.read() as unit:
        found = unit.orgs.get(actor.org_id)
    assert found is not None
    return found


def opened(world: World, token: str | None, actor: Actor | None = None) -> ApiSession:
    org = org_of(world, actor or world.admin)
    with world.read() as unit:
        return open_session(unit, org, token)


def refused(world: World, token: str | None, actor: Actor | None = None) -> str:
    with pytest.raises(ApiRefused) as caught:
        opened(world, token, actor)
    assert caught.value.body == [{"message": caught.value.message, "errorCode": "INVALID_SESSION_ID"}]
    assert caught.value.status == 401
    return caught.value.message


@pytest.fixture
def token(endpoint: Endpoint) -> str:
    return str(endpoint.good(secrets(grant_type="client_credentials"))["access_token"])


def test_a_token_of_the_org_opens_a_session_of_its_user(world: World, token: str) -> None:
    session = opened(world, token)
    assert session.actor.username == INTEGRATION
    assert session.actor.door is Door.API
    assert session.consumer_key == KEY
    assert "api" in session.scopes


@pytest.mark.parametrize("brought", [None, "", "nonsense", "00Dxx0000000001!AQ.made.up"])
@pytest.mark.usefixtures("endpoint")
def test_what_is_no_token_opens_none(world: World, brought: str | None) -> None:
    assert refused(world, brought) == "Session expired or invalid"


def test_a_token_opens_no_other_org(world: World, token: str) -> None:
    refused(world, token, other_org(world))


def test_a_session_ends_with_its_time(world: World, token: str) -> None:
    world.clock.pass_by(timedelta(hours=2, seconds=1))
    refused(world, token)


def test_a_session_ends_with_its_user(world: World, token: str) -> None:
    world.do(people.edit_user, INTEGRATION, active=False)
    refused(world, token)


def test_a_session_ends_with_its_app(world: World, endpoint: Endpoint, token: str) -> None:
    endpoint.migrate()
    assert opened(world, token).consumer_key == KEY
    world.do(edit_policies, "Billing", {"ecaPlcy/isEnabled": "false"}, seen_version=None)
    refused(world, token)


def test_a_token_without_the_scope_opens_none(world: World, token: str) -> None:
    digest = tokens.digest(token)
    with world.unit() as unit:
        held = unit.oauth.access_token(digest)
        assert held is not None
        unit.oauth.end_access_token(digest)
        unit.oauth.issue(replace(held, scopes=("openid", "web")))
    assert refused(world, token) == "This session is not valid for use with the API"
    org = org_of(world, world.admin)
    with world.read() as unit:
        assert open_session(unit, org, token, any_of=WEB).scopes == {"openid", "web"}


def test_what_a_session_may_do_are_its_users_permissions(world: World, token: str) -> None:
    session = opened(world, token)
    with pytest.raises(ChangeoverError) as caught:
        world.see(list_apps, actor=session.actor)
    told = of_error(caught.value)
    assert (told.status, told.code.name) == (403, "INSUFFICIENT_ACCESS")
    assert "E-NOT-PERMITTED" in told.message


def test_versions_ascend_and_bear_their_release() -> None:
    assert [version.number for version in VERSIONS] == sorted(version.number for version in VERSIONS)
    # Source: salesforce-reference, head.
    releases = {
        50: "Winter '21",
        51: "Spring '21",
        59: "Winter '24",
        60: "Spring '24",
        61: "Summer '24",
        62: "Winter '25",
        63: "Spring '25",
        64: "Summer '25",
        65: "Winter '26",
        66: "Spring '26",
        67: "Summer '26",
    }
    assert {version.number: version.label for version in VERSIONS if version.number in releases} == releases
    assert version_of("62.0") == version_of("62")
    assert version_of("62.0") in VERSIONS
    for text in ("49.0", "68.0", "62.1", "", "v62.0", "latest"):
        assert version_of(text) is None, text
