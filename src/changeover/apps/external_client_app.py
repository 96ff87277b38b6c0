"""The external client app: a header and its parts, one dataclass a metadata type, every field of each.

The classes bear the names of Salesforce's metadata types. Source: Metadata API guide, one page a type;
npm `@salesforce/types` 1.9.0 for fields that the guide lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from changeover.apps.connected_app import (
    ACCESS_METHODS,
    CANVAS_LOCATIONS,
    CANVAS_OPTIONS,
    SAML_BINDINGS,
    SAML_INITIATION_METHODS,
    SAML_NAME_ID_FORMATS,
    SAML_SIGNING_ALGORITHMS,
    SAML_SUBJECT_TYPES,
    Attribute,
)
from changeover.apps.document import Document, boolean, each, integer, many, one, text
from changeover.apps.policies import (
    IP_RELAXATION_SPELLINGS,
    REFRESH_TOKEN_POLICY_TYPES,
    VALIDITY_UNITS,
)

JWT_SESSION_TIMEOUT_TYPES = frozenset({"UserSession", "Custom"})


@dataclass(frozen=True, kw_only=True)
class ExternalClientApplication(Document):
    """The header; `full_name` is the app's API name."""

    contact_email: str | None = text("contactEmail")
    contact_phone: str | None = text("contactPhone")
    description: str | None = text("description")
    distribution_state: str | None = text(
        "distributionState", values=frozenset({"Local", "Packaged", "Managed", "AutoInstalled"})
    )
    icon_url: str | None = text("iconUrl")
    info_url: str | None = text("infoUrl")
    is_protected: bool | None = boolean("isProtected")
    label: str | None = text("label")
    logo_url: str | None = text("logoUrl")
    managed_type: str | None = text("managedType", values=frozenset({"Local", "Global"}))
    org_scoped_external_app: str | None = text("orgScopedExternalApp")


@dataclass(frozen=True, kw_only=True)
class Part(Document):
    """A component that belongs to an external client app: it names the app, whatever its own name is."""

    external_client_application: str | None = text("externalClientApplication", required=True)
    label: str | None = text("label")


@dataclass(frozen=True, kw_only=True)
class ExternalAppIdTokenConfig:
    """What an ID token holds; validity in minutes, 1 to 720, 2 by default."""

    id_token_audience: str | None = text("idTokenAudience")
    id_token_include_attributes: bool | None = boolean("idTokenIncludeAttributes")
    id_token_include_custom_permissions: bool | None = boolean("idTokenIncludeCustomPermissions")
    id_token_include_standard_claims: bool | None = boolean("idTokenIncludeStandardClaims")
    id_token_validity_in_minutes: int | None = integer("idTokenValidityInMinutes")


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppGlobalOauthSettings(Part):
    """Consumer key and secret, callback URL and switches. Holds secrets: never packaged nor committed."""

    callback_url: str | None = text("callbackUrl")
    certificate: str | None = text("certificate", since=60)
    consumer_key: str | None = text("consumerKey")
    consumer_secret: str | None = text("consumerSecret")
    id_token_config: ExternalAppIdTokenConfig | None = one("idTokenConfig", ExternalAppIdTokenConfig)
    is_client_credentials_flow_enabled: bool | None = boolean("isClientCredentialsFlowEnabled", since=60)
    is_code_cred_flow_enabled: bool | None = boolean("isCodeCredFlowEnabled", since=61)
    is_code_cred_post_only: bool | None = boolean("isCodeCredPostOnly", since=61)
    is_consumer_secret_optional: bool | None = boolean("isConsumerSecretOptional")
    is_dpop_enabled: bool | None = boolean("isDPopEnabled", since=66)
    is_device_flow_enabled: bool | None = boolean("isDeviceFlowEnabled", since=60)
    is_enforce_refresh_token_ttl: bool | None = boolean("isEnforceRefreshTokenTTL", since=66)
    is_introspect_all_tokens: bool | None = boolean("isIntrospectAllTokens")
    is_mtls_enabled: bool | None = boolean("isMtlsEnabled", since=66)
    is_named_user_jwt_enabled: bool | None = boolean("isNamedUserJwtEnabled", since=61)
    is_pkce_required: bool | None = boolean("isPkceRequired")
    is_refresh_token_rotation_enabled: bool | None = boolean("isRefreshTokenRotationEnabled", since=60)
    is_secret_required_for_refresh_token: bool | None = boolean("isSecretRequiredForRefreshToken")
    is_secret_required_for_token_exchange: bool | None = boolean("isSecretRequiredForTokenExchange", since=60)
    is_token_exchange_enabled: bool | None = boolean("isTokenExchangeEnabled", since=60)
    should_rotate_consumer_key: bool | None = boolean("shouldRotateConsumerKey")
    should_rotate_consumer_secret: bool | None = boolean("shouldRotateConsumerSecret")


@dataclass(frozen=True, kw_only=True)
class IpAddressRange:
    """A range of IP addresses; both ends belong to it."""

    start_ip_address: str | None = text("startIpAddress", required=True)
    end_ip_address: str | None = text("endIpAddress", required=True)
    description: str | None = text("description")


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppOauthSettings(Part):
    """The developer's OAuth settings: scopes, trusted IP ranges, custom attributes, asset tokens."""

    are_attributes_included_in_asset_token: bool | None = boolean(
        "areAttributesIncludedInAssetToken", since=61
    )
    are_custom_perms_included_in_asset_token: bool | None = boolean(
        "areCustomPermsIncludedInAssetToken", since=61
    )
    asset_token_audiences: str | None = text("assetTokenAudiences", since=61)
    asset_token_signing_certificate: str | None = text("assetTokenSigningCertificate", since=61)
    asset_token_validity: int | None = integer("assetTokenValidity", since=61)
    client_assertion_certificate: str | None = text("clientAssertionCertificate")
    comma_separated_custom_scopes: str | None = text("commaSeparatedCustomScopes")
    comma_separated_oauth_scopes: str | None = text("commaSeparatedOauthScopes")
    custom_attributes: tuple[Attribute, ...] = each("customAttributes", Attribute)
    is_first_party_app_enabled: bool | None = boolean("isFirstPartyAppEnabled")
    oauth_link: str | None = text("oauthLink")
    single_logout_url: str | None = text("singleLogoutUrl")
    trusted_ip_ranges: tuple[IpAddressRange, ...] = each("trustedIpRanges", IpAddressRange)


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppOauthConfigurablePolicies(Part):
    """The admin's OAuth policies. An update replaces the whole record: an omitted field is reset."""

    apex_handler: str | None = text("apexHandler", since=61)
    client_credentials_flow_user: str | None = text("clientCredentialsFlowUser", since=60)
    comma_separated_custom_scopes: str | None = text("commaSeparatedCustomScopes", since=61)
    comma_separated_permission_set: str | None = text("commaSeparatedPermissionSet")
    comma_separated_profile: str | None = text("commaSeparatedProfile")
    custom_attributes: tuple[Attribute, ...] = each("customAttributes", Attribute)
    execute_handler_as: str | None = text("executeHandlerAs", since=61)
    guest_jwt_session_timeout_type: str | None = text(
        "guestJwtSessionTimeoutType", values=JWT_SESSION_TIMEOUT_TYPES, since=65
    )
    guest_jwt_timeout: int | None = integer("guestJwtTimeout", since=61)
    ip_relaxation_policy_type: str | None = text("ipRelaxationPolicyType", values=IP_RELAXATION_SPELLINGS)
    is_client_credentials_flow_enabled: bool | None = boolean("isClientCredentialsFlowEnabled", since=60)
    is_guest_code_cred_flow_enabled: bool | None = boolean("isGuestCodeCredFlowEnabled", since=61)
    # Deprecated here (it stands in the global settings), still retrieved by some orgs.
    is_named_user_jwt_enabled: bool | None = boolean("isNamedUserJwtEnabled")
    is_token_exchange_flow_enabled: bool | None = boolean("isTokenExchangeFlowEnabled", since=60)
    named_user_jwt_session_timeout_type: str | None = text(
        "namedUserJwtSessionTimeoutType", values=JWT_SESSION_TIMEOUT_TYPES, since=65
    )
    named_user_jwt_timeout: int | None = integer("namedUserJwtTimeout", since=61)
    permitted_users_policy_type: str | None = text(
        "permittedUsersPolicyType", values=frozenset({"AllSelfAuthorized", "AdminApprovedPreAuthorized"})
    )
    policy_action: str | None = text(
        "policyAction", values=frozenset({"Block", "RaiseSessionLevel", "StepUpMFA"})
    )
    refresh_token_policy_type: str | None = text(
        "refreshTokenPolicyType", values=frozenset(REFRESH_TOKEN_POLICY_TYPES.values())
    )
    refresh_token_validity_period: int | None = integer("refreshTokenValidityPeriod")
    refresh_token_validity_unit: str | None = text(
        "refreshTokenValidityUnit", values=frozenset(VALIDITY_UNITS.values())
    )
    required_session_level: str | None = text(
        "requiredSessionLevel", values=frozenset({"LOW", "STANDARD", "HIGH_ASSURANCE"})
    )
    session_timeout_in_minutes: int | None = integer("sessionTimeoutInMinutes")
    single_logout_url: str | None = text("singleLogoutUrl")
    start_url: str | None = text("startUrl")


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppConfigurablePolicies(Part):
    """The admin's app policies: the master switch, one switch a plugin, the start page."""

    is_attest_plugin_enabled: bool | None = boolean("isAttestPluginEnabled")
    is_canvas_plugin_enabled: bool | None = boolean("isCanvasPluginEnabled", since=66)
    is_enabled: bool | None = boolean("isEnabled", required=True)
    is_mobile_plugin_enabled: bool | None = boolean("isMobilePluginEnabled", since=63)
    is_notification_plugin_enabled: bool | None = boolean("isNotificationPluginEnabled", since=63)
    is_oauth_plugin_enabled: bool | None = boolean("isOauthPluginEnabled", since=60)
    is_push_plugin_enabled: bool | None = boolean("isPushPluginEnabled", since=63)
    is_saml_plugin_enabled: bool | None = boolean("isSamlPluginEnabled", since=63)
    start_page: str | None = text(
        "startPage", values=frozenset({"None", "Custom", "OAuth", "SAML"}), since=63
    )
    start_url: str | None = text("startUrl", since=63)


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppOauthSecuritySettings(Part):
    """Mutual TLS parameters and the IP ranges that refresh tokens are bound to."""

    tls_client_auth_cert_param_type: str | None = text(
        "tlsClientAuthCertParamType",
        values=frozenset(
            {
                "tls_client_auth_subject_dn",
                "tls_client_auth_san_dns",
                "tls_client_auth_san_uri",
                "tls_client_auth_san_ip",
                "tls_client_auth_san_email",
                "tls_client_auth_san_spiffe",
            }
        ),
    )
    tls_client_auth_cert_param_value: str | None = text("tlsClientAuthCertParamValue")
    token_ip_ranges: tuple[IpAddressRange, ...] = each("tokenIpRanges", IpAddressRange)


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppSamlConfigurablePolicies(Part):
    """SAML as a policy; there is no SAML settings type. An app that has one must be Local."""

    acs_url: str | None = text("acsUrl", required=True)
    certificate: str | None = text("certificate")
    comma_separated_permission_set: str | None = text("commaSeparatedPermissionSet")
    comma_separated_profile: str | None = text("commaSeparatedProfile")
    custom_attributes: tuple[Attribute, ...] = each("customAttributes", Attribute)
    encryption_certificate: str | None = text("encryptionCertificate")
    encryption_type: str | None = text("encryptionType", values=frozenset({"AES_128", "AES_256"}))
    entity_url: str | None = text("entityUrl", required=True)
    issuer: str | None = text("issuer")
    name_id_format: str | None = text("nameIdFormat", values=SAML_NAME_ID_FORMATS)
    signing_algorithm_type: str | None = text("signingAlgorithmType", values=SAML_SIGNING_ALGORITHMS)
    single_logout_binding_type: str | None = text("singleLogoutBindingType", values=SAML_BINDINGS)
    single_logout_url: str | None = text("singleLogoutUrl")
    # Deprecated in favour of ExtlClntAppConfigurablePolicies.startUrl.
    start_url: str | None = text("startUrl")
    subject_custom_attribute: str | None = text("subjectCustomAttribute")
    subject_type: str | None = text("subjectType", values=SAML_SUBJECT_TYPES)


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppCanvasSettings(Part):
    """Canvas settings of an external client app (API 66)."""

    access_method: str | None = text("accessMethod", values=ACCESS_METHODS)
    canvas_location_options: tuple[str, ...] = many("canvasLocationOptions", values=CANVAS_LOCATIONS)
    canvas_options: tuple[str, ...] = many("canvasOptions", values=CANVAS_OPTIONS)
    canvas_url: str | None = text("canvasUrl", required=True)
    life_cycle_handler: str | None = text("lifeCycleHandler")
    saml_initiation_method: str | None = text("samlInitiationMethod", values=SAML_INITIATION_METHODS)


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppMobileSettings(Part):
    """Whether a mobile app locks its screen."""

    is_screen_lock_enabled: bool | None = boolean("isScreenLockEnabled", required=True)


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppMobileConfigurablePolicies(Part):
    """After how many minutes a mobile app locks its screen, as a word."""

    screen_lock_timeout: str | None = text(
        "screenLockTimeout",
        values=frozenset(
            {
                "Never",
                "One",
                "Five",
                "Ten",
                "Thirty",
                "Sixty",
                "OneTwenty",
                "OneEighty",
                "TwoForty",
            }
        ),
        required=True,
    )


@dataclass(frozen=True, kw_only=True)
class AndroidPushConfig:
    """Firebase project and service account (base64, at most 8000 characters; a secret)."""

    fcm_project: str | None = text("fcmProject", required=True)
    service_account: str | None = text("serviceAccount", required=True)


@dataclass(frozen=True, kw_only=True)
class ApplePushConfig:
    """Apple push credentials: a .p8 key with its ids, or a .p12 certificate with its password; secrets."""

    application_bundle: str | None = text("applicationBundle")
    certificate: str | None = text("certificate")
    environment: str | None = text("environment", values=frozenset({"Sandbox", "Production"}), required=True)
    key_identifier: str | None = text("keyIdentifier")
    password: str | None = text("password")
    signing_key: str | None = text("signingKey")
    team_identifier: str | None = text("teamIdentifier")


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppPushSettings(Part):
    """Push credentials of one service."""

    android_push_config: AndroidPushConfig | None = one("androidPushConfig", AndroidPushConfig)
    apple_push_config: ApplePushConfig | None = one("applePushConfig", ApplePushConfig)
    push_config_link: str | None = text("pushConfigLink")
    push_service_type: str | None = text(
        "pushServiceType", values=frozenset({"Apple", "Android"}), required=True
    )


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppPushConfigurablePolicies(Part):
    """Whether push notifications hold the full content."""

    is_full_content: bool | None = boolean("isFullContent", required=True)


@dataclass(frozen=True, kw_only=True)
class NotificationType:
    """A custom notification type that the app receives."""

    notification_type: str | None = text("notificationType", required=True)
    push_by_default: bool | None = boolean("pushByDefault")


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppNotificationSettings(Part):
    """Which custom notification types the app receives on the mobile channel."""

    notification_types: tuple[NotificationType, ...] = each("notificationTypes", NotificationType)


P = TypeVar("P", bound=Part)


@dataclass(frozen=True, kw_only=True)
class ExternalClientApp:
    """An external client app whole: the header and the parts that name it."""

    header: ExternalClientApplication
    parts: tuple[Part, ...] = ()

    @property
    def api_name(self) -> str:
        """The header's full name."""
        return self.header.full_name

    @property
    def documents(self) -> tuple[ExternalClientApplication | Part, ...]:
        """Header and parts, the header first."""
        return (self.header, *self.parts)

    def part(self, cls: type[P]) -> P | None:
        """Return the first part of a class, None where the app has none."""
        return next((part for part in self.parts if isinstance(part, cls)), None)

    @property
    def consumer_key(self) -> str | None:
        """The OAuth client id, None where the app has no OAuth settings or they do not tell."""
        settings = self.part(ExtlClntAppGlobalOauthSettings)
        return settings.consumer_key if settings else None
