"""An app as an OAuth client: both kinds of app, and that a migration changes only what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExternalClientApplication,
    ExtlClntAppGlobalOauthSettings,
)
from changeover.apps.scopes import split_scopes
from changeover.migration.mapping import expected_result
from changeover.oauth.client import (
    IpRelaxation,
    Refresh,
    RefreshPolicy,
    of_connected_app,
    of_external_client_app,
)
from changeover.org.lists import AppKind
from tests.migration.make import BARE, KEY, app
from tests.migration.strategies import apps

FULL = {
    "oauthConfig/callbackUrl": "https://a.example.com/cb\n  https://b.example.com/cb\r\n",
    "oauthConfig/scopes[2]": "RefreshToken",
    "oauthConfig/scopes[3]": "Basic",
    "oauthConfig/isAdminApproved": "true",
    "oauthConfig/isClientCredentialEnabled": "true",
    "oauthConfig/oauthClientCredentialUser": "int@example.com",
    "oauthConfig/isPkceRequired": "true",
    "oauthConfig/isRefreshTokenRotationEnabled": "true",
    "oauthConfig/isSecretRequiredForRefreshToken": "false",
    "oauthConfig/isConsumerSecretOptional": "true",
    "oauthConfig/isNamedUserJwtEnabled": "true",
    "oauthConfig/isIntrospectAllTokens": "true",
    "oauthConfig/isDeviceFlowEnabled": "true",
    "oauthConfig/certificate": "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----",
    "oauthConfig/idTokenConfig/idTokenValidity": "30",
    "oauthConfig/idTokenConfig/idTokenIncludeAttributes": "true",
    "oauthPolicy/ipRelaxation": "ENFORCE_RELAXREFRESH",
    "oauthPolicy/refreshTokenPolicy": "specific_inactivity:3:DAYS",
    "sessionPolicy/sessionTimeout": "90",
    "sessionPolicy/sessionLevel": "HIGH_ASSURANCE",
    "sessionPolicy/policyAction": "Block",
    "ipRanges[1]/start": "198.18.0.1",
    "ipRanges[1]/end": "198.18.0.9",
    "profileName[1]": "Integration",
    "permissionSetName[1]": "Billing Access",
    "attributes[1]/key": "department",
    "attributes[1]/formula": "$User.Department",
}


def test_a_connected_app_as_a_client() -> None:
    client = of_connected_app(app(more=FULL))
    assert client is not None
    assert client.kind is AppKind.CONNECTED
    assert client.client_id == KEY
    assert client.callback_urls == ("https://a.example.com/cb", "https://b.example.com/cb")
    assert {"api", "refresh_token", "offline_access", "id", "profile"} <= client.scopes
    assert client.admin_approved
    assert (client.client_credentials, client.run_as) == (True, "int@example.com")
    assert (client.secret_required, client.secret_required_for_refresh) == (False, False)
    assert client.refresh == Refresh(RefreshPolicy.SPECIFIC_INACTIVITY, timedelta(days=3))
    assert client.session_timeout == timedelta(minutes=90)
    assert (client.high_assurance, client.high_assurance_blocks) == (True, True)
    assert client.ip_relaxation is IpRelaxation.ENFORCE_RELAXREFRESH
    (trusted,) = client.trusted_ranges
    assert trusted.holds(ip_address("198.18.0.9"))
    assert not trusted.holds(ip_address("198.18.0.10"))
    assert not trusted.holds(ip_address("::1"))
    assert client.id_token.valid == timedelta(minutes=30)
    assert client.attributes == (("department", "$User.Department"),)
    assert client.username_password
    assert client.user_agent


def test_what_a_connected_app_does_not_say_has_salesforces_default() -> None:
    client = of_connected_app(
        from_leaves(
            ConnectedApp,
            "A",
            [Leaf("label", "A"), Leaf("oauthConfig/callbackUrl", "x:"), Leaf("oauthConfig/consumerKey", "K")],
        )
    )
    assert client is not None
    assert (client.secret_required, client.secret_required_for_refresh) == (True, True)
    assert not client.pkce_required
    assert client.refresh == Refresh(RefreshPolicy.INFINITE, None)
    assert client.ip_relaxation is IpRelaxation.ENFORCE
    assert client.id_token.valid == timedelta(minutes=2)


def test_what_an_external_client_app_does_not_say_has_another_default() -> None:
    header = ExternalClientApplication(full_name="A", label="A")
    settings = ExtlClntAppGlobalOauthSettings(full_name="A_glbloauth", consumer_key="K")
    client = of_external_client_app(ExternalClientApp(header=header, parts=(settings,)))
    assert client is not None
    assert client.pkce_required
    assert client.refresh == Refresh(RefreshPolicy.SPECIFIC_LIFETIME, timedelta(days=365))
    assert not client.username_password
    assert not client.user_agent
    assert client.scopes == frozenset()


def test_an_app_without_oauth_is_no_client() -> None:
    assert of_connected_app(app(BARE)) is None
    assert of_external_client_app(expected_result(app(BARE)).external_client_app) is None


@pytest.mark.parametrize(
    ("policy", "refresh"),
    [
        ("infinite", Refresh(RefreshPolicy.INFINITE, None)),
        ("zero", Refresh(RefreshPolicy.ZERO, None)),
        ("specific_lifetime:12:HOURS", Refresh(RefreshPolicy.SPECIFIC_LIFETIME, timedelta(hours=12))),
        ("specific_inactivity:2:MONTHS", Refresh(RefreshPolicy.SPECIFIC_INACTIVITY, timedelta(days=60))),
        ("for ever, please", Refresh(RefreshPolicy.ZERO, None)),
    ],
)
def test_refresh_token_policies(policy: str, refresh: Refresh) -> None:
    source = app(more={"oauthPolicy/refreshTokenPolicy": policy})
    client = of_connected_app(source)
    assert client is not None
    assert client.refresh == refresh


def test_ranges_that_cannot_be_read_let_nobody_in() -> None:
    more = {"ipRanges[1]/start": "198.18.0.1", "ipRanges[1]/end": "::1"}
    more |= {"ipRanges[2]/start": "everywhere", "ipRanges[2]/end": "198.18.0.1"}
    client = of_connected_app(app(more=more))
    assert client is not None
    assert len(client.trusted_ranges) == 2, "as if it had none, everybody would come in"
    for address in map(ip_address, ("198.18.0.1", "0.0.0.0", "0.0.0.1", "::1", "255.255.255.255")):  # noqa: S104
        assert not any(one.holds(address) for one in client.trusted_ranges)


def test_an_attribute_without_a_key_is_no_claim() -> None:
    more = {"attributes[1]/formula": "$User.Id", "attributes[2]/key": "department"}
    client = of_connected_app(app(more=more))
    assert client is not None
    assert client.attributes == (("department", ""),)
    again = of_external_client_app(expected_result(app(more=more)).external_client_app)
    assert again is not None
    assert again.attributes == client.attributes


@given(apps())
def test_a_migration_changes_only_what_it_says(made: tuple[object, ConnectedApp]) -> None:
    """Both readers agree on every app: what differs is what no external client app has.

    Without elements that nobody can read: a switch that says neither true nor false is carried as it stands,
    and each kind of app then has its own default. The list of an external client app has commas between the
    names of profiles and permission sets, so that a name with a comma is several there (the account says so).
    """
    source = replace(made[1], unknown=())
    before = of_connected_app(source)
    after = of_external_client_app(expected_result(source).external_client_app)
    assert (before is None) == (after is None)
    if before is None or after is None:
        return
    assert after == replace(
        before,
        kind=AppKind.EXTERNAL,
        label=after.label,
        local=True,
        username_password=False,
        user_agent=False,
        profiles=frozenset(split_scopes(",".join(before.profiles))),
        permission_sets=frozenset(split_scopes(",".join(before.permission_sets))),
    )


def test_a_full_app_is_the_same_client_after_its_migration() -> None:
    before = of_connected_app(app(more=FULL))
    after = of_external_client_app(expected_result(app(more=FULL)).external_client_app)
    assert before is not None
    assert after == replace(before, kind=AppKind.EXTERNAL, username_password=False, user_agent=False)
