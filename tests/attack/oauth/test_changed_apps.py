"""What an app holds when the app has changed since: another key, fewer scopes, shut out, gone back."""

from __future__ import annotations

from dataclasses import replace

from changeover.apps.external_client_app import ExtlClntAppGlobalOauthSettings
from changeover.org.external_client_app_edits import edit_policies, edit_settings
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.lists import AppKind, LoginQuery
from changeover.org.oauth_usage import block_app, unblock_app
from changeover.org.people import edit_user
from tests.attack.oauth.target import Target, asked, error_of
from tests.attack.oauth.test_tokens import DEAD, told
from tests.oauth.endpoint import CALLBACK, INTEGRATION, KEY
from tests.org.world import SECRET, app


def test_tokens_and_approvals_of_an_app_that_was_imported_under_another_key(target: Target) -> None:
    held, code = target.tokens(), target.code()
    target.change(consumer_key="3MVG9.New_key", consumer_secret="THE-NEW-KEYS-SECRET-0123456789")
    assert not target.alive(held["access_token"])
    # Whoever bears the old key now finds nothing of its former bearer's under it.
    heir = {"consumer_key": KEY, "consumer_secret": SECRET, "callback_url": CALLBACK}
    target.world.bring(app("Heir", oauth={**heir, "scopes": ("Api", "RefreshToken", "OpenID", "Web")}))
    assert not target.alive(held["access_token"])
    assert error_of(target.refresh(held["refresh_token"])) == DEAD
    assert target.redeem(code).status_code == 400
    assert target.signed_in().get(asked()).status == 200, "the user is asked"


def test_tokens_of_an_external_client_app_that_was_imported_under_another_key(target: Target) -> None:
    made = target.world.migrated()
    held = target.tokens()
    parts = tuple(
        replace(part, consumer_key="3MVG9.New_key")
        if isinstance(part, ExtlClntAppGlobalOauthSettings)
        else part
        for part in made.app.parts
    )
    (outcome,) = target.world.bring(replace(made.app, parts=parts))
    assert outcome.result == "updated"
    target.world.do(delete_external_client_app, "Billing", confirmed=True, seen_version=None)
    assert not target.alive(held["access_token"])
    assert error_of(target.refresh(held["refresh_token"])) == DEAD


def test_scopes_taken_from_the_app_are_not_given_for_its_old_tokens(target: Target) -> None:
    held, code = target.tokens(scope="api web refresh_token"), target.code(scope="api web")
    only_web = target.tokens(scope="web refresh_token")
    target.change(scopes=("Api", "RefreshToken"))
    fresh = target.refresh(held["refresh_token"]).json()
    assert fresh["scope"] == "api refresh_token"
    assert target.redeem(code).json()["scope"] == "api"
    assert error_of(target.refresh(fresh["refresh_token"], scope="web"))[0] == "invalid_scope"
    assert target.refresh(only_web["refresh_token"]).json()["scope"] == "refresh_token"


def test_scopes_of_an_external_client_app_do_not_come_back_with_a_revert(target: Target) -> None:
    target.world.migrated()
    scopes = {"ecaOauth/commaSeparatedOauthScopes": "Api, Full, RefreshToken"}
    target.world.do(edit_settings, "Billing", scopes, seen_version=None)
    held = target.tokens(scope="full refresh_token api")
    assert "full" in held["scope"]
    target.world.do(delete_external_client_app, "Billing", confirmed=True, seen_version=None)
    assert target.refresh(held["refresh_token"]).json()["scope"] == "api refresh_token"


def test_introspection_of_a_refresh_token_that_would_be_refused(target: Target) -> None:
    token = target.tokens()["refresh_token"]
    assert told(target, token)["active"] is True
    target.world.do(edit_user, INTEGRATION, active=False)
    assert told(target, token) == {"active": False}
    target.world.do(edit_user, INTEGRATION, active=True)
    target.world.do(block_app, AppKind.CONNECTED, "Billing")
    assert told(target, token) == {"active": False}
    target.world.do(unblock_app, AppKind.CONNECTED, "Billing")
    target.world.migrated()
    assert told(target, token)["active"] is True
    target.world.do(edit_policies, "Billing", {"ecaPlcy/isEnabled": "false"}, seen_version=None)
    assert told(target, token) == {"active": False}


def test_introspection_of_all_tokens_by_an_app_that_is_shut_out(target: Target) -> None:
    other, held = target.other_app(), target.tokens()
    document = target.world.record("Other").document
    assert document.oauth_config is not None
    all_tokens = replace(document.oauth_config, is_introspect_all_tokens=True)
    target.world.bring(replace(document, oauth_config=all_tokens))
    tokens = (held["access_token"], held["refresh_token"])
    assert [told(target, token, **other)["active"] for token in tokens] == [True, True]
    target.world.do(block_app, AppKind.CONNECTED, "Other")
    assert [told(target, token, **other) for token in tokens] == [{"active": False}] * 2
    target.world.do(unblock_app, AppKind.CONNECTED, "Other")
    target.world.migrated("Other")
    assert told(target, tokens[0], **other)["active"] is True
    target.world.do(edit_policies, "Other", {"ecaPlcy/isOauthPluginEnabled": "false"}, seen_version=None)
    assert [told(target, token, **other) for token in tokens] == [{"active": False}] * 2


def test_whoever_is_refused_at_the_page_stands_in_login_history(target: Target) -> None:
    browser = target.signed_in()
    target.world.migrated()
    browser.get(asked(response_type="token"))
    target.world.do(edit_policies, "Billing", {"ecaPlcy/isEnabled": "false"}, seen_version=None)
    browser.get(asked())
    target.browser().get(asked(prompt="none"))
    with target.world.read() as unit:
        rows = unit.logins.page(target.world.org_id, LoginQuery()).rows
    assert [(row.username, row.application, row.sub_type, row.status) for row in rows] == [
        (INTEGRATION, "Billing", "OauthWebServer", "Failed: this app is blocked by admin"),
        (INTEGRATION, "Billing", "OauthUserAgent", "Failed: this flow is not enabled for this app"),
    ]
