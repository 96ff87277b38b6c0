"""Migrate: what the article says happens, and every refusal with nothing changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from changeover import errors
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import leaves
from changeover.apps.external_client_app import ExtlClntAppGlobalOauthSettings, Part
from changeover.apps.secrets import MASK
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.org import app_manager, audit, company, connected_apps, external_client_apps
from changeover.org.lists import AuditQuery
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.model.orgs import Edition
from tests.org.world import SECRET, YES, World, app, other_org, refused


def test_an_external_client_app_is_made_and_the_connected_app_stays_as_it_was(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    before = world.record()
    made = world.do(migrate, "Billing", replace(YES, seen_version=before.version))

    assert made.api_name == "Billing"
    assert made.connected_app == "Billing"
    assert made.made_by == "admin@acme.example"
    assert made.made_at == world.clock.time
    assert made.app.consumer_key == before.document.consumer_key
    assert made.app.header.distribution_state == "Local"
    assert made.app.header.org_scoped_external_app == f"{world.org_id}:Billing"
    with world.read() as unit:
        assert unit.external.secret(made.app_id) == SECRET
        assert unit.apps.secret(before.app_id) == SECRET
    after = world.record()
    assert after.document == before.document
    assert (after.state, after.verdict) == (State.MIGRATED, Verdict.MIGRATED)
    assert after.read_only
    assert after.version > before.version


def test_the_account_names_every_leaf_and_hides_the_secret(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    made = world.migrated()
    assert made.account is not None
    sources = {entry.source: entry for entry in made.account.entries}
    assert set(sources) >= {leaf.path for leaf in leaves(world.record().document)}
    secret = sources["oauthConfig/consumerSecret"]
    assert (secret.value, secret.targets[0].value) == (MASK, MASK)
    written = {
        f"{document.full_name}/{leaf.path}" for document in made.app.documents for leaf in leaves(document)
    }
    accounted = {
        f"{target.component.rpartition('.')[0]}/{target.path}"
        for entry in made.account.entries
        for target in entry.targets
    } | {f"{one.target.component.rpartition('.')[0]}/{one.target.path}" for one in made.account.added}
    assert written <= accounted
    assert SECRET.encode() not in world.on_disk()


def test_no_secret_lies_in_clear_anywhere(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    made = world.migrated()
    plan = world.see(app_manager.plan_migration, "Billing")
    for shown in (made, plan, world.record()):
        assert SECRET not in repr(shown)
    world.house.close()
    assert SECRET.encode() not in world.on_disk()


def test_one_audit_row_tells_who_confirmed_what(world: World) -> None:
    world.bring(app())
    world.log_in()
    world.migrated(confirmation=replace(YES, despite_evidence=True))
    query = AuditQuery(event=audit.Event.CONNECTED_APP_MIGRATED.value)
    (row,) = world.see(audit.list_audit, query).rows
    assert (row.actor, row.subject, row.door.value) == ("admin@acme.example", "Billing", "browser")
    assert row.before == {"state": "active", "verdict": "confirm", "version": row.before["version"]}
    confirmed = row.after["confirmed"]
    assert (confirmed["local"], confirmed["no_username_password"]) == (True, True)
    assert [one["rule"] for one in confirmed["despite"]] == ["username-password-seen"]
    assert "14 times" in confirmed["despite"][0]["evidence"]


def test_the_permission_of_the_article_with_access_to_setup_suffices(world: World) -> None:
    world.bring(app())
    developer = world.user("dev@acme.example", "Standard User", "External_Client_App_Developer")
    made = world.do(migrate, "Billing", YES, actor=developer)
    assert made.made_by == "dev@acme.example"


def test_without_the_permission_it_is_refused(world: World) -> None:
    world.bring(app())
    for username, profile in (("r@acme.example", "Read Only"), ("n@acme.example", "Standard User")):
        actor = world.user(username, profile)
        error = refused(world, errors.NOT_PERMITTED, migrate, "Billing", YES, actor=actor)
        assert "Create, edit, and delete External Client Apps" in error.message


def test_another_edition_is_refused_and_enterprise_admitted_by_the_switch(world: World) -> None:
    world.bring(app())
    said = []
    for edition in (Edition.GROUP, Edition.ESSENTIALS, Edition.ENTERPRISE):
        world.do(company.edit_org, {"edition": edition.value}, seen_version=None)
        said.append(refused(world, errors.EDITION_REFUSED, migrate, "Billing", YES))
    for error in said:
        assert "Professional, Performance, Unlimited and Developer" in error.message
        assert "release note" in error.message
    assert "Company Information" in said[-1].remedy
    world.do(company.edit_org, {"enterprise_admitted": True}, seen_version=None)
    world.migrated()


@pytest.mark.parametrize(
    "edition", [Edition.PROFESSIONAL, Edition.PERFORMANCE, Edition.UNLIMITED, Edition.DEVELOPER]
)
def test_the_articles_editions_may_migrate(world: World, edition: Edition) -> None:
    world.bring(app())
    world.do(company.edit_org, {"edition": edition.value}, seen_version=None)
    world.migrated()


def test_admitting_enterprise_admits_no_other_edition(world: World) -> None:
    world.bring(app())
    changes = {"edition": "Group", "enterprise_admitted": True}
    world.do(company.edit_org, changes, seen_version=None)
    refused(world, errors.EDITION_REFUSED, migrate, "Billing", YES)


def test_an_org_that_has_not_opted_in_is_refused(world: World) -> None:
    world.bring(app())
    world.do(company.edit_org, {"external_client_apps_enabled": False}, seen_version=None)
    refused(world, errors.NOT_OPTED_IN, migrate, "Billing", YES)


def test_an_app_that_is_not_local_is_refused(world: World) -> None:
    world.bring(app("acme__Dialer"))
    error = refused(world, errors.NOT_LOCAL, migrate, "acme__Dialer", YES)
    assert "namespace acme" in error.message
    assert error.remedy


def test_an_app_that_is_not_eligible_is_refused_with_every_reason(world: World) -> None:
    world.bring(app(plugin="Handler"))
    world.do(
        connected_apps.set_switches,
        "Billing",
        user_provisioning=True,
        dynamic_registration=True,
        seen_version=None,
    )
    error = refused(world, errors.NOT_ELIGIBLE, migrate, "Billing", YES)
    for reason in ("custom handler Handler", "User provisioning", "Dynamic client registration"):
        assert reason in error.message


def test_each_confirmation_is_asked(world: World) -> None:
    world.bring(app())
    without_local = Confirmation(no_username_password=True)
    refused(world, errors.CONFIRM_LOCAL, migrate, "Billing", without_local)
    without_flow = Confirmation(local=True)
    refused(world, errors.CONFIRM_NO_USERNAME_PASSWORD, migrate, "Billing", without_flow)
    refused(world, errors.CONFIRM_LOCAL, migrate, "Billing", Confirmation())


def test_evidence_must_be_confirmed_against_in_so_many_words(world: World) -> None:
    world.bring(app())
    world.log_in()
    assert world.record().verdict is Verdict.CONFIRM
    error = refused(world, errors.USERNAME_PASSWORD_SEEN, migrate, "Billing", YES)
    assert "Billing" in error.message
    assert "14 times" in error.message
    assert "int@example.com" in error.message
    world.migrated(confirmation=replace(YES, despite_evidence=True))


def test_against_evidence_both_confirmations_are_asked_all_the_same(world: World) -> None:
    world.bring(app())
    world.log_in()
    despite = Confirmation(despite_evidence=True)
    refused(world, errors.CONFIRM_LOCAL, migrate, "Billing", despite)


def test_the_pipelines_own_app_must_be_confirmed(world: World) -> None:
    oauth = {"callback_url": "http://localhost:1717/OauthRedirect", "certificate": "MIIC"}
    world.bring(app(oauth=oauth))
    error = refused(world, errors.EVIDENCE_AGAINST, migrate, "Billing", YES)
    assert "confirm against this evidence" in error.remedy


def test_a_second_click_is_told_so(world: World) -> None:
    world.bring(app())
    version = world.record().version
    world.migrated(confirmation=replace(YES, seen_version=version))
    again = replace(YES, seen_version=version)
    error = refused(world, errors.ALREADY_MIGRATED, migrate, "Billing", again)
    assert "already" in error.message


def test_a_stale_page_is_refused(world: World) -> None:
    world.bring(app())
    seen = world.record().version
    world.do(connected_apps.edit_app, "Billing", {"description": "New"}, seen_version=seen)
    refused(world, errors.STALE_PAGE, migrate, "Billing", replace(YES, seen_version=seen))


def test_evidence_that_came_in_meanwhile_makes_the_page_stale(world: World) -> None:
    world.bring(app())
    seen = world.record().version
    world.log_in()
    despite = replace(YES, despite_evidence=True, seen_version=seen)
    refused(world, errors.STALE_PAGE, migrate, "Billing", despite)
    seen = world.record().version
    world.log_in(times=15)
    despite = replace(YES, despite_evidence=True, seen_version=seen)
    refused(world, errors.STALE_PAGE, migrate, "Billing", despite)


def test_a_version_of_the_future_is_stale_too(world: World) -> None:
    world.bring(app())
    refused(world, errors.STALE_PAGE, migrate, "Billing", replace(YES, seen_version=10**9))


def test_invalid_push_settings_make_it_fail_whole(world: World) -> None:
    world.bring(app())
    world.server_key()
    assert world.record().verdict is Verdict.BLOCKED
    error = refused(world, errors.PUSH_INVALID, migrate, "Billing", YES)
    assert "server key" in error.message


def test_the_name_of_another_external_client_app_is_taken(world: World) -> None:
    world.bring(app("Donor"))
    stranger = world.migrated("Donor").app
    taken = replace(
        stranger,
        header=replace(stranger.header, full_name="Billing"),
        parts=tuple(
            replace(
                part,
                full_name=part.full_name.replace("Donor", "Billing"),
                external_client_application="Billing",
                **_another_key(part),
            )
            for part in stranger.parts
        ),
    )
    assert [one.result for one in world.bring(taken)] == ["created"]
    world.bring(app())
    assert world.record().verdict is Verdict.BLOCKED
    refused(world, errors.NOT_ELIGIBLE, migrate, "Billing", YES)
    # Once the other one is gone, nothing stands in the way.
    world.do(external_client_apps.delete_external_client_app, "Billing", confirmed=True, seen_version=None)
    assert world.record().verdict is Verdict.ELIGIBLE
    world.migrated()


def _another_key(part: Part) -> dict[str, Any]:
    return {"consumer_key": "another"} if isinstance(part, ExtlClntAppGlobalOauthSettings) else {}


def test_an_app_that_is_not_there(world: World) -> None:
    refused(world, errors.APP_NOT_FOUND, migrate, "Nobody", YES)


def test_another_orgs_app_is_not_there(world: World) -> None:
    world.bring(app())
    stranger = other_org(world)
    refused(world, errors.APP_NOT_FOUND, migrate, "Billing", YES, actor=stranger)
    assert world.see(app_manager.list_apps, actor=stranger).total == 0


def test_an_actor_of_one_org_with_a_user_of_another_is_refused(world: World) -> None:
    world.bring(app())
    stranger = other_org(world)
    forged = replace(stranger, org_id=world.org_id)
    refused(world, errors.USER_NOT_ACTIVE, migrate, "Billing", YES, actor=forged)


def test_a_failure_in_the_middle_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.bring(app())
    before = world.everything()

    def fails(*_args: object, **_kwargs: object) -> None:
        message = "the disk is full"
        raise OSError(message)

    monkeypatch.setattr(audit, "record", fails)
    with pytest.raises(OSError, match="disk is full"):
        world.migrated()
    assert world.everything() == before


def test_an_app_may_be_migrated_again_after_a_revert(world: World) -> None:
    world.bring(app())
    first = world.migrated()
    delete = external_client_apps.delete_external_client_app
    world.do(delete, "Billing", confirmed=True, seen_version=first.version)
    again = world.migrated()
    assert again.app == first.app


def test_an_app_without_oauth_is_migrated_too(world: World) -> None:
    tile = ConnectedApp(
        full_name="Tile", label="Tile", contact_email="a@example.com", start_url="https://t.example"
    )
    assert [one.result for one in world.bring(tile)] == ["created"]
    made = world.migrated("Tile")
    assert made.app.consumer_key is None


def test_the_name_is_found_without_regard_to_case(world: World) -> None:
    world.bring(app())
    assert world.migrated("bILLING").api_name == "Billing"
