"""The connected app: metadata type `ConnectedApp`, every field of it.

Source: Metadata API guide, ConnectedApp; npm `@salesforce/types` 1.9.0 for fields that the guide lacks.
"""

from __future__ import annotations

from dataclasses import dataclass

from changeover.apps.document import Document, boolean, each, integer, many, one, text
from changeover.apps.scopes import CONNECTED_APP_VALUES

ACCESS_METHODS = frozenset({"Get", "Post"})
CANVAS_LOCATIONS = frozenset(
    {
        "None",
        "Chatter",
        "UserProfile",
        "Visualforce",
        "Aura",
        "Publisher",
        "ChatterFeed",
        "ServiceDesk",
        "OpenCTI",
        "AppLauncher",
        "MobileNav",
        "PageLayout",
    }
)
CANVAS_OPTIONS = frozenset({"HideShare", "HideHeader", "PersonalEnabled"})
SAML_INITIATION_METHODS = frozenset({"None", "IdpInitiated", "SpInitiated"})
SAML_SUBJECT_TYPES = frozenset(
    {"Username", "FederationId", "UserId", "SpokeId", "CustomAttribute", "PersistentId"}
)
SAML_NAME_ID_FORMATS = frozenset({"Unspecified", "EmailAddress", "Persistent", "Transient"})
SAML_BINDINGS = frozenset({"RedirectBinding", "PostBinding"})
SAML_SIGNING_ALGORITHMS = frozenset({"SHA1", "SHA256"})
IP_RELAXATIONS = frozenset({"ENFORCE", "BYPASS", "BYPASS_2FACTOR", "ENFORCE_RELAXREFRESH"})
SESSION_LEVELS = frozenset({"LOW", "STANDARD", "HIGH_ASSURANCE"})
POLICY_ACTIONS = frozenset({"Block", "RaiseSessionLevel"})


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """A custom attribute: a key and the formula that makes its value."""

    key: str | None = text("key", required=True)
    formula: str | None = text("formula", required=True)


@dataclass(frozen=True, kw_only=True)
class CanvasMetadata:
    """The newer form in which canvas settings are read back, texts instead of lists."""

    access_method: str | None = text("accessMethod", required=True)
    canvas_options: str | None = text("canvasOptions")
    canvas_url: str | None = text("canvasUrl", required=True)
    lifecycle_class: str | None = text("lifecycleClass")
    location_options: str | None = text("locationOptions")
    saml_initiation_method: str | None = text("samlInitiationMethod")


@dataclass(frozen=True, kw_only=True)
class CanvasConfig:
    """Canvas settings of a connected app."""

    access_method: str | None = text("accessMethod", values=ACCESS_METHODS, required=True)
    canvas_url: str | None = text("canvasUrl", required=True)
    lifecycle_class: str | None = text("lifecycleClass", since=31)
    locations: tuple[str, ...] = many("locations", values=CANVAS_LOCATIONS)
    options: tuple[str, ...] = many("options", values=CANVAS_OPTIONS)
    saml_initiation_method: str | None = text("samlInitiationMethod", values=SAML_INITIATION_METHODS)


@dataclass(frozen=True, kw_only=True)
class IpRange:
    """A trusted IP range; both ends belong to it."""

    start: str | None = text("start", required=True)
    end: str | None = text("end", required=True)
    description: str | None = text("description", since=31)


@dataclass(frozen=True, kw_only=True)
class MobileAppConfig:
    """Store listing of a mobile app; nothing of it has a home on an external client app."""

    application_binary_file: str | None = text("applicationBinaryFile")
    application_binary_file_name: str | None = text("applicationBinaryFileName")
    application_bundle_identifier: str | None = text("applicationBundleIdentifier")
    application_file_length: int | None = integer("applicationFileLength")
    application_icon_file: str | None = text("applicationIconFile")
    application_icon_file_name: str | None = text("applicationIconFileName")
    application_install_url: str | None = text("applicationInstallUrl")
    device_platform: str | None = text("devicePlatform", values=frozenset({"ios", "android"}), required=True)
    device_type: str | None = text("deviceType", values=frozenset({"phone", "tablet", "minitablet"}))
    minimum_os_version: str | None = text("minimumOsVersion")
    private_app: bool | None = boolean("privateApp")
    version: str | None = text("version", required=True)


@dataclass(frozen=True, kw_only=True)
class AssetTokenConfig:
    """How asset tokens are made. Both include switches are true by default on a connected app."""

    asset_audiences: str | None = text("assetAudiences", required=True)
    asset_include_attributes: bool | None = boolean("assetIncludeAttributes", required=True)
    asset_include_custom_perms: bool | None = boolean("assetIncludeCustomPerms", required=True)
    asset_signing_cert_id: str | None = text("assetSigningCertId", required=True)
    asset_validity_period: int | None = integer("assetValidityPeriod", required=True)


@dataclass(frozen=True, kw_only=True)
class IdTokenConfig:
    """What an ID token holds; `id_token_validity` in minutes, 1 to 720, 2 by default."""

    id_token_audience: str | None = text("idTokenAudience")
    id_token_include_attributes: bool | None = boolean("idTokenIncludeAttributes")
    id_token_include_custom_perms: bool | None = boolean("idTokenIncludeCustomPerms")
    id_token_include_standard_claims: bool | None = boolean("idTokenIncludeStandardClaims")
    id_token_validity: int | None = integer("idTokenValidity")


@dataclass(frozen=True, kw_only=True)
class OauthConfig:
    """The developer's OAuth settings of a connected app."""

    asset_token_config: AssetTokenConfig | None = one("assetTokenConfig", AssetTokenConfig, since=49)
    callback_url: str | None = text("callbackUrl", required=True)
    certificate: str | None = text("certificate")
    consumer_key: str | None = text("consumerKey")
    consumer_secret: str | None = text("consumerSecret")
    id_token_config: IdTokenConfig | None = one("idTokenConfig", IdTokenConfig, since=43)
    is_admin_approved: bool | None = boolean("isAdminApproved", since=46)
    is_client_credential_enabled: bool | None = boolean("isClientCredentialEnabled", since=56)
    is_code_credential_enabled: bool | None = boolean("isCodeCredentialEnabled", since=57)
    is_code_credential_post_only: bool | None = boolean("isCodeCredentialPostOnly", since=57)
    is_consumer_secret_optional: bool | None = boolean("isConsumerSecretOptional", since=49)
    is_dpop_enabled: bool | None = boolean("isDPopEnabled", since=66)
    is_device_flow_enabled: bool | None = boolean("isDeviceFlowEnabled", since=66)
    is_enforce_refresh_token_ttl: bool | None = boolean("isEnforceRefreshTokenTTL", since=66)
    is_introspect_all_tokens: bool | None = boolean("isIntrospectAllTokens", since=49)
    is_ip_binding_enabled: bool | None = boolean("isIpBindingEnabled", since=66)
    is_named_user_jwt_enabled: bool | None = boolean("isNamedUserJwtEnabled", since=59)
    is_pki_mtls_enabled: bool | None = boolean("isPKImTLSEnabled", since=66)
    is_pkce_required: bool | None = boolean("isPkceRequired", since=59)
    is_refresh_token_rotation_enabled: bool | None = boolean("isRefreshTokenRotationEnabled", since=60)
    is_secret_required_for_refresh_token: bool | None = boolean("isSecretRequiredForRefreshToken", since=51)
    is_secret_required_for_token_exchange: bool | None = boolean("isSecretRequiredForTokenExchange", since=60)
    is_token_exchange_enabled: bool | None = boolean("isTokenExchangeEnabled", since=60)
    oauth_client_credential_user: str | None = text("oauthClientCredentialUser", since=56)
    scopes: tuple[str, ...] = many("scopes", values=CONNECTED_APP_VALUES)
    single_logout_url: str | None = text("singleLogoutUrl")


@dataclass(frozen=True, kw_only=True)
class OauthPolicy:
    """The admin's OAuth policies of a connected app. `refresh_token_policy`: see `apps.policies`."""

    ip_relaxation: str | None = text("ipRelaxation", values=IP_RELAXATIONS, required=True)
    is_token_exchange_flow_enabled: bool | None = boolean("isTokenExchangeFlowEnabled", since=60)
    refresh_token_policy: str | None = text("refreshTokenPolicy", required=True)
    single_logout_url: str | None = text("singleLogoutUrl")


@dataclass(frozen=True, kw_only=True)
class SessionPolicy:
    """The admin's session policies; `session_timeout` in minutes."""

    policy_action: str | None = text("policyAction", values=POLICY_ACTIONS)
    session_level: str | None = text("sessionLevel", values=SESSION_LEVELS)
    session_timeout: int | None = integer("sessionTimeout")


@dataclass(frozen=True, kw_only=True)
class SamlConfig:
    """SAML settings of a connected app as service provider."""

    acs_url: str | None = text("acsUrl", required=True)
    certificate: str | None = text("certificate")
    encryption_certificate: str | None = text("encryptionCertificate")
    encryption_type: str | None = text(
        "encryptionType", values=frozenset({"AES_128", "AES_256", "Triple_Des"})
    )
    entity_url: str | None = text("entityUrl", required=True)
    issuer: str | None = text("issuer")
    saml_idp_slo_binding_enum: str | None = text("samlIdpSLOBindingEnum", values=SAML_BINDINGS, since=40)
    saml_name_id_format: str | None = text("samlNameIdFormat", values=SAML_NAME_ID_FORMATS)
    saml_signing_algo_type: str | None = text("samlSigningAlgoType", values=SAML_SIGNING_ALGORITHMS, since=50)
    saml_slo_url: str | None = text("samlSloUrl", since=40)
    saml_subject_custom_attr: str | None = text("samlSubjectCustomAttr")
    saml_subject_type: str | None = text("samlSubjectType", values=SAML_SUBJECT_TYPES, required=True)


@dataclass(frozen=True, kw_only=True)
class ConnectedApp(Document):
    """A connected app; `full_name` is its API name."""

    attributes: tuple[Attribute, ...] = each("attributes", Attribute)
    canvas: CanvasMetadata | None = one("canvas", CanvasMetadata)
    canvas_config: CanvasConfig | None = one("canvasConfig", CanvasConfig)
    contact_email: str | None = text("contactEmail", required=True)
    contact_phone: str | None = text("contactPhone")
    description: str | None = text("description")
    icon_url: str | None = text("iconUrl")
    info_url: str | None = text("infoUrl")
    ip_ranges: tuple[IpRange, ...] = each("ipRanges", IpRange)
    label: str | None = text("label", required=True)
    logo_url: str | None = text("logoUrl")
    mobile_app_config: MobileAppConfig | None = one("mobileAppConfig", MobileAppConfig)
    mobile_start_url: str | None = text("mobileStartUrl")
    oauth_config: OauthConfig | None = one("oauthConfig", OauthConfig)
    oauth_policy: OauthPolicy | None = one("oauthPolicy", OauthPolicy, since=49)
    permission_set_name: tuple[str, ...] = many("permissionSetName", since=46)
    plugin: str | None = text("plugin")
    # In the type definitions up to 1.7.0, gone from 1.9.0; files in the wild may still hold it.
    plugin_execution_user: str | None = text("pluginExecutionUser", since=46)
    profile_name: tuple[str, ...] = many("profileName", since=46)
    saml_config: SamlConfig | None = one("samlConfig", SamlConfig)
    session_policy: SessionPolicy | None = one("sessionPolicy", SessionPolicy, since=49)
    start_url: str | None = text("startUrl")

    @property
    def consumer_key(self) -> str | None:
        """The OAuth client id, None where the app has no OAuth settings or its file does not tell."""
        return self.oauth_config.consumer_key if self.oauth_config else None
