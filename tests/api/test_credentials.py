"""Keys, secrets and push credentials over REST."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from changeover.sample.certificate import p12
from tests.api.rest import CONFIRMED, Rest, refusal
from tests.org.world import SECRET, app

CONNECTED = "/connected-apps/Billing/credentials"
EXTERNAL = "/external-client-apps/Billing/credentials"


@pytest.fixture
def billing(rest: Rest) -> Rest:
    rest.world.bring(app("Billing", oauth={"consumer_secret": SECRET}))
    return rest


def proof(rest: Rest, **more: object) -> dict[str, object]:
    return {"password": rest.world.password, **more}


def test_key_and_secret_are_shown_against_the_password_and_each_look_is_on_record(billing: Rest) -> None:
    for _ in range(2):
        shown = billing.admin.post(CONNECTED, proof(billing))
        assert shown.json() == {"consumer_key": "3MVG9.Billing_key", "consumer_secret": SECRET}
        assert shown.headers["cache-control"] == "no-store"
    refusal(billing.admin.post(CONNECTED, {"password": "wrong"}), "E-PASSWORD-WRONG")
    looks = billing.admin.get("/audit-trail", params={"event": "connected-app:secret:revealed"}).json()
    assert looks["total"] == 2
    assert SECRET not in str(looks)


def test_the_password_of_somebody_else_proves_nothing(billing: Rest) -> None:
    other = billing.caller(
        billing.user("two@acme.example", "ViewSetup", "CustomizeApplication", "ManageRemoteAccess")
    )
    refusal(other.post(CONNECTED, proof(billing)), "E-PASSWORD-WRONG")
    own = billing.world.passwords["two@acme.example"]
    assert other.post(CONNECTED, {"password": own}).status_code == 200


def test_after_ten_wrong_passwords_the_user_waits(billing: Rest) -> None:
    for _ in range(10):
        refusal(billing.admin.post(CONNECTED, {"password": "wrong"}), "E-PASSWORD-WRONG")
    refusal(billing.admin.post(CONNECTED, proof(billing)), "E-SIGN-IN-LOCKED")
    # What needs no password goes on.
    assert billing.admin.get("/connected-apps").status_code == 200


def test_external_secrets_stay_away_from_rest_until_the_org_allows_it(billing: Rest) -> None:
    billing.admin.post("/connected-apps/Billing/migration", CONFIRMED).raise_for_status()
    refusal(billing.admin.post(EXTERNAL, proof(billing)), "E-SECRETS-OVER-REST")
    refusal(billing.admin.post(f"{EXTERNAL}/rotation", proof(billing), version="*"), "E-SECRETS-OVER-REST")
    answer = billing.admin.patch("/org", {"secrets_over_rest": True}, version="*")
    assert answer.json()["secrets_over_rest"] is True
    shown = billing.admin.post(EXTERNAL, proof(billing)).json()
    assert shown == {"consumer_key": "3MVG9.Billing_key", "consumer_secret": SECRET}


def test_a_rotation_makes_new_ones_and_a_revert_brings_the_old_ones_back(billing: Rest) -> None:
    billing.switch(secrets_over_rest=True)
    billing.admin.post("/connected-apps/Billing/migration", CONFIRMED).raise_for_status()
    path = "/external-client-apps/Billing"
    version = billing.admin.get(path).headers["etag"]
    rotated = billing.admin.post(f"{EXTERNAL}/rotation", proof(billing, key=True), version=version).json()
    assert rotated["consumer_key"] != "3MVG9.Billing_key"
    assert rotated["consumer_secret"] != SECRET
    refusal(billing.admin.post(f"{EXTERNAL}/rotation", proof(billing), version=version), "E-STALE-PAGE", 412)
    losses = billing.admin.get(f"{path}/losses").json()
    assert (losses["key_changed"], losses["secret_changed"]) == (True, True)
    assert rotated["consumer_secret"] not in str(losses)
    billing.admin.delete(path, params={"confirmed": "true"}, version="*").raise_for_status()
    back = billing.admin.post(CONNECTED, proof(billing)).json()
    assert back == {"consumer_key": "3MVG9.Billing_key", "consumer_secret": SECRET}


def test_a_secret_that_no_file_holds_is_set(rest: Rest) -> None:
    rest.world.bring(app("Billing"))
    before = rest.admin.get("/connected-apps/Billing")
    assert before.json()["secret_set"] is False
    answer = rest.admin.put(f"{CONNECTED}/secret", {"secret": SECRET}, version=before.headers["etag"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert rest.admin.get("/connected-apps/Billing").json()["secret_set"] is True
    assert rest.admin.post(CONNECTED, proof(rest)).json()["consumer_secret"] == SECRET


def test_push_settings_are_set_shown_and_removed_without_their_credentials(rest: Rest) -> None:
    rest.world.bring(app("Billing"))
    path = "/connected-apps/Billing/push-settings"
    expired = p12("phrase", datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    body = {
        "credential": "Apple P12 certificate",
        "p12": base64.b64encode(expired).decode(),
        "password": "phrase",
        "environment": "Production",
    }
    answer = rest.admin.put(f"{path}/Apple", body, version="*")
    assert answer.status_code == 200, answer.text
    assert answer.json()["certificate_expires"] == "2025-01-01"
    assert body["p12"] not in answer.text
    assert rest.admin.get(path).json() == [answer.json()]
    refused = refusal(rest.admin.post("/connected-apps/Billing/migration", CONFIRMED), "E-PUSH-INVALID")
    assert "2025" in refused["detail"]
    assert rest.admin.get("/connected-apps/Billing").json()["state"] == "active"
    refusal(
        rest.admin.put(f"{path}/Apple", {**body, "password": "wrong"}, version="*"),
        "E-PUSH-CREDENTIAL-UNREADABLE",
    )
    refusal(rest.admin.put(f"{path}/Android", body, version="*"), "E-VALUE-REFUSED")
    assert [each["service"] for each in rest.admin.get(path).json()] == ["Apple"]
    assert rest.admin.delete(f"{path}/Apple", version="*").status_code == 204
    assert rest.admin.post("/connected-apps/Billing/migration", CONFIRMED).status_code == 201
