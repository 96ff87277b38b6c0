"""The rest of Setup over REST: people, the org, deliveries, evidence, the trail."""

from __future__ import annotations

import gzip
import json

from tests.api.rest import CONFIRMED, Caller, Rest, refusal
from tests.org.signed_in import signed_in
from tests.org.world import app

CSV = (
    "Login Time,Application,Login Subtype,Username,Status\n"
    "2026-11-03T12:00:00.000Z,Billing,OauthUsernamePassword,int@acme.example,Success\n"
    "2026-11-02T12:00:00.000Z,Portal,OauthWebServer,int@acme.example,Success\n"
)


def test_sessions_and_tokens_are_ended_over_rest(rest: Rest) -> None:
    dana = rest.world.user("dana@acme.example", "Standard User")
    caller = rest.caller(dana)
    first, second = (signed_in(rest.world, dana) for _ in range(2))
    (one, two) = caller.get("/me/sessions").json()
    assert {one["session_id"], two["session_id"]} == {first, second}
    assert (one["address"], one["browser"]) == ("203.0.113.7", "Firefox on Linux")
    assert caller.delete("/me/sessions", params={"keep": first}).status_code == 204
    assert [each["session_id"] for each in caller.get("/me/sessions").json()] == [first]
    (seen,) = rest.admin.get("/users/dana%40acme.example/sessions").json()
    assert seen["session_id"] == first
    assert rest.admin.delete(f"/users/dana%40acme.example/sessions/{first}").status_code == 204
    assert caller.get("/me/sessions").json() == []
    made = caller.post("/me/tokens", {"name": "kept"}).json()["token"]["token_id"]
    assert made in [each["token_id"] for each in rest.admin.get("/users/dana%40acme.example/tokens").json()]
    assert rest.admin.delete("/users/dana%40acme.example/tokens").status_code == 204
    # The token of the very request was among them.
    refusal(caller.get("/me/tokens"), "E-TOKEN-REFUSED")


def test_who_am_i(rest: Rest) -> None:
    found = rest.admin.get("/me").json()
    assert found["user"]["username"] == "admin@acme.example"
    assert found["org"]["name"] == "Acme"
    assert "ExternalClientAppDeveloper" in found["permissions"]


def test_a_user_is_created_edited_and_deactivated(rest: Rest) -> None:
    body = {
        "username": "dana@acme.example",
        "name": "Dana",
        "email": "d@acme.example",
        "profile": "Standard User",
    }
    answer = rest.admin.post("/users", body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == "/api/v1/users/dana%40acme.example"
    assert rest.admin.client.get(answer.headers["location"]).json() == made["user"]
    path = "/users/dana@acme.example"
    rest.admin.put(f"{path}/permission-sets/External_Client_App_Developer").raise_for_status()
    assert rest.admin.get(path).json()["permission_sets"] == ["External_Client_App_Developer"]
    rest.admin.delete(f"{path}/permission-sets/External_Client_App_Developer").raise_for_status()
    edited = rest.admin.patch(path, {"name": "Dana D.", "active": False}).json()
    assert (edited["name"], edited["email"], edited["active"]) == ("Dana D.", "d@acme.example", False)
    reset = rest.admin.post(f"{path}/password").json()["password"]
    assert reset != made["password"]
    assert made["password"] not in rest.admin.get("/users").text
    assert made["password"] not in rest.admin.get("/audit-trail").text


def test_ones_own_password_is_changed_against_the_old_one(rest: Rest) -> None:
    body = {"old": rest.world.password, "new": "a new long password"}
    assert rest.admin.put("/me/password", body).status_code == 204
    refusal(rest.admin.put("/me/password", body), "E-PASSWORD-WRONG")


def test_a_profile_is_what_its_user_may(rest: Rest) -> None:
    rest.admin.put("/profiles/Only%20Setup", {"permissions": ["ViewSetup"]}).raise_for_status()
    profiles = {each["name"]: each for each in rest.admin.get("/profiles").json()}
    assert profiles["Only Setup"] == {
        "name": "Only Setup",
        "permissions": ["ViewSetup"],
        "placeholder": False,
    }
    body = {"permissions": ["FlyToTheMoon"]}
    refused = refusal(rest.admin.put("/profiles/Only%20Setup", body), "E-REQUEST-INVALID")
    assert refused["fields"][0]["name"].startswith("permissions")


def test_names_that_files_mention_are_placeholders_that_may_become_real(rest: Rest) -> None:
    rest.world.bring(app("Billing", profile_name=("Ghosts",), oauth={"is_admin_approved": True}))
    assert {each["name"]: each["placeholder"] for each in rest.admin.get("/profiles").json()}[
        "Ghosts"
    ] is True
    rest.admin.put("/profiles/Ghosts", {"permissions": []}).raise_for_status()
    assert {each["name"]: each["placeholder"] for each in rest.admin.get("/profiles").json()}[
        "Ghosts"
    ] is False


def test_the_org_is_edited_against_its_version(rest: Rest) -> None:
    before = rest.admin.get("/org")
    answer = rest.admin.patch("/org", {"edition": "Enterprise"}, version=before.headers["etag"])
    assert answer.json()["edition"] == "Enterprise"
    refusal(
        rest.admin.patch("/org", {"edition": "Group"}, version=before.headers["etag"]), "E-STALE-PAGE", 412
    )
    rest.world.bring(app("Billing"))
    refused = refusal(rest.admin.post("/connected-apps/Billing/migration", CONFIRMED), "E-EDITION")
    assert "Enterprise Edition" in refused["detail"]
    assert "release note" in refused["detail"]
    rest.admin.patch("/org", {"enterprise_admitted": True}, version="*").raise_for_status()
    assert rest.admin.post("/connected-apps/Billing/migration", CONFIRMED).status_code == 201


def test_the_overview_counts(rest: Rest) -> None:
    rest.world.bring(app("Billing"), app("Portal"), app("Blocked", plugin="Handler"))
    rest.world.migrated("Portal")
    found = rest.admin.get("/overview").json()
    assert found["verdicts"] == {"eligible": 1, "confirm": 0, "blocked": 1, "migrated": 1}
    assert found["external_client_apps"] == 1
    assert {"what", "when", "source", "known_on"} <= found["deadlines"][0].keys()


def test_deliveries_and_briefcases_lose_a_migrated_app_and_get_it_back(rest: Rest) -> None:
    rest.world.bring(app("Billing"), app("Portal"))
    rest.admin.put("/notification-types/Case", {"label": "Case"}).raise_for_status()
    delivery = "/notification-delivery-settings/Case/connected-apps/Billing"
    rest.admin.put(delivery, {"enabled": True}).raise_for_status()
    rest.admin.put("/briefcases/Kit", {"label": "Kit"}).raise_for_status()
    rest.admin.put("/briefcases/Kit/connected-apps/Billing").raise_for_status()

    def seen() -> tuple[object, object, object]:
        (settings,) = rest.admin.get("/notification-delivery-settings").json()
        (briefcase,) = rest.admin.get("/briefcases").json()
        assignable = [each["api_name"] for each in rest.admin.get("/briefcase-assignable-apps").json()]
        return settings["connected_apps"], briefcase["connected_apps"], assignable

    before = seen()
    assert before == (
        [{"api_name": "Billing", "label": "Billing", "enabled": True}],
        ["Billing"],
        ["Billing", "Portal"],
    )
    rest.admin.post("/connected-apps/Billing/migration", CONFIRMED).raise_for_status()
    assert seen() == ([], [], ["Portal"])
    refusal(rest.admin.put(delivery, {"enabled": False}), "E-APP-READ-ONLY")
    rest.admin.delete(
        "/external-client-apps/Billing", params={"confirmed": "true"}, version="*"
    ).raise_for_status()
    assert seen() == before


def test_login_history_comes_in_plain_or_packed_and_once(rest: Rest) -> None:
    rest.world.bring(app("Billing"), app("Portal"))

    def send(body: bytes, kind: str) -> dict[str, object]:
        answer = rest.admin.post("/login-history", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()
        return found

    assert send(CSV.encode(), "text/csv; charset=utf-8") == {"read": 2, "new": 2, "errors": [], "notes": []}
    assert send(gzip.compress(CSV.encode()), "application/gzip")["new"] == 0
    row = {
        "LoginTime": "2026-11-04T12:00:00.000+0000",
        "Application": "Billing",
        "LoginSubType": "OauthWebServer",
    }
    soql = json.dumps({"records": [row]}).encode()
    assert send(soql, "application/json")["new"] == 1
    listed = rest.admin.get("/login-history", params={"application": "Billing"}).json()
    assert [each["sub_type"] for each in listed["items"]] == ["OauthWebServer", "OauthUsernamePassword"]
    refused = refusal(
        rest.admin.post("/connected-apps/Billing/migration", CONFIRMED), "E-USERNAME-PASSWORD-SEEN"
    )
    assert "int@acme.example" in refused["detail"]


def test_the_trail_is_filtered_and_has_no_way_to_change_it(rest: Rest) -> None:
    rest.world.bring(app("Billing"), app("Portal"))
    rest.admin.post("/connected-apps/Billing/migration", CONFIRMED).raise_for_status()
    everything = rest.admin.get("/audit-trail").json()
    numbers = [each["number"] for each in everything["items"]]
    assert numbers == sorted(numbers, reverse=True)
    (migrated,) = rest.admin.get("/audit-trail", params={"event": "connected-app:app:migrated"}).json()[
        "items"
    ]
    assert (migrated["subject"], migrated["door"]) == ("Billing", "rest")
    of_portal = rest.admin.get("/audit-trail", params={"subject": "Portal"}).json()
    assert of_portal["total"] == 1
    assert rest.admin.get("/audit-trail", params={"actor": "nobody@acme.example"}).json()["total"] == 0
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        refusal(rest.admin.request(method, "/audit-trail"), "E-METHOD-NOT-ALLOWED")


def test_a_new_token_is_somebodys_and_says_when_it_was_used(rest: Rest) -> None:
    made = rest.admin.post("/me/tokens", {"name": "ci", "expires_at": "2030-01-01T00:00:00+02:00"}).json()
    assert made["token"]["expires_at"] == "2029-12-31T22:00:00Z"
    assert made["token"]["last_used_at"] is None
    Caller(rest.app, made["secret"]).get("/me").raise_for_status()
    (listed,) = [each for each in rest.admin.get("/me/tokens").json() if each["name"] == "ci"]
    assert listed["last_used_at"] is not None
    naive = {"name": "x", "expires_at": "2030-01-01T00:00:00"}
    refusal(rest.admin.post("/me/tokens", naive), "E-REQUEST-INVALID")
