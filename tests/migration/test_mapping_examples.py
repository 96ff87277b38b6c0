"""What a connected app becomes, written out by hand."""

from __future__ import annotations

import pytest

from changeover.apps.document import Leaf, leaves
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.reference import Reference
from changeover.apps.types import component
from changeover.errors import ChangeoverError
from changeover.migration.account import Entry, Kind
from changeover.migration.mapping import expected_result, side_by_side
from changeover.migration.mapping.side_by_side import free_api_name
from changeover.migration.situation import PushConfiguration
from tests.migration.make import BARE, KEY, OAUTH, SAML, app


def written(made: ExternalClientApp) -> dict[str, dict[str, str]]:
    return {
        component(document): {leaf.path: leaf.value for leaf in leaves(document)}
        for document in made.documents
    }


def entry(entries: tuple[Entry, ...], source: str) -> Entry:
    return next(one for one in entries if one.source == source)


def test_an_oauth_app_becomes_five_components_with_every_policy_written_out() -> None:
    more = {
        "oauthConfig/scopes[2]": "RefreshToken",
        "oauthConfig/scopes[3]": "SFAP",
        "oauthConfig/isAdminApproved": "true",
        "oauthConfig/isClientCredentialEnabled": "true",
        "oauthConfig/oauthClientCredentialUser": "int@example.com",
        "oauthPolicy/refreshTokenPolicy": "specific_lifetime:90:DAYS",
        "oauthPolicy/ipRelaxation": "ENFORCE_RELAXREFRESH",
        "permissionSetName[1]": "Integration",
        "profileName[1]": "System Administrator",
        "profileName[2]": "Standard User",
        "attributes[1]/key": "department",
        "attributes[1]/formula": "$User.Department",
        "ipRanges[1]/start": "198.18.0.1",
        "ipRanges[1]/end": "198.18.0.9",
        "sessionPolicy/sessionTimeout": "15",
        "startUrl": "/lightning",
    }
    assert written(expected_result(app(more=more)).external_client_app) == {
        "Billing.eca": {
            "contactEmail": "admin@example.com",
            "distributionState": "Local",
            "isProtected": "false",
            "label": "Billing",
        },
        "Billing_glbloauth.ecaGlblOauth": {
            "callbackUrl": "https://billing.example.com/callback",
            "consumerKey": KEY,
            "externalClientApplication": "Billing",
            "isClientCredentialsFlowEnabled": "true",
            "isCodeCredFlowEnabled": "false",
            "isCodeCredPostOnly": "false",
            "isConsumerSecretOptional": "false",
            "isDPopEnabled": "false",
            "isDeviceFlowEnabled": "false",
            "isEnforceRefreshTokenTTL": "false",
            "isIntrospectAllTokens": "false",
            "isMtlsEnabled": "false",
            "isNamedUserJwtEnabled": "false",
            "isPkceRequired": "false",
            "isRefreshTokenRotationEnabled": "false",
            "isSecretRequiredForRefreshToken": "true",
            "isSecretRequiredForTokenExchange": "false",
            "isTokenExchangeEnabled": "false",
            "label": "Billing_glbloauth",
            "shouldRotateConsumerKey": "false",
            "shouldRotateConsumerSecret": "false",
        },
        "Billing_oauth.ecaOauth": {
            "commaSeparatedOauthScopes": "Api, RefreshToken, SFApiPlatform",
            "externalClientApplication": "Billing",
            "isFirstPartyAppEnabled": "false",
            "label": "Billing_oauth",
            "trustedIpRanges[1]/endIpAddress": "198.18.0.9",
            "trustedIpRanges[1]/startIpAddress": "198.18.0.1",
        },
        "Billing_oauthPlcy.ecaOauthPlcy": {
            "clientCredentialsFlowUser": "int@example.com",
            "commaSeparatedPermissionSet": "Integration",
            "commaSeparatedProfile": "System Administrator, Standard User",
            "customAttributes[1]/formula": "$User.Department",
            "customAttributes[1]/key": "department",
            "externalClientApplication": "Billing",
            "ipRelaxationPolicyType": "Enforce_relaxrefresh",
            "isClientCredentialsFlowEnabled": "true",
            "isGuestCodeCredFlowEnabled": "false",
            "isTokenExchangeFlowEnabled": "false",
            "label": "Billing_oauthPlcy",
            "permittedUsersPolicyType": "AdminApprovedPreAuthorized",
            "refreshTokenPolicyType": "SpecificLifetime",
            "refreshTokenValidityPeriod": "90",
            "refreshTokenValidityUnit": "Days",
            "requiredSessionLevel": "STANDARD",
            "sessionTimeoutInMinutes": "15",
        },
        "Billing_plcy.ecaPlcy": {
            "externalClientApplication": "Billing",
            "isCanvasPluginEnabled": "false",
            "isEnabled": "true",
            "isMobilePluginEnabled": "false",
            "isNotificationPluginEnabled": "false",
            "isOauthPluginEnabled": "true",
            "isPushPluginEnabled": "false",
            "isSamlPluginEnabled": "false",
            "label": "Billing_plcy",
            "startPage": "Custom",
            "startUrl": "/lightning",
        },
    }


KINDS = [
    ("label", "Billing", Kind.CARRIED, ["Billing"]),
    ("oauthConfig/consumerKey", "k.1_x", Kind.CARRIED, ["k.1_x"]),
    ("oauthConfig/isCodeCredentialEnabled", "true", Kind.CARRIED, ["true"]),
    ("oauthConfig/isAdminApproved", "false", Kind.TRANSLATED, ["AllSelfAuthorized"]),
    ("oauthConfig/isAdminApproved", "maybe", Kind.CARRIED, ["maybe"]),
    ("oauthConfig/isClientCredentialEnabled", "true", Kind.SPLIT, ["true", "true"]),
    ("oauthConfig/scopes[2]", "Web", Kind.TRANSLATED, ["Api, Web"]),
    ("oauthConfig/scopes[2]", "Api", Kind.CARRIED, ["Api"]),
    ("oauthConfig/scopes[2]", "Tomorrow", Kind.TRANSLATED, ["Api, Tomorrow"]),
    ("oauthConfig/scopes[2]", "A2A", Kind.LOST, []),
    ("oauthConfig/isIpBindingEnabled", "false", Kind.LOST, []),
    ("oauthPolicy/ipRelaxation", "BYPASS_2FACTOR", Kind.TRANSLATED, ["Bypass_2factor"]),
    ("oauthPolicy/ipRelaxation", "SOMETIMES", Kind.CARRIED, ["SOMETIMES"]),
    ("oauthPolicy/refreshTokenPolicy", "infinite", Kind.TRANSLATED, ["Infinite"]),
    (
        "oauthPolicy/refreshTokenPolicy",
        "specific_inactivity:12:MONTHS",
        Kind.SPLIT,
        ["SpecificInactivity", "12", "Months"],
    ),
    ("oauthPolicy/refreshTokenPolicy", "for_ever", Kind.CARRIED, ["for_ever"]),
    ("startUrl", "/home", Kind.SPLIT, ["/home", "Custom"]),
    ("startUrl", "", Kind.CARRIED, [""]),
    ("mobileStartUrl", "/m", Kind.LOST, []),
    ("mobileAppConfig/applicationBinaryFile", "", Kind.LOST, []),
    ("mobileAppConfig/brandNew", "1", Kind.LOST, []),
    ("plugin", "Handler", Kind.CARRIED, ["Handler"]),
    ("canvasConfig/locations[1]", "Chatter", Kind.LOST, []),
    ("canvasConfig/locations[1]", "Aura", Kind.CARRIED, ["Aura"]),
    ("canvasConfig/locations[1]", "Moon", Kind.CARRIED, ["Moon"]),
    ("canvasConfig/options[1]", "PersonalEnabled", Kind.LOST, []),
    ("canvas/locationOptions", "CT,VF,AR", Kind.SPLIT, ["Visualforce", "Aura"]),
    ("canvas/locationOptions", "CT,VF", Kind.TRANSLATED, ["Visualforce"]),
    ("canvas/locationOptions", "CT,SD", Kind.LOST, []),
    ("canvas/locationOptions", "CT,??", Kind.CARRIED, ["CT,??"]),
    ("canvas/canvasOptions", "HS,HH", Kind.SPLIT, ["HideShare", "HideHeader"]),
    ("canvas/samlInitiationMethod", "0", Kind.TRANSLATED, ["None"]),
    ("oauthConfig/brandNew", "1", Kind.CARRIED, ["1"]),
    ("oauthConfig/isPkceRequired", "yes", Kind.CARRIED, ["yes"]),
    ("distributionState", "Packaged", Kind.CARRIED, ["Packaged"]),
]


@pytest.mark.parametrize(("path", "value", "kind", "values"), KINDS)
def test_a_leaf_goes_where_the_table_says(path: str, value: str, kind: Kind, values: list[str]) -> None:
    told = entry(expected_result(app(more={path: value})).account.entries, path)
    assert (told.kind, [target.value for target in told.targets]) == (kind, values)


PLACES = [
    ("brandNew", "Billing.eca/brandNew"),
    ("oauthConfig/brandNew", "Billing_glbloauth.ecaGlblOauth/brandNew"),
    ("oauthConfig/idTokenConfig/brandNew", "Billing_glbloauth.ecaGlblOauth/idTokenConfig/brandNew"),
    ("oauthConfig/assetTokenConfig/brandNew", "Billing_oauth.ecaOauth/brandNew"),
    ("oauthPolicy/brandNew", "Billing_oauthPlcy.ecaOauthPlcy/brandNew"),
    ("sessionPolicy/brandNew", "Billing_oauthPlcy.ecaOauthPlcy/brandNew"),
    ("samlConfig/brandNew", "Billing_samlPlcy.ecaSamlPlcy/brandNew"),
    ("canvasConfig/brandNew", "Billing_canvasSettings.ecaCanvas/brandNew"),
    ("ipRanges[1]/brandNew", "Billing_oauth.ecaOauth/trustedIpRanges[1]/brandNew"),
    ("attributes[1]/brandNew", "Billing_oauthPlcy.ecaOauthPlcy/customAttributes[1]/brandNew"),
    ("oauthConfig/consumerKey/@xsi:nil", "Billing_glbloauth.ecaGlblOauth/consumerKey/@xsi:nil"),
    # Names that mean something on an external client app are never taken from an unknown element.
    ("distributionState", "Billing.eca/connectedApp/distributionState"),
    ("oauthConfig/externalClientApplication", None),
    ("label[2]", "Billing.eca/connectedApp/label"),
    ("oauthConfig/shouldRotateConsumerKey", None),
    ("attributes[1]/key/inner", "Billing_oauthPlcy.ecaOauthPlcy/customAttributes[1]/connectedApp/key/inner"),
]


@pytest.mark.parametrize(("path", "place"), PLACES)
def test_what_nobody_knows_stands_beside_its_siblings(path: str, place: str | None) -> None:
    told = entry(expected_result(app(more={path: "7"})).account.entries, path)
    expected = place or f"Billing_glbloauth.ecaGlblOauth/connectedApp/{path}"
    assert str(told.targets[0]) == expected
    assert told.targets[0].value == "7"
    assert told.kind is Kind.CARRIED


def test_a_saml_app_has_no_oauth_part_and_people_in_its_saml_policies() -> None:
    more = {"profileName[1]": "Standard User", "permissionSetName[1]": "SSO"}
    made = written(expected_result(app(SAML, more)).external_client_app)
    assert set(made) == {"Billing.eca", "Billing_plcy.ecaPlcy", "Billing_samlPlcy.ecaSamlPlcy"}
    assert made["Billing_samlPlcy.ecaSamlPlcy"]["commaSeparatedProfile"] == "Standard User"
    assert made["Billing_samlPlcy.ecaSamlPlcy"]["nameIdFormat"] == "Unspecified"
    assert made["Billing_plcy.ecaPlcy"]["isSamlPluginEnabled"] == "true"
    assert made["Billing_plcy.ecaPlcy"]["isOauthPluginEnabled"] == "false"


def test_with_oauth_and_saml_people_and_attributes_stand_in_both_policies() -> None:
    more = {
        "permissionSetName[1]": "SSO",
        "attributes[1]/key": "k",
        "attributes[1]/formula": "$User.Id",
        **{path: value for path, value in SAML.items() if path.startswith("samlConfig")},
    }
    result = expected_result(app(more=more))
    for path, name in (("permissionSetName[1]", "commaSeparatedPermissionSet"), ("attributes[1]/key", "")):
        told = entry(result.account.entries, path)
        assert told.kind is Kind.SPLIT
        assert [str(target).partition("/")[0] for target in told.targets] == [
            "Billing_oauthPlcy.ecaOauthPlcy",
            "Billing_samlPlcy.ecaSamlPlcy",
        ]
        assert name in str(told.targets[0])


def test_without_oauth_its_settings_have_a_home_and_the_plugin_stays_off() -> None:
    result = expected_result(app(BARE, {"sessionPolicy/sessionTimeout": "15"}))
    made = written(result.external_client_app)
    assert made["Billing_oauthPlcy.ecaOauthPlcy"]["sessionTimeoutInMinutes"] == "15"
    assert made["Billing_plcy.ecaPlcy"]["isOauthPluginEnabled"] == "false"
    assert "only home" in entry(result.account.entries, "sessionPolicy/sessionTimeout").note


def test_asset_token_defaults_are_written_only_where_there_are_asset_tokens() -> None:
    plain = written(expected_result(app()).external_client_app)["Billing_oauth.ecaOauth"]
    assert "areAttributesIncludedInAssetToken" not in plain
    more = {"oauthConfig/assetTokenConfig/assetAudiences": "https://a.example.com"}
    made = written(expected_result(app(more=more)).external_client_app)["Billing_oauth.ecaOauth"]
    assert made["areAttributesIncludedInAssetToken"] == "true"
    assert made["areCustomPermsIncludedInAssetToken"] == "true"


def reference(kind: str, *context: tuple[str, str], path: str = "a[1]/connectedApp") -> Reference:
    return Reference(
        kind=kind,
        file=f"dir/{kind}.x-meta.xml",
        path=path,
        app="Billing",
        context=tuple(Leaf(*leaf) for leaf in context),
    )


def test_references_are_accounted_for_by_file_and_path() -> None:
    given = (
        reference("AppMenu"),
        reference("CustomPermission"),
        reference("OauthTokenExchangeHandler"),
        reference("UserProvisioningConfig"),
        reference("BriefcaseDefinition"),
        reference("OauthCustomScope", ("developerName", "scope_one")),
        reference("NotificationTypeConfig", ("notificationType", "alert"), ("a[1]/enabled", "false")),
    )
    result = expected_result(app(), given)
    told = {one.source: one for one in result.account.entries[-len(given) :]}
    kinds = {name.partition(":")[0][4:].partition(".")[0]: one.kind for name, one in told.items()}
    assert kinds == {
        "AppMenu": Kind.CARRIED,
        "CustomPermission": Kind.CARRIED,
        "OauthTokenExchangeHandler": Kind.CARRIED,
        "UserProvisioningConfig": Kind.LOST,
        "BriefcaseDefinition": Kind.LOST,
        "OauthCustomScope": Kind.SPLIT,
        "NotificationTypeConfig": Kind.TRANSLATED,
    }
    assert str(told["dir/AppMenu.x-meta.xml:a[1]/connectedApp"].targets[0]) == (
        "dir/AppMenu.x-meta.xml/a[1]/connectedApp"
    )
    made = written(result.external_client_app)
    assert made["Billing_oauth.ecaOauth"]["commaSeparatedCustomScopes"] == "scope_one"
    assert made["Billing_oauthPlcy.ecaOauthPlcy"]["commaSeparatedCustomScopes"] == "scope_one"
    assert made["Billing_notifications.ecaNotifications"] == {
        "externalClientApplication": "Billing",
        "label": "Billing_notifications",
        "notificationTypes[1]/notificationType": "alert",
        "notificationTypes[1]/pushByDefault": "false",
    }
    assert made["Billing_plcy.ecaPlcy"]["isNotificationPluginEnabled"] == "true"


def test_a_custom_scope_without_a_name_inside_is_named_by_its_file() -> None:
    made = written(expected_result(app(), (reference("OauthCustomScope"),)).external_client_app)
    assert made["Billing_oauth.ecaOauth"]["commaSeparatedCustomScopes"] == "OauthCustomScope"


def test_a_notification_type_that_is_named_twice_is_listed_once() -> None:
    first = reference("NotificationTypeConfig", ("a[1]/notificationType", "alert"))
    second = reference("NotificationTypeConfig", ("b[1]/notificationType", "alert"), path="b[1]/connectedApp")
    made = expected_result(app(), (first, second))
    part = written(made.external_client_app)["Billing_notifications.ecaNotifications"]
    assert [path for path in part if path.endswith("Type")] == ["notificationTypes[1]/notificationType"]
    assert part["notificationTypes[1]/pushByDefault"] == "true"


def test_push_settings_of_an_org_are_added_with_a_part_for_each_service() -> None:
    push = (
        PushConfiguration(service="Apple", full_content=True),
        PushConfiguration(service="Android"),
    )
    result = expected_result(app(), push=push)
    made = written(result.external_client_app)
    assert made["Billing_push.ecaPush"]["pushServiceType"] == "Apple"
    assert made["Billing_push2.ecaPush"]["pushServiceType"] == "Android"
    assert made["Billing_pushPlcy.ecaPushPlcy"]["isFullContent"] == "true"
    assert made["Billing_plcy.ecaPlcy"]["isPushPluginEnabled"] == "true"
    added = {str(one.target) for one in result.account.added}
    assert "Billing_push2.ecaPush/pushServiceType" in added


def test_no_username_password_flow_is_ever_written() -> None:
    for document in expected_result(app()).external_client_app.documents:
        assert not any("assword" in leaf.path for leaf in leaves(document))


def test_the_deployable_variant_has_a_name_and_credentials_of_its_own() -> None:
    more = {
        "oauthConfig/consumerSecret": "s3cr3t",
        "oauthConfig/certificate": "MII",
        "oauthConfig/scopes[2]": "RefreshToken",
        "oauthConfig/isAdminApproved": "true",
    }
    made = side_by_side(app(more=more), "Billing_eca")
    text = str(written(made.external_client_app))
    assert KEY not in text
    assert "s3cr3t" not in text
    assert "oauthLink" not in text
    assert "orgScopedExternalApp" not in text
    assert made.external_client_app.api_name == "Billing_eca"
    for source in ("oauthConfig/consumerKey", "oauthConfig/consumerSecret"):
        assert entry(made.account.entries, source).kind is Kind.LOST
    told = " ".join(change.what for change in made.changes)
    for word in ("consumer key and secret", "My Domain", "approve once more", "`iss`", "profiles"):
        assert word in told


@pytest.mark.parametrize("name", ["Billing", "billing", "a b", "", "x" * 81, "_x", "x__y"])
def test_the_deployable_variant_refuses_a_name_that_cannot_be(name: str) -> None:
    with pytest.raises(ChangeoverError, match="E-API-NAME-INVALID"):
        side_by_side(app(), name)


def test_a_free_name_is_found_among_those_that_are_taken() -> None:
    assert free_api_name("Billing", frozenset()) == "Billing_eca"
    assert free_api_name("Billing", frozenset({"BILLING_ECA"})) == "Billing_eca2"
    assert free_api_name("9 lives__x", frozenset()) == "App_9_lives_x_eca"
    assert free_api_name("ä", frozenset()) == "App_eca"
    assert len(free_api_name("x" * 80, frozenset())) <= 80


def test_what_is_empty_or_says_nothing_gives_no_part() -> None:
    made = written(expected_result(app(BARE, {"oauthConfig": "", "samlConfig": ""})).external_client_app)
    assert set(made) == {"Billing.eca", "Billing_plcy.ecaPlcy"}
    assert made["Billing.eca"]["oauthConfig"] == ""


def test_names_with_a_comma_are_marked() -> None:
    told = entry(expected_result(app(more={"profileName[1]": "A, B"})).account.entries, "profileName[1]")
    assert "comma" in told.note


def test_oauth_alone_is_the_common_case() -> None:
    assert entry(expected_result(app(OAUTH)).account.entries, "oauthConfig/scopes[1]").kind is Kind.CARRIED


def test_two_forms_of_canvas_that_disagree_are_both_kept() -> None:
    more = {"canvas/canvasUrl": "https://a.example.com", "canvasConfig/canvasUrl": "https://b.example.com"}
    result = expected_result(app(more=more))
    assert written(result.external_client_app)["Billing_canvasSettings.ecaCanvas"] == {
        "canvasUrl": "https://a.example.com",
        "connectedApp/canvasConfig/canvasUrl": "https://b.example.com",
        "externalClientApplication": "Billing",
        "label": "Billing_canvasSettings",
    }
    told = entry(result.account.entries, "canvasConfig/canvasUrl")
    assert (told.kind, told.targets[0].value) == (Kind.CARRIED, "https://b.example.com")
    assert "kept aside" in told.note


def test_an_attribute_stays_with_its_own_element() -> None:
    more = {
        "canvas/accessMethod": "",
        "canvasConfig/accessMethod": "Get",
        "canvasConfig/accessMethod/@xsi:nil": "true",
    }
    told = entry(expected_result(app(more=more)).account.entries, "canvasConfig/accessMethod/@xsi:nil")
    assert told.targets[0].path == "connectedApp/canvasConfig/accessMethod/@xsi:nil"
