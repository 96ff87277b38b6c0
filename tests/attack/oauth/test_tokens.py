"""Refresh and access tokens: replayed, stolen, raised, foreign, and alive after what should end them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from changeover.org.connected_apps import delete_app
from changeover.org.consumer_details import rotate_external_client_app
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.people import edit_user
from changeover.org.sign_in import ATTEMPTS, prove
from tests.attack.oauth.target import OAUTH, Target, asked, error_of, query_of, secrets
from tests.oauth.endpoint import CALLBACK, INTEGRATION, KEY
from tests.org.world import SECRET, app

DEAD = ("invalid_grant", "expired access/refresh token")
GRANT = {"grant_type": "client_credentials"}
RUN_AS = {"is_client_credential_enabled": True, "oauth_client_credential_user": "admin@acme.example"}


def told(target: Target, token: str, **form: str) -> dict[str, object]:
    answer = target.post("introspect", {**secrets(token=token), **form})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_refresh_reuse_ends_the_family(target: Target) -> None:
    first = target.tokens()
    second = target.refresh(first["refresh_token"]).json()
    third = target.refresh(second["refresh_token"]).json()
    assert error_of(target.refresh(first["refresh_token"])) == DEAD
    assert error_of(target.refresh(third["refresh_token"])) == DEAD
    for each in (first, second, third):
        assert not target.alive(each["access_token"])


def test_refresh_reuse_across_a_migration_ends_the_family(target: Target) -> None:
    first = target.tokens()
    second = target.refresh(first["refresh_token"]).json()
    target.world.migrated()
    assert error_of(target.refresh(first["refresh_token"])) == DEAD
    assert error_of(target.refresh(second["refresh_token"])) == DEAD


def test_a_refresh_token_of_another_client(target: Target) -> None:
    other, stolen = target.other_app(), target.tokens()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": stolen, **other}
    assert error_of(target.token(form)) == DEAD
    assert target.refresh(stolen).status_code == 200


def test_a_spent_refresh_token_of_another_client_ends_nothing(target: Target) -> None:
    other = target.other_app()
    first = target.tokens()
    second = target.refresh(first["refresh_token"]).json()
    target.token({"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **other})
    assert target.refresh(second["refresh_token"]).status_code == 200


def test_a_stolen_refresh_token_without_the_secret(target: Target) -> None:
    stolen = target.tokens()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": stolen, "client_id": KEY}
    assert error_of(target.token(form))[0] == "invalid_client"


def test_a_refresh_token_of_another_org(target: Target) -> None:
    target.other_org()
    stolen = target.tokens()["refresh_token"]
    form = secrets(grant_type="refresh_token", refresh_token=stolen)
    assert target.token(form, prefix="/org/globex").status_code == 400
    assert target.refresh(stolen).status_code == 200


def test_an_access_token_as_a_refresh_token_and_the_other_way_round(target: Target) -> None:
    held = target.tokens()
    assert error_of(target.refresh(held["access_token"])) == DEAD
    assert not target.alive(held["refresh_token"])


def test_scope_raising_at_the_refresh(target: Target) -> None:
    token = target.tokens(scope="api refresh_token")["refresh_token"]
    for scope in ("api web", "full", "api full", "API", "openid"):
        assert error_of(target.refresh(token, scope=scope))[0] == "invalid_scope"


def test_scope_raising_by_two_scopes_at_the_refresh(target: Target) -> None:
    token = target.tokens(scope="api refresh_token")["refresh_token"]
    form = secrets(grant_type="refresh_token", refresh_token=token)
    assert error_of(target.token({**form, "scope": ["api", "full"]}))[0] == "invalid_request"


def test_scope_raised_back_after_it_was_narrowed(target: Target) -> None:
    first = target.tokens(scope="api refresh_token")
    narrow = target.refresh(first["refresh_token"], scope="api").json()
    assert narrow["scope"] == "api"
    assert told(target, narrow["access_token"])["scope"] == "api"


def test_scope_raising_at_the_code(target: Target) -> None:
    answer = target.redeem(target.code(scope="api"), scope="api web openid")
    assert answer.json()["scope"] == "api"


def test_scope_raising_at_the_approval(target: Target) -> None:
    browser = target.signed_in()
    for scope in ("api full", "chatter_api", "api\nfull"):
        assert query_of(browser.get(asked(scope=scope)))["error"] == ["invalid_scope"]


def test_scope_raising_at_client_credentials(target: Target) -> None:
    answer = target.token(secrets(**GRANT, scope="full web refresh_token"))
    assert answer.status_code == 400 or not {"full", "web", "refresh_token"} & set(
        answer.json()["scope"].split()
    )
    assert "refresh_token" not in answer.json()


def test_scopes_taken_from_the_app_are_not_given_by_its_old_approval(target: Target) -> None:
    target.tokens(scope="api web")
    target.change(scopes=("Api",))
    page = target.signed_in().get(asked(scope="api web"))
    assert query_of(page)["error"] == ["invalid_scope"]


def test_foreign_introspection(target: Target) -> None:
    other, held = target.other_app(), target.tokens()
    for token in (held["access_token"], held["refresh_token"]):
        assert told(target, token)["active"] is True
        assert told(target, token, **other) == {"active": False}


def test_introspection_without_proof(target: Target) -> None:
    token = target.tokens()["access_token"]
    for form in (
        {"token": token},
        {"token": token, "client_id": KEY},
        secrets(token=token, client_secret="x"),
    ):
        answer = target.post("introspect", form)
        assert "active" not in answer.json()
    bearer = {"Authorization": f"Bearer {token}"}
    assert "active" not in target.post("introspect", {"token": token}, headers=bearer).json()


def test_introspection_of_another_orgs_token(target: Target) -> None:
    target.other_org()
    token = target.tokens()["access_token"]
    answer = target.post("introspect", secrets(token=token), prefix="/org/globex")
    assert "active" not in answer.json()


def test_introspection_tells_no_dead_tokens_apart(target: Target) -> None:
    held = target.tokens()
    target.post("revoke", {"token": held["refresh_token"]})
    for token in (held["access_token"], held["refresh_token"], "nonsense", "x" * 5000):
        assert told(target, token) == {"active": False}


def test_foreign_revocation(target: Target) -> None:
    target.other_org()
    held = target.tokens()
    for token in (held["refresh_token"], held["access_token"]):
        answer = target.post("revoke", {"token": token}, prefix="/org/globex")
        assert answer.status_code == 200
    assert target.alive(held["access_token"])
    assert target.refresh(held["refresh_token"]).status_code == 200


def test_revocation_by_digest_or_by_beginning(target: Target) -> None:
    held = target.tokens()
    with target.world.house.database.read() as connection:
        digests = connection.exec_driver_sql("SELECT digest FROM oauth_access_token").scalars().all()
    for token in (*digests, held["access_token"][:-1], held["access_token"].partition("!")[0], "%", "*"):
        assert target.post("revoke", {"token": token}).status_code == 200
        assert not target.alive(token)
    assert target.alive(held["access_token"])


def test_revoked_is_revoked_in_every_place(target: Target) -> None:
    held = target.tokens()
    assert target.post("revoke", {"token": held["refresh_token"]}).status_code == 200
    assert not target.alive(held["access_token"])
    assert error_of(target.refresh(held["refresh_token"])) == DEAD


def test_a_token_of_another_org_at_userinfo_and_the_identity_url(target: Target) -> None:
    target.other_org()
    held = target.tokens()
    assert target.alive(held["access_token"], f"/org/acme{OAUTH}/userinfo")
    assert not target.alive(held["access_token"], f"/org/globex{OAUTH}/userinfo")
    identity = held["id"].partition("/id/")[2]
    assert not target.alive(held["access_token"], f"/org/globex/id/{identity}")


def test_the_identity_of_another_user(target: Target) -> None:
    held = target.tokens()
    org_id = target.world.org_id
    assert target.alive(held["access_token"], f"/id/{org_id}/{held['id'].rpartition('/')[2]}")
    assert not target.alive(held["access_token"], f"/id/{org_id}/{target.world.admin.user_id}")


def test_an_oauth_token_at_our_own_rest_api(target: Target) -> None:
    token = target.tokens()["access_token"]
    target.client.cookies.clear()
    answer = target.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_token_in_the_query(target: Target) -> None:
    token = target.tokens()["access_token"]
    for name in ("access_token", "oauth_token"):
        assert target.client.get(f"{OAUTH}/userinfo?{name}={token}").status_code == 401
    answer = target.client.post(f"{OAUTH}/revoke?token={token}", data={})
    assert answer.status_code == 400
    assert target.alive(token)


def test_tokens_of_a_deactivated_user(target: Target) -> None:
    held = target.tokens()
    client = target.token(secrets(**GRANT)).json()
    target.world.do(edit_user, INTEGRATION, active=False)
    for token in (held["access_token"], client["access_token"]):
        assert not target.alive(token)
        assert told(target, token) == {"active": False}
    assert error_of(target.refresh(held["refresh_token"]))[0] == "inactive_user"
    assert error_of(target.token(secrets(**GRANT)))[0] in {"inactive_user", "invalid_grant"}


def test_a_locked_user_is_not_let_in_by_the_right_password(target: Target) -> None:
    for _ in range(ATTEMPTS):
        target.browser().sign_in(INTEGRATION, "wrong")
    form = secrets(grant_type="password", username=INTEGRATION, password=target.world.passwords[INTEGRATION])
    assert error_of(target.token(form)) == ("invalid_grant", "authentication failure")
    # The lock is on passwords: somebody who guesses does not end the tokens of an integration.
    assert target.token(secrets(**GRANT)).status_code == 200


def test_tokens_of_a_deleted_app(target: Target) -> None:
    held = target.tokens()
    document = target.world.record().document
    target.world.do(delete_app, "Billing", confirmed=True, seen_version=None)
    assert not target.alive(held["access_token"])
    assert error_of(target.refresh(held["refresh_token"]))[0] == "invalid_client_id"
    # Whoever brings an app with the same key later does not wake them up.
    target.world.bring(document)
    assert not target.alive(held["access_token"])
    assert target.refresh(held["refresh_token"]).status_code == 400


def test_a_migrated_apps_old_secret_and_key(target: Target) -> None:
    target.world.migrated()
    world = target.world
    proof = prove(world.house.units, world.admin, world.password)
    rotated = world.do(rotate_external_client_app, "Billing", proof, key=True, seen_version=None)
    assert error_of(target.token(secrets(**GRANT)))[0] == "invalid_client_id"
    fresh = {"client_id": rotated.consumer_key, "client_secret": rotated.consumer_secret}
    assert target.token({**GRANT, **fresh}).status_code == 200
    mixed = {"client_id": rotated.consumer_key, "client_secret": secrets()["client_secret"]}
    assert error_of(target.token({**GRANT, **mixed}))[0] == "invalid_client"


def test_tokens_of_a_rotated_key(target: Target) -> None:
    held = target.tokens()
    target.world.migrated()
    world = target.world
    proof = prove(world.house.units, world.admin, world.password)
    world.do(rotate_external_client_app, "Billing", proof, key=True, seen_version=None)
    assert not target.alive(held["access_token"])
    assert target.refresh(held["refresh_token"]).status_code == 400


def test_a_token_of_a_reverted_app_under_its_rotated_key(target: Target) -> None:
    world = target.world
    world.migrated()
    proof = prove(world.house.units, world.admin, world.password)
    rotated = world.do(rotate_external_client_app, "Billing", proof, key=True, seen_version=None)
    fresh = {"client_id": rotated.consumer_key, "client_secret": rotated.consumer_secret}
    token = target.token({**GRANT, **fresh}).json()["access_token"]
    assert target.alive(token)
    world.do(delete_external_client_app, "Billing", confirmed=True, seen_version=None)
    assert not target.alive(token)
    assert error_of(target.token({**GRANT, **fresh}))[0] == "invalid_client_id"


def test_an_access_token_after_its_time(target: Target) -> None:
    token = target.tokens()["access_token"]
    target.world.clock.pass_by(timedelta(hours=2))
    assert not target.alive(token)
    assert told(target, token) == {"active": False}


def test_tokens_in_the_database_are_of_no_use(target: Target) -> None:
    held = target.tokens()
    on_disk = target.world.on_disk()
    for token in (held["access_token"], held["refresh_token"]):
        assert token.encode() not in on_disk
        assert token.partition("!")[2][:20].encode() not in on_disk or "!" not in token


@pytest.mark.parametrize("count", [200])
def test_tokens_cannot_be_foretold(target: Target, count: int) -> None:
    from changeover.oauth import tokens  # noqa: PLC0415 - only here

    at = target.world.clock.now()
    made = {tokens.access_token(target.world.org_id, at) for _ in range(count)}
    assert len({token.partition("!")[2][:8] for token in made}) == count
    # 384 random bits before the time, and hardly fewer of them in what is kept and looked for.
    assert len({token.partition("!")[2][64:] for token in made}) == 1
    assert {len(token.partition("!")[2]) for token in made} == {76}
    kept = {tokens.digest(token) for token in made}
    assert len({digest[12:] for digest in kept}) == count
    assert {len(digest) for digest in kept} == {64}


def test_a_clients_own_token_says_whose_it_is(target: Target) -> None:
    # RFC 9700 section 4.15: a client that could choose its id as a user's would pass for the user.
    said = told(target, target.token(secrets(**GRANT)).json()["access_token"])
    assert (said["client_id"], said["username"]) == (KEY, INTEGRATION)
    user_id = str(said["sub"]).rpartition("/")[2]
    taken = app("Evil", oauth={"consumer_key": user_id, "consumer_secret": SECRET, **RUN_AS})
    target.world.bring(taken)
    answer = target.token({**GRANT, "client_id": user_id, "client_secret": SECRET})
    assert answer.status_code == 200
    own = told(target, answer.json()["access_token"], client_id=user_id, client_secret=SECRET)
    assert str(own["sub"]).rpartition("/")[2] == target.world.admin.user_id


def test_a_spent_refresh_token_at_an_org_with_the_same_key_ends_nothing(target: Target) -> None:
    from changeover.org.importing import Incoming, import_apps  # noqa: PLC0415 - only here
    from tests.org.world import actor_named  # noqa: PLC0415 - only here

    actor, theirs = actor_named(target.world.house, target.other_org()), "GLOBEX-SECRET-0123456789"
    document = target.world.record().document
    assert document.oauth_config is not None
    copied = replace(document, oauth_config=replace(document.oauth_config, consumer_secret=theirs))
    list(import_apps(target.world.house.units, actor, [Incoming(app=copied, path="x")]))
    code = query_of(target.allowed(target.signed_in()))["code"][0]
    form = secrets(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    first = target.token(form, prefix="/org/acme").json()["refresh_token"]
    mine = secrets(grant_type="refresh_token")
    second = target.token({**mine, "refresh_token": first}, prefix="/org/acme").json()["refresh_token"]
    stolen = {**mine, "client_secret": theirs, "refresh_token": first}
    assert error_of(target.token(stolen, prefix="/org/globex")) == DEAD
    assert target.token({**mine, "refresh_token": second}, prefix="/org/acme").status_code == 200


def test_the_identity_of_a_user_at_another_orgs_address(target: Target) -> None:
    held = target.tokens()
    user_id = held["id"].rpartition("/")[2]
    for org_id in (target.world.org_id, target.world.org_id[:15]):
        assert target.alive(held["access_token"], f"/id/{org_id}/{user_id}")
    for org_id in ("00D000000000001AAA", "nonsense", target.world.org_id[:14], target.world.org_id.lower()):
        assert not target.alive(held["access_token"], f"/id/{org_id}/{user_id}")


def test_two_access_tokens_at_userinfo(target: Target) -> None:
    token = target.tokens()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    for form, headers in (
        ({"access_token": [token, token]}, {}),
        ({"access_token": "x"}, bearer),
        ({"access_token": token}, {"Authorization": "Bearer x"}),
    ):
        answer = target.post("userinfo", form, headers=headers)
        assert error_of(answer)[0] == "invalid_request"
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_request"'
    # RFC 6750 section 3.1: who brings none is told no error.
    assert target.client.get(f"{OAUTH}/userinfo").headers["www-authenticate"] == "Bearer"
