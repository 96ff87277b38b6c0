"""Who is let in: a personal API token, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from changeover.org import people, tokens
from tests.api.rest import V1, Caller, Rest, refusal
from tests.org.world import app, other_org


def test_without_a_token_nobody_is_let_in(rest: Rest) -> None:
    refusal(rest.nobody.get("/connected-apps"), "E-TOKEN-MISSING")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Token {token}",
        "Bearer {token} {token}",
        "Bearer {token}, x",
        "{token}",
    ],
)
def test_a_token_sent_otherwise_does_not_count(rest: Rest, header: str) -> None:
    sent = {"Authorization": header.format(token=rest.token(rest.world.admin))}
    refusal(rest.nobody.get("/me", headers=sent), "E-TOKEN-MISSING")


def test_the_scheme_is_read_without_regard_to_case(rest: Rest) -> None:
    sent = {"Authorization": f"bEARER {rest.token(rest.world.admin)}"}
    assert rest.nobody.get("/me", headers=sent).status_code == 200


def test_two_authorization_headers_are_none(rest: Rest) -> None:
    token = rest.token(rest.world.admin)
    sent = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    refusal(rest.nobody.client.get(f"{V1}/me", headers=sent), "E-TOKEN-MISSING")


def test_a_token_in_the_address_does_not_count(rest: Rest) -> None:
    token = rest.token(rest.world.admin)
    refusal(rest.nobody.get("/me", params={"access_token": token, "token": token}), "E-TOKEN-MISSING")


@pytest.mark.parametrize("token", ["x", "chg_" + "A" * 43, "\x7e" * 5000])
def test_an_unknown_token_is_refused(rest: Rest, token: str) -> None:
    refusal(Caller(rest.app, token).get("/me"), "E-TOKEN-REFUSED")


def test_the_cookie_of_a_signed_in_browser_does_not_count(rest: Rest) -> None:
    browser = rest.nobody.client
    browser.get("/sign-in")
    form = {
        "_csrf_token": browser.cookies["csrf"],
        "username": rest.world.admin.username,
        "password": rest.world.password,
    }
    browser.post("/sign-in", data=form)
    assert browser.get("/setup", follow_redirects=False).status_code == 200
    refusal(browser.get(f"{V1}/me"), "E-TOKEN-MISSING")
    csrf = {"x-csrftoken": browser.cookies["csrf"]}
    refusal(browser.post(f"{V1}/me/tokens", json={"name": "stolen"}, headers=csrf), "E-TOKEN-MISSING")


def test_no_form_token_is_needed_beside_a_bearer_token(rest: Rest) -> None:
    assert rest.admin.post("/me/tokens", {"name": "another"}).status_code == 201


def test_a_bearer_token_opens_no_page(rest: Rest) -> None:
    answer = rest.admin.client.get("/setup", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fsetup")


def test_rest_sets_no_cookie(rest: Rest) -> None:
    for answer in (rest.admin.get("/me"), rest.nobody.get("/me"), rest.nobody.get("/openapi.json")):
        assert "set-cookie" not in answer.headers


def test_a_revoked_token_is_refused_from_then_on(rest: Rest) -> None:
    made = rest.admin.post("/me/tokens", {"name": "ci"}).json()
    caller = Caller(rest.app, made["secret"])
    assert caller.get("/me").status_code == 200
    assert rest.admin.delete(f"/me/tokens/{made['token']['token_id']}").status_code == 204
    refusal(caller.get("/me"), "E-TOKEN-REFUSED")
    listed = {token["name"]: token["revoked"] for token in rest.admin.get("/me/tokens").json()}
    assert listed["ci"] is True


def test_an_expired_token_is_refused(rest: Rest) -> None:
    until = rest.world.clock.now() + timedelta(hours=1)
    made = rest.admin.post("/me/tokens", {"name": "ci", "expires_at": until.isoformat()}).json()
    caller = Caller(rest.app, made["secret"])
    assert caller.get("/me").status_code == 200
    rest.world.clock.pass_by(timedelta(hours=2))
    refusal(caller.get("/me"), "E-TOKEN-REFUSED")


def test_a_deactivated_user_is_refused_at_once(rest: Rest) -> None:
    caller = rest.caller(rest.user("temp@acme.example", "ViewSetup"))
    assert caller.get("/overview").status_code == 200
    rest.world.do(people.edit_user, "temp@acme.example", active=False)
    refusal(caller.get("/overview"), "E-TOKEN-REFUSED")


def test_a_permission_taken_away_is_missing_at_once(rest: Rest) -> None:
    caller = rest.caller(rest.user("temp@acme.example", "ViewSetup"))
    assert caller.get("/overview").status_code == 200
    assert rest.admin.put("/profiles/Only temp@acme.example", {"permissions": []}).status_code == 204
    refusal(caller.get("/overview"), "E-NOT-PERMITTED")


def test_the_org_is_that_of_the_tokens_user(rest: Rest) -> None:
    rest.world.bring(app("Billing"))
    stranger = rest.caller(other_org(rest.world))
    assert stranger.get("/me").json()["org"]["name"] == "Globex"
    assert stranger.get("/connected-apps").json()["total"] == 0
    refusal(stranger.get("/connected-apps/Billing"), "E-APP-NOT-FOUND")
    assert [user["username"] for user in stranger.get("/users").json()] == ["admin@globex.example"]
    refusal(stranger.get("/users/admin@acme.example"), "E-RECORD-NOT-FOUND")
    assert stranger.get("/audit-trail").json()["items"][0]["subject"] != "Billing"


def test_nobody_revokes_another_users_token(rest: Rest) -> None:
    made: dict[str, Any] = rest.admin.post("/me/tokens", {"name": "ci"}).json()
    other = rest.caller(rest.user("temp@acme.example", "ViewSetup", "ManageUsers"))
    refusal(other.delete(f"/me/tokens/{made['token']['token_id']}"), "E-RECORD-NOT-FOUND")
    assert Caller(rest.app, made["secret"]).get("/me").status_code == 200


def test_a_token_is_stored_as_a_digest_only(rest: Rest) -> None:
    secret = rest.admin.post("/me/tokens", {"name": "ci"}).json()["secret"]
    assert secret.encode() not in rest.world.on_disk()
    assert secret not in str(rest.admin.get("/me/tokens").json())
    assert secret not in str(rest.admin.get("/audit-trail").json())
    assert tokens.digest(secret).encode() in rest.world.on_disk()
