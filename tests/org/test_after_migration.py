"""After a migration, and on the way back: read-only, hidden where it must be, restored to the letter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from changeover import errors
from changeover.apps.document import Leaf
from changeover.apps.reference import Reference
from changeover.apps.secrets import MASK
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.org import app_manager, audit, briefcases, consumer_details, notifications, push
from changeover.org.connected_apps import delete_app, edit_app, set_switches
from changeover.org.external_client_app_edits import edit_policies, edit_settings
from changeover.org.external_client_apps import (
    delete_external_client_app,
    list_external_client_apps,
    view_external_client_app,
    what_deletion_loses,
)
from changeover.org.lists import AuditQuery
from changeover.org.model.beside_apps import NotificationType
from changeover.org.sign_in import prove
from tests.org.world import SECRET, World, app, refused

GONE: dict[str, Any] = {"confirmed": True, "seen_version": None}


@pytest.fixture
def migrated(world: World) -> World:
    """An org with one app that has been migrated."""
    world.bring(app(oauth={"consumer_secret": SECRET}))
    world.migrated()
    return world


def test_it_stays_in_app_manager(migrated: World) -> None:
    (row,) = migrated.see(app_manager.list_apps).rows
    assert (row.api_name, row.state, row.verdict) == ("Billing", State.MIGRATED, Verdict.MIGRATED)
    assert migrated.see(app_manager.view_app, "Billing").document.label == "Billing"


def test_it_takes_no_edit(migrated: World) -> None:
    changes = {"label": "Other"}
    refused(migrated, errors.APP_READ_ONLY, edit_app, "Billing", changes, seen_version=None)
    refused(
        migrated, errors.APP_READ_ONLY, set_switches, "Billing", user_provisioning=True, seen_version=None
    )
    given = push.AndroidServerKey(server_key="key")
    refused(migrated, errors.APP_READ_ONLY, push.set_push, "Billing", given, seen_version=None)
    refused(migrated, errors.APP_READ_ONLY, push.remove_push, "Billing", "Apple", seen_version=None)
    set_secret = consumer_details.set_secret
    refused(migrated, errors.APP_READ_ONLY, set_secret, "Billing", "another-secret", seen_version=None)
    proof = prove(migrated.house.units, migrated.admin, migrated.password)
    rotate = consumer_details.rotate_connected_app
    refused(migrated, errors.APP_READ_ONLY, rotate, "Billing", proof, seen_version=None)


def test_it_takes_no_import_and_the_others_go_on(migrated: World) -> None:
    before = migrated.record()
    outcomes = migrated.bring(app(label="Other"), app("Second"), app())
    assert [(one.name, one.result, one.code) for one in outcomes] == [
        ("Billing", "refused", "E-APP-READ-ONLY"),
        ("Second", "created", None),
        ("Billing", "refused", "E-IMPORTED-TWICE"),
    ]
    assert migrated.record() == before


def test_it_is_not_deleted_before_its_external_client_app(migrated: World) -> None:
    refused(migrated, errors.EXTERNAL_CLIENT_APP_THERE, delete_app, "Billing", **GONE)
    migrated.do(delete_external_client_app, "Billing", **GONE)
    migrated.do(delete_app, "Billing", **GONE)
    assert migrated.see(app_manager.list_apps).total == 0


def test_changes_of_the_external_client_app_never_touch_it(migrated: World) -> None:
    before = migrated.record()
    migrated.do(edit_settings, "Billing", {"eca/label": "New name"}, seen_version=None)
    policies = {"ecaOauthPlcy/permittedUsersPolicyType": "AdminApprovedPreAuthorized"}
    migrated.do(edit_policies, "Billing", policies, seen_version=None)
    assert migrated.record() == before


def test_the_deletion_lists_what_it_loses_first(migrated: World) -> None:
    migrated.do(edit_settings, "Billing", {"eca/label": "New name"}, seen_version=None)
    proof = prove(migrated.house.units, migrated.admin, migrated.password)
    rotate = consumer_details.rotate_external_client_app
    migrated.do(rotate, "Billing", proof, key=True, secret=True, seen_version=None)
    losses = migrated.see(what_deletion_loses, "Billing")
    assert losses.connected_app == "Billing"
    assert losses.secret_changed
    assert losses.key_changed
    shown = {(one.component, one.path): (one.at_migration, one.now) for one in losses.changes}
    assert shown[("Billing.eca", "label")] == ("Billing", "New name")
    assert shown[("Billing_glbloauth.ecaGlblOauth", "consumerKey")][0] == "3MVG9.Billing_key"

    view = migrated.see(view_external_client_app, "Billing")
    error = refused(
        migrated,
        errors.CONFIRM_DELETION,
        delete_external_client_app,
        "Billing",
        confirmed=False,
        seen_version=view.version,
    )
    assert "would be lost" in error.message


def test_a_deletion_on_a_stale_page_is_refused(migrated: World) -> None:
    seen = migrated.see(view_external_client_app, "Billing").version
    migrated.do(edit_settings, "Billing", {"eca/label": "New name"}, seen_version=seen)
    refused(
        migrated,
        errors.STALE_PAGE,
        delete_external_client_app,
        "Billing",
        confirmed=True,
        seen_version=seen,
    )


def test_deleting_it_makes_the_connected_app_active_exactly_as_it_was(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    before = world.record()
    world.migrated()
    world.do(edit_settings, "Billing", {"eca/label": "New name"}, seen_version=None)
    proof = prove(world.house.units, world.admin, world.password)
    rotate = consumer_details.rotate_external_client_app
    world.do(rotate, "Billing", proof, key=True, secret=True, seen_version=None)
    reverted = world.do(delete_external_client_app, "Billing", **GONE)
    assert reverted.document == before.document
    assert (reverted.state, reverted.verdict) == (State.ACTIVE, Verdict.ELIGIBLE)
    with world.read() as unit:
        assert unit.apps.secret(reverted.app_id) == SECRET
    assert world.see(list_external_client_apps).total == 0
    world.do(edit_app, "Billing", {"label": "Editable again"}, seen_version=reverted.version)


def test_the_revert_is_on_record_with_what_was_lost(migrated: World) -> None:
    migrated.do(edit_settings, "Billing", {"eca/label": "New name"}, seen_version=None)
    migrated.do(delete_external_client_app, "Billing", **GONE)
    query = AuditQuery(event=audit.Event.EXTERNAL_CLIENT_APP_DELETED.value)
    (row,) = migrated.see(audit.list_audit, query).rows
    lost = {"component": "Billing.eca", "path": "label", "at_migration": "Billing", "now": "New name"}
    assert row.before["lost"] == [lost]
    assert row.after == {"connected_app": "Billing", "state": "active"}


def _notify(world: World) -> None:
    kind = NotificationType(api_name="Order_Shipped", label="Order shipped", custom=True)
    world.do(notifications.save_notification_type, kind)
    world.do(briefcases.save_briefcase, "Kit", "Kit")
    for api_name, enabled in (("Billing", False), ("Second", True)):
        world.do(notifications.set_delivery, "Order_Shipped", api_name, enabled=enabled)
        world.do(briefcases.assign, "Kit", api_name)


def _shown(world: World) -> tuple[list[tuple[str, bool]], list[str], list[str]]:
    (settings,) = world.see(notifications.list_delivery_settings)
    (briefcase,) = world.see(briefcases.list_briefcases)
    assignable = [row.api_name for row in world.see(briefcases.assignable_apps)]
    return [(one.app, one.enabled) for one in settings.apps], list(briefcase.apps), assignable


def test_it_is_shown_neither_in_notification_delivery_settings_nor_in_briefcases(world: World) -> None:
    world.bring(app(), app("Second"))
    _notify(world)
    both = ([("Billing", False), ("Second", True)], ["Billing", "Second"], ["Billing", "Second"])
    assert _shown(world) == both
    world.migrated()
    assert _shown(world) == ([("Second", True)], ["Second"], ["Second"])
    refused(world, errors.APP_READ_ONLY, notifications.set_delivery, "Order_Shipped", "Billing", enabled=True)
    refused(world, errors.APP_READ_ONLY, briefcases.assign, "Kit", "Billing")
    refused(world, errors.APP_READ_ONLY, briefcases.unassign, "Kit", "Billing")
    world.do(delete_external_client_app, "Billing", **GONE)
    assert _shown(world) == both


def test_what_became_of_references_stands_in_the_account(world: World) -> None:
    world.bring(app(), app("Second"))
    _notify(world)
    made = world.migrated()
    assert made.account is not None
    kinds = {
        entry.source.partition("/")[0]: entry.kind.value
        for entry in made.account.entries
        if ":" in entry.source
    }
    assert kinds == {"Notification Delivery Settings": "translated", "Briefcase Builder": "lost"}


def test_references_of_files_are_known(world: World) -> None:
    scope = Reference(
        kind="OauthCustomScope",
        file="oauthcustomscopes/Read.oauthcustomscope",
        path="assignedTo[1]/connectedApp",
        app="Billing",
        context=(Leaf("developerName", "orders_read"),),
    )
    provisioning = Reference(
        kind="UserProvisioningConfig",
        file="userProvisioningConfigs/B.userProvisioningConfig",
        path="connectedApp",
        app="Billing",
        context=(Leaf("enabled", "true"),),
    )
    world.bring(app(), references=(scope, provisioning))
    assert world.see(app_manager.references_of, "Billing") == (scope, provisioning)
    assert world.record().user_provisioning
    assert world.record().verdict is Verdict.BLOCKED
    off = replace(provisioning, context=(Leaf("enabled", "false"),))
    world.bring(app(), references=(off,))
    assert world.record().verdict is Verdict.ELIGIBLE
    made = world.migrated()
    assert made.account is not None
    assert any(entry.source.startswith(scope.file) for entry in made.account.entries)


def test_a_key_rotated_since_does_not_come_back(migrated: World) -> None:
    old = migrated.record().document.consumer_key
    proof = prove(migrated.house.units, migrated.admin, migrated.password)
    rotate = consumer_details.rotate_external_client_app
    details = migrated.do(rotate, "Billing", proof, key=True, secret=True, seen_version=None)
    assert details.consumer_key != old
    assert details.consumer_secret not in {None, SECRET, MASK}
    migrated.do(delete_external_client_app, "Billing", **GONE)
    reverted = migrated.record()
    assert reverted.document.consumer_key == old
    # The key is the app's own again, and the app can be migrated with it.
    assert migrated.migrated().app.consumer_key == old
