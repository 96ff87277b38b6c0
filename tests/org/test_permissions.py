"""Who may do what: every act against every set of permissions, and no act without a declaration."""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import changeover.org
from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.act import ACTS, act, require
from changeover.org.batch_runs import migrate_several
from changeover.org.importing import Incoming, import_apps
from changeover.org.model.orgs import Actor
from changeover.org.model.people import Profile
from changeover.org.people import (
    NewUser,
    create_user,
    edit_user,
    reset_password,
    unassign_permission_set,
)
from changeover.org.permissions import ALL_PERMISSIONS, BY_API_NAME, SETUP, Needs, Permission
from tests.org.world import YES, World, app

P = Permission
VIEW = "ViewSetup"
DEVELOPER, ADMIN, VIEWER = (
    "ExternalClientAppDeveloper",
    "ExternalClientAppAdmin",
    "ExternalClientAppViewer",
)
ANY_ECA = ({VIEW, DEVELOPER}, {VIEW, ADMIN}, {VIEW, VIEWER})
EDIT = ({VIEW, "CustomizeApplication", "ModifyAllData"}, {VIEW, "CustomizeApplication", "ManageRemoteAccess"})
ROTATE = tuple({*one, "ClientSecretRotation"} for one in EDIT)
GRANTS = ({VIEW, "CustomizeApplication", "ModifyAllData", "ManageProfilesPermissionsets"},)
CUSTOMIZE = ({VIEW, "CustomizeApplication"},)
USERS = ({VIEW, "ManageUsers"},)
BLOCK = tuple({*one, "ManageUsers"} for one in EDIT)
PROFILES = ({VIEW, "ManageProfilesPermissionsets"},)
LOGINS = ({VIEW, "ManageUsers"}, {VIEW, "MonitorLoginHistory"})
MIGRATE = ({VIEW, DEVELOPER},)
SECRET = ({VIEW, DEVELOPER, "ViewClientSecret"},)
LOOK = ({VIEW},)
NOTHING: tuple[set[str], ...] = (set(),)

# Written by hand: the smallest sets of permissions that suffice, by API name.
TABLE: dict[str, tuple[set[str], ...]] = {
    "app_access.list_app_access": LOOK,
    "app_access.list_assignable": LOOK,
    "app_access.give_connected_app": GRANTS,
    "app_access.take_connected_app": GRANTS,
    "app_access.give_external_client_app": ({VIEW, ADMIN},),
    "app_access.take_external_client_app": ({VIEW, ADMIN},),
    "app_manager.assess_app": LOOK,
    "app_manager.list_apps": LOOK,
    "app_manager.overview": LOOK,
    "app_manager.plan_migration": LOOK,
    "app_manager.references_of": LOOK,
    "app_manager.view_app": LOOK,
    "audit.list_audit": LOOK,
    "batch_undo.plan_undo": ANY_ECA,
    "batch_undo.start_undo": MIGRATE,
    "batches.batch_outcomes": LOOK,
    "batches.every_outcome": LOOK,
    "batches.list_batches": LOOK,
    "batches.resume_batch": MIGRATE,
    "batches.start_batch": MIGRATE,
    "batches.stop_batch": MIGRATE,
    "batches.undos_of": LOOK,
    "batches.view_batch": LOOK,
    "briefcases.assign": CUSTOMIZE,
    "briefcases.assignable_apps": LOOK,
    "briefcases.list_briefcases": LOOK,
    "briefcases.save_briefcase": CUSTOMIZE,
    "briefcases.unassign": CUSTOMIZE,
    "company.edit_org": CUSTOMIZE,
    "company.view_org": LOOK,
    "connected_apps.create_app": EDIT,
    "connected_apps.delete_app": EDIT,
    "connected_apps.edit_app": EDIT,
    "connected_apps.set_switches": EDIT,
    "consumer_details.reveal_connected_app": EDIT,
    "consumer_details.reveal_external_client_app": SECRET,
    "api_credentials.view_consumer": SECRET,
    "api_credentials.read_credentials": SECRET,
    "consumer_details.rotate_connected_app": ROTATE,
    "consumer_details.rotate_external_client_app": SECRET,
    "consumer_details.set_secret": EDIT,
    "deploying.deploy_connected_app": EDIT,
    "deploying_external.deploy_external_client_app": ANY_ECA,
    "exporting.export_apps": ANY_ECA,
    "exporting.retrieve_connected_apps": EDIT,
    "exporting.retrieve_external_client_apps": ANY_ECA,
    "external_client_app_edits.edit_policies": ({VIEW, ADMIN},),
    "external_client_app_edits.edit_settings": MIGRATE,
    "external_client_app_edits.loose_points": ANY_ECA,
    "external_client_app_edits.tighten": ANY_ECA,
    "external_client_apps.delete_external_client_app": MIGRATE,
    "external_client_apps.list_external_client_apps": ANY_ECA,
    "external_client_apps.view_external_client_app": ANY_ECA,
    "external_client_apps.what_deletion_loses": ANY_ECA,
    "importing.import_app": EDIT,
    "logins.export_logins": LOGINS,
    "logins.import_login_history": LOGINS,
    "logins.list_logins": LOGINS,
    "migrate.migrate": MIGRATE,
    "kept_elements.view_kept_elements": LOOK,
    "notifications.keep_type_elements": CUSTOMIZE,
    "notifications.list_delivery_settings": LOOK,
    "notifications.save_notification_type": CUSTOMIZE,
    "notifications.set_delivery": CUSTOMIZE,
    "oauth_usage.authorizations_of": USERS,
    "oauth_usage.block_app": BLOCK,
    "oauth_usage.export_tokens": USERS,
    "oauth_usage.is_blocked": USERS,
    "oauth_usage.list_usage": USERS,
    "oauth_usage.revoke_app": USERS,
    "oauth_usage.revoke_authorization": USERS,
    "oauth_usage.revoke_user": USERS,
    "oauth_usage.unblock_app": BLOCK,
    "oauth_usage.users_of": USERS,
    "people._add_user": USERS,
    "people._set_password": USERS,
    "people.assign_permission_set": USERS,
    "people.edit_user": USERS,
    "people.list_users": LOOK,
    "people.unassign_permission_set": USERS,
    "people.view_user": LOOK,
    "permission_sets.list_permission_sets": LOOK,
    "permission_sets.list_profiles": LOOK,
    "permission_sets.save_permission_set": PROFILES,
    "permission_sets.save_profile": PROFILES,
    "planning.standing": LOOK,
    "push.remove_push": EDIT,
    "push.set_push": EDIT,
    "push.view_push": LOOK,
    "sign_in._set_own_password": NOTHING,
    "sign_in.whoami": NOTHING,
    "staged_credentials.delete_staged": SECRET,
    "staged_credentials.read_staged": SECRET,
    "staged_credentials.rotate_staged": SECRET,
    "staged_credentials.stage": SECRET,
    "staged_credentials.view_staged": SECRET,
    "tokens.create_token": NOTHING,
    "tokens.list_tokens": NOTHING,
    "tokens.revoke_token": NOTHING,
    "tokens.revoke_tokens": NOTHING,
    "tokens.tokens_of": USERS,
    "tokens.revoke_token_of": USERS,
    "tokens.revoke_tokens_of": USERS,
    "connections.connections_of": USERS,
    "connections.list_connections": NOTHING,
    "connections.revoke_connection": NOTHING,
    "connections.revoke_connection_of": USERS,
    "sessions.list_sessions": NOTHING,
    "sessions.end_session": NOTHING,
    "sessions.end_sessions": NOTHING,
    "sessions.sessions_of": USERS,
    "sessions.end_session_of": USERS,
    "sessions.end_sessions_of": USERS,
    "user_provisioning.delete_user_provisioning": EDIT,
    "user_provisioning.deploy_user_provisioning": EDIT,
    "user_provisioning.list_user_provisioning": EDIT,
}

# What acts are made of. No door may call these: they ask nobody.
INNER = {
    "act": {"held", "require"},
    "api_credentials": {"refuse_closed"},
    "assessing": {"assess_again", "reassess", "reassess_named"},
    "batches": {"new_batch", "own_batch"},
    "audit": {"record"},
    "connected_apps": {"new_record", "refuse_creation", "refuse_taken_name", "require_grants", "write"},
    "consumer_details": {"replace_key"},
    "external_client_app_edits": {"write"},
    "granting": {"add_placeholders", "refuse_unknown_names"},
    "ending": {"end", "end_all", "of_user"},
    "importing": {"refuse_taken_key"},
    "importing_external": {
        "add_new",
        "import_external_client_app",
        "link_to",
        "refuse_held_names",
        "refuse_taken_key",
    },
    "kept_elements": {"keep"},
    "notifications": {"shown_apps"},
    "oauth_usage": {"end_user", "holder"},
    "own": {
        "own_app",
        "own_briefcase",
        "own_external_client_app",
        "own_notification_type",
        "own_org",
        "own_user",
    },
    "people": {"refuse_without_administrator"},
    "proof": {"refuse_old_proof"},
}
# These open their own units, and each asks in the first of them.
WITH_UNITS = {
    "batch_runs": {"migrate_several"},
    "importing": {"import_apps"},
    "logins": {"import_login_histories"},
    "people": {"create_user", "reset_password"},
    "sign_in": {"change_password", "prove"},
}


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(changeover.org.__path__, "changeover.org."):
        yield importlib.import_module(found.name)


def acts() -> dict[str, Any]:
    """Every registered act by name, as the doors call it."""
    list(modules())
    return {
        name: getattr(importlib.import_module(f"changeover.org.{module}"), function)
        for name in ACTS
        for module, function in [name.split(".")]
    }


def test_every_act_declares_what_it_needs() -> None:
    undeclared = set()
    for module in modules():
        short = module.__name__.rpartition(".")[2]
        for name, function in inspect.getmembers(module, inspect.isfunction):
            takes = list(inspect.signature(function).parameters)[:2]
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            if takes == ["unit", "actor"] and f"{short}.{name}" not in ACTS:
                undeclared.add((short, name))
            if takes == ["units", "actor"] and name not in WITH_UNITS.get(short, set()):
                undeclared.add((short, name))
    assert undeclared == {(module, name) for module, names in INNER.items() for name in names}


def test_the_table_knows_every_act() -> None:
    assert set(TABLE) == set(acts())


def _only(world: World, actor: Actor, names: set[str]) -> None:
    """Let a user hold exactly these permissions."""
    with world.unit() as unit:
        (profile,) = [one for one in unit.users.profiles(world.org_id) if one.name == "Standard User"]
        held = frozenset(BY_API_NAME[name] for name in names)
        unit.users.save_profile(
            world.org_id, Profile(profile_id=profile.profile_id, name=profile.name, permissions=held)
        )
    with world.read() as unit:
        assert unit.users.permissions(actor.user_id) == names


def _refused(world: World, actor: Actor, function: Any) -> bool:
    """Call an act without arguments: the permission is asked before anything else is looked at."""
    try:
        with world.read() as unit:
            function(unit, actor)
    except ChangeoverError as error:
        return error.kind is errors.NOT_PERMITTED
    except TypeError:
        return False
    return False


def test_every_act_against_every_set_that_matters(world: World) -> None:
    actor = world.user("someone@acme.example", "Standard User")
    every = {permission.value for permission in ALL_PERMISSIONS}
    smallest = {frozenset(one) for enough in TABLE.values() for one in enough}
    minus_one = {one - {name} for one in smallest for name in one}
    all_but_one = {frozenset(every - {name}) for name in every}
    singles = {frozenset({name}) for name in every}
    found = acts()
    for names in sorted(smallest | minus_one | all_but_one | singles | {frozenset()}, key=sorted):
        _only(world, actor, set(names))
        for name, enough in TABLE.items():
            may = any(one <= names for one in enough)
            assert _refused(world, actor, found[name]) is not may, (name, sorted(names))


def test_needs_are_denied_by_default() -> None:
    assert not Needs().met_by(ALL_PERMISSIONS)
    assert not SETUP.met_by(frozenset())
    assert Needs(one_of=(frozenset({P.MANAGE_USERS}),)).met_by(frozenset({P.MANAGE_USERS}))
    assert not Needs(one_of=(frozenset(),)).met_by(ALL_PERMISSIONS)
    for chosen in itertools.combinations(Permission, 2):
        needs = Needs(frozenset(chosen))
        assert needs.met_by(ALL_PERMISSIONS)
        assert not needs.met_by(ALL_PERMISSIONS - {chosen[0]})


def test_the_check_is_made_before_the_act(world: World) -> None:
    ran = []

    @act(Needs(), "do what nobody may")
    def nobody_may(_unit: object, _actor: object) -> None:
        ran.append(True)

    del ACTS["test_permissions.nobody_may"]
    with world.unit() as unit, pytest.raises(ChangeoverError) as caught:
        nobody_may(unit, world.admin)
    assert caught.value.kind is errors.NOT_PERMITTED
    assert ran == []


def test_acts_that_open_their_own_units_ask_too(world: World) -> None:
    world.bring(app())
    nobody = world.user("nobody@acme.example", "Standard User")
    units = world.house.units
    given = NewUser(username="x@acme.example", name="x", email="x", profile="Read Only")
    before = world.everything()
    for call in (
        lambda: list(migrate_several(units, nobody, ["Billing"], YES)),
        lambda: list(import_apps(units, nobody, [Incoming(app=app("New"), path="New")])),
        lambda: create_user(units, nobody, given),
        lambda: reset_password(units, nobody, "admin@acme.example"),
    ):
        with pytest.raises(ChangeoverError) as caught:
            call()
        assert caught.value.kind is errors.NOT_PERMITTED
    assert world.everything() == before


def test_a_deactivated_user_is_refused_at_the_next_act(world: World) -> None:
    reader = world.user("r@acme.example", "Read Only")
    world.do(edit_user, "r@acme.example", active=False)
    for function in acts().values():
        with pytest.raises(ChangeoverError) as caught, world.unit() as unit:
            function(unit, reader)
        assert caught.value.kind is errors.USER_NOT_ACTIVE


def test_a_permission_that_is_taken_back_ends_at_once(world: World) -> None:
    developer = world.user("d@acme.example", "Standard User", "External_Client_App_Developer")
    with world.read() as unit:
        require(unit, developer, Needs(frozenset({P.EXTERNAL_CLIENT_APP_DEVELOPER})), "migrate")
    world.do(unassign_permission_set, "d@acme.example", "External_Client_App_Developer")
    with world.read() as unit, pytest.raises(ChangeoverError):
        require(unit, developer, Needs(frozenset({P.EXTERNAL_CLIENT_APP_DEVELOPER})), "migrate")
