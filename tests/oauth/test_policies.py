"""Policies have effect, the same before a migration and after it: each test runs for both kinds of app."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from changeover.apps.connected_app import Attribute, IdTokenConfig, IpRange, SessionPolicy
from changeover.apps.external_client_app import (
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
)
from changeover.oauth.authorization import Asked, Elsewhere, must_prove
from changeover.oauth.refusals import APP_NOT_INSTALLED, CLIENT_UNKNOWN, EXTERNAL_APP_NOT_FOUND
from changeover.oauth.resource import identity, userinfo
from changeover.org.company import edit_org
from changeover.org.importing import Incoming, import_apps
from changeover.org.lists import AppKind
from changeover.org.migrate import migrate
from changeover.org.oauth_usage import block_app
from changeover.org.people import assign_permission_set, edit_user
from changeover.org.permission_sets import save_permission_set, save_profile
from changeover.org.permissions import Permission
from tests.oauth.endpoint import CALLBACK, INTEGRATION, JWT_BEARER, KEY, Endpoint, Pair, payload, secrets
from tests.oauth.test_jwt_bearer import claims
from tests.oauth.test_resource import asked as introspected
from tests.oauth.test_web_server import CHALLENGE, VERIFIER, change, exchange, refresh
from tests.org.world import YES, app, other_org

GRANT = {"grant_type": "client_credentials"}
BLOCKED = ("OAUTH_APP_BLOCKED", "this app is blocked by admin")
INSIDE, OUTSIDE = "198.18.0.5", "203.0.113.9"


@pytest.fixture(params=AppKind)
def kind(request: pytest.FixtureRequest) -> AppKind:
    """Each kind of app."""
    found: AppKind = request.param
    return found


def reshape(endpoint: Endpoint, **changes: Any) -> None:
    """Import the app anew with other policies."""
    endpoint.world.bring(replace(endpoint.world.record().document, **changes))


def refresh_policy(endpoint: Endpoint, policy: str) -> None:
    held = endpoint.world.record().document.oauth_policy
    assert held is not None
    reshape(endpoint, oauth_policy=replace(held, refresh_token_policy=policy))


def change_part(endpoint: Endpoint, part: type[Any], **changes: Any) -> None:
    """Write other values into a part of the external client app."""
    with endpoint.world.unit() as unit:
        record = unit.external.get(endpoint.world.org_id, "Billing", lock=True)
        assert record is not None
        held = record.app.part(part)
        assert held is not None, part
        made = tuple(replace(one, **changes) if one is held else one for one in record.app.parts)
        unit.external.save(replace(record, app=replace(record.app, parts=made)))


def refused_at_authorize(endpoint: Endpoint, **parameters: str) -> str:
    """Ask to authorize, have the user approve where it comes to that, and return the error."""
    answer = endpoint.asked(**parameters)
    if isinstance(answer, Asked):
        return endpoint.approved(**parameters)["error"][0]
    assert isinstance(answer, Elsewhere), answer
    return answer.url.partition("error=")[2].partition("&")[0]


# --- permitted users ------------------------------------------------------------------------------------


def test_admin_approved_users_get_in_by_profile_or_permission_set(endpoint: Endpoint, kind: AppKind) -> None:
    world = endpoint.world
    world.do(save_profile, "Visitors", [])
    world.do(save_permission_set, "Billing_Access", "Billing Access", [])
    world.do(save_permission_set, "Any", "Any client", [Permission.USE_ANY_API_CLIENT.value])
    reshape(endpoint, permission_set_name=("Billing_Access",))
    endpoint.become(kind)
    endpoint.good(secrets(**GRANT))
    world.do(edit_user, INTEGRATION, profile="Visitors")
    assert endpoint.refused(secrets(**GRANT))[0] == "invalid_app_access"
    assert refused_at_authorize(endpoint) == "OAUTH_APP_BLOCKED"
    assert endpoint.logins()[0].status == "Failed: user is not admin approved to access this app"
    world.do(assign_permission_set, INTEGRATION, "Billing_Access")
    endpoint.good(secrets(**GRANT))
    endpoint.code()


def test_use_any_api_client_opens_every_app(endpoint: Endpoint, kind: AppKind) -> None:
    world = endpoint.world
    world.do(save_profile, "Visitors", [])
    world.do(save_permission_set, "Any", "Any client", [Permission.USE_ANY_API_CLIENT.value])
    endpoint.become(kind)
    world.do(edit_user, INTEGRATION, profile="Visitors")
    assert endpoint.refused(secrets(**GRANT))[0] == "invalid_app_access"
    world.do(assign_permission_set, INTEGRATION, "Any")
    endpoint.good(secrets(**GRANT))


def test_where_all_users_may_self_authorize_the_user_is_asked(endpoint: Endpoint, kind: AppKind) -> None:
    change(endpoint, is_admin_approved=False)
    endpoint.world.do(save_profile, "Visitors", [])
    endpoint.world.do(edit_user, INTEGRATION, profile="Visitors")
    endpoint.become(kind)
    endpoint.good(exchange(endpoint.code()))


# --- addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relaxation", "first", "later"),
    [
        ("ENFORCE", "ip restricted", "ip restricted"),
        ("ENFORCE_RELAXREFRESH", "ip restricted", ""),
        ("BYPASS", "", ""),
        ("BYPASS_2FACTOR", "", ""),
    ],
)
def test_ip_relaxation(endpoint: Endpoint, kind: AppKind, relaxation: str, first: str, later: str) -> None:
    policy = endpoint.world.record().document.oauth_policy
    assert policy is not None
    reshape(
        endpoint,
        ip_ranges=(IpRange(start="198.18.0.1", end="198.18.0.9"),),
        oauth_policy=replace(policy, ip_relaxation=relaxation),
    )
    endpoint.become(kind)
    endpoint.address = INSIDE
    held = endpoint.good(exchange(endpoint.code()))
    endpoint.address = OUTSIDE
    for form, said in ((secrets(**GRANT), first), (refresh(held["refresh_token"]), later)):
        if said:
            assert endpoint.refused(form) == ("invalid_grant", said)
            assert endpoint.logins()[0].status == "Failed: Restricted IP"
        else:
            endpoint.good(form)
    assert refused_at_authorize(endpoint) == "invalid_grant" if first else endpoint.code()


def test_without_trusted_ranges_every_address_will_do(endpoint: Endpoint, kind: AppKind) -> None:
    endpoint.become(kind)
    endpoint.address = OUTSIDE
    endpoint.good(secrets(**GRANT))


@pytest.mark.parametrize("ends", [("198.18.0.0/24", "198.18.0.0/24"), ("198.18.0.1", "::9"), ("", "")])
def test_ranges_that_cannot_be_read_are_not_as_if_there_were_none(
    endpoint: Endpoint, kind: AppKind, ends: tuple[str, str]
) -> None:
    reshape(endpoint, ip_ranges=(IpRange(start=ends[0], end=ends[1]),))
    endpoint.become(kind)
    endpoint.address = INSIDE
    assert endpoint.refused(secrets(**GRANT)) == ("invalid_grant", "ip restricted")


# --- how long it lasts ----------------------------------------------------------------------------------


def test_immediate_expiry_lets_the_session_finish_and_no_more(endpoint: Endpoint, kind: AppKind) -> None:
    refresh_policy(endpoint, "zero")
    endpoint.become(kind)
    held = endpoint.good(exchange(endpoint.code()))
    assert introspected(endpoint, held["access_token"])["active"]
    assert endpoint.refused(refresh(held["refresh_token"]))[1] == "expired access/refresh token"


def test_a_specific_lifetime_counts_from_the_authorization(endpoint: Endpoint, kind: AppKind) -> None:
    refresh_policy(endpoint, "specific_lifetime:12:HOURS")
    endpoint.become(kind)
    token = endpoint.good(exchange(endpoint.code()))["refresh_token"]
    for _ in range(2):
        endpoint.world.clock.pass_by(timedelta(hours=5, minutes=59))
        endpoint.good(refresh(token))
    endpoint.world.clock.pass_by(timedelta(minutes=2))
    assert endpoint.refused(refresh(token))[1] == "expired access/refresh token"


def test_inactivity_counts_from_the_last_use(endpoint: Endpoint, kind: AppKind) -> None:
    refresh_policy(endpoint, "specific_inactivity:2:DAYS")
    endpoint.become(kind)
    token = endpoint.good(exchange(endpoint.code()))["refresh_token"]
    for _ in range(3):
        endpoint.world.clock.pass_by(timedelta(hours=47))
        endpoint.good(refresh(token))
    endpoint.world.clock.pass_by(timedelta(hours=48))
    assert endpoint.refused(refresh(token))[1] == "expired access/refresh token"


def test_until_revoked_means_thirty_idle_days_from_its_day_on(endpoint: Endpoint, kind: AppKind) -> None:
    endpoint.become(kind)
    clock = endpoint.world.clock
    clock.go_to(date(2026, 8, 1))
    token = endpoint.good(exchange(endpoint.code()))["refresh_token"]
    idle = endpoint.good(exchange(endpoint.code()))["refresh_token"]
    clock.go_to(date(2026, 11, 3))
    endpoint.good(refresh(token))
    clock.go_to(date(2026, 11, 4))
    assert endpoint.refused(refresh(idle))[1] == "expired access/refresh token"
    clock.go_to(date(2026, 12, 2))
    endpoint.good(refresh(token))
    clock.go_to(date(2027, 1, 1))
    assert endpoint.refused(refresh(token))[1] == "expired access/refresh token"


def test_a_session_lasts_as_long_as_its_policy_says(endpoint: Endpoint, kind: AppKind) -> None:
    reshape(endpoint, session_policy=SessionPolicy(session_timeout=15))
    endpoint.become(kind)
    token = endpoint.good(secrets(**GRANT))["access_token"]
    endpoint.world.clock.pass_by(timedelta(minutes=14))
    assert introspected(endpoint, token)["active"]
    endpoint.world.clock.pass_by(timedelta(minutes=1))
    assert introspected(endpoint, token) == {"active": False}


def test_a_sixth_authorization_ends_the_longest_unused(endpoint: Endpoint, kind: AppKind) -> None:
    endpoint.become(kind)
    held = []
    for _ in range(6):
        held.append(endpoint.good(exchange(endpoint.code()))["refresh_token"])
        endpoint.world.clock.pass_by(timedelta(minutes=1))
    assert endpoint.refused(refresh(held[0]))[1] == "expired access/refresh token"
    for token in held[1:]:
        endpoint.good(refresh(token))


# --- session level --------------------------------------------------------------------------------------


def high_assurance(action: str) -> SessionPolicy:
    return SessionPolicy(session_level="HIGH_ASSURANCE", policy_action=action)


def test_high_assurance_that_blocks(endpoint: Endpoint, kind: AppKind, pair: Pair) -> None:
    held = endpoint.good(exchange(endpoint.code()))
    reshape(endpoint, session_policy=high_assurance("Block"))
    endpoint.become(kind)
    bearer = {"grant_type": JWT_BEARER, "assertion": pair.assertion(claims())}
    for form in (secrets(**GRANT), bearer, refresh(held["refresh_token"])):
        assert endpoint.refused(form)[1] == "this app needs a high assurance session"
    assert refused_at_authorize(endpoint) == "invalid_grant"


def test_high_assurance_that_is_raised_where_there_is_a_page(
    endpoint: Endpoint, kind: AppKind, pair: Pair
) -> None:
    reshape(endpoint, session_policy=high_assurance("RaiseSessionLevel"))
    endpoint.become(kind)
    bearer = {"grant_type": JWT_BEARER, "assertion": pair.assertion(claims())}
    for form in (secrets(**GRANT), bearer):
        assert endpoint.refused(form)[1] == "this app needs a high assurance session"
    asked = endpoint.asked()
    assert isinstance(asked, Asked)
    now = endpoint.world.clock.now()
    assert must_prove(asked, None, now), "with the password"
    assert not must_prove(asked, now, now)
    endpoint.good(refresh(endpoint.good(exchange(endpoint.code()))["refresh_token"]))


# --- switches -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("switch", ["is_enabled", "is_oauth_plugin_enabled"])
def test_an_external_client_app_that_is_switched_off(endpoint: Endpoint, switch: str) -> None:
    endpoint.migrate()
    held = endpoint.good(exchange(endpoint.code()))
    change_part(endpoint, ExtlClntAppConfigurablePolicies, **{switch: False})
    assert endpoint.refused(secrets(**GRANT)) == BLOCKED
    assert endpoint.refused(refresh(held["refresh_token"])) == BLOCKED
    assert refused_at_authorize(endpoint) == "OAUTH_APP_BLOCKED"
    bearer = {"authorization": f"Bearer {held['access_token']}"}
    with endpoint.world.read() as unit:
        assert userinfo(unit, endpoint.call({}, **bearer)).status == 401
    change_part(endpoint, ExtlClntAppConfigurablePolicies, **{switch: True})
    endpoint.good(secrets(**GRANT))


@pytest.mark.parametrize("part", [ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthConfigurablePolicies])
def test_client_credentials_need_the_developers_switch_and_the_admins(
    endpoint: Endpoint, part: type[Any]
) -> None:
    endpoint.migrate()
    endpoint.good(secrets(**GRANT))
    change_part(endpoint, part, is_client_credentials_flow_enabled=False)
    assert endpoint.refused(secrets(**GRANT))[1] == "this flow is not enabled for this app"


def test_a_blocked_app(endpoint: Endpoint, kind: AppKind) -> None:
    held = endpoint.good(exchange(endpoint.code()))
    endpoint.world.do(block_app, AppKind.CONNECTED, "Billing")
    endpoint.become(kind)
    assert endpoint.refused(secrets(**GRANT)) == BLOCKED
    assert endpoint.refused(refresh(held["refresh_token"])) == BLOCKED
    assert refused_at_authorize(endpoint) == "OAUTH_APP_BLOCKED"
    assert introspected(endpoint, held["access_token"]).get("active") is not True


def test_the_secret_is_needed_where_its_switches_say_so(endpoint: Endpoint, kind: AppKind) -> None:
    change(endpoint, is_consumer_secret_optional=True, is_secret_required_for_refresh_token=False)
    endpoint.become(kind)
    bare = {"grant_type": "authorization_code", "client_id": KEY, "redirect_uri": CALLBACK}
    held = endpoint.good({**bare, "code": endpoint.code()})
    again = {"grant_type": "refresh_token", "client_id": KEY, "refresh_token": held["refresh_token"]}
    endpoint.good(again)
    wrong = {**again, "client_secret": "WRONG"}
    assert endpoint.refused(wrong)[0] == "invalid_client"
    assert endpoint.refused({**GRANT, "client_id": KEY})[0] == "invalid_client", "always needed here"


def test_the_two_switches_are_apart(endpoint: Endpoint, kind: AppKind) -> None:
    change(endpoint, is_consumer_secret_optional=True, is_secret_required_for_refresh_token=True)
    endpoint.become(kind)
    bare = {"grant_type": "authorization_code", "client_id": KEY, "redirect_uri": CALLBACK}
    held = endpoint.good({**bare, "code": endpoint.code()})
    again = {"grant_type": "refresh_token", "client_id": KEY, "refresh_token": held["refresh_token"]}
    assert endpoint.refused(again)[0] == "invalid_client"


@pytest.mark.parametrize("by", ["app", "org"])
def test_pkce_may_be_required_by_the_app_or_the_org(endpoint: Endpoint, kind: AppKind, by: str) -> None:
    if by == "app":
        change(endpoint, is_pkce_required=True)
    endpoint.become(kind)
    if by == "org":
        endpoint.code()
        endpoint.world.do(edit_org, {"pkce_required": True}, seen_version=None)
    assert refused_at_authorize(endpoint) == "invalid_request"
    code = endpoint.code(code_challenge=CHALLENGE)
    assert endpoint.refused(exchange(code))[1] == "invalid code verifier"
    endpoint.good(exchange(endpoint.code(code_challenge=CHALLENGE), code_verifier=VERIFIER))


# --- callbacks, scopes, claims --------------------------------------------------------------------------


def test_each_of_several_callback_urls_to_the_letter(endpoint: Endpoint, kind: AppKind) -> None:
    second = "myapp://done?from=salesforce"
    change(endpoint, callback_url=f"{CALLBACK}\r\n  {second}\n")
    endpoint.become(kind)
    for callback in (CALLBACK, second):
        code = endpoint.code(redirect_uri=callback)
        endpoint.good({**exchange(code), "redirect_uri": callback})
    crossed = {**exchange(endpoint.code(redirect_uri=second)), "redirect_uri": CALLBACK}
    assert endpoint.refused(crossed)[0] == "redirect_uri_mismatch"
    for callback in ("myapp://done", f"{CALLBACK} ", f"{CALLBACK}\n{second}", CALLBACK[:-1]):
        assert not isinstance(endpoint.asked(redirect_uri=callback), (Asked, Elsewhere))


def test_client_credentials_drop_what_only_users_have(endpoint: Endpoint, kind: AppKind) -> None:
    change(endpoint, scopes=("Api", "Full", "Web", "RefreshToken", "OpenID", "Chatter"))
    endpoint.become(kind)
    answer = endpoint.good(secrets(**GRANT, scope="full web refresh_token"))
    assert answer["scope"] == "api chatter_api openid"
    assert "refresh_token" not in answer


def test_custom_attributes_are_told(endpoint: Endpoint, kind: AppKind) -> None:
    change(endpoint, id_token_config=IdTokenConfig(id_token_include_attributes=True))
    formulas = {"who": "$User.Username", "what": "'billing'"}
    given = tuple(Attribute(key=key, formula=formula) for key, formula in formulas.items())
    reshape(endpoint, attributes=given)
    endpoint.become(kind)
    held = endpoint.good(exchange(endpoint.code()))
    told = {"who": INTEGRATION, "what": "billing"}
    call = endpoint.call({}, authorization=f"Bearer {held['access_token']}")
    org_id, user_id = held["id"].split("/")[-2:]
    with endpoint.world.read() as unit:
        answers = [userinfo(unit, call), identity(unit, call, org_id=org_id, user_id=user_id)]
    for answer in answers:
        assert answer.body is not None
        assert answer.body["custom_attributes"] == told
    assert payload(held["id_token"])["custom_attributes"] == told


# --- another org's apps ---------------------------------------------------------------------------------


def test_an_external_client_app_is_of_no_use_in_another_org(endpoint: Endpoint) -> None:
    """What users report as the most visible break: a connected app's key was good in every org."""
    admin = other_org(endpoint.world)
    units = endpoint.world.house.units
    theirs = app("Theirs", oauth={"consumer_key": "THEIR.KEY"})
    list(import_apps(units, admin, [Incoming(app=theirs, path="connectedApps/Theirs")]))
    assert endpoint.asked(client_id="THEIR.KEY") == APP_NOT_INSTALLED
    endpoint.world.do(migrate, "Theirs", YES, actor=admin)
    assert endpoint.asked(client_id="THEIR.KEY") == EXTERNAL_APP_NOT_FOUND
    assert endpoint.asked(client_id="NOBODYS.KEY") == CLIENT_UNKNOWN


# --- what an app may ask of the page --------------------------------------------------------------------


def test_prompt_login_and_max_age_ask_for_the_password(endpoint: Endpoint) -> None:
    now = endpoint.world.clock.now()
    ago = now - timedelta(minutes=4)

    def proves(**parameters: str) -> list[bool]:
        asked = endpoint.asked(**parameters)
        assert isinstance(asked, Asked)
        return [must_prove(asked, when, now) for when in (None, ago, now)]

    assert proves() == [False, False, False]
    assert proves(prompt="login") == [True, False, False]
    assert proves(max_age="3600") == [True, False, False]
    assert proves(max_age="120") == [True, True, False]
    assert proves(max_age="0") == [True, True, False], "and not for ever"


@pytest.mark.parametrize(
    "parameters",
    [
        {"prompt": "none login"},
        {"max_age": "soon"},
        {"max_age": "-1"},
        {"response_type": "token id_token"},
    ],
)
def test_what_cannot_be_answered_is_an_invalid_request(
    endpoint: Endpoint, parameters: dict[str, str]
) -> None:
    answer = endpoint.asked(**parameters, state="s")
    assert isinstance(answer, Elsewhere)
    assert "error=invalid_request" in answer.url
    assert "state=s" in answer.url


@pytest.mark.parametrize("display", ["page", "popup", "touch"])
def test_display_and_login_hint_change_nothing(endpoint: Endpoint, display: str) -> None:
    assert isinstance(endpoint.asked(display=display, login_hint="int@example.com"), Asked)
