"""Edits of connected and external client apps: who may, what is refused, what the audit trail says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changeover import errors
from changeover.apps.document import leaves
from changeover.apps.external_client_app import (
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
)
from changeover.errors import ChangeoverError
from changeover.migration.finding import Verdict
from changeover.org import audit, company
from changeover.org.connected_apps import create_app, delete_app, edit_app, set_switches
from changeover.org.editing import changed
from changeover.org.external_client_app_edits import edit_policies, edit_settings, loose_points, tighten
from changeover.org.external_client_apps import view_external_client_app
from changeover.org.lists import AuditQuery
from changeover.org.model.apps import Origin
from changeover.org.permission_sets import save_permission_set
from tests.org.world import World, app, refused

NEW: dict[str, Any] = {
    "label": "Brand new",
    "contactEmail": "a@example.com",
    "oauthConfig/callbackUrl": "https://new.example.com/cb",
    "oauthConfig/scopes": ["Api", "RefreshToken"],
}


def test_creation_is_off_with_the_reason_of_spring_26(world: World) -> None:
    error = refused(world, errors.CREATION_OFF, create_app, "Brand_New", NEW)
    assert "Spring '26" in error.message
    assert "Support" in error.remedy


def test_with_supports_exception_an_app_can_be_created(world: World) -> None:
    world.do(company.edit_org, {"connected_app_creation_allowed": True}, seen_version=None)
    record = world.do(create_app, "Brand_New", NEW)
    assert (record.origin, record.verdict, record.secret_set) == (Origin.CREATED, Verdict.ELIGIBLE, True)
    assert record.document.consumer_key.startswith("3MVG9")
    refused(world, errors.NAME_TAKEN, create_app, "brand_new", NEW)
    for name in ("", "1App", "My App", "A__B", "App_", "Ä", "A" * 81):
        refused(world, errors.VALUE_REFUSED, create_app, name, NEW)
    refused(world, errors.VALUE_REFUSED, create_app, "Other", {"contactEmail": "a@example.com"})
    with_key = NEW | {"oauthConfig/consumerKey": "mine"}
    refused(world, errors.VALUE_REFUSED, create_app, "Other", with_key)


def test_an_edit_changes_the_app_its_version_and_its_verdict(world: World) -> None:
    world.bring(app())
    before = world.record()
    changes = {
        "label": "Billing 2",
        "oauthConfig/scopes": ["Api"],
        "oauthConfig/isPkceRequired": True,
        "ipRanges": [{"start": "192.0.2.1", "end": "192.0.2.9", "description": "Office"}],
        "plugin": "Handler",
        "description": None,
    }
    after = world.do(edit_app, "Billing", changes, seen_version=before.version)
    assert after.document.label == "Billing 2"
    assert after.document.oauth_config.scopes == ("Api",)
    assert after.document.oauth_config.is_pkce_required is True
    assert after.document.ip_ranges[0].end == "192.0.2.9"
    assert after.document.consumer_key == before.document.consumer_key
    assert after.version > before.version
    assert after.verdict is Verdict.BLOCKED
    assert after.modified_by == "admin@acme.example"
    (row, _imported) = world.see(audit.list_audit, AuditQuery(subject="Billing")).rows
    assert row.before["label"] == "Billing"
    assert row.after["oauthConfig/isPkceRequired"] == "true"
    assert row.before["oauthConfig/scopes[2]"] == "RefreshToken"
    assert row.after["oauthConfig/scopes[2]"] is None


def test_an_edit_that_says_what_is_there_changes_nothing(world: World) -> None:
    world.bring(app())
    before = world.everything()
    world.do(edit_app, "Billing", {"label": "Billing"}, seen_version=None)
    assert world.everything() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"label": None},
        {"label": ""},
        {"label": "x" * 256},
        {"label": "nul\x00"},
        {"label": "lone \ud800"},
        {"label": 7.5},
        {"label": ["a"]},
        {"nonsense": "x"},
        {"oauthConfig": "x"},
        {"oauthConfig": {"callbackUrl": "x"}},
        {"oauthConfig": None},
        {"": "x"},
        {"a/b[0]": "x"},
        {"oauthConfig/consumerKey": "mine"},
        {"oauthConfig/consumerSecret": "mine"},
        {"oauthConfig/isPkceRequired": "yes"},
        {"oauthConfig/scopes": ["Nonsense"]},
        {"oauthConfig/scopes": "Api"},
        {"oauthConfig/scopes[1]": "Nonsense"},
        {"oauthConfig/callbackUrl": None},
        {"oauthPolicy/ipRelaxation": "NEVER"},
        {"oauthPolicy/refreshTokenPolicy": "sometimes"},
        {"sessionPolicy/sessionTimeout": "-5"},
        {"sessionPolicy/sessionTimeout": "007"},
        {"sessionPolicy/sessionTimeout": "9" * 30},
        {"ipRanges": [{"start": "192.0.2.9", "end": "192.0.2.1"}]},
        {"ipRanges": [{"start": "192.0.2.9"}]},
        {"ipRanges": [{"start": "here", "end": "there"}]},
        {"ipRanges": [{"start": "192.0.2.9", "end": "2001:db8::1"}]},
        {"ipRanges": ["192.0.2.9"]},
        {"permissionSetName": ["Nobody_Knows"]},
        {"profileName": ["Nobody"]},
        {"oauthConfig/oauthClientCredentialUser": "nobody@acme.example"},
    ],
)
def test_a_value_that_is_not_allowed_is_refused(world: World, changes: dict[str, Any]) -> None:
    world.bring(app())
    error = refused(world, errors.VALUE_REFUSED, edit_app, "Billing", changes, seen_version=None)
    assert error.message
    assert "Traceback" not in error.message


def test_what_a_file_brought_in_is_not_judged_by_another_edit(world: World) -> None:
    world.bring(app(contact_email=None, oauth={"scopes": ("Nonsense",)}))
    world.do(edit_app, "Billing", {"description": "New"}, seen_version=None)
    assert world.record().document.oauth_config.scopes == ("Nonsense",)  # type: ignore[union-attr]


def test_grants_and_attributes_need_more(world: World) -> None:
    world.bring(app())
    names = ["ViewSetup", "CustomizeApplication", "ManageRemoteAccess"]
    world.do(save_permission_set, "App_Manager", "App Manager", names)
    manager = world.user("m@acme.example", "Standard User", "App_Manager")
    world.do(edit_app, "Billing", {"label": "Fine"}, actor=manager, seen_version=None)
    for changes in (
        {"permissionSetName": ["App_Manager"]},
        {"profileName": ["Read Only"]},
        {"attributes": [{"key": "a", "formula": "$User.Id"}]},
    ):
        refused(world, errors.NOT_PERMITTED, edit_app, "Billing", changes, actor=manager, seen_version=None)
        world.do(edit_app, "Billing", changes, seen_version=None)


def test_deletion_asks_and_takes_everything_along(world: World) -> None:
    world.bring(app())
    world.server_key()
    version = world.record().version
    confirm = errors.CONFIRM_DELETION
    refused(world, confirm, delete_app, "Billing", confirmed=False, seen_version=version)
    refused(world, errors.STALE_PAGE, delete_app, "Billing", confirmed=True, seen_version=version - 1)
    world.do(delete_app, "Billing", confirmed=True, seen_version=version)
    assert world.everything()["push_settings"] == []
    (row, *_) = world.see(audit.list_audit, AuditQuery(subject="Billing")).rows
    assert row.before["label"] == "Billing"
    assert row.after is None


def test_switches_feed_the_verdict(world: World) -> None:
    world.bring(app())
    record = world.do(set_switches, "Billing", user_provisioning=True, seen_version=world.record().version)
    assert (record.verdict, record.user_provisioning) == (Verdict.BLOCKED, True)
    record = world.do(set_switches, "Billing", user_provisioning=False, seen_version=record.version)
    assert record.verdict is Verdict.ELIGIBLE


# --- external client apps -------------------------------------------------------------------------------


@pytest.fixture
def migrated(world: World) -> World:
    """An org with one app that has been migrated."""
    world.bring(app())
    world.migrated()
    return world


def test_settings_are_the_developers_and_policies_the_admins(migrated: World) -> None:
    developer = migrated.user("d@acme.example", "Standard User", "External_Client_App_Developer")
    admin = migrated.user("p@acme.example", "Standard User", "External_Client_App_Admin")
    setting = {"ecaGlblOauth/isPkceRequired": True}
    policy = {"ecaOauthPlcy/permittedUsersPolicyType": "AdminApprovedPreAuthorized"}
    refused(migrated, errors.NOT_PERMITTED, edit_settings, "Billing", setting, actor=admin, seen_version=None)
    refused(
        migrated, errors.NOT_PERMITTED, edit_policies, "Billing", policy, actor=developer, seen_version=None
    )
    # Nor through the other's act.
    refused(
        migrated, errors.VALUE_REFUSED, edit_settings, "Billing", policy, actor=developer, seen_version=None
    )
    refused(migrated, errors.VALUE_REFUSED, edit_policies, "Billing", setting, actor=admin, seen_version=None)
    migrated.do(edit_settings, "Billing", setting, actor=developer, seen_version=1)
    record = migrated.do(edit_policies, "Billing", policy, actor=admin, seen_version=2)
    assert record.app.part(ExtlClntAppGlobalOauthSettings).is_pkce_required is True
    policies = record.app.part(ExtlClntAppOauthConfigurablePolicies)
    assert policies.permitted_users_policy_type == "AdminApprovedPreAuthorized"
    assert (record.version, record.modified_by) == (3, "p@acme.example")


def test_edits_of_it_are_on_record_by_component(migrated: World) -> None:
    migrated.do(edit_settings, "Billing", {"eca/label": "New"}, seen_version=None)
    event = audit.Event.EXTERNAL_CLIENT_APP_SETTINGS_EDITED.value
    (row,) = migrated.see(audit.list_audit, AuditQuery(event=event)).rows
    assert row.before == {"Billing.eca": {"label": "Billing"}}
    assert row.after == {"Billing.eca": {"label": "New"}}


@pytest.mark.parametrize(
    "changes",
    [
        {"eca/distributionState": "Packaged"},
        {"eca/distributionState": None},
        {"eca/orgScopedExternalApp": "00Dxx:Billing"},
        {"eca/label": None},
        {"ecaGlblOauth/consumerKey": "mine"},
        {"ecaGlblOauth/consumerSecret": "mine"},
        {"ecaGlblOauth/shouldRotateConsumerSecret": True},
        {"ecaGlblOauth/externalClientApplication": "Other"},
        {"ecaOauth/oauthLink": "x"},
        {"ecaOauth/isUsernamePasswordFlowEnabled": True},
        {"ecaPush/pushServiceType": "Apple"},
        {"nonsense/label": "x"},
        {"label": "x"},
        {"eca": "x"},
        {"eca/": "x"},
    ],
)
def test_a_setting_that_is_not_allowed_is_refused(migrated: World, changes: dict[str, Any]) -> None:
    refused(migrated, errors.VALUE_REFUSED, edit_settings, "Billing", changes, seen_version=None)


@pytest.mark.parametrize(
    "changes",
    [
        {"ecaOauthPlcy/permittedUsersPolicyType": None},
        {"ecaOauthPlcy/permittedUsersPolicyType": ""},
        {"ecaOauthPlcy/ipRelaxationPolicyType": None},
        {"ecaOauthPlcy/isClientCredentialsFlowEnabled": None},
        {"ecaOauthPlcy/isClientCredentialsFlowEnabled": True},
        {"ecaOauthPlcy/refreshTokenPolicyType": "SpecificLifetime"},
        {"ecaOauthPlcy/refreshTokenValidityPeriod": 5},
        {"ecaOauthPlcy/commaSeparatedPermissionSet": "Nobody_Knows"},
        {"ecaPlcy/isEnabled": None},
        {"ecaPlcy/startPage": "Anywhere"},
    ],
)
def test_a_policy_is_written_out_never_left_to_a_default(migrated: World, changes: dict[str, Any]) -> None:
    refused(migrated, errors.VALUE_REFUSED, edit_policies, "Billing", changes, seen_version=None)


def test_every_policy_is_written_out_by_the_migration(migrated: World) -> None:
    record = migrated.see(view_external_client_app, "Billing")
    policies = record.app.part(ExtlClntAppOauthConfigurablePolicies)
    written = {leaf.path for leaf in leaves(policies)}
    assert written >= {
        "ipRelaxationPolicyType",
        "permittedUsersPolicyType",
        "refreshTokenPolicyType",
        "requiredSessionLevel",
        "isClientCredentialsFlowEnabled",
    }


def test_what_is_loose_is_listed_and_tightened_in_one_step(migrated: World) -> None:
    found = {point.id for point in migrated.see(loose_points, "Billing")}
    assert {"pkce-off", "endless-refresh-tokens", "all-users"} <= found
    developer = migrated.user("d@acme.example", "Standard User", "External_Client_App_Developer")
    admin = migrated.user("p@acme.example", "Standard User", "External_Client_App_Admin")
    refused(migrated, errors.NOT_PERMITTED, tighten, "Billing", "pkce-off", actor=admin, seen_version=None)
    refused(
        migrated, errors.NOT_PERMITTED, tighten, "Billing", "all-users", actor=developer, seen_version=None
    )
    for point in sorted(found):
        version = migrated.see(view_external_client_app, "Billing").version
        migrated.do(tighten, "Billing", point, seen_version=version)
    assert migrated.see(loose_points, "Billing") == ()
    refused(migrated, errors.RECORD_NOT_FOUND, tighten, "Billing", "pkce-off", seen_version=None)
    before = migrated.record()
    assert before.document.oauth_policy is not None
    assert before.document.oauth_policy.refresh_token_policy == "infinite"


# --- changes to documents -------------------------------------------------------------------------------

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=20),
    st.lists(st.text(max_size=5), max_size=3),
    st.lists(st.dictionaries(st.text(max_size=8), st.text(max_size=5), max_size=2), max_size=2),
)
PATHS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["label", "oauthConfig/scopes", "ipRanges", "ipRanges[1]/start", "attributes", "canvas"]),
)


@given(st.dictionaries(PATHS, VALUES, max_size=4))
def test_changes_of_any_kind_are_made_or_refused_in_words(changes: dict[str, Any]) -> None:
    document = app()
    refusal = None
    result = document
    try:
        result = changed(document, changes)
    except ChangeoverError as error:
        refusal = error
    if refusal is not None:
        assert refusal.kind is errors.VALUE_REFUSED
        assert refusal.message.isprintable()
    for leaf in leaves(document):
        if not leaf.path.startswith(tuple(changes)):
            assert leaf in leaves(result)
