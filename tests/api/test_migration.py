"""Migrate, edit what came of it, and take it back, over REST."""

from __future__ import annotations

from typing import Any

import pytest

from changeover.org import batches
from changeover.org.batch_runs import run_batch, run_waiting
from changeover.org.external_client_app_edits import edit_settings
from changeover.org.model.apps import Confirmation
from tests.api.rest import CONFIRMED, V1, Rest, archive, refusal
from tests.org.world import app

NOT_NAMED = {"local": True, "no_username_password": True}


@pytest.fixture
def billing(rest: Rest) -> Rest:
    rest.world.bring(app("Billing"))
    return rest


def audit(rest: Rest, **params: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = rest.admin.get("/audit-trail", params=params).json()["items"]
    return entries


def test_the_answer_links_to_the_new_app(billing: Rest) -> None:
    answer = billing.admin.post("/connected-apps/Billing/migration", CONFIRMED)
    assert answer.status_code == 201
    assert answer.json() == {
        "connected_app": "Billing",
        "external_client_app": "Billing",
        "href": f"{V1}/external-client-apps/Billing",
        "page": "/setup/external-client-apps/Billing",
    }
    made = billing.admin.client.get(answer.headers["location"]).json()
    assert made["connected_app"] == "Billing"
    assert made["consumer_key"] == "3MVG9.Billing_key"
    assert made["distribution_state"] == "Local"
    app_now = billing.admin.get("/connected-apps/Billing").json()
    assert (app_now["state"], app_now["verdict"], app_now["read_only"]) == ("migrated", "migrated", True)


def test_who_confirmed_what_is_on_record_with_the_door(billing: Rest) -> None:
    billing.world.log_in("Billing")
    billing.admin.post(
        "/connected-apps/Billing/migration", {**CONFIRMED, "despite_evidence": True}
    ).raise_for_status()
    entry = audit(billing, event="connected-app:app:migrated")[0]
    assert (entry["actor"], entry["door"], entry["subject"]) == ("admin@acme.example", "rest", "Billing")
    assert entry["after"]["confirmed"]["local"] is True
    (despite,) = entry["after"]["confirmed"]["despite"]
    assert "14 times" in despite["evidence"]


def test_what_is_confirmed_of_one_version_does_not_hold_for_another(billing: Rest) -> None:
    seen = billing.admin.get("/connected-apps/Billing").json()["version"]
    billing.world.log_in("Billing")  # evidence comes in after the look
    body = {**CONFIRMED, "despite_evidence": True, "version": seen}
    refusal(billing.admin.post("/connected-apps/Billing/migration", body), "E-STALE-PAGE")
    body["version"] = billing.admin.get("/connected-apps/Billing").json()["version"]
    assert billing.admin.post("/connected-apps/Billing/migration", body).status_code == 201


def test_an_empty_confirmation_confirms_nothing(billing: Rest) -> None:
    refusal(billing.admin.post("/connected-apps/Billing/migration", {}), "E-CONFIRM-LOCAL")
    refusal(
        billing.admin.post("/connected-apps/Billing/migration", {"local": True}),
        "E-CONFIRM-NO-USERNAME-PASSWORD",
    )
    for value in ("true", 1, None):
        body = {**CONFIRMED, "local": value}
        refused = refusal(billing.admin.post("/connected-apps/Billing/migration", body), "E-REQUEST-INVALID")
        assert [field["name"] for field in refused["fields"]] == ["local"]


def test_the_permission_of_the_article_alone_suffices(billing: Rest) -> None:
    developer = billing.caller(billing.user("dev@acme.example", "ViewSetup", "ExternalClientAppDeveloper"))
    assert developer.post("/connected-apps/Billing/migration", CONFIRMED).status_code == 201


def test_changes_go_to_the_external_client_app_and_never_back(billing: Rest) -> None:
    billing.admin.post("/connected-apps/Billing/migration", CONFIRMED).raise_for_status()
    frozen = billing.admin.get("/connected-apps/Billing").json()
    changes = {"eca/description": "New", "ecaGlblOauth/callbackUrl": "https://new.example/callback"}
    edited = billing.admin.patch("/external-client-apps/Billing/settings", {"changes": changes}, version="*")
    assert edited.status_code == 200, edited.text
    leaves = {
        f"{component['name']}/{leaf['path']}": leaf["value"]
        for component in edited.json()["components"]
        for leaf in component["leaves"]
    }
    assert leaves["Billing.eca/description"] == "New"
    assert leaves["Billing_glbloauth.ecaGlblOauth/callbackUrl"] == "https://new.example/callback"
    after = billing.admin.get("/connected-apps/Billing").json()
    assert after["settings"] == frozen["settings"]
    refusal(
        billing.admin.patch("/connected-apps/Billing", {"changes": {"description": "x"}}, version="*"),
        "E-APP-READ-ONLY",
    )


def test_a_re_import_is_refused_for_the_migrated_and_done_for_the_others(billing: Rest) -> None:
    billing.admin.post("/connected-apps/Billing/migration", CONFIRMED).raise_for_status()
    content = archive(app("Billing", description="Changed"), app("Other"))
    answer = billing.admin.post("/import", content=content, headers={"Content-Type": "application/zip"})
    results = {each["api_name"]: (each["result"], each["code"]) for each in answer.json()["apps"]}
    assert results == {"Billing": ("refused", "E-APP-READ-ONLY"), "Other": ("created", None)}


def test_a_preview_of_an_import_changes_nothing(billing: Rest) -> None:
    before = billing.world.everything()
    answer = billing.admin.post(
        "/import",
        params={"preview": "true"},
        content=archive(app("Billing", description="Changed"), app("Other")),
        headers={"Content-Type": "application/zip"},
    )
    assert [each["result"] for each in answer.json()["apps"]] == ["updated", "created"]
    assert billing.world.everything() == before


def test_deleting_lists_what_is_lost_and_brings_the_connected_app_back(billing: Rest) -> None:
    active = billing.admin.get("/connected-apps/Billing").json()
    billing.admin.post("/connected-apps/Billing/migration", CONFIRMED).raise_for_status()
    path = "/external-client-apps/Billing"
    billing.admin.patch(
        f"{path}/settings", {"changes": {"eca/description": "New"}}, version="*"
    ).raise_for_status()
    losses = billing.admin.get(f"{path}/losses").json()
    assert losses["changes"] == [{"target": "Billing.eca/description", "at_migration": None, "now": "New"}]
    assert (losses["key_changed"], losses["secret_changed"]) == (False, False)
    stale = billing.admin.get(path).headers["etag"]
    billing.admin.patch(
        f"{path}/settings", {"changes": {"eca/description": "Newer"}}, version="*"
    ).raise_for_status()
    refusal(billing.admin.delete(path, params={"confirmed": "true"}, version=stale), "E-STALE-PAGE", 412)
    refusal(billing.admin.delete(path, version="*"), "E-CONFIRM-DELETION")
    version = billing.admin.get(path).headers["etag"]
    answer = billing.admin.delete(path, params={"confirmed": "true"}, version=version)
    assert answer.json()["connected_app"] == "Billing"
    assert answer.json()["state"] == "active"
    again = billing.admin.get("/connected-apps/Billing").json()
    assert again["settings"] == active["settings"]
    assert again["leaves"] == active["leaves"]
    assert again["version"] == answer.json()["version"]
    # And it may be migrated again.
    assert billing.admin.post("/connected-apps/Billing/migration", CONFIRMED).status_code == 201


def test_what_is_loose_is_tightened_one_step_a_point(billing: Rest) -> None:
    billing.admin.post("/connected-apps/Billing/migration", CONFIRMED).raise_for_status()
    path = "/external-client-apps/Billing/loose-points"
    points = billing.admin.get(path).json()
    assert "pkce-off" in {point["id"] for point in points}
    for point in points:
        answer = billing.admin.post(f"{path}/{point['id']}/tightening", version="*")
        assert answer.status_code == 200, answer.text
        held = {
            (component["name"].rpartition(".")[2] + "/" + leaf["path"]): leaf["value"]
            for component in answer.json()["components"]
            for leaf in component["leaves"]
        }
        for change in point["changes"]:
            assert held[change["path"]] == change["value"]
        refusal(billing.admin.post(f"{path}/{point['id']}/tightening", version="*"), "E-RECORD-NOT-FOUND")
    assert billing.admin.get(path).json() == []


def outcomes_of(rest: Rest, batch: Any) -> list[Any]:
    found: list[Any] = rest.admin.get(f"/migration-batches/{batch['batch_id']}/outcomes").json()["items"]
    return found


def test_a_batch_gives_every_app_its_outcome(rest: Rest) -> None:
    rest.world.bring(app("Plain"), app("Seen"), app("Named"), app("Blocked", plugin="Handler"), app("Done"))
    rest.world.migrated("Done")
    rest.world.log_in("Seen")
    rest.world.log_in("Named")
    body = {
        "api_names": ["Plain", "Seen", "Named", "Blocked", "Done", "Nope", "Plain"],
        "despite_evidence": ["Named"],
        **NOT_NAMED,
    }
    answer = rest.admin.post("/migration-batches", body)
    assert answer.status_code == 200
    batch = answer.json()
    assert batch["done"] is True
    assert (batch["kind"], batch["state"], batch["door"]) == ("migrate", "done", "rest")
    assert batch["results"] == {"failed": 1, "migrated": 2, "skipped": 3}
    assert [(each["api_name"], each["result"], each["code"]) for each in outcomes_of(rest, batch)] == [
        ("Plain", "migrated", None),
        ("Seen", "skipped", "E-USERNAME-PASSWORD-SEEN"),
        ("Named", "migrated", None),
        ("Blocked", "skipped", "E-NOT-ELIGIBLE"),
        ("Done", "skipped", "E-ALREADY-MIGRATED"),
        ("Nope", "failed", "E-APP-NOT-FOUND"),
    ]
    assert rest.admin.client.get(answer.headers["location"]).json() == batch
    assert rest.admin.get("/migration-batches").json() == [batch]


def test_a_batch_that_is_not_waited_for_runs_after_the_answer(rest: Rest) -> None:
    rest.world.bring(app("One"), app("Two"))
    answer = rest.admin.post("/migration-batches", {"api_names": ["One", "Two"], **NOT_NAMED, "wait": False})
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["count"]) == ("running", 0)
    run_waiting(rest.world.house.units)
    after = rest.admin.client.get(answer.headers["location"]).json()
    assert (after["done"], after["results"]) == (True, {"migrated": 2})


def test_a_batch_is_stopped_and_gone_on_with(rest: Rest) -> None:
    rest.world.bring(app("One"), app("Two"), app("Three"))
    confirmation = Confirmation(local=True, no_username_password=True)
    batch = rest.world.do(batches.start_batch, ["One", "Two", "Three"], confirmation)
    path = f"/migration-batches/{batch.batch_id}"
    running = run_batch(rest.world.house.units, batch.batch_id)
    next(running)
    refusal(rest.admin.post(f"{path}/continuation"), "E-BATCH-RUNNING")
    assert rest.admin.post(f"{path}/stop").json()["state"] == "stopped"
    assert list(running) == []
    waiting = rest.admin.post(f"{path}/continuation", params={"wait": "false"})
    assert (waiting.status_code, waiting.json()["state"], waiting.json()["count"]) == (202, "running", 1)
    after = rest.admin.post(f"{path}/continuation").json()
    assert (after["done"], after["results"]) == (True, {"migrated": 3})
    assert len(audit(rest, event="connected-app:app:migrated")) == 3


def test_outcomes_are_shown_page_by_page_and_by_result(rest: Rest) -> None:
    rest.world.bring(app("One"), app("Two"))
    body = {"api_names": ["One", "Nope", "Two"], **NOT_NAMED}
    path = f"/migration-batches/{rest.admin.post('/migration-batches', body).json()['batch_id']}/outcomes"
    second = rest.admin.get(path, params={"page": 2, "page_size": 2}).json()
    assert (second["total"], [each["api_name"] for each in second["items"]]) == (3, ["Two"])
    failed = rest.admin.get(path, params={"result": "failed"}).json()
    assert [each["code"] for each in failed["items"]] == ["E-APP-NOT-FOUND"]
    refusal(rest.admin.get(path, params={"result": "nonsense"}), "E-REQUEST-INVALID")


def test_a_batch_is_undone_with_the_losses_that_were_read(rest: Rest) -> None:
    rest.world.bring(app("One"), app("Two"))
    batch = rest.admin.post("/migration-batches", {"api_names": ["One", "Two"], **NOT_NAMED}).json()
    path = f"/migration-batches/{batch['batch_id']}"
    rest.world.do(edit_settings, "Two", {"eca/description": "Since"}, seen_version=None)
    losses = rest.admin.get(f"{path}/losses").json()
    assert (losses["there"], losses["gone"], losses["total"]) == (2, 0, 1)
    assert losses["items"][0]["changes"][0]["now"] == "Since"
    refusal(rest.admin.post(f"{path}/reversal", {"stamp": losses["stamp"]}), "E-CONFIRM-DELETION")
    refusal(rest.admin.post(f"{path}/reversal", {"confirmed": True, "stamp": "2.2"}), "E-STALE-PAGE")
    answer = rest.admin.post(f"{path}/reversal", {"confirmed": True, "stamp": losses["stamp"]})
    undo = answer.json()
    assert (undo["kind"], undo["of_batch"]) == ("revert", batch["batch_id"])
    assert (undo["done"], undo["results"]) == (True, {"reverted": 2})
    assert rest.admin.client.get(answer.headers["location"]).json() == undo
    refusal(rest.admin.post(f"{path}/reversal", {"confirmed": True}), "E-VALUE-REFUSED")
    refusal(rest.admin.get(f"/migration-batches/{undo['batch_id']}/losses"), "E-VALUE-REFUSED")


def test_versions_of_a_batch_are_held(rest: Rest) -> None:
    rest.world.bring(app("One"), app("Two"))
    seen = {name: rest.admin.get(f"/connected-apps/{name}").json()["version"] for name in ("One", "Two")}
    rest.admin.patch("/connected-apps/One", {"changes": {"description": "x"}}, version="*").raise_for_status()
    body = {"api_names": ["One", "Two"], **NOT_NAMED, "versions": seen}
    batch = rest.admin.post("/migration-batches", body).json()
    assert [each["code"] for each in outcomes_of(rest, batch)] == ["E-STALE-PAGE", None]


def test_another_org_s_batch_is_not_there(rest: Rest) -> None:
    rest.world.bring(app("One"))
    made = rest.admin.post("/migration-batches", {"api_names": ["One"], **NOT_NAMED}).json()
    from tests.org.world import other_org  # noqa: PLC0415

    stranger = rest.caller(other_org(rest.world))
    refusal(stranger.get(f"/migration-batches/{made['batch_id']}"), "E-RECORD-NOT-FOUND")
    refusal(stranger.post(f"/migration-batches/{made['batch_id']}/continuation"), "E-RECORD-NOT-FOUND")


def test_two_requests_at_once_migrate_once(billing: Rest) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    callers = [billing.caller(billing.world.admin) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda c: c.post("/connected-apps/Billing/migration", CONFIRMED), callers))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            refusal(answer, "E-ALREADY-MIGRATED")
    assert len(audit(billing, event="connected-app:app:migrated")) == 1
    assert billing.admin.get("/external-client-apps").json()["total"] == 1
