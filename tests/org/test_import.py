"""Import: how an org gets its apps; unchanged, updated, refused, and what is made up on the way."""

from __future__ import annotations

from dataclasses import replace

from changeover import errors
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf
from changeover.apps.external_client_app import ExtlClntAppGlobalOauthSettings
from changeover.apps.reference import Reference
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.org import audit, importing, notifications
from changeover.org.connected_apps import delete_app
from changeover.org.exporting import export_apps
from changeover.org.external_client_apps import delete_external_client_app, view_external_client_app
from changeover.org.lists import AuditQuery
from changeover.org.model.apps import Origin
from changeover.org.permission_sets import save_permission_set
from tests.org.world import SECRET, World, app, other_org, refused


def test_an_imported_app_is_there_though_creation_is_off(world: World) -> None:
    (outcome,) = world.bring(app())
    assert (outcome.name, outcome.result) == ("Billing", "created")
    record = world.record()
    assert (record.origin, record.state, record.verdict) == (Origin.IMPORTED, State.ACTIVE, Verdict.ELIGIBLE)
    assert record.source_path == "connectedApps/Billing"
    (row,) = world.see(audit.list_audit, AuditQuery(subject="Billing")).rows
    assert row.event == "connected-app:app:imported"


def test_the_same_again_changes_nothing(world: World) -> None:
    first = app(oauth={"consumer_secret": SECRET}, permission_set_name=("Sales",))
    world.bring(first)
    before = world.everything()
    assert [one.result for one in world.bring(first)] == ["unchanged"]
    # Without the secret, as Salesforce retrieves it, it is the same app.
    without = app(permission_set_name=("Sales",))
    assert [one.result for one in world.bring(without)] == ["unchanged"]
    assert world.everything() == before


def test_a_change_in_the_file_is_a_change_in_the_org(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    before = world.record()
    (outcome,) = world.bring(app(plugin="Handler"))
    assert outcome.result == "updated"
    after = world.record()
    assert after.version > before.version
    assert after.verdict is Verdict.BLOCKED
    assert after.secret_set
    (row, _first) = world.see(audit.list_audit, AuditQuery(subject="Billing")).rows
    assert row.before == {"plugin": None}
    assert row.after == {"plugin": "Handler"}


def test_without_a_consumer_key_it_gets_one_and_keeps_it(world: World) -> None:
    keyless = app(oauth={"consumer_key": None})
    (outcome,) = world.bring(keyless)
    assert "got one" in outcome.message
    key = world.record().document.consumer_key
    assert key
    assert [one.result for one in world.bring(keyless)] == ["unchanged"]
    assert world.record().document.consumer_key == key


def test_a_template_in_place_of_a_key_is_no_key(world: World) -> None:
    outcomes = world.bring(
        app("One", oauth={"consumer_key": "{{KEY}}"}), app("Two", oauth={"consumer_key": "{{KEY}}"})
    )
    assert [one.result for one in outcomes] == ["created", "created"]
    keys = {world.record(name).document.consumer_key for name in ("One", "Two")}
    assert len(keys) == 2
    assert "{{KEY}}" not in keys


def test_without_a_secret_it_stays_unset(world: World) -> None:
    (outcome,) = world.bring(app())
    assert "no consumer secret" in outcome.message
    assert not world.record().secret_set


def test_a_new_key_in_the_file_ends_the_old_secret(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    world.bring(app(oauth={"consumer_key": "3MVG9.new"}))
    assert world.record().document.consumer_key == "3MVG9.new"
    assert not world.record().secret_set
    world.bring(app(oauth={"consumer_key": "3MVG9.newer", "consumer_secret": SECRET}))
    assert world.record().secret_set


def test_a_consumer_key_is_unique_within_an_org_and_shared_between_orgs(world: World) -> None:
    world.bring(app())
    same = app("Second", oauth={"consumer_key": "3MVG9.Billing_key"})
    (outcome,) = world.bring(same)
    assert (outcome.result, outcome.code) == ("refused", "E-CONSUMER-KEY-TAKEN")
    assert "Billing" in outcome.message
    assert outcome.remedy
    assert [one.result for one in world.bring(app(), actor=other_org(world))] == ["created"]


def test_an_app_without_oauth_gets_no_key(world: World) -> None:
    tiles = [
        ConnectedApp(full_name=name, label=name, contact_email="a@example.com") for name in ("One", "Two")
    ]
    assert [one.result for one in world.bring(*tiles)] == ["created", "created"]
    assert world.record("One").document.oauth_config is None


def test_names_that_the_org_lacks_become_placeholders(world: World) -> None:
    named = app(
        permission_set_name=("Sales",),
        profile_name=("Clerk", "System Administrator"),
        oauth={"oauth_client_credential_user": "robot@acme.example"},
    )
    (outcome,) = world.bring(named)
    for name in ("permission set Sales", "profile Clerk", "user robot@acme.example"):
        assert name in outcome.message
    with world.read() as unit:
        profiles = {one.name: one.placeholder for one in unit.users.profiles(world.org_id)}
        sets = {one.api_name: one for one in unit.users.permission_sets(world.org_id)}
        robot = unit.users.in_org(world.org_id, "robot@acme.example")
        assert unit.users.by_username("robot@acme.example") is None
    assert profiles["Clerk"]
    assert not profiles["System Administrator"]
    assert sets["Sales"].placeholder
    assert not sets["Sales"].permissions
    assert robot is not None
    assert (robot.placeholder, robot.active, robot.profile) == (True, False, None)


def test_one_name_twice_is_refused_the_second_time(world: World) -> None:
    outcomes = world.bring(app(), app("bILLING", oauth={"consumer_key": "x"}), app("Third"))
    assert [one.code for one in outcomes] == [None, "E-IMPORTED-TWICE", None]


def test_who_may_not_edit_connected_apps_may_not_import(world: World) -> None:
    developer = world.user("dev@acme.example", "Standard User", "External_Client_App_Developer")
    item = importing.Incoming(app=app(), path="Billing")
    refused(world, errors.NOT_PERMITTED, importing.import_app, item, actor=developer)


def test_grants_need_more_than_the_import_itself(world: World) -> None:
    names = ["ViewSetup", "CustomizeApplication", "ManageRemoteAccess"]
    world.do(save_permission_set, "App_Manager", "App Manager", names)
    manager = world.user("m@acme.example", "Standard User", "App_Manager")
    outcomes = world.bring(app(), app("Second", permission_set_name=("Sales",)), actor=manager)
    assert [one.code for one in outcomes] == [None, "E-NOT-PERMITTED"]
    with world.read() as unit:
        assert "Sales" not in {one.api_name for one in unit.users.permission_sets(world.org_id)}


def _notification(enabled: str) -> Reference:
    return Reference(
        kind="NotificationTypeConfig",
        file="notificationTypeConfig/Orders.config",
        path="notificationTypeSettings[1]/appSettings[1]/connectedAppName",
        app="Billing",
        context=(
            Leaf("notificationTypeSettings[1]/notificationType", "Order_Shipped"),
            Leaf("notificationTypeSettings[1]/appSettings[1]/enabled", enabled),
        ),
    )


def test_notification_settings_of_files_become_the_orgs(world: World) -> None:
    world.bring(app(), references=(_notification("false"),))
    (settings,) = world.see(notifications.list_delivery_settings)
    assert settings.notification_type.api_name == "Order_Shipped"
    assert [(one.app, one.enabled) for one in settings.apps] == [("Billing", False)]
    assert [one.result for one in world.bring(app(), references=(_notification("false"),))] == ["unchanged"]
    assert [one.result for one in world.bring(app(), references=(_notification("true"),))] == ["updated"]


def test_what_was_exported_can_be_imported_again(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}), app("Second"))
    world.migrated()
    with world.read() as unit:
        exported = list(export_apps(unit, world.admin))
    assert SECRET not in repr(exported)
    assert len(exported) == 3
    world.do(delete_external_client_app, "Billing", confirmed=True, seen_version=None)
    assert [one.result for one in world.bring(*exported)] == ["unchanged", "unchanged", "created"]
    assert world.record().state is State.MIGRATED
    linked = world.see(view_external_client_app, "Billing")
    assert (linked.connected_app, linked.origin, linked.account) == ("Billing", Origin.IMPORTED, None)
    world.do(delete_external_client_app, "Billing", confirmed=True, seen_version=None)
    assert world.record().state is State.ACTIVE


def test_an_external_client_app_before_its_connected_app(world: World) -> None:
    world.bring(app())
    made = world.migrated().app
    world.do(delete_external_client_app, "Billing", confirmed=True, seen_version=None)
    world.do(delete_app, "Billing", confirmed=True, seen_version=None)
    assert [one.result for one in world.bring(made, app())] == ["created", "created"]
    assert world.record().state is State.MIGRATED


def test_a_local_external_client_app_is_of_no_use_in_another_org(world: World) -> None:
    world.bring(app())
    made = world.migrated().app
    (outcome,) = world.bring(made, actor=other_org(world))
    assert (outcome.result, outcome.code) == ("refused", "E-NOT-LOCAL")
    assert world.org_id in outcome.message


def test_an_external_client_app_is_written_anew(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    made = world.migrated()
    assert [one.result for one in world.bring(made.app)] == ["unchanged"]
    changed = replace(made.app, header=replace(made.app.header, description="New"))
    assert [one.result for one in world.bring(changed)] == ["updated"]
    now = world.see(view_external_client_app, "Billing")
    assert now.app.header.description == "New"
    assert now.at_migration.header.description is None
    with world.read() as unit:
        assert unit.external.secret(now.app_id) == SECRET


def test_files_that_do_not_show_the_key_of_an_external_client_app_take_none_away(world: World) -> None:
    """Global OAuth settings are never packaged and not to be committed: a project has an app without."""
    world.bring(app(oauth={"consumer_secret": SECRET}))
    made = world.migrated().app
    settings = made.part(ExtlClntAppGlobalOauthSettings)
    assert settings is not None
    keyless = replace(settings, consumer_key=None)
    without_key = replace(made, parts=tuple(keyless if part is settings else part for part in made.parts))
    without_it = replace(made, parts=tuple(part for part in made.parts if part is not settings))
    for files in (without_key, without_it):
        assert [one.result for one in world.bring(files)] == ["unchanged"]
        now = world.see(view_external_client_app, "Billing")
        assert now.app == made
        with world.read() as unit:
            assert unit.external.secret(now.app_id) == SECRET


def test_a_secret_in_an_imported_external_client_app_is_sealed(world: World) -> None:
    world.bring(app())
    made = world.migrated().app
    settings = made.part(ExtlClntAppGlobalOauthSettings)
    assert settings is not None
    with_secret = replace(
        made,
        parts=tuple(
            replace(settings, consumer_secret=SECRET) if part is settings else part for part in made.parts
        ),
    )
    assert [one.result for one in world.bring(with_secret)] == ["updated"]
    assert [one.result for one in world.bring(with_secret)] == ["unchanged"]
    record = world.see(view_external_client_app, "Billing")
    assert record.secret_set
    assert record.secret_changed
    assert SECRET not in repr(record)
    world.house.close()
    assert SECRET.encode() not in world.on_disk()
