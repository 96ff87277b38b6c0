"""App access of profiles and permission sets: what the apps' own documents say, seen from the other side."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from changeover import errors
from changeover.apps.connected_app import SamlConfig
from changeover.org import app_access as acts
from changeover.org.app_access import Grantee, permission_set, profile
from changeover.org.audit import list_audit
from changeover.org.connected_apps import edit_app
from changeover.org.external_client_app_edits import edit_policies
from changeover.org.external_client_apps import view_external_client_app
from changeover.org.lists import AppKind, AuditQuery
from changeover.org.model.orgs import Actor
from changeover.org.permission_sets import save_permission_set, save_profile
from changeover.store.codec import Written
from changeover.store.schema.apps import connected_app, external_client_app
from tests.org.asked import statements
from tests.org.world import World, app, other_org, refused

CLERKS, READERS = profile("Standard User"), permission_set("External_Client_App_Viewer")
APPROVED = {"is_admin_approved": True}
SAML = SamlConfig(
    acs_url="https://sp.example.com/acs", entity_url="https://sp.example.com", saml_subject_type="Username"
)


def names(world: World, grantee: Grantee, actor: Actor | None = None) -> list[tuple[str, str]]:
    found = world.see(acts.list_app_access, grantee, actor=actor)
    return [(access.kind.value, access.api_name) for access in found]


def policies(world: World, api_name: str = "Billing") -> list[str | None]:
    """Return the profiles that each part of an external client app names."""
    record = world.see(view_external_client_app, api_name)
    return [part.comma_separated_profile for cls in acts.PARTS if (part := record.app.part(cls)) is not None]


@pytest.mark.parametrize("grantee", [CLERKS, READERS])
def test_access_is_given_and_taken_in_the_apps_own_document(world: World, grantee: Grantee) -> None:
    world.bring(app(oauth=APPROVED), app("Second", oauth=APPROVED))
    assert names(world, grantee) == []
    before = world.record()
    given = world.do(acts.give_connected_app, "billing", replace(grantee, name=grantee.name.upper()))
    listed = given.document.profile_name + given.document.permission_set_name
    assert listed == (grantee.name,), "as the org writes it"
    assert given.version > before.version
    assert names(world, grantee) == [("connected-app", "Billing")]
    (row, *_) = world.see(list_audit, AuditQuery(subject="Billing")).rows
    assert (row.event, row.before) == ("connected-app:app:edited", {next(iter(row.after)): None})
    assert list(row.after.values()) == [grantee.name]
    assert world.do(acts.give_connected_app, "Billing", grantee) == world.record(), "twice is once"
    world.do(acts.take_connected_app, "Billing", grantee)
    assert names(world, grantee) == []
    assert world.record().document == before.document


def test_what_the_app_says_is_seen_from_the_other_side_and_back(world: World) -> None:
    world.bring(app(oauth=APPROVED), app("Open"))
    changes = {"profileName": ["standard user", "Read Only"]}
    for name in ("Billing", "Open"):
        world.do(edit_app, name, changes, seen_version=None)
    found = {access.api_name: access.in_force for access in world.see(acts.list_app_access, CLERKS)}
    assert found == {"Billing": True, "Open": False}, "whatever the case, whether or not it decides"
    world.do(acts.take_connected_app, "Open", CLERKS)
    assert world.record("Open").document.profile_name == ("Read Only",)


def test_a_migrated_app_is_read_only_and_its_external_client_app_has_a_list_of_its_own(world: World) -> None:
    world.bring(app(oauth=APPROVED, profile_name=("Standard User",)))
    world.migrated("Billing")
    assert names(world, CLERKS) == [("connected-app", "Billing"), ("external-client-app", "Billing")]
    assert [access.read_only for access in world.see(acts.list_app_access, CLERKS)] == [True, False]
    for act in (acts.give_connected_app, acts.take_connected_app):
        refused(world, errors.APP_READ_ONLY, act, "Billing", READERS)
        refused(world, errors.APP_READ_ONLY, act, "Billing", CLERKS)
    assert {access.kind for access in world.see(acts.list_assignable)} == {AppKind.EXTERNAL}
    world.do(acts.give_external_client_app, "Billing", profile("Read Only"))
    assert policies(world) == ["Standard User, Read Only"]
    world.do(acts.take_external_client_app, "Billing", CLERKS)
    assert policies(world) == ["Read Only"]
    world.do(acts.take_external_client_app, "Billing", profile("Read Only"))
    assert policies(world) == [None]
    (row, *_) = world.see(list_audit, AuditQuery(subject="Billing")).rows
    assert row.event == "external-client-app:policies:edited"
    assert names(world, CLERKS) == [("connected-app", "Billing")]


def test_documents_of_before_have_blanks_and_say_the_same(world: World) -> None:
    named: dict[str, Any] = {"profile_name": ("Standard User",)}
    world.bring(
        app(oauth=APPROVED, **named),
        app("Provider", oauth_config=None, saml_config=SAML, **named),
        app("Open", **named),
        app("Older", oauth=APPROVED, **named),
    )
    for name in ("Provider", "Older"):
        world.migrated(name)
    new = world.see(acts.list_app_access, CLERKS)
    for column in (connected_app.c.document, external_client_app.c.documents):
        with world.house.database.write() as connection:
            rows = connection.execute(select(column.table.c.id, column)).all()
            for app_id, document in rows:
                connection.execute(
                    update(column.table)
                    .where(column.table.c.id == app_id)
                    .values({column: Written(json.dumps(document))})
                )
    assert world.see(acts.list_app_access, CLERKS) == new
    assert {access.in_force for access in new} == {True, False}


def test_both_parts_of_an_external_client_app_say_the_same(world: World) -> None:
    world.bring(app(oauth=APPROVED, saml_config=SAML))
    world.migrated("Billing")
    world.do(edit_policies, "Billing", {"ecaSamlPlcy/commaSeparatedProfile": "Read Only"}, seen_version=None)
    world.do(acts.give_external_client_app, "Billing", CLERKS)
    assert policies(world) == ["Read Only, Standard User"] * 2


def test_where_all_users_authorize_themselves_nothing_is_given(world: World) -> None:
    world.bring(app(), app("Provider", oauth_config=None, saml_config=SAML), app("Later"))
    refused(world, errors.SELF_AUTHORIZED, acts.give_connected_app, "Billing", CLERKS)
    world.do(acts.give_connected_app, "Provider", CLERKS)
    world.migrated("Later")
    refused(world, errors.SELF_AUTHORIZED, acts.give_external_client_app, "Later", CLERKS)
    assert [access.api_name for access in world.see(acts.list_assignable)] == ["Provider"]
    changes = {"ecaOauthPlcy/permittedUsersPolicyType": "AdminApprovedPreAuthorized"}
    world.do(edit_policies, "Later", changes, seen_version=None)
    world.do(acts.give_external_client_app, "Later", CLERKS)
    assert names(world, CLERKS) == [("connected-app", "Provider"), ("external-client-app", "Later")]


def test_a_placeholder_shows_who_names_it_and_is_given_nothing(world: World) -> None:
    world.bring(
        app(oauth=APPROVED, profile_name=("Ghosts",), permission_set_name=("Ghost_Set",)),
        app("Second", oauth=APPROVED),
    )
    for ghosts in (profile("Ghosts"), permission_set("Ghost_Set")):
        assert names(world, ghosts) == [("connected-app", "Billing")]
        refused(world, errors.PLACEHOLDER, acts.give_connected_app, "Second", ghosts)
    world.do(save_profile, "Ghosts", [])
    world.do(save_permission_set, "Ghost_Set", "Ghosts", [])
    for real in (profile("Ghosts"), permission_set("Ghost_Set")):
        world.do(acts.give_connected_app, "Second", real)
        world.do(acts.take_connected_app, "Billing", real)
        assert names(world, real) == [("connected-app", "Second")]


def test_a_name_with_a_comma_cannot_be_told_from_two_in_policies(world: World) -> None:
    world.bring(app(oauth=APPROVED))
    world.do(save_profile, "Sales, West", [])
    west = profile("Sales, West")
    world.do(acts.give_connected_app, "Billing", west)
    assert names(world, west) == [("connected-app", "Billing")]
    world.do(acts.take_connected_app, "Billing", west)
    world.migrated("Billing")
    error = refused(world, errors.VALUE_REFUSED, acts.give_external_client_app, "Billing", west)
    assert "comma" in error.message


@pytest.mark.parametrize("grantee", [profile("Nobody"), permission_set("Nobody"), profile("")])
def test_what_the_org_lacks_is_not_found(world: World, grantee: Grantee) -> None:
    world.bring(app(oauth=APPROVED), app("Other", oauth=APPROVED))
    world.migrated("Other")
    refused(world, errors.RECORD_NOT_FOUND, acts.list_app_access, grantee)
    for act in (acts.give_connected_app, acts.take_connected_app):
        refused(world, errors.RECORD_NOT_FOUND, act, "Billing", grantee)
        refused(world, errors.APP_NOT_FOUND, act, "Nope", CLERKS)
    for other in (acts.give_external_client_app, acts.take_external_client_app):
        refused(world, errors.RECORD_NOT_FOUND, other, "Other", grantee)
        refused(world, errors.EXTERNAL_CLIENT_APP_NOT_FOUND, other, "Billing", CLERKS)


def test_external_client_apps_are_seen_by_who_may_view_them(world: World) -> None:
    world.bring(app(oauth=APPROVED, profile_name=("Standard User",)))
    world.migrated("Billing")
    world.do(save_permission_set, "Lookers", "Lookers", ["ViewSetup"])
    looker = world.user("l@acme.example", "Standard User", "Lookers")
    viewer = world.user("v@acme.example", "Standard User", "Lookers", "External_Client_App_Viewer")
    assert names(world, CLERKS, looker) == [("connected-app", "Billing")]
    assert len(names(world, CLERKS, viewer)) == 2
    assert world.see(acts.list_assignable, actor=looker) == ()
    assert len(world.see(acts.list_assignable, actor=viewer)) == 1


def test_another_orgs_apps_and_profiles_are_nobodys(world: World) -> None:
    world.bring(app(oauth=APPROVED, profile_name=("Standard User",)))
    world.do(save_profile, "Ours", [])
    stranger = other_org(world)
    assert names(world, CLERKS, stranger) == []
    assert world.see(acts.list_assignable, actor=stranger) == ()
    refused(world, errors.APP_NOT_FOUND, acts.give_connected_app, "Billing", CLERKS, actor=stranger)
    refused(world, errors.RECORD_NOT_FOUND, acts.list_app_access, profile("Ours"), actor=stranger)


def test_what_a_value_holds_is_not_taken_for_what_an_app_is(world: World) -> None:
    text = '["oauthConfig/isAdminApproved", "true"] ["samlConfig/x "profileName[1]", "Standard User"]'
    part = '"type": "ExtlClntAppSamlConfigurablePolicies"'
    world.bring(app(description=text), app("Later", description=part))
    world.migrated("Later")
    assert world.see(acts.list_assignable) == ()
    assert names(world, CLERKS) == []


def test_however_many_apps_there_are_it_takes_the_same_statements(world: World) -> None:
    counts = []
    for number in (2, 12):
        many = {"oauth": APPROVED, "profile_name": ("Standard User",)}
        world.bring(*(app(f"App{number}_{each}", **many) for each in range(number)))
        counts.append(
            (statements(world, acts.list_app_access, CLERKS), statements(world, acts.list_assignable))
        )
    assert counts[0] == counts[1]
