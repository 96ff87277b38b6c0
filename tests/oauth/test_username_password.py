"""The username-password flow: works before a migration, fails after it, and Login History says why."""

from __future__ import annotations

from datetime import date

from structlog.testing import capture_logs

from changeover.migration.finding import Verdict
from changeover.org.company import edit_org
from tests.oauth.endpoint import INTEGRATION, KEY, Endpoint, secrets
from tests.org.world import SECRET


def ready(endpoint: Endpoint) -> dict[str, str]:
    """Return the form; the password has been checked, as the web does before the transaction."""
    with endpoint.world.read() as unit:
        user = unit.users.in_org(endpoint.world.org_id, INTEGRATION)
    assert user is not None
    endpoint.extra["proven_user"] = user.user_id
    return secrets(grant_type="password", username=INTEGRATION, password="not read here")


def test_it_works_before_and_fails_after_and_works_after_the_way_back(endpoint: Endpoint) -> None:
    form = ready(endpoint)
    assert endpoint.world.record().verdict is Verdict.ELIGIBLE
    answer = endpoint.good(form)
    assert "refresh_token" not in answer
    assert endpoint.world.record().verdict is Verdict.CONFIRM, "eligibility hears of the login at once"
    endpoint.migrate()
    with capture_logs() as lines:
        assert endpoint.refused(form) == (
            "invalid_grant",
            "authentication failure: an external client app cannot use the username-password flow",
        )
    assert endpoint.logins()[0].status == "Failed: Username-Password Flow Disabled"
    assert endpoint.logins()[0].username == INTEGRATION
    (line,) = [line for line in lines if line["event"] == "login-refused"]
    assert line["app"] == "Billing"
    assert line["why"].endswith("an external client app cannot use the username-password flow")
    assert SECRET not in str(lines)
    endpoint.revert()
    endpoint.good(form)


def test_the_org_may_switch_it_off(endpoint: Endpoint) -> None:
    form = ready(endpoint)
    endpoint.world.do(edit_org, {"username_password_blocked": True}, seen_version=None)
    assert endpoint.refused(form)[1].endswith("the username-password flow is blocked in this org")


def test_it_ends_on_its_day(endpoint: Endpoint) -> None:
    form = ready(endpoint)
    endpoint.world.clock.go_to(date(2027, 2, 19))
    endpoint.good(form)
    endpoint.world.clock.go_to(date(2027, 2, 20))
    assert endpoint.refused(form)[1].endswith("the username-password flow has ended")
    assert endpoint.logins()[0].status == "Failed: Username-Password Flow Disabled"


def test_a_wrong_password_says_no_more(endpoint: Endpoint) -> None:
    form = ready(endpoint)
    endpoint.extra["proven_user"] = None
    assert endpoint.refused(form) == ("invalid_grant", "authentication failure")
    assert endpoint.logins()[0].status == "Failed: authentication failure"


def test_the_user_agent_flow_gives_a_token_in_the_fragment_until_the_migration(endpoint: Endpoint) -> None:
    told = endpoint.approved(response_type="token", state="s-1")
    assert told["access_token"][0].startswith(endpoint.world.org_id[:15])
    assert told["state"] == ["s-1"]
    with_id = endpoint.approved(response_type="token id_token", nonce="n", scope="api openid")
    assert "id_token" in with_id
    endpoint.migrate()
    answer = endpoint.asked(response_type="token")
    assert "error=invalid_grant" in answer.url
    assert "client_id" not in answer.url or KEY not in answer.url
