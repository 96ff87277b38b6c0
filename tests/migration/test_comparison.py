"""What is there against what should be: which differences are drift, and which are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Document, Leaf, leaves
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExternalClientApplication,
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppNotificationSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSecuritySettings,
    ExtlClntAppOauthSettings,
    ExtlClntAppSamlConfigurablePolicies,
    Part,
)
from changeover.apps.reference import Reference
from changeover.apps.secrets import MASK
from changeover.migration import decisions
from changeover.migration.comparison import Comparison, Outcome, belongs, changes, compare, gather
from changeover.migration.comparison.otherwise import OTHERWISE
from changeover.migration.mapping import Migration, expected_result
from tests.migration.make import BARE, SAML, app
from tests.migration.strategies import apps

GLOBAL = ExtlClntAppGlobalOauthSettings
SETTINGS = ExtlClntAppOauthSettings
POLICIES = ExtlClntAppOauthConfigurablePolicies
APP_POLICIES = ExtlClntAppConfigurablePolicies

Edit = Callable[[ExternalClientApp], ExternalClientApp]


def with_leaves(kind: type[Document], **values: str | None) -> Edit:
    """Set leaves of the header or of a part; None removes one. `x__y` stands for `x/y`, `x_1` for `x[1]`."""

    def edit(document: Document) -> Document:
        if not isinstance(document, kind):
            return document
        named = {path.replace("__", "/"): value for path, value in values.items()}
        kept = [leaf for leaf in leaves(document) if leaf.path not in named]
        new = [Leaf(path, value) for path, value in named.items() if value is not None]
        return from_leaves(type(document), document.full_name, [*kept, *new])

    def apply(made: ExternalClientApp) -> ExternalClientApp:
        header = edit(made.header)
        assert isinstance(header, ExternalClientApplication)
        parts = tuple(part for part in map(edit, made.parts) if isinstance(part, Part))
        return ExternalClientApp(header=header, parts=parts)

    return apply


def without(kind: type[Part]) -> Edit:
    return lambda made: replace(made, parts=tuple(part for part in made.parts if not isinstance(part, kind)))


def add(part: Part) -> Edit:
    return lambda made: replace(made, parts=(*made.parts, part))


RICH = {
    "startUrl": "/home",
    "oauthConfig/isPkceRequired": "false",
    "oauthConfig/brandNew": "1",
    "oauthConfig/scopes[2]": "RefreshToken",
    "oauthPolicy/refreshTokenPolicy": "infinite",
    "permissionSetName[1]": "A",
    "permissionSetName[2]": "B",
    "ipRanges[1]/start": "198.18.0.1",
    "ipRanges[1]/end": "198.18.0.1",
    "ipRanges[2]/start": "198.18.0.9",
    "ipRanges[2]/end": "198.18.0.9",
    "attributes[1]/key": "k",
    "attributes[1]/formula": "$User.Id",
    "oauthConfig/certificate": "-----BEGIN CERTIFICATE-----\r\nMII\r\nAB\r\n-----END CERTIFICATE-----",
    "oauthConfig/consumerSecret": "s3cr3t",
    **{path: value for path, value in SAML.items() if path.startswith("saml")},
}


def expected() -> Migration:
    return expected_result(app(more=RICH))


def compared(*edits: Edit) -> Comparison:
    migration = expected()
    found = migration.external_client_app
    for edit in edits:
        found = edit(found)
    return compare(migration, found)


def verdicts(comparison: Comparison) -> set[tuple[Outcome, str, str | None]]:
    return {
        (line.outcome, line.path, line.decision)
        for line in comparison.lines
        if line.outcome is not Outcome.EQUAL
    }


@given(apps())
def test_an_app_equals_its_own_expected_result(made: tuple[object, ConnectedApp]) -> None:
    migration = expected_result(made[1])
    found = migration.external_client_app
    comparison = compare(migration, found)
    assert {line.outcome for line in comparison.lines} == {Outcome.EQUAL}
    assert len(comparison.lines) == sum(len(leaves(document)) for document in found.documents)
    assert changes(found, found) == ()


def test_what_is_written_otherwise_but_says_the_same_is_equal() -> None:
    comparison = compared(
        with_leaves(SETTINGS, commaSeparatedOauthScopes="RefreshToken,Api"),
        with_leaves(POLICIES, commaSeparatedPermissionSet="B,A", ipRelaxationPolicyType="ENFORCE"),
        with_leaves(GLOBAL, certificate="MIIAB", callbackUrl="https://billing.example.com/callback\r\n"),
        with_leaves(
            SETTINGS,
            **{
                "trustedIpRanges[1]__startIpAddress": "198.18.0.9",
                "trustedIpRanges[1]__endIpAddress": "198.18.0.9",
                "trustedIpRanges[2]__startIpAddress": "198.18.0.1",
                "trustedIpRanges[2]__endIpAddress": "198.18.0.1",
            },
        ),
    )
    assert verdicts(comparison) == set()


def test_what_salesforce_makes_by_itself_is_not_held_against_it() -> None:
    security = ExtlClntAppOauthSecuritySettings(
        full_name="X", external_client_application="Billing", label="X"
    )
    comparison = compared(
        with_leaves(ExternalClientApplication, orgScopedExternalApp="00D000000000000AAA:Billing"),
        with_leaves(SETTINGS, oauthLink="00D:888"),
        with_leaves(POLICIES, namedUserJwtSessionTimeoutType="UserSession", refreshTokenValidityPeriod="0"),
        add(security),
    )
    assert verdicts(comparison) == set()


DRIFT = [
    ([with_leaves(SETTINGS, commaSeparatedOauthScopes="Api")], Outcome.DIFFERS, "commaSeparatedOauthScopes"),
    ([with_leaves(ExternalClientApplication, description="new")], Outcome.EXTRA, "description"),
    ([with_leaves(ExternalClientApplication, contactEmail=None)], Outcome.MISSING, "contactEmail"),
    (
        [with_leaves(ExternalClientApplication, distributionState="Packaged")],
        Outcome.DIFFERS,
        "distributionState",
    ),
    ([with_leaves(POLICIES, refreshTokenPolicyType="Zero")], Outcome.DIFFERS, "refreshTokenPolicyType"),
    ([without(SETTINGS)], Outcome.MISSING, "commaSeparatedOauthScopes"),
    (
        [with_leaves(SETTINGS, **{"trustedIpRanges[2]__endIpAddress": "198.18.0.10"})],
        Outcome.DIFFERS,
        "trustedIpRanges[2]/endIpAddress",
    ),
    (
        [
            add(
                ExtlClntAppOauthSecuritySettings(
                    full_name="X",
                    external_client_application="Billing",
                    tls_client_auth_cert_param_value="CN",
                )
            )
        ],
        Outcome.EXTRA,
        "tlsClientAuthCertParamValue",
    ),
]


@pytest.mark.parametrize(("edits", "outcome", "path"), DRIFT)
def test_drift_is_drift(edits: list[Edit], outcome: Outcome, path: str) -> None:
    drift = compared(*edits).drift
    assert (outcome, path) in {(line.outcome, line.path) for line in drift}


D = decisions
OVERTHROWN = [
    ([with_leaves(GLOBAL, consumerKey="another")], D.KEY_HANDED_OVER, {"consumerKey"}),
    ([with_leaves(SETTINGS, label="Something else")], D.PART_NAMES, {"label"}),
    ([with_leaves(GLOBAL, isPkceRequired="true")], D.PKCE_AS_IT_WAS, {"isPkceRequired"}),
    (
        [
            with_leaves(APP_POLICIES, startPage="OAuth", startUrl=None),
            with_leaves(POLICIES, startUrl="/home"),
        ],
        D.START_URL_CUSTOM,
        {"startPage", "startUrl"},
    ),
    (
        [
            with_leaves(POLICIES, **{"customAttributes[1]__key": None, "customAttributes[1]__formula": None}),
            with_leaves(
                ExtlClntAppSamlConfigurablePolicies,
                **{"customAttributes[1]__key": None, "customAttributes[1]__formula": None},
            ),
            with_leaves(
                SETTINGS, **{"customAttributes[1]__key": "k", "customAttributes[1]__formula": "$User.Id"}
            ),
        ],
        D.ATTRIBUTES_TO_POLICIES,
        {"customAttributes[1]/key", "customAttributes[1]/formula"},
    ),
    (
        [with_leaves(ExtlClntAppSamlConfigurablePolicies, commaSeparatedPermissionSet=None)],
        D.PEOPLE_IN_BOTH_POLICIES,
        {"commaSeparatedPermissionSet"},
    ),
    (
        [
            with_leaves(
                POLICIES,
                refreshTokenPolicyType="SpecificInactivity",
                refreshTokenValidityPeriod="30",
                refreshTokenValidityUnit="Days",
            )
        ],
        D.ENDLESS_IN_METADATA,
        {"refreshTokenPolicyType", "refreshTokenValidityPeriod", "refreshTokenValidityUnit"},
    ),
    ([with_leaves(GLOBAL, brandNew=None)], D.UNKNOWN_BESIDE_SIBLINGS, {"brandNew"}),
    ([with_leaves(APP_POLICIES, isMobilePluginEnabled=None)], D.WRITTEN_OUT, {"isMobilePluginEnabled"}),
    ([with_leaves(GLOBAL, isDeviceFlowEnabled="true")], D.SILENT_SWITCHES_OFF, {"isDeviceFlowEnabled"}),
    ([with_leaves(APP_POLICIES, isEnabled="false")], D.ENABLED, {"isEnabled"}),
]


@pytest.mark.parametrize(("edits", "decision", "paths"), OVERTHROWN)
def test_where_salesforce_decided_otherwise_the_decision_is_named(
    edits: list[Edit], decision: decisions.Decision, paths: set[str]
) -> None:
    comparison = compared(*edits)
    assert comparison.drift == ()
    other = comparison.of(Outcome.DECIDED_OTHERWISE)
    assert {line.path for line in other} == paths
    assert {line.decision for line in other} == {decision.id}


def test_another_api_name_is_a_decision_overthrown_and_nothing_else() -> None:
    migration = expected()
    renamed = expected_result(app(more=RICH, name="Billing_2")).external_client_app
    comparison = compare(migration, renamed)
    assert comparison.drift == ()
    assert {line.decision for line in comparison.of(Outcome.DECIDED_OTHERWISE)} == {
        D.SAME_API_NAME.id,
        D.PART_NAMES.id,
    }


def test_a_home_without_oauth_is_a_decision_too() -> None:
    migration = expected_result(app(BARE, {"sessionPolicy/sessionTimeout": "15"}))
    found = without(POLICIES)(migration.external_client_app)
    told = compare(migration, found)
    assert told.drift == ()
    assert {line.decision for line in told.of(Outcome.DECIDED_OTHERWISE)} == {D.HOMES_WITHOUT_OAUTH.id}


def test_custom_scopes_and_notifications_that_did_not_follow_are_decisions_overthrown() -> None:
    scope = Reference(
        kind="OauthCustomScope",
        file="oauthcustomscopes/one.oauthcustomscope",
        path="assignedTo[1]/connectedApp",
        app="Billing",
    )
    notice = Reference(
        kind="NotificationTypeConfig",
        file="x.config",
        path="a/connectedAppName",
        app="Billing",
        context=(Leaf("a/notificationType", "alert"),),
    )
    migration = expected_result(app(), (scope, notice))
    found = with_leaves(POLICIES, commaSeparatedCustomScopes=None)(migration.external_client_app)
    found = with_leaves(
        ExtlClntAppNotificationSettings,
        **{"notificationTypes[1]__notificationType": None, "notificationTypes[1]__pushByDefault": None},
    )(found)
    told = compare(migration, found)
    assert told.drift == ()
    assert {line.decision for line in told.of(Outcome.DECIDED_OTHERWISE)} == {
        D.CUSTOM_SCOPES_IN_BOTH.id,
        D.NOTIFICATIONS_FOLLOW.id,
    }


def test_every_decision_that_a_comparison_can_overthrow_exists() -> None:
    assert {decision for decision, _ in OTHERWISE} <= set(decisions.DECISIONS)


def test_parts_that_are_often_not_retrieved_are_no_drift() -> None:
    comparison = compared(without(GLOBAL))
    assert comparison.drift == ()
    missing = comparison.of(Outcome.NOT_RETRIEVED)
    assert {line.component for line in missing} == {"Billing_glbloauth.ecaGlblOauth"}
    assert all("External Client App Manager" in line.note for line in missing)
    secret = compared(with_leaves(GLOBAL, consumerSecret=None, consumerKey=None))
    assert secret.drift == ()
    assert {line.path for line in secret.of(Outcome.NOT_RETRIEVED)} == {"consumerSecret", "consumerKey"}


def test_an_app_that_is_not_there_is_missing_whole() -> None:
    migration = expected()
    comparison = compare(migration, None)
    assert {line.outcome for line in comparison.lines} == {Outcome.MISSING}


def test_parts_are_matched_by_the_app_they_name_and_not_by_their_names() -> None:
    header = ExternalClientApplication(full_name="Billing")
    mine = SETTINGS(full_name="Whatever", external_client_application="billing")
    packaged = SETTINGS(full_name="Packaged", external_client_application="acme__Billing")
    foreign = SETTINGS(full_name="Billing_oauth", external_client_application="Other")
    nobodys = SETTINGS(full_name="Loose")
    assert [part for part in (mine, packaged, foreign, nobodys) if belongs(part, header)] == [mine, packaged]
    found, left = gather([header], [foreign, mine, packaged, nobodys])
    assert found[0].parts == (packaged, mine)
    assert set(left) == {foreign, nobodys}


def test_what_a_revert_would_lose_is_told_value_by_value_with_secrets_masked() -> None:
    before = expected().external_client_app
    after = with_leaves(GLOBAL, isPkceRequired="true", consumerSecret="other")(before)
    after = with_leaves(ExternalClientApplication, description="new")(after)
    after = without(SETTINGS)(after)
    told = {(one.component, one.path): (one.before, one.after) for one in changes(before, after)}
    assert told["Billing_glbloauth.ecaGlblOauth", "isPkceRequired"] == ("false", "true")
    assert told["Billing_glbloauth.ecaGlblOauth", "consumerSecret"] == (MASK, MASK)
    assert told["Billing.eca", "description"] == (None, "new")
    assert told["Billing_oauth.ecaOauth", "commaSeparatedOauthScopes"] == ("Api, RefreshToken", None)
    assert "s3cr3t" not in str(told)


def test_a_new_ip_range_in_front_is_one_change_and_not_three() -> None:
    before = expected().external_client_app
    after = with_leaves(
        SETTINGS,
        **{
            "trustedIpRanges[1]__startIpAddress": "198.18.7.7",
            "trustedIpRanges[1]__endIpAddress": "198.18.7.7",
            "trustedIpRanges[2]__startIpAddress": "198.18.0.1",
            "trustedIpRanges[2]__endIpAddress": "198.18.0.1",
            "trustedIpRanges[3]__startIpAddress": "198.18.0.9",
            "trustedIpRanges[3]__endIpAddress": "198.18.0.9",
        },
    )(before)
    assert {(one.path, one.before, one.after) for one in changes(before, after)} == {
        ("trustedIpRanges[3]/startIpAddress", None, "198.18.7.7"),
        ("trustedIpRanges[3]/endIpAddress", None, "198.18.7.7"),
    }
