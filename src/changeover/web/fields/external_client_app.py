"""The fields of an external client app as Setup names them; paths begin with the part's suffix.

Source: salesforce-reference section 9 (Settings and Policies tabs) and section 2 (Metadata API guide,
one page a type).
"""

from __future__ import annotations

from changeover.web.fields.labels import Label, Section

SETTINGS: tuple[Section, ...] = (
    Section(
        "Basic Information",
        (
            Label("eca/label", "External Client App Name"),
            Label("eca/contactEmail", "Contact Email"),
            Label("eca/contactPhone", "Contact Phone"),
            Label("eca/description", "Description", control="area"),
            Label("eca/logoUrl", "Logo Image URL"),
            Label("eca/iconUrl", "Icon URL"),
            Label("eca/infoUrl", "Info URL", "Reserved on an external client app"),
        ),
        always=True,
    ),
    Section(
        "OAuth Settings: App Settings",
        (
            Label("ecaGlblOauth/callbackUrl", "Callback URL", "One a line; each must match exactly", "area"),
            Label("ecaOauth/commaSeparatedOauthScopes", "OAuth Scopes", control="scopes"),
            Label("ecaOauth/commaSeparatedCustomScopes", "Custom Scopes", "Separated by commas"),
            Label("ecaGlblOauth/isIntrospectAllTokens", "Introspect All Tokens"),
            Label("ecaOauth/singleLogoutUrl", "Enable Single Logout: Single Logout URL"),
            Label("ecaOauth/isFirstPartyAppEnabled", "First-party App"),
        ),
        none="OAuth is not enabled.",
        always=True,
    ),
    Section(
        "OAuth Settings: Flow Enablement",
        (
            Label("ecaGlblOauth/isClientCredentialsFlowEnabled", "Enable Client Credentials Flow"),
            Label("ecaGlblOauth/isCodeCredFlowEnabled", "Enable Authorization Code and Credentials Flow"),
            Label(
                "ecaGlblOauth/isCodeCredPostOnly",
                "Require user credentials in the POST body for Authorization Code and Credentials Flow",
            ),
            Label("ecaGlblOauth/isDeviceFlowEnabled", "Enable Device Flow"),
            Label("ecaGlblOauth/certificate", "Enable JWT Bearer Flow: certificate", control="area"),
            Label("ecaGlblOauth/isTokenExchangeEnabled", "Enable Token Exchange Flow"),
        ),
    ),
    Section(
        "OAuth Settings: Security",
        (
            Label(
                "ecaGlblOauth/isConsumerSecretOptional", "Require secret for Web Server Flow", opposite=True
            ),
            Label(
                "ecaGlblOauth/isSecretRequiredForRefreshToken",
                "Require secret for Refresh Token Flow",
                default=True,
            ),
            Label("ecaGlblOauth/isSecretRequiredForTokenExchange", "Require secret for Token Exchange Flow"),
            Label(
                "ecaGlblOauth/isPkceRequired",
                "Require Proof Key for Code Exchange (PKCE) extension for Supported Authorization Flows",
                default=True,
            ),
            Label("ecaGlblOauth/isRefreshTokenRotationEnabled", "Enable Refresh Token Rotation"),
            Label("ecaGlblOauth/isEnforceRefreshTokenTTL", "Enforce Refresh Token Lifetime"),
            Label(
                "ecaGlblOauth/isNamedUserJwtEnabled",
                "Issue JSON Web Token (JWT)-based access tokens for named users",
            ),
            Label("ecaGlblOauth/isDPopEnabled", "Enable Demonstrating Proof of Possession (DPoP)"),
            Label("ecaGlblOauth/isMtlsEnabled", "Enable Mutual TLS Client Authentication"),
            Label("ecaOauth/clientAssertionCertificate", "Client Assertion Certificate", control="area"),
            Label("ecaOauthSecurity/tlsClientAuthCertParamType", "Mutual TLS: certificate parameter"),
            Label("ecaOauthSecurity/tlsClientAuthCertParamValue", "Mutual TLS: value of the parameter"),
        ),
    ),
    Section("Trusted IP Ranges", (Label("ecaOauth/trustedIpRanges", "Trusted IP Ranges"),)),
    Section(
        "IP ranges that refresh tokens are bound to",
        (Label("ecaOauthSecurity/tokenIpRanges", "Refresh Token IP Ranges"),),
    ),
    Section("Custom Attributes", (Label("ecaOauth/customAttributes", "Custom Attributes"),)),
    Section(
        "ID Token",
        (
            Label(
                "ecaGlblOauth/idTokenConfig/idTokenValidityInMinutes",
                "Token Valid for (minutes)",
                "1 to 720",
            ),
            Label("ecaGlblOauth/idTokenConfig/idTokenAudience", "ID Token Audiences", control="area"),
            Label("ecaGlblOauth/idTokenConfig/idTokenIncludeStandardClaims", "Include Standard Claims"),
            Label("ecaGlblOauth/idTokenConfig/idTokenIncludeAttributes", "Include Custom Attributes"),
            Label("ecaGlblOauth/idTokenConfig/idTokenIncludeCustomPermissions", "Include Custom Permissions"),
        ),
    ),
    Section(
        "Asset Token",
        (
            Label("ecaOauth/assetTokenValidity", "Token Valid for"),
            Label("ecaOauth/assetTokenSigningCertificate", "Asset Signing Certificate"),
            Label("ecaOauth/assetTokenAudiences", "Asset Audiences", control="area"),
            Label("ecaOauth/areAttributesIncludedInAssetToken", "Include Custom Attributes"),
            Label("ecaOauth/areCustomPermsIncludedInAssetToken", "Include Custom Permissions"),
        ),
    ),
    Section(
        "Canvas App Settings",
        (
            Label("ecaCanvas/canvasUrl", "Canvas App URL"),
            Label("ecaCanvas/accessMethod", "Access Method"),
            Label("ecaCanvas/samlInitiationMethod", "SAML Initiation Method"),
            Label("ecaCanvas/canvasLocationOptions", "Locations"),
            Label("ecaCanvas/canvasOptions", "Options"),
            Label("ecaCanvas/lifeCycleHandler", "Lifecycle Handler"),
        ),
    ),
    Section("Mobile App Settings", (Label("ecaMobile/isScreenLockEnabled", "Implements Screen Locking"),)),
    Section(
        "Notification Settings",
        (Label("ecaNotifications/notificationTypes", "Custom Notification Types"),),
    ),
)

POLICIES: tuple[Section, ...] = (
    Section(
        "App Policies",
        (
            Label("ecaPlcy/isEnabled", "Enabled", default=True),
            Label("ecaPlcy/startPage", "Start Page"),
            Label("ecaPlcy/startUrl", "Start Page URL"),
            Label("ecaPlcy/isOauthPluginEnabled", "OAuth", default=True),
            Label("ecaPlcy/isSamlPluginEnabled", "SAML", default=True),
            Label("ecaPlcy/isMobilePluginEnabled", "Mobile", default=True),
            Label("ecaPlcy/isPushPluginEnabled", "Push Notifications", default=True),
            Label("ecaPlcy/isNotificationPluginEnabled", "Notifications", default=True),
            Label("ecaPlcy/isCanvasPluginEnabled", "Canvas", default=True),
            Label("ecaPlcy/isAttestPluginEnabled", "Attestation", default=True),
        ),
        always=True,
    ),
    Section(
        "OAuth Policies: Plugin Policies",
        (
            Label("ecaOauthPlcy/permittedUsersPolicyType", "Permitted Users"),
            Label("ecaOauthPlcy/commaSeparatedProfile", "Select Profiles", control="profiles"),
            Label(
                "ecaOauthPlcy/commaSeparatedPermissionSet",
                "Select Permission Sets",
                control="permission_sets",
            ),
            Label("ecaOauthPlcy/startUrl", "OAuth Start URL"),
            Label("ecaOauthPlcy/commaSeparatedCustomScopes", "Custom Scopes", "Separated by commas"),
            Label("ecaOauthPlcy/apexHandler", "Apex Plugin Class"),
            Label("ecaOauthPlcy/executeHandlerAs", "Apex Plugin Class: Run As"),
        ),
        always=True,
    ),
    Section(
        "OAuth Policies: OAuth Flows and External Client App Enhancements",
        (
            Label("ecaOauthPlcy/isClientCredentialsFlowEnabled", "Enable Client Credentials Flow"),
            Label("ecaOauthPlcy/clientCredentialsFlowUser", "Client Credentials Flow: Run As"),
            Label("ecaOauthPlcy/isTokenExchangeFlowEnabled", "Enable Token Exchange Flow"),
            Label(
                "ecaOauthPlcy/isGuestCodeCredFlowEnabled",
                "Enable Authorization Code and Credentials Flow for guest users",
            ),
        ),
        always=True,
    ),
    Section(
        "OAuth Policies: App Authorization",
        (
            Label("ecaOauthPlcy/refreshTokenPolicyType", "Refresh Token Policy"),
            Label("ecaOauthPlcy/refreshTokenValidityPeriod", "Refresh Token Validity Period"),
            Label("ecaOauthPlcy/refreshTokenValidityUnit", "Refresh Token Validity Unit"),
            Label("ecaOauthPlcy/ipRelaxationPolicyType", "IP Relaxation"),
            Label("ecaOauthPlcy/sessionTimeoutInMinutes", "Session Timeout (minutes)"),
            Label("ecaOauthPlcy/requiredSessionLevel", "Required Session Level"),
            Label("ecaOauthPlcy/policyAction", "High Assurance session required"),
            Label("ecaOauthPlcy/singleLogoutUrl", "Enable Single Logout: Single Logout URL"),
            Label("ecaOauthPlcy/namedUserJwtSessionTimeoutType", "Named User JWT Timeout"),
            Label("ecaOauthPlcy/namedUserJwtTimeout", "Named User JWT Timeout (minutes)"),
            Label("ecaOauthPlcy/guestJwtSessionTimeoutType", "Guest JWT Timeout"),
            Label("ecaOauthPlcy/guestJwtTimeout", "Guest JWT Timeout (minutes)"),
            Label(
                "ecaOauthPlcy/isNamedUserJwtEnabled",
                "Issue JWT-based access tokens for named users (deprecated here)",
            ),
        ),
        always=True,
    ),
    Section("OAuth Custom Attributes", (Label("ecaOauthPlcy/customAttributes", "Custom Attributes"),)),
    Section(
        "SAML Policies",
        (
            Label("ecaSamlPlcy/entityUrl", "Entity Id"),
            Label("ecaSamlPlcy/acsUrl", "ACS URL"),
            Label("ecaSamlPlcy/subjectType", "Subject Type"),
            Label("ecaSamlPlcy/subjectCustomAttribute", "Subject: Custom Attribute"),
            Label("ecaSamlPlcy/nameIdFormat", "Name ID Format"),
            Label("ecaSamlPlcy/issuer", "Issuer"),
            Label("ecaSamlPlcy/signingAlgorithmType", "Signing Algorithm for SAML Messages"),
            Label("ecaSamlPlcy/certificate", "Verify Request Signatures: certificate", control="area"),
            Label("ecaSamlPlcy/encryptionCertificate", "Encrypt SAML Response: certificate", control="area"),
            Label("ecaSamlPlcy/encryptionType", "Block Encryption Algorithm"),
            Label("ecaSamlPlcy/singleLogoutUrl", "Enable Single Logout: Single Logout URL"),
            Label("ecaSamlPlcy/singleLogoutBindingType", "Single Logout Binding"),
            Label("ecaSamlPlcy/commaSeparatedProfile", "Select Profiles", control="profiles"),
            Label(
                "ecaSamlPlcy/commaSeparatedPermissionSet",
                "Select Permission Sets",
                control="permission_sets",
            ),
            Label("ecaSamlPlcy/startUrl", "Start URL (deprecated here)"),
        ),
    ),
    Section("SAML Custom Attributes", (Label("ecaSamlPlcy/customAttributes", "Custom Attributes"),)),
    Section("Mobile Policies", (Label("ecaMobilePlcy/screenLockTimeout", "Require Screen Lock After"),)),
    Section(
        "Push Notification Policies",
        (Label("ecaPushPlcy/isFullContent", "Send Full Content Push Notifications"),),
    ),
)

# What no form edits: keys, secrets and credentials have pages of their own, the rest Salesforce makes.
ELSEWHERE = frozenset(
    {
        "eca/distributionState",
        "eca/isProtected",
        "eca/managedType",
        "eca/orgScopedExternalApp",
        "ecaGlblOauth/consumerKey",
        "ecaGlblOauth/consumerSecret",
        "ecaGlblOauth/shouldRotateConsumerKey",
        "ecaGlblOauth/shouldRotateConsumerSecret",
        "ecaOauth/oauthLink",
    }
)
# Every part names its app and has a label of its own; both are set when it is made.
OF_EVERY_PART = frozenset({"externalClientApplication", "label"})

ROW_LABELS = {
    "ecaOauth/trustedIpRanges/startIpAddress": "Start IP Address",
    "ecaOauth/trustedIpRanges/endIpAddress": "End IP Address",
    "ecaOauth/trustedIpRanges/description": "Description",
    "ecaOauthSecurity/tokenIpRanges/startIpAddress": "Start IP Address",
    "ecaOauthSecurity/tokenIpRanges/endIpAddress": "End IP Address",
    "ecaOauthSecurity/tokenIpRanges/description": "Description",
    "ecaOauth/customAttributes/key": "Attribute Key",
    "ecaOauth/customAttributes/formula": "Attribute Value (formula)",
    "ecaOauthPlcy/customAttributes/key": "Attribute Key",
    "ecaOauthPlcy/customAttributes/formula": "Attribute Value (formula)",
    "ecaSamlPlcy/customAttributes/key": "Attribute Key",
    "ecaSamlPlcy/customAttributes/formula": "Attribute Value (formula)",
    "ecaNotifications/notificationTypes/notificationType": "Notification Type",
    "ecaNotifications/notificationTypes/pushByDefault": "Push by Default",
}
