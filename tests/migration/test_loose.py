"""What is loose is found, its one step tightens it, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import strange_values
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthSettings,
)
from changeover.errors import ChangeoverError
from changeover.migration.comparison import changes
from changeover.migration.loose import CHECKS, loose, tighten
from changeover.migration.mapping import expected_result
from tests.migration.make import SAML, app
from tests.migration.strategies import apps

LOOSE_AS_CAN_BE = {
    "oauthConfig/scopes[1]": "Full",
    "oauthConfig/scopes[2]": "RefreshToken",
    "oauthConfig/callbackUrl": "http://localhost:8080/cb\nhttp://billing.example.com/cb",
    "oauthConfig/isConsumerSecretOptional": "true",
    "oauthConfig/isSecretRequiredForRefreshToken": "false",
    "oauthConfig/isTokenExchangeEnabled": "true",
    "oauthConfig/isIntrospectAllTokens": "true",
    "oauthConfig/isNamedUserJwtEnabled": "true",
    "oauthConfig/isCodeCredentialEnabled": "true",
    "oauthPolicy/ipRelaxation": "BYPASS",
    "oauthPolicy/refreshTokenPolicy": "infinite",
    **{path: value for path, value in SAML.items() if path.startswith("saml")},
    "samlConfig/samlSigningAlgoType": "SHA1",
}
TIGHT = {
    "oauthConfig/isPkceRequired": "true",
    "oauthConfig/isAdminApproved": "true",
    "oauthPolicy/ipRelaxation": "ENFORCE",
}


def made(more: dict[str, str]) -> ExternalClientApp:
    return expected_result(app(more=more)).external_client_app


def test_every_check_finds_what_is_loose_and_nothing_on_a_tight_app() -> None:
    assert [found.id for found in loose(made(LOOSE_AS_CAN_BE))] == [check.id for check in CHECKS]
    assert loose(made(TIGHT)) == ()


def test_the_defaults_of_a_connected_app_are_listed() -> None:
    found = {
        one.id
        for one in loose(
            made({"oauthConfig/scopes[2]": "RefreshToken", "oauthPolicy/refreshTokenPolicy": "infinite"})
        )
    }
    assert found == {"pkce-off", "all-users", "endless-refresh-tokens", "no-rotation"}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_one_step_tightens_one_thing(check: object) -> None:
    name = str(getattr(check, "id"))  # noqa: B009 - the id of the parameter
    before = made(LOOSE_AS_CAN_BE)
    step = next(found for found in loose(before) if found.id == name)
    after = tighten(before, name)
    assert name not in {found.id for found in loose(after)}
    assert {(one.path, one.after) for one in changes(before, after)} == {
        (change.path, change.value) for change in step.changes
    }
    for document in after.documents:
        assert strange_values(document) == ()
    with pytest.raises(ChangeoverError, match="E-RECORD-NOT-FOUND"):
        tighten(after, name)


def test_all_steps_together_leave_nothing_loose() -> None:
    state = made(LOOSE_AS_CAN_BE)
    for check in CHECKS:
        state = tighten(state, check.id)
    assert loose(state) == ()
    settings = state.part(ExtlClntAppOauthSettings)
    assert settings is not None
    assert settings.comma_separated_oauth_scopes == "Api, RefreshToken"
    secrets = state.part(ExtlClntAppGlobalOauthSettings)
    assert secrets is not None
    assert secrets.callback_url == "http://localhost:8080/cb\nhttps://billing.example.com/cb"


@given(apps())
def test_looking_is_total_and_each_step_can_be_taken(given_app: tuple[object, ConnectedApp]) -> None:
    state = expected_result(given_app[1]).external_client_app
    for found in loose(state):
        assert found.id not in {one.id for one in loose(tighten(state, found.id))}
