"""Connected apps over REST: lists, one app, edits, what a migration would make."""

from __future__ import annotations

from typing import Any

import pytest

from changeover.apps.connected_app import IpRange
from changeover.apps.document import Leaf, leaves
from tests.api.rest import CONFIRMED, Rest, archive, refusal
from tests.org.world import SECRET, app


def names(answer: Any) -> list[str]:
    return [item["api_name"] for item in answer.json()["items"]]


@pytest.fixture
def five(rest: Rest) -> Rest:
    """Five apps: one migrated, one blocked, one packaged."""
    rest.world.bring(
        app("Alpha"),
        app("Bravo", plugin="Handler"),
        app("Charlie"),
        app("Delta"),
        app("ns__Echo", label="Echo"),
    )
    rest.world.migrated("Delta")
    return rest


def test_the_list_is_searched_filtered_sorted_and_paged(five: Rest) -> None:
    everything = five.admin.get("/connected-apps").json()
    assert (everything["total"], everything["page"], everything["pages"]) == (5, 1, 1)
    assert names(five.admin.get("/connected-apps")) == ["Alpha", "Bravo", "Charlie", "Delta", "ns__Echo"]

    def listed(**params: str) -> list[str]:
        return names(five.admin.get("/connected-apps", params=params))

    assert listed(q="ALPH") == ["Alpha"]
    assert listed(q="3MVG9.Bravo") == ["Bravo"]
    assert listed(verdict="blocked") == ["Bravo", "ns__Echo"]
    assert listed(verdict="migrated") == listed(state="migrated") == ["Delta"]
    assert listed(app_type="Connected (Managed)") == ["ns__Echo"]
    assert listed(sort="-api_name")[-1] == "Alpha"
    first = five.admin.get("/connected-apps", params={"page_size": "2", "page": "3"}).json()
    assert ([item["api_name"] for item in first["items"]], first["pages"]) == (["ns__Echo"], 3)


def test_an_app_is_shown_as_leaves_and_typed_the_same(rest: Rest) -> None:
    document = app(
        "Alpha",
        ip_ranges=(IpRange(start="10.0.0.1", end="10.0.0.9"),),
        oauth={"is_pkce_required": True, "scopes": ("Api", "Web")},
    )
    rest.world.bring(document)
    shown = rest.admin.get("/connected-apps/Alpha").json()
    assert [Leaf(**leaf) for leaf in shown["leaves"]] == list(leaves(rest.world.record("Alpha").document))
    assert shown["settings"]["type"] == "ConnectedApp"
    assert shown["settings"]["oauthConfig"]["scopes"] == ["Api", "Web"]
    assert shown["settings"]["oauthConfig"]["isPkceRequired"] is True
    assert shown["settings"]["ipRanges"] == [{"start": "10.0.0.1", "end": "10.0.0.9"}]
    assert "mobileStartUrl" not in shown["settings"]


def test_what_no_type_knows_is_among_the_leaves(rest: Rest) -> None:
    document = app("Alpha", unknown=(Leaf("brandNewElement", "kept"),))
    rest.world.bring(document)
    shown = rest.admin.get("/connected-apps/Alpha").json()
    assert {"path": "brandNewElement", "value": "kept"} in shown["leaves"]
    assert "brandNewElement" not in shown["settings"]


def test_an_edit_changes_what_it_names_and_nothing_else(rest: Rest) -> None:
    rest.world.bring(app("Alpha"))
    before = rest.admin.get("/connected-apps/Alpha")
    changes = {
        "label": "Alpha One",
        "oauthConfig/isPkceRequired": True,
        "oauthConfig/scopes": ["Api"],
        "sessionPolicy/sessionTimeout": 120,
        "ipRanges": [{"start": "10.0.0.1", "end": "10.0.0.9", "description": "Office"}],
        "oauthPolicy/refreshTokenPolicy": "specific_lifetime:30:DAYS",
    }
    answer = rest.admin.patch("/connected-apps/Alpha", {"changes": changes}, version=before.headers["etag"])
    assert answer.status_code == 200, answer.text
    settings = answer.json()["settings"]
    assert settings["label"] == "Alpha One"
    assert settings["oauthConfig"]["isPkceRequired"] is True
    assert settings["oauthConfig"]["scopes"] == ["Api"]
    assert settings["oauthConfig"]["callbackUrl"] == before.json()["settings"]["oauthConfig"]["callbackUrl"]
    assert settings["sessionPolicy"] == {"sessionTimeout": 120}
    assert settings["ipRanges"][0]["description"] == "Office"
    assert answer.headers["etag"] != before.headers["etag"]
    assert rest.admin.get("/connected-apps/Alpha").json() == answer.json()


def test_an_edit_of_another_version_is_refused_and_the_answer_to_a_second_look_goes_through(
    rest: Rest,
) -> None:
    rest.world.bring(app("Alpha"))
    seen = rest.admin.get("/connected-apps/Alpha").headers["etag"]
    assert rest.admin.patch(
        "/connected-apps/Alpha", {"changes": {"description": "One"}}, version=seen
    ).is_success
    change = {"changes": {"description": "Two"}}
    refusal(rest.admin.patch("/connected-apps/Alpha", change, version=seen), "E-STALE-PAGE", 412)
    assert rest.admin.get("/connected-apps/Alpha").json()["settings"]["description"] == "One"
    seen = rest.admin.get("/connected-apps/Alpha").headers["etag"]
    assert rest.admin.patch("/connected-apps/Alpha", change, version=seen).is_success


def test_grants_need_more_than_an_edit(rest: Rest) -> None:
    rest.world.bring(app("Alpha"))
    editor = rest.caller(
        rest.user("editor@acme.example", "ViewSetup", "CustomizeApplication", "ManageRemoteAccess")
    )
    path = "/connected-apps/Alpha"
    assert editor.patch(path, {"changes": {"description": "Mine"}}, version="*").status_code == 200
    granting = {"changes": {"profileName": ["System Administrator"]}}
    refusal(editor.patch(path, granting, version="*"), "E-NOT-PERMITTED")
    assert rest.admin.patch(path, granting, version="*").status_code == 200


def test_the_assessment_says_why(five: Rest) -> None:
    found = five.admin.get("/connected-apps/Bravo/assessment").json()
    assert found["verdict"] == "blocked"
    (blocker,) = [each for each in found["findings"] if each["severity"] == "blocker"]
    assert blocker.keys() == {"rule", "title", "severity", "status", "evidence", "remedy", "source"}
    assert "Handler" in blocker["evidence"]


def test_the_plan_accounts_for_every_leaf_in_both_directions(rest: Rest) -> None:
    rest.world.bring(app("Alpha", mobile_start_url="https://m.example"))
    plan = rest.admin.get("/connected-apps/Alpha/plan").json()
    sources = [entry["source"] for entry in plan["account"]]
    shown = rest.admin.get("/connected-apps/Alpha").json()
    assert sorted(sources) == sorted(leaf["path"] for leaf in shown["leaves"])
    targets = {target for entry in plan["account"] for target in entry["targets"]}
    targets |= {added["target"] for added in plan["added"]}
    written = {
        f"{component['name']}/{leaf['path']}"
        for component in plan["external_client_app"]
        for leaf in component["leaves"]
    }
    assert written == targets
    assert [entry["source"] for entry in plan["lost"]] == ["mobileStartUrl"]
    assert plan["lost"][0]["note"]
    assert plan["version"] == shown["version"]
    # It is what a migration then makes.
    rest.admin.post("/connected-apps/Alpha/migration", CONFIRMED)
    made = rest.admin.get("/external-client-apps/Alpha").json()
    assert made["components"] == plan["external_client_app"]
    account = rest.admin.get("/external-client-apps/Alpha/account").json()
    assert account == {"account": plan["account"], "added": plan["added"]}


def test_creation_needs_the_exception_and_gives_key_and_secret(rest: Rest) -> None:
    changes: dict[str, Any] = {"label": "Fresh", "contactEmail": "it@acme.example"}
    body = {"api_name": "Fresh", "changes": changes}
    refused = refusal(rest.admin.post("/connected-apps", body), "E-CREATION-OFF")
    assert "Spring '26" in refused["detail"]
    rest.switch(connected_app_creation_allowed=True)
    changes |= {"oauthConfig/callbackUrl": "https://x.example", "oauthConfig/scopes": ["Api"]}
    answer = rest.admin.post("/connected-apps", body)
    assert answer.status_code == 201, answer.text
    made = rest.admin.client.get(answer.headers["location"]).json()
    assert made["origin"] == "created"
    assert made["secret_set"] is True
    assert made["settings"]["oauthConfig"]["consumerKey"]
    assert "consumerSecret" not in made["settings"]["oauthConfig"]


def test_a_deletion_is_confirmed_and_then_done(rest: Rest) -> None:
    rest.world.bring(app("Alpha"))
    refusal(rest.admin.delete("/connected-apps/Alpha", version="*"), "E-CONFIRM-DELETION")
    answer = rest.admin.delete("/connected-apps/Alpha", params={"confirmed": "true"}, version="*")
    assert (answer.status_code, answer.content) == (204, b"")
    refusal(rest.admin.get("/connected-apps/Alpha"), "E-APP-NOT-FOUND")


def test_references_are_listed(org: Rest) -> None:
    found = org.admin.get("/connected-apps/Billing/references").json()
    assert [(each["kind"], each["app"]) for each in found] == [("BriefcaseDefinition", "Billing")]


def test_no_answer_holds_a_secret(rest: Rest) -> None:
    document = app("Alpha", oauth={"consumer_secret": SECRET})
    rest.admin.post(
        "/import", content=archive(document), headers={"Content-Type": "application/zip"}
    ).raise_for_status()
    rest.admin.post("/connected-apps/Alpha/migration", CONFIRMED).raise_for_status()
    for path in (
        "/connected-apps",
        "/connected-apps/Alpha",
        "/connected-apps/Alpha/plan",
        "/connected-apps/Alpha/assessment",
        "/external-client-apps/Alpha",
        "/external-client-apps/Alpha/account",
        "/external-client-apps/Alpha/losses",
        "/audit-trail",
    ):
        assert SECRET not in rest.admin.get(path).text, path
    assert SECRET.encode() not in rest.admin.get("/export").content
    revealed = rest.admin.post("/connected-apps/Alpha/credentials", {"password": rest.world.password})
    # The administrator may see it, having given the password again, and that is on record.
    if revealed.is_success:
        assert revealed.json()["consumer_secret"] == SECRET
        event = rest.admin.get("/audit-trail").json()["items"][0]["event"]
        assert event == "connected-app:secret:revealed"
