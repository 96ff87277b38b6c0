"""Authorization codes and PKCE: stolen, injected, replayed, downgraded, guessed."""

from __future__ import annotations

import pytest

from tests.attack.oauth.target import (
    CHALLENGE,
    OTHER_CALLBACK,
    OTHER_KEY,
    OTHER_SECRET,
    VERIFIER,
    Target,
    asked,
    error_of,
    query_of,
    secrets,
)
from tests.oauth.endpoint import CALLBACK, KEY

INVALID = ("invalid_grant", "invalid authorization code")
WRONG_VERIFIER = ("invalid_grant", "invalid code verifier")
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def test_code_replay_ends_every_token_of_the_code(target: Target) -> None:
    code = target.code()
    first = target.redeem(code).json()
    again = target.refresh(first["refresh_token"]).json()
    assert error_of(target.redeem(code)) == INVALID
    assert not target.alive(first["access_token"])
    assert not target.alive(again["access_token"])
    assert error_of(target.refresh(again["refresh_token"]))[0] == "invalid_grant"


def test_code_replay_after_a_migration(target: Target) -> None:
    code = target.code()
    first = target.redeem(code).json()
    target.world.migrated()
    assert error_of(target.redeem(code)) == INVALID
    assert not target.alive(first["access_token"])


def test_code_of_another_client(target: Target) -> None:
    other = target.other_app()
    stolen = target.code()
    form = {"grant_type": "authorization_code", "code": stolen, **other}
    assert error_of(target.token({**form, "redirect_uri": CALLBACK})) == INVALID
    assert error_of(target.token({**form, "redirect_uri": OTHER_CALLBACK})) == INVALID
    # Nor did the thief spend it.
    assert target.redeem(stolen).status_code == 200


def test_code_of_another_org(target: Target) -> None:
    target.other_org()
    stolen = target.code()
    form = secrets(grant_type="authorization_code", code=stolen, redirect_uri=CALLBACK)
    assert error_of(target.token(form, prefix="/org/globex"))[0] == "invalid_client_id"


def test_stolen_code_without_the_secret(target: Target) -> None:
    form = {"grant_type": "authorization_code", "code": target.code(), "client_id": KEY}
    for brought in ({}, {"client_secret": ""}, {"client_secret": OTHER_SECRET}, {"client_secret": KEY}):
        assert error_of(target.token({**form, **brought, "redirect_uri": CALLBACK}))[0] == "invalid_client"


def test_code_as_a_refresh_token_and_as_an_access_token(target: Target) -> None:
    code = target.code()
    assert error_of(target.refresh(code))[0] == "invalid_grant"
    assert not target.alive(code)


def test_code_injection_into_a_session_with_another_challenge(target: Target) -> None:
    stolen = target.code(**PKCE)
    mine = "my-own-verifier-which-was-never-used-for-that-code-0123456789"
    assert error_of(target.redeem(stolen, code_verifier=mine)) == WRONG_VERIFIER
    # One try each: nobody tries verifiers out.
    assert error_of(target.redeem(stolen, code_verifier=VERIFIER)) == INVALID


def test_pkce_downgrade_by_dropping_the_challenge(target: Target) -> None:
    without = target.code()
    assert error_of(target.redeem(without, code_verifier=VERIFIER)) == WRONG_VERIFIER


def test_pkce_downgrade_by_dropping_the_verifier(target: Target) -> None:
    assert error_of(target.redeem(target.code(**PKCE))) == WRONG_VERIFIER
    assert error_of(target.redeem(target.code(**PKCE), code_verifier="")) == WRONG_VERIFIER


@pytest.mark.parametrize("method", ["plain", "PLAIN", "s256", "none", "S256 plain"])
def test_pkce_downgrade_to_plain(target: Target, method: str) -> None:
    page = target.signed_in().get(asked(code_challenge=CHALLENGE, code_challenge_method=method))
    assert query_of(page)["error"] == ["invalid_request"]
    assert "code" not in query_of(page)


def test_pkce_plain_by_a_verifier_that_is_the_challenge(target: Target) -> None:
    assert error_of(target.redeem(target.code(**PKCE), code_verifier=CHALLENGE)) == WRONG_VERIFIER


def test_pkce_challenge_or_verifier_given_twice(target: Target) -> None:
    page = target.signed_in().get(asked(**PKCE) + "&code_challenge=" + "x" * 43)
    assert query_of(page)["error"] == ["invalid_request"]
    form = secrets(grant_type="authorization_code", code=target.code(**PKCE), redirect_uri=CALLBACK)
    assert error_of(target.token({**form, "code_verifier": ["x" * 43, VERIFIER]}))[0] == "invalid_request"


def test_pkce_brute_force_gets_one_try_a_code(target: Target) -> None:
    code = target.code(**PKCE)
    said = [error_of(target.redeem(code, code_verifier=f"{number:043}")) for number in range(4)]
    assert said == [WRONG_VERIFIER, INVALID, INVALID, INVALID]


def test_pkce_missing_where_the_app_requires_it(target: Target) -> None:
    target.change(is_pkce_required=True)
    page = target.signed_in().get(asked())
    assert query_of(page)["error"] == ["invalid_request"]


def test_code_after_its_time(target: Target) -> None:
    from datetime import timedelta  # noqa: PLC0415 - only here

    code = target.code()
    target.world.clock.pass_by(timedelta(minutes=15))
    assert error_of(target.redeem(code))[0] == "invalid_grant"


def test_code_of_a_user_who_was_deactivated_in_between(target: Target) -> None:
    from changeover.org.people import edit_user  # noqa: PLC0415 - only here
    from tests.oauth.endpoint import INTEGRATION  # noqa: PLC0415 - only here

    code = target.code()
    target.world.do(edit_user, INTEGRATION, active=False)
    assert error_of(target.redeem(code)) == ("inactive_user", "user is inactive")


def test_codes_in_the_database_are_of_no_use(target: Target) -> None:
    code = target.code()
    assert code.encode() not in target.world.on_disk()
    with target.world.house.database.read() as connection:
        (digest,) = connection.exec_driver_sql("SELECT digest FROM oauth_code").one()
    assert error_of(target.redeem(digest)) == INVALID


def test_another_apps_page_gets_no_code_of_this_one(target: Target) -> None:
    target.other_app()
    page = target.signed_in().get(asked(redirect_uri=OTHER_CALLBACK))
    assert page.status == 400
    page = target.signed_in().get(asked(client_id=OTHER_KEY))
    assert page.status == 400
