"""The article's statements over REST: each test fails when the behaviour it names is broken."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from httpx import Response

from changeover.apps.connected_app import SamlConfig
from changeover.org import consumer_details
from changeover.org.model.orgs import Door
from tests.api.rest import CONFIRMED, Caller, Rest, archive, refusal
from tests.org.world import SECRET, app, other_org

BILLING = "/connected-apps/Billing"
EXTERNAL = "/external-client-apps/Billing"
DEVELOPER = "ExternalClientAppDeveloper"


@pytest.fixture
def billing(rest: Rest) -> Rest:
    """The API over an org with one eligible connected app, Billing."""
    rest.world.bring(app())
    return rest


def migrate(caller: Caller, name: str = "Billing", **confirmed: Any) -> Mapping[str, Any]:
    """Migrate an app and return the answer."""
    answer = caller.post(f"/connected-apps/{name}/migration", {**CONFIRMED, **confirmed})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def leaves(answer: Mapping[str, Any], suffix: str) -> dict[str, str]:
    """Return the leaves of one part of an external client app, by path."""
    (part,) = [one for one in answer["components"] if one["name"].endswith("." + suffix)]
    return {leaf["path"]: leaf["value"] for leaf in part["leaves"]}


def delete_external(caller: Caller) -> Response:
    """Delete the external client app as it is now."""
    version = caller.get(EXTERNAL).json()["version"]
    return caller.delete(EXTERNAL, params={"confirmed": "true"}, version=version)


def unchanged(rest: Rest, before: Mapping[str, Any]) -> None:
    """Nothing in the whole database is another than before, but that tokens were used."""
    after = rest.world.everything()
    assert {table: rows for table, rows in after.items() if table != "api_token"} == {
        table: rows for table, rows in before.items() if table != "api_token"
    }


# 1. Connected apps are there to begin with; New is off.


def test_statement_01_connected_apps_are_there_to_begin_with(billing: Rest) -> None:
    listed = billing.admin.get("/connected-apps").json()["items"]
    assert [(row["api_name"], row["app_type"], row["state"]) for row in listed] == [
        ("Billing", "Connected", "active")
    ]
    assert billing.admin.get(BILLING).json()["settings"]["label"] == "Billing"


def test_statement_01_new_is_off_with_its_reason_until_support_grants_it(billing: Rest) -> None:
    new = {
        "api_name": "Fresh",
        "changes": {"label": "Fresh", "contactEmail": "owner@example.com"},
    }
    body = refusal(billing.admin.post("/connected-apps", new), "E-CREATION-OFF")
    assert "Spring '26" in body["detail"]
    billing.switch(connected_app_creation_allowed=True)
    assert billing.admin.post("/connected-apps", new).status_code == 201


# 2. Permission and editions.


def test_statement_02_this_permission_alone_suffices(billing: Rest) -> None:
    dana = billing.caller(billing.user("dana@acme.example", "ViewSetup", DEVELOPER))
    assert migrate(dana)["external_client_app"] == "Billing"
    assert dana.get(EXTERNAL).status_code == 200


@pytest.mark.parametrize(
    "permissions",
    [
        (),
        ("ViewSetup",),
        (DEVELOPER,),
        ("ViewSetup", "CustomizeApplication", "ModifyAllData", "ManageRemoteAccess", "ManageUsers"),
        ("ViewSetup", "ExternalClientAppAdmin", "ExternalClientAppViewer", "ViewClientSecret"),
    ],
    ids=["nothing", "Setup only", "permission only", "the connected apps' administrator", "policies"],
)
def test_statement_02_without_it_migration_is_refused(billing: Rest, permissions: tuple[str, ...]) -> None:
    someone = billing.caller(billing.user("someone@acme.example", *permissions))
    before = billing.world.everything()
    answer = someone.post(f"{BILLING}/migration", CONFIRMED)
    assert "Create, edit, and delete External Client Apps" in refusal(answer, "E-NOT-PERMITTED")["detail"]
    unchanged(billing, before)


@pytest.mark.parametrize("edition", ["Professional", "Performance", "Unlimited", "Developer"])
def test_statement_02_editions(billing: Rest, edition: str) -> None:
    billing.switch(edition=edition)
    migrate(billing.admin)


@pytest.mark.parametrize("edition", ["Group", "Essentials", "Enterprise"])
def test_statement_02_another_edition_is_refused_with_both_sources(billing: Rest, edition: str) -> None:
    billing.switch(edition=edition)
    before = billing.world.everything()
    body = refusal(billing.admin.post(f"{BILLING}/migration", CONFIRMED), "E-EDITION")
    assert edition in body["detail"]
    assert "Salesforce Help" in body["detail"]
    assert "release note" in body["detail"]
    unchanged(billing, before)


def test_statement_02_enterprise_is_admitted_by_its_switch_alone(billing: Rest) -> None:
    billing.switch(edition="Enterprise")
    body = refusal(billing.admin.post(f"{BILLING}/migration", CONFIRMED), "E-EDITION")
    assert "Company Information" in body["remedy"]
    billing.switch(enterprise_admitted=True)
    migrate(billing.admin)


# 3. Only an eligible app; otherwise each reason with evidence and remedy.


def test_an_app_that_is_not_local_is_refused(rest: Rest) -> None:
    rest.world.bring(app("chronos__Clock"))
    before = rest.world.everything()
    refusal(rest.admin.post("/connected-apps/chronos__Clock/migration", CONFIRMED), "E-NOT-LOCAL")
    unchanged(rest, before)


def test_statement_03_an_app_that_is_not_eligible_is_refused_with_its_reasons(rest: Rest) -> None:
    saml = SamlConfig(
        acs_url="https://x.example/acs",
        entity_url="https://x.example",
        saml_subject_type="Username",
        encryption_type="Triple_Des",
    )
    rest.world.bring(app(plugin="BillingHandler", saml_config=saml))
    before = rest.world.everything()
    refusal(rest.admin.post(f"{BILLING}/migration", CONFIRMED), "E-NOT-ELIGIBLE")
    unchanged(rest, before)
    assessment = rest.admin.get(f"{BILLING}/assessment").json()
    assert assessment["verdict"] == "blocked"
    blockers = [found for found in assessment["findings"] if found["severity"] == "blocker"]
    assert {found["rule"] for found in blockers} == {"custom-handler", "saml-triple-des"}
    for found in blockers:
        assert found["evidence"]
        assert found["remedy"]
        assert found["source"]


# 4. Two confirmations, against evidence app by app, kept in the audit trail.


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "E-CONFIRM-LOCAL"),
        ({"no_username_password": True}, "E-CONFIRM-LOCAL"),
        ({"local": True}, "E-CONFIRM-NO-USERNAME-PASSWORD"),
    ],
)
def test_statement_04_both_confirmations_are_asked(
    billing: Rest, said: Mapping[str, bool], code: str
) -> None:
    before = billing.world.everything()
    refusal(billing.admin.post(f"{BILLING}/migration", said), code)
    unchanged(billing, before)


def test_statement_04_evidence_must_be_confirmed_against_and_who_did_is_kept(billing: Rest) -> None:
    billing.world.log_in("Billing")
    before = billing.world.everything()
    body = refusal(billing.admin.post(f"{BILLING}/migration", CONFIRMED), "E-USERNAME-PASSWORD-SEEN")
    assert "14 times" in body["detail"]
    assert "int@example.com" in body["detail"]
    unchanged(billing, before)
    migrate(billing.admin, despite_evidence=True)
    newest = billing.admin.get("/audit-trail").json()["items"][0]
    assert newest["actor"] == billing.world.admin.username
    assert newest["door"] == Door.REST.value
    assert newest["after"]["confirmed"]["local"] is True
    assert [one["rule"] for one in newest["after"]["confirmed"]["despite"]] == ["username-password-seen"]


def test_statement_04_a_blanket_confirmation_covers_only_apps_without_contrary_evidence(
    billing: Rest,
) -> None:
    billing.world.bring(app("Portal"))
    billing.world.log_in("Billing")
    batch = billing.admin.post("/migration-batches", {"api_names": ["Billing", "Portal"], **CONFIRMED}).json()
    outcomes = billing.admin.get(f"/migration-batches/{batch['batch_id']}/outcomes").json()["items"]
    assert [(one["api_name"], one["result"], one["code"]) for one in outcomes] == [
        ("Billing", "skipped", "E-USERNAME-PASSWORD-SEEN"),
        ("Portal", "migrated", None),
    ]


# 5. The link.


def test_statement_05_the_answer_links_to_the_new_app(billing: Rest) -> None:
    answer = billing.admin.post(f"{BILLING}/migration", CONFIRMED)
    assert answer.headers["location"] == answer.json()["href"] == f"/api/v1{EXTERNAL}"
    made = billing.admin.get(EXTERNAL).json()
    assert made["connected_app"] == "Billing"
    assert made["consumer_key"] == "3MVG9.Billing_key"


# 6. Read-only through every door.


def test_statement_06_the_connected_app_stays_read_only(billing: Rest) -> None:
    migrate(billing.admin)
    row = billing.admin.get("/connected-apps").json()["items"][0]
    assert (row["api_name"], row["state"], row["verdict"]) == ("Billing", "migrated", "migrated")
    held = billing.admin.get(BILLING).json()
    assert held["read_only"] is True
    before = billing.world.everything()
    edit = {"changes": {"description": "changed"}}
    refusal(billing.admin.patch(BILLING, edit, version=held["version"]), "E-APP-READ-ONLY")
    refusal(
        billing.admin.patch(f"{BILLING}/switches", {"user_provisioning": True}, version=held["version"]),
        "E-APP-READ-ONLY",
    )
    refusal(billing.admin.delete(BILLING, version=held["version"]), "E-EXTERNAL-CLIENT-APP-THERE")
    refusal(billing.admin.post(f"{BILLING}/migration", CONFIRMED), "E-ALREADY-MIGRATED")
    unchanged(billing, before)


def test_statement_06_a_re_import_is_refused(billing: Rest) -> None:
    migrate(billing.admin)
    before = billing.world.everything()
    packed = archive(app(description="another"), app("Portal"))
    answer = billing.admin.request(
        "POST", "/import", content=packed, headers={"Content-Type": "application/zip"}
    )
    results = {one["api_name"]: (one["result"], one["code"]) for one in answer.json()["apps"]}
    assert results == {"Billing": ("refused", "E-APP-READ-ONLY"), "Portal": ("created", None)}
    after = billing.world.everything()
    mine = [row for row in before["connected_app"] if "Billing" in row]
    assert mine == [row for row in after["connected_app"] if "Billing" in row]


def test_statement_06_changes_are_made_to_the_external_client_app(billing: Rest) -> None:
    migrate(billing.admin)
    connected = billing.admin.get(BILLING).json()
    made = billing.admin.get(EXTERNAL).json()
    edit = {"changes": {"ecaGlblOauth/callbackUrl": "https://new.example/callback"}}
    answer = billing.admin.patch(f"{EXTERNAL}/settings", edit, version=made["version"])
    assert answer.status_code == 200, answer.text
    policy = {"changes": {"ecaOauthPlcy/ipRelaxationPolicyType": "Bypass"}}
    answer = billing.admin.patch(f"{EXTERNAL}/policies", policy, version=answer.json()["version"])
    now = billing.admin.get(EXTERNAL).json()
    assert leaves(now, "ecaGlblOauth")["callbackUrl"] == "https://new.example/callback"
    assert leaves(now, "ecaOauthPlcy")["ipRelaxationPolicyType"] == "Bypass"
    assert billing.admin.get(BILLING).json() == connected


# 7. Deleting the external client app.


def test_statement_07_deleting_makes_the_connected_app_active_again(billing: Rest) -> None:
    connected = billing.admin.get(BILLING).json()
    migrate(billing.admin)
    edit = {"changes": {"ecaGlblOauth/callbackUrl": "https://new.example/callback"}}
    version = billing.admin.patch(f"{EXTERNAL}/settings", edit, version=1).json()["version"]
    lost = billing.admin.get(f"{EXTERNAL}/losses").json()
    assert [(one["target"], one["at_migration"], one["now"]) for one in lost["changes"]] == [
        (
            "Billing_glbloauth.ecaGlblOauth/callbackUrl",
            "https://billing.example.com/callback",
            "https://new.example/callback",
        )
    ]
    refusal(billing.admin.delete(EXTERNAL, version=version), "E-CONFIRM-DELETION")
    assert delete_external(billing.admin).json()["connected_app"] == "Billing"
    refusal(billing.admin.get(EXTERNAL), "E-EXTERNAL-CLIENT-APP-NOT-FOUND")
    again = billing.admin.get(BILLING).json()
    assert (again["state"], again["read_only"]) == ("active", False)
    assert again["leaves"] == connected["leaves"]
    # Active means active: it can be edited, and migrated again.
    edit = {"changes": {"description": "changed"}}
    assert billing.admin.patch(BILLING, edit, version=again["version"]).status_code == 200
    migrate(billing.admin)


# 8. Notification Delivery Settings and Briefcase.


def test_statement_08_notification_delivery_settings(billing: Rest) -> None:
    admin = billing.admin
    admin.put("/notification-types/Orders", {"label": "Orders"})
    address = "/notification-delivery-settings/Orders/connected-apps/Billing"
    assert admin.put(address, {"enabled": True}).status_code == 204

    def shown() -> list[tuple[str, bool]]:
        (orders,) = admin.get("/notification-delivery-settings").json()
        return [(one["api_name"], one["enabled"]) for one in orders["connected_apps"]]

    assert shown() == [("Billing", True)]
    migrate(admin)
    assert shown() == []
    refusal(admin.put(address, {"enabled": False}), "E-APP-READ-ONLY")
    assert delete_external(admin).status_code == 200
    assert shown() == [("Billing", True)]


def test_statement_08_briefcase_assignment(billing: Rest) -> None:
    admin = billing.admin
    admin.put("/briefcases/Kit", {"label": "Kit"})
    assert admin.put("/briefcases/Kit/connected-apps/Billing").status_code == 204

    def shown() -> tuple[list[str], list[str]]:
        (kit,) = admin.get("/briefcases").json()
        may = admin.get("/briefcase-assignable-apps").json()
        return kit["connected_apps"], [one["api_name"] for one in may]

    assert shown() == (["Billing"], ["Billing"])
    migrate(admin)
    assert shown() == ([], [])
    refusal(admin.put("/briefcases/Kit/connected-apps/Billing"), "E-APP-READ-ONLY")
    assert delete_external(admin).status_code == 200
    assert shown() == (["Billing"], ["Billing"])


# 9. Secure.


def test_statement_09_the_new_app_is_secure(billing: Rest) -> None:
    world = billing.world
    billing.switch(secrets_over_rest=True)
    world.do(consumer_details.set_secret, "Billing", SECRET, seen_version=None)
    migrate(billing.admin)
    made = billing.admin.get(EXTERNAL).json()
    # Local, and of no use in another org.
    assert made["distribution_state"] == "Local"
    refusal(billing.caller(other_org(world)).get(EXTERNAL), "E-EXTERNAL-CLIENT-APP-NOT-FOUND")
    # The secret: nowhere in clear, not in the answer, shown after the password only, each look noted.
    assert SECRET.encode() not in world.on_disk()
    assert SECRET not in json.dumps(made)
    address = f"{EXTERNAL}/credentials"
    refusal(billing.admin.post(address, {"password": "wrong"}), "E-PASSWORD-WRONG")
    looks = [
        billing.admin.post(address, {"password": world.password}).json()["consumer_secret"] for _ in range(2)
    ]
    assert looks == [SECRET, SECRET]
    events = [one["event"] for one in billing.admin.get("/audit-trail").json()["items"]]
    assert sum("secret" in event or "consumer" in event for event in events) >= 2
    # Every policy written out.
    policies = leaves(made, "ecaOauthPlcy")
    for path in (
        "ipRelaxationPolicyType",
        "permittedUsersPolicyType",
        "refreshTokenPolicyType",
        "requiredSessionLevel",
        "isClientCredentialsFlowEnabled",
        "isTokenExchangeFlowEnabled",
    ):
        assert policies[path], path
    assert leaves(made, "ecaGlblOauth")["isPkceRequired"] == "false"
    # What is loose, each with its one step.
    for point in ("pkce", "refresh"):
        assert any(point in one["id"] for one in billing.admin.get(f"{EXTERNAL}/loose-points").json())
    for loose in billing.admin.get(f"{EXTERNAL}/loose-points").json():
        version = billing.admin.get(EXTERNAL).json()["version"]
        answer = billing.admin.post(f"{EXTERNAL}/loose-points/{loose['id']}/tightening", version=version)
        assert answer.status_code == 200, answer.text
        still = [one["id"] for one in billing.admin.get(f"{EXTERNAL}/loose-points").json()]
        assert loose["id"] not in still


# 10. Invalid push settings.


def test_statement_10_invalid_push_settings_fail_the_whole_migration(billing: Rest) -> None:
    billing.world.server_key()
    before = billing.world.everything()
    body = refusal(billing.admin.post(f"{BILLING}/migration", CONFIRMED), "E-PUSH-INVALID")
    assert "server key" in body["detail"]
    unchanged(billing, before)


# 11. Cookies.


def test_statement_11_rest_sets_no_cookie(billing: Rest) -> None:
    for answer in (
        billing.admin.get("/connected-apps"),
        billing.nobody.get("/connected-apps"),
        billing.admin.post(f"{BILLING}/migration", CONFIRMED),
        billing.admin.get("/export"),
    ):
        assert "set-cookie" not in answer.headers


def test_the_export_holds_the_external_client_app_and_no_secret(billing: Rest) -> None:
    billing.world.do(consumer_details.set_secret, "Billing", SECRET, seen_version=None)
    migrate(billing.admin)
    packed = zipfile.ZipFile(io.BytesIO(billing.admin.get("/export").content))
    assert any(name.endswith("Billing.eca") for name in packed.namelist())
    assert all(SECRET.encode() not in packed.read(name) for name in packed.namelist())
