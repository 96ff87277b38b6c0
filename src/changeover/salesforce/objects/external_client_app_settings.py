"""The read-only objects behind an external client app's settings and policies.

Source of objects and fields: npm `@salesforce/types` 1.9.0, tooling definitions; a test holds them to it.
Prefixes of ids nobody has published: ours. There is no object of the global OAuth settings: key and secret
stand nowhere, and no object holds push credentials.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from changeover.apps.external_client_app import (
    ExtlClntAppCanvasSettings,
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppMobileConfigurablePolicies,
    ExtlClntAppMobileSettings,
    ExtlClntAppNotificationSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
    ExtlClntAppPushConfigurablePolicies,
    ExtlClntAppPushSettings,
    ExtlClntAppSamlConfigurablePolicies,
    Part,
)
from changeover.apps.scopes import split_scopes
from changeover.org.model.apps import ExternalClientAppRecord
from changeover.org.permissions import EXTERNAL_CLIENT_APP_VIEW
from changeover.org.record_ids import named
from changeover.salesforce.objects.app_rows import external_client_apps
from changeover.salesforce.objects.sobject import (
    Field,
    FieldType,
    Narrow,
    SObject,
    View,
    computed,
    constant,
    reference,
)

SCOPES = {
    "A2A": "A2A_API",
    "Api": "API",
    "Basic": "SSO",
    "CDP": "CDP_API",
    "CDPCalculatedInsight": "CDP_CALCULATED_INSIGHT_API",
    "CDPIdentityResolution": "CDP_IDENTITYRESOLUTION_API",
    "CDPIngest": "CDP_INGEST_API",
    "CDPProfile": "CDP_PROFILE_API",
    "CDPQuery": "CDP_QUERY_API",
    "CDPSegment": "CDP_SEGMENT_API",
    "Chatbot": "CHATBOT_API",
    "Chatter": "CHATTER_REST_API",
    "CmdbDiscovery": "CMDB_DISCOVERY_API",
    "Content": "CONTENT",
    "CustomApplications": "VF",
    "CustomPermissions": "CUSTOM_PERMISSIONS",
    "DataCloudUserClaims": "DATA_CLOUD_USER_CLAIMS",
    "Eclair": "ECLAIR_REST_API",
    "EinsteinGPT": "EINSTEIN_GPT_API",
    "ForgotPassword": "FORGOT_PASSWORD",
    "Full": "FULL",
    "Interaction": "INTERACTION_API",
    "Lightning": "LIGHTNING",
    "MCP": "MCP_API",
    "OpenID": "OPENID",
    "Pardot": "PARDOT_API",
    "PwdlessLogin": "PWDLESS_LOGIN_API",
    "RefreshToken": "REFRESH_TOKEN",
    "SCRT": "SCRT_API",
    "SFApiPlatform": "SFAP_API",
    "SemanticLayer": "SEMANTIC_LAYER_API",
    "UserRegistration": "USER_REGISTRATION_API",
    "Wave": "WAVE_REST_API",
    "Web": "WEB",
}
"""Tokens of `commaSeparatedOauthScopes` -> what the boolean of a scope is named. Which go together is ours,
by their names: nobody has published it."""
WITHOUT_TOKEN = ("ADDRESS", "EMAIL", "HUB_API", "OFFLINE_ACCESS", "PHONE", "PROFILE")
"""Booleans of scopes that metadata has no token of: always false here."""
PLUGINS: tuple[tuple[str, str, type[Part]], ...] = (
    ("CanvasPluginStatus", "is_canvas_plugin_enabled", ExtlClntAppCanvasSettings),
    ("MobilePluginStatus", "is_mobile_plugin_enabled", ExtlClntAppMobileSettings),
    ("NotifPluginStatus", "is_notification_plugin_enabled", ExtlClntAppNotificationSettings),
    ("OauthPluginStatus", "is_oauth_plugin_enabled", ExtlClntAppOauthSettings),
    ("PushPluginStatus", "is_push_plugin_enabled", ExtlClntAppPushSettings),
    ("SamlPluginStatus", "is_saml_plugin_enabled", ExtlClntAppSamlConfigurablePolicies),
)
"""Fields of a plugin, its switch in the app policies, and the part that an app with the plugin has."""
OAUTH_SETTINGS, OAUTH_POLICIES = "1Eo", "1Ep"
MOBILE, NOTIFICATIONS, PUSH = "1Er", "1Es", "1Et"
Read = Callable[["PartRow"], Any]


class PartRow(NamedTuple):
    """A row."""

    record_id: str
    record: ExternalClientAppRecord
    part: Part
    held: Any
    """What it is a row of: the part itself, or one of the things in it."""
    view: View


@dataclass(frozen=True)
class _Made:
    """How the rows of an object are found."""

    of: type[Part]
    prefix: str
    within: Callable[[Any], tuple[Any, ...]] | None
    """The things in a part that are a row each; None where the part itself is one."""

    def rows(self, view: View, narrow: Narrow) -> Iterator[PartRow]:
        for record in external_client_apps(view, narrow.one_of("ExternalClientApplicationId")):
            for part in record.app.parts:
                if not isinstance(part, self.of):
                    continue
                key = (self.prefix, record.app_id, part.full_name)
                if self.within is None:
                    yield PartRow(named(*key), record, part, part, view)
                    continue
                for nth, held in enumerate(self.within(part)):
                    yield PartRow(named(*key, str(nth)), record, part, held, view)


def _text(name: str, attribute: str, kind: FieldType = FieldType.STRING) -> Field:
    return computed(name, kind, lambda row: getattr(row.held, attribute))


def _flag(name: str, attribute: str) -> Field:
    return computed(name, FieldType.BOOLEAN, lambda row: bool(getattr(row.held, attribute)))


def _as_text(name: str, attribute: str) -> Field:
    def read(row: PartRow) -> str | None:
        value = getattr(row.held, attribute)
        return None if value is None else str(value)

    return computed(name, FieldType.STRING, read)


def _user(name: str, relationship: str, read: Read) -> Field:
    return reference(name, "User", relationship, lambda row: row.view.user_id(read(row) or ""))


_RECORD: tuple[Field, ...] = (
    computed("Id", FieldType.ID, lambda row: row.record_id),
    constant("IsDeleted", value=False, kind=FieldType.BOOLEAN),
    computed("CreatedDate", FieldType.DATETIME, lambda row: row.record.made_at),
    _user("CreatedById", "CreatedBy", lambda row: row.record.made_by),
    computed("LastModifiedDate", FieldType.DATETIME, lambda row: row.record.modified_at),
    _user("LastModifiedById", "LastModifiedBy", lambda row: row.record.modified_by),
    computed("SystemModstamp", FieldType.DATETIME, lambda row: row.record.modified_at),
)
_NAMED: tuple[Field, ...] = (
    *_RECORD,
    computed("DeveloperName", FieldType.STRING, lambda row: row.part.full_name),
    computed("MasterLabel", FieldType.STRING, lambda row: row.part.label or row.part.full_name),
    constant("Language", "en_US", FieldType.PICKLIST),
    reference(
        "ExternalClientApplicationId",
        "ExternalClientApplication",
        "ExternalClientApplication",
        lambda row: row.record.app_id,
    ),
)
_MANAGEABLE = constant("ManageableState", "unmanaged", FieldType.PICKLIST)
_PACKAGEABLE: tuple[Field, ...] = (_MANAGEABLE, constant("NamespacePrefix", None))


def _of(prefix: str, part: type[Part], relationship: str) -> Field:
    """Return the field that names the record of another part of the same app: its first of the type."""

    def read(row: PartRow) -> str | None:
        found = row.part if isinstance(row.part, part) else row.record.app.part(part)
        if found is None:
            return None
        record_id = named(prefix, row.record.app_id, found.full_name)
        # It is at hand; who looked for it would read every app.
        row.view.remember(relationship, record_id, PartRow(record_id, row.record, found, found, row.view))
        return record_id

    return reference(f"{relationship}Id", relationship, relationship, read)


_OF_OAUTH_SETTINGS = _of(OAUTH_SETTINGS, ExtlClntAppOauthSettings, "ExtlClntAppOauthSettings")
_OF_PUSH_SETTINGS = _of(PUSH, ExtlClntAppPushSettings, "ExtlClntAppPushSettings")
_OF_MOBILE_SETTINGS = _of(MOBILE, ExtlClntAppMobileSettings, "ExtlClntAppMobileSettings")


def _scope(tokens: frozenset[str], row: PartRow) -> bool:
    return not tokens.isdisjoint(split_scopes(getattr(row.part, "comma_separated_oauth_scopes", None) or ""))


def _scopes() -> Iterator[Field]:
    for token, name in SCOPES.items():
        yield computed(f"OauthScopes{name}", FieldType.BOOLEAN, partial(_scope, frozenset({token})))
    for name in WITHOUT_TOKEN:
        yield constant(f"OauthScopes{name}", value=False, kind=FieldType.BOOLEAN)


def _plugin(switch: str, part: type[Part], row: PartRow) -> str:
    """Return the status of a plugin: our decision where the app has nothing of it."""
    if row.record.app.part(part) is None:
        return "Notinstalled"
    # A switch that no file names is on (Metadata API guide, ExtlClntAppConfigurablePolicies).
    return "Disabled" if getattr(row.part, switch) is False else "Enabled"


def _sobject(
    name: str,
    label: str,
    prefix: str,
    of: type[Part],
    fields: tuple[Field, ...],
    within: Callable[[Any], tuple[Any, ...]] | None = None,
) -> SObject:
    return SObject(
        name=name,
        label=label,
        plural=label,
        prefix=prefix,
        needs=EXTERNAL_CLIENT_APP_VIEW,
        fields=fields,
        rows=_Made(of, prefix, within).rows,
    )


def _config(attribute: str) -> Callable[[Any], tuple[Any, ...]]:
    def within(part: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a part of any type
        held = getattr(part, attribute)
        return (held,) if held is not None else ()

    return within


_PUSH_CONFIG: tuple[Field, ...] = (
    *_RECORD,
    _OF_PUSH_SETTINGS,
    constant("IsCurrent", value=True, kind=FieldType.BOOLEAN),
)
_ATTRIBUTE: tuple[Field, ...] = (*_RECORD, _text("Key", "key"), _text("Value", "formula"))

SOBJECTS: tuple[SObject, ...] = (
    _sobject(
        "ExtlClntAppOauthSettings",
        "External Client App OAuth Settings",
        OAUTH_SETTINGS,
        ExtlClntAppOauthSettings,
        (
            *_NAMED,
            *_PACKAGEABLE,
            _flag("ExtlClntAppOauthOptionsFirstPartyAppEnabled", "is_first_party_app_enabled"),
            *_scopes(),
            _text("SingleLogoutUrl", "single_logout_url", FieldType.URL),
        ),
    ),
    _sobject(
        "ExtlClntAppOauthIpRange",
        "External Client App OAuth IP Range",
        "1Eu",
        ExtlClntAppOauthSettings,
        (
            *_RECORD,
            _OF_OAUTH_SETTINGS,
            _MANAGEABLE,
            _text("StartIpAddress", "start_ip_address"),
            _text("EndIpAddress", "end_ip_address"),
            _text("Description", "description"),
        ),
        lambda part: part.trusted_ip_ranges,
    ),
    _sobject(
        "ExtlClntAppOauthSetAttr",
        "External Client App OAuth Settings Attribute",
        "1Ev",
        ExtlClntAppOauthSettings,
        (*_ATTRIBUTE, _OF_OAUTH_SETTINGS, _MANAGEABLE),
        lambda part: part.custom_attributes,
    ),
    _sobject(
        "ExtlClntAppOauthPlcyCnfg",
        "External Client App OAuth Policies",
        OAUTH_POLICIES,
        ExtlClntAppOauthConfigurablePolicies,
        (
            *_NAMED,
            _OF_OAUTH_SETTINGS,
            constant("ApexHandlerId", None),
            _text("ClientCredentialsFlowUser", "client_credentials_flow_user"),
            _user("ExecuteHandlerAsId", "ExecuteHandlerAs", lambda row: row.held.execute_handler_as),
            _text("GuestJwtSessionTimeoutType", "guest_jwt_session_timeout_type", FieldType.PICKLIST),
            _as_text("GuestJwtTimeout", "guest_jwt_timeout"),
            _text("IpRelaxationPolicyType", "ip_relaxation_policy_type", FieldType.PICKLIST),
            _flag("IsClientCredentialsFlowEnabled", "is_client_credentials_flow_enabled"),
            _flag("IsGuestCodeCredFlowEnabled", "is_guest_code_cred_flow_enabled"),
            _flag("IsTokenExchangeFlowEnabled", "is_token_exchange_flow_enabled"),
            _text(
                "NamedUserJwtSessionTimeoutType", "named_user_jwt_session_timeout_type", FieldType.PICKLIST
            ),
            _as_text("NamedUserJwtTimeout", "named_user_jwt_timeout"),
            _text("PermittedUsersPolicyType", "permitted_users_policy_type", FieldType.PICKLIST),
            _text("PolicyAction", "policy_action", FieldType.PICKLIST),
            _text("RefreshTokenPolicyType", "refresh_token_policy_type", FieldType.PICKLIST),
            _text("RefreshTokenValidityPeriod", "refresh_token_validity_period", FieldType.INT),
            _text("RefreshTokenValidityUnit", "refresh_token_validity_unit", FieldType.PICKLIST),
            _text("RequiredSessionLevel", "required_session_level", FieldType.PICKLIST),
            _text("SessionTimeoutInMinutes", "session_timeout_in_minutes", FieldType.INT),
            _text("SingleLogoutUrl", "single_logout_url", FieldType.URL),
            _text("StartUrl", "start_url", FieldType.URL),
        ),
    ),
    _sobject(
        "ExtlClntAppOauthPlcyAttr",
        "External Client App OAuth Policies Attribute",
        "1Ew",
        ExtlClntAppOauthConfigurablePolicies,
        (
            *_ATTRIBUTE,
            _of(OAUTH_POLICIES, ExtlClntAppOauthConfigurablePolicies, "ExtlClntAppOauthPlcyCnfg"),
        ),
        lambda part: part.custom_attributes,
    ),
    _sobject(
        "ExtlClntAppPlcyCnfg",
        "External Client App Policies",
        "1Eq",
        ExtlClntAppConfigurablePolicies,
        (
            *_NAMED,
            _flag("IsEnabled", "is_enabled"),
            *(
                computed(name, FieldType.PICKLIST, partial(_plugin, switch, part))
                for name, switch, part in PLUGINS
            ),
            _text("StartPage", "start_page", FieldType.PICKLIST),
            _text("StartUrl", "start_url", FieldType.URL),
        ),
    ),
    _sobject(
        "ExtlClntAppSamlPlcyCnfg",
        "External Client App SAML Policies",
        "1Ex",
        ExtlClntAppSamlConfigurablePolicies,
        (
            *_NAMED,
            _text("AcsUrl", "acs_url", FieldType.URL),
            _text("Certificate", "certificate", FieldType.TEXTAREA),
            _text("EncryptionCertificate", "encryption_certificate", FieldType.TEXTAREA),
            _text("EncryptionType", "encryption_type", FieldType.PICKLIST),
            _text("EntityUrl", "entity_url", FieldType.URL),
            constant("IdpCertificateId", None),
            _text("Issuer", "issuer"),
            _text("NameIdFormat", "name_id_format", FieldType.PICKLIST),
            _text("SigningAlgorithmType", "signing_algorithm_type", FieldType.PICKLIST),
            _text("SingleLogoutBindingType", "single_logout_binding_type", FieldType.PICKLIST),
            _text("SingleLogoutUrl", "single_logout_url", FieldType.URL),
            _text("StartUrl", "start_url", FieldType.URL),
            _text("SubjectCustomAttribute", "subject_custom_attribute"),
            _text("SubjectType", "subject_type", FieldType.PICKLIST),
        ),
    ),
    _sobject(
        "ExtlClntAppMobileSettings",
        "External Client App Mobile Settings",
        MOBILE,
        ExtlClntAppMobileSettings,
        (*_NAMED, *_PACKAGEABLE, _flag("IsScreenLockEnabled", "is_screen_lock_enabled")),
    ),
    _sobject(
        "ExtlClntAppMobPlcyConfig",
        "External Client App Mobile Policies",
        "1Ey",
        ExtlClntAppMobileConfigurablePolicies,
        (*_NAMED, _OF_MOBILE_SETTINGS, _text("ScreenLockTimeout", "screen_lock_timeout", FieldType.PICKLIST)),
    ),
    _sobject(
        "ExtlClntAppNotifSettings",
        "External Client App Notification Settings",
        NOTIFICATIONS,
        ExtlClntAppNotificationSettings,
        (*_NAMED, *_PACKAGEABLE, _OF_OAUTH_SETTINGS),
    ),
    _sobject(
        "ExtlClntAppNotifType",
        "External Client App Notification Type",
        "1Ez",
        ExtlClntAppNotificationSettings,
        (
            *_RECORD,
            _MANAGEABLE,
            _of(NOTIFICATIONS, ExtlClntAppNotificationSettings, "ExtlClntAppNotifSettings"),
            _text("NotificationType", "notification_type"),
            _flag("IsPushByDefault", "push_by_default"),
        ),
        lambda part: part.notification_types,
    ),
    _sobject(
        "ExtlClntAppPushSettings",
        "External Client App Push Settings",
        PUSH,
        ExtlClntAppPushSettings,
        (
            *_NAMED,
            *_PACKAGEABLE,
            _OF_OAUTH_SETTINGS,
            _text("PushConfigLink", "push_config_link"),
            _text("PushServiceType", "push_service_type", FieldType.PICKLIST),
        ),
    ),
    _sobject(
        "ExtlClntAppApplePushConfig",
        "External Client App Apple Push Configuration",
        "1E0",
        ExtlClntAppPushSettings,
        (
            *_PUSH_CONFIG,
            _text("ApplicationBundle", "application_bundle"),
            _text("Environment", "environment", FieldType.PICKLIST),
        ),
        _config("apple_push_config"),
    ),
    _sobject(
        "ExtlClntAppAndroidPushConfig",
        "External Client App Android Push Configuration",
        "1E1",
        ExtlClntAppPushSettings,
        (*_PUSH_CONFIG, _text("FcmProject", "fcm_project")),
        _config("android_push_config"),
    ),
    _sobject(
        "ExtlClntAppPushPolicyConfig",
        "External Client App Push Policies",
        "1E2",
        ExtlClntAppPushConfigurablePolicies,
        (*_NAMED, _OF_PUSH_SETTINGS, _flag("IsFullContent", "is_full_content")),
    ),
)
