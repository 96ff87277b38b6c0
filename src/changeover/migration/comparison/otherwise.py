"""Differences that are no drift: Salesforce decided otherwise than we.

One small function a decision; each is given a difference with both apps around it and says whether it is
its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from changeover.apps.document import Document, element_at
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppNotificationSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
    ExtlClntAppSamlConfigurablePolicies,
)
from changeover.apps.policies import REFRESH_TOKEN_POLICY_TYPES
from changeover.migration import decisions
from changeover.migration.decisions import Decision

GLOBAL = ExtlClntAppGlobalOauthSettings
SETTINGS = ExtlClntAppOauthSettings
POLICIES = ExtlClntAppOauthConfigurablePolicies
APP_POLICIES = ExtlClntAppConfigurablePolicies
SAML = ExtlClntAppSamlConfigurablePolicies


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One leaf that is not what we expected."""

    part: type[Document]
    path: str
    expected: str | None
    found: str | None
    expected_app: ExternalClientApp
    found_app: ExternalClientApp
    part_found: bool
    """Whether the part is there at all."""

    @property
    def name(self) -> str:
        """The first element of the path, without index."""
        return self.path.partition("/")[0].partition("[")[0]


def _key(at: Difference) -> bool:
    return at.part is GLOBAL and at.path == "consumerKey" and at.found is not None


def _own_name(at: Difference) -> bool:
    return at.path == "label" and at.part_found and at.part is not type(at.expected_app.header)


def _app_name(at: Difference) -> bool:
    return at.path == "externalClientApplication" and at.part_found


def _start_url(at: Difference) -> bool:
    app_policies, policies = at.found_app.part(APP_POLICIES), at.found_app.part(POLICIES)
    by_oauth = app_policies is not None and app_policies.start_page in {"OAuth", "SAML"}
    if at.part is APP_POLICIES and at.path == "startPage":
        return at.found in {"OAuth", "SAML"}
    if at.part is APP_POLICIES and at.path == "startUrl":
        return by_oauth and policies is not None and policies.start_url == at.expected
    expected = at.expected_app.part(APP_POLICIES)
    return (
        at.part is POLICIES
        and at.path == "startUrl"
        and by_oauth
        and expected is not None
        and expected.start_url == at.found
    )


def _pkce(at: Difference) -> bool:
    return at.part is GLOBAL and at.path == "isPkceRequired" and at.expected == "false" and at.part_found


def _attributes(at: Difference) -> bool:
    if at.name != "customAttributes":
        return False
    settings = at.found_app.part(SETTINGS)
    elsewhere = settings is not None and bool(settings.custom_attributes)
    return elsewhere and (at.part is SETTINGS or at.found is None)


def _one_policy_only(at: Difference) -> bool:
    people = {"customAttributes", "commaSeparatedPermissionSet", "commaSeparatedProfile"}
    if at.name not in people or at.found is not None or at.part not in {POLICIES, SAML}:
        return False
    other = at.found_app.part(SAML) if at.part is POLICIES else at.found_app.part(POLICIES)
    if other is None:
        return False
    return bool(
        other.custom_attributes
        if at.name == "customAttributes"
        else other.comma_separated_permission_set
        if at.name == "commaSeparatedPermissionSet"
        else other.comma_separated_profile
    )


def _idle_limit(at: Difference) -> bool:
    if at.part is not POLICIES or not at.path.startswith("refreshToken"):
        return False
    expected, found = at.expected_app.part(POLICIES), at.found_app.part(POLICIES)
    return (
        expected is not None
        and found is not None
        and expected.refresh_token_policy_type == REFRESH_TOKEN_POLICY_TYPES["infinite"]
        and found.refresh_token_policy_type == REFRESH_TOKEN_POLICY_TYPES["specific_inactivity"]
    )


def _unknown(at: Difference) -> bool:
    return at.found is None and at.part_found and element_at(at.part, at.path) is None


def _notifications(at: Difference) -> bool:
    return at.part is ExtlClntAppNotificationSettings and at.found is None


def _custom_scopes(at: Difference) -> bool:
    if at.name != "commaSeparatedCustomScopes" or at.found is not None:
        return False
    other = at.found_app.part(POLICIES) if at.part is SETTINGS else at.found_app.part(SETTINGS)
    return other is not None and bool(other.comma_separated_custom_scopes)


def _without_oauth(at: Difference) -> bool:
    policies = at.expected_app.part(APP_POLICIES)
    off = policies is not None and policies.is_oauth_plugin_enabled is False
    return off and at.part in {GLOBAL, SETTINGS, POLICIES} and at.found is None


OTHERWISE: tuple[tuple[Decision, Callable[[Difference], bool]], ...] = (
    (decisions.KEY_HANDED_OVER, _key),
    (decisions.PART_NAMES, _own_name),
    (decisions.SAME_API_NAME, _app_name),
    (decisions.START_URL_CUSTOM, _start_url),
    (decisions.PKCE_AS_IT_WAS, _pkce),
    (decisions.ATTRIBUTES_TO_POLICIES, _attributes),
    (decisions.PEOPLE_IN_BOTH_POLICIES, _one_policy_only),
    (decisions.ENDLESS_IN_METADATA, _idle_limit),
    (decisions.HOMES_WITHOUT_OAUTH, _without_oauth),
    (decisions.UNKNOWN_BESIDE_SIBLINGS, _unknown),
    (decisions.CUSTOM_SCOPES_IN_BOTH, _custom_scopes),
    (decisions.NOTIFICATIONS_FOLLOW, _notifications),
)


def decided(at: Difference) -> str | None:
    """Return the id of the decision that a difference overthrows, None where it overthrows none."""
    return next((decision.id for decision, is_its_own in OTHERWISE if is_its_own(at)), None)
