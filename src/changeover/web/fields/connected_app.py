"""The fields of a connected app as Setup names them.

Source: salesforce-reference section 9 and sections 1.1 to 1.3 (Metadata API guide, ConnectedApp). Settings
are what Edit shows, policies what Edit Policies shows.
"""

from __future__ import annotations

from changeover.web.fields.labels import Label, Section

SETTINGS: tuple[Section, ...] = (
    Section(
        "Basic Information",
        (
            Label("label", "Connected App Name"),
            Label("contactEmail", "Contact Email"),
            Label("contactPhone", "Contact Phone"),
            Label("description", "Description", control="area"),
            Label("logoUrl", "Logo Image URL", "https only, at most 125 by 200 pixels"),
            Label("iconUrl", "Icon URL", "Reserved for future use on a connected app"),
            Label("infoUrl", "Info URL"),
        ),
        always=True,
    ),
    Section(
        "API (Enable OAuth Settings)",
        (
            Label("oauthConfig/callbackUrl", "Callback URL", "One a line; each must match exactly", "area"),
            Label("oauthConfig/scopes", "Selected OAuth Scopes", control="scopes"),
            Label("oauthConfig/certificate", "Use digital signatures: certificate", control="area"),
            Label(
                "oauthConfig/isPkceRequired",
                "Require Proof Key for Code Exchange (PKCE) extension for Supported Authorization Flows",
            ),
            Label(
                "oauthConfig/isConsumerSecretOptional",
                "Require Secret for Web Server Flow",
                opposite=True,
            ),
            Label(
                "oauthConfig/isSecretRequiredForRefreshToken",
                "Require Secret for Refresh Token Flow",
                default=True,
            ),
            Label("oauthConfig/isClientCredentialEnabled", "Enable Client Credentials Flow"),
            Label("oauthConfig/isCodeCredentialEnabled", "Enable Authorization Code and Credentials Flow"),
            Label(
                "oauthConfig/isCodeCredentialPostOnly",
                "Require user credentials in the POST body for Authorization Code and Credentials Flow",
            ),
            Label("oauthConfig/isDeviceFlowEnabled", "Enable for Device Flow"),
            Label("oauthConfig/isTokenExchangeEnabled", "Enable Token Exchange Flow"),
            Label("oauthConfig/isSecretRequiredForTokenExchange", "Require Secret for Token Exchange Flow"),
            Label("oauthConfig/isRefreshTokenRotationEnabled", "Enable Refresh Token Rotation"),
            Label("oauthConfig/isEnforceRefreshTokenTTL", "Enforce Refresh Token Lifetime"),
            Label(
                "oauthConfig/isNamedUserJwtEnabled",
                "Issue JSON Web Token (JWT)-based access tokens for named users",
            ),
            Label("oauthConfig/isIntrospectAllTokens", "Introspect All Tokens"),
            Label("oauthConfig/isDPopEnabled", "Enable Demonstrating Proof of Possession (DPoP)"),
            Label("oauthConfig/isIpBindingEnabled", "Bind Refresh Tokens to Allowed IP Ranges"),
            Label("oauthConfig/isPKImTLSEnabled", "Enable Mutual TLS Client Authentication"),
            Label("oauthConfig/singleLogoutUrl", "Enable Single Logout: Single Logout URL"),
        ),
        none="OAuth is not enabled.",
        always=True,
    ),
    Section(
        "ID Token",
        (
            Label("oauthConfig/idTokenConfig/idTokenValidity", "Token Valid for (minutes)", "1 to 720"),
            Label("oauthConfig/idTokenConfig/idTokenAudience", "ID Token Audiences", control="area"),
            Label("oauthConfig/idTokenConfig/idTokenIncludeStandardClaims", "Include Standard Claims"),
            Label("oauthConfig/idTokenConfig/idTokenIncludeAttributes", "Include Custom Attributes"),
            Label("oauthConfig/idTokenConfig/idTokenIncludeCustomPerms", "Include Custom Permissions"),
        ),
    ),
    Section(
        "Asset Token",
        (
            Label("oauthConfig/assetTokenConfig/assetValidityPeriod", "Token Valid for"),
            Label("oauthConfig/assetTokenConfig/assetSigningCertId", "Asset Signing Certificate"),
            Label("oauthConfig/assetTokenConfig/assetAudiences", "Asset Audiences", control="area"),
            Label(
                "oauthConfig/assetTokenConfig/assetIncludeAttributes",
                "Include Custom Attributes",
                default=True,
            ),
            Label(
                "oauthConfig/assetTokenConfig/assetIncludeCustomPerms",
                "Include Custom Permissions",
                default=True,
            ),
        ),
    ),
    Section(
        "Web App Settings (Enable SAML)",
        (
            Label("samlConfig/entityUrl", "Entity Id"),
            Label("samlConfig/acsUrl", "ACS URL"),
            Label("samlConfig/samlSubjectType", "Subject Type"),
            Label("samlConfig/samlSubjectCustomAttr", "Subject: Custom Attribute"),
            Label("samlConfig/samlNameIdFormat", "Name ID Format"),
            Label("samlConfig/issuer", "Issuer"),
            Label("samlConfig/samlSigningAlgoType", "Signing Algorithm for SAML Messages"),
            Label("samlConfig/certificate", "Verify Request Signatures: certificate", control="area"),
            Label("samlConfig/encryptionCertificate", "Encrypt SAML Response: certificate", control="area"),
            Label("samlConfig/encryptionType", "Block Encryption Algorithm"),
            Label("samlConfig/samlSloUrl", "Enable Single Logout: Single Logout URL"),
            Label("samlConfig/samlIdpSLOBindingEnum", "Single Logout Binding"),
        ),
    ),
    Section(
        "Mobile App Settings",
        (
            Label("mobileStartUrl", "Mobile Start URL"),
            Label("mobileAppConfig/devicePlatform", "Device Platform"),
            Label("mobileAppConfig/deviceType", "Restrict to Device Type"),
            Label("mobileAppConfig/version", "App Version"),
            Label("mobileAppConfig/minimumOsVersion", "Minimum OS Version"),
            Label("mobileAppConfig/privateApp", "Private App"),
            Label("mobileAppConfig/applicationInstallUrl", "App Binary URL"),
            Label("mobileAppConfig/applicationBundleIdentifier", "App Bundle Identifier"),
            Label("mobileAppConfig/applicationBinaryFile", "App Binary File"),
            Label("mobileAppConfig/applicationBinaryFileName", "App Binary File Name"),
            Label("mobileAppConfig/applicationFileLength", "App Binary File Length"),
            Label("mobileAppConfig/applicationIconFile", "App Icon File"),
            Label("mobileAppConfig/applicationIconFileName", "App Icon File Name"),
        ),
    ),
    Section(
        "Canvas App Settings",
        (
            Label("canvasConfig/canvasUrl", "Canvas App URL"),
            Label("canvasConfig/accessMethod", "Access Method"),
            Label("canvasConfig/samlInitiationMethod", "SAML Initiation Method"),
            Label("canvasConfig/locations", "Locations"),
            Label("canvasConfig/options", "Options"),
            Label("canvasConfig/lifecycleClass", "Lifecycle Class"),
            Label("canvas/canvasUrl", "Canvas App URL"),
            Label("canvas/accessMethod", "Access Method"),
            Label("canvas/samlInitiationMethod", "SAML Initiation Method"),
            Label("canvas/locationOptions", "Locations"),
            Label("canvas/canvasOptions", "Options"),
            Label("canvas/lifecycleClass", "Lifecycle Class"),
        ),
    ),
    Section("Trusted IP Range for OAuth Web server flow", (Label("ipRanges", "Trusted IP Ranges"),)),
)

POLICIES: tuple[Section, ...] = (
    Section("Basic Information", (Label("startUrl", "Start URL"),), always=True),
    Section(
        "OAuth Policies",
        (
            Label(
                "oauthConfig/isAdminApproved",
                "Permitted Users: Admin approved users are pre-authorized",
                "Off: all users may self-authorize",
            ),
            Label("oauthPolicy/ipRelaxation", "IP Relaxation"),
            Label("oauthPolicy/refreshTokenPolicy", "Refresh Token Policy", control="refresh"),
            Label("oauthPolicy/singleLogoutUrl", "Enable Single Logout: Single Logout URL"),
            Label("oauthConfig/oauthClientCredentialUser", "Client Credentials Flow: Run As"),
            Label("oauthPolicy/isTokenExchangeFlowEnabled", "Enable Token Exchange Flow"),
        ),
        always=True,
    ),
    Section(
        "Session Policies",
        (
            Label("sessionPolicy/sessionTimeout", "Timeout Value (minutes)"),
            Label("sessionPolicy/sessionLevel", "Required Session Level"),
            Label("sessionPolicy/policyAction", "High Assurance session required"),
        ),
        always=True,
    ),
    Section(
        "Custom Connected App Handler",
        (Label("plugin", "Apex Plugin Class"), Label("pluginExecutionUser", "Run As")),
    ),
    Section("Profiles", (Label("profileName", "Profiles", control="profiles"),), always=True),
    Section(
        "Permission Sets",
        (Label("permissionSetName", "Permission Sets", control="permission_sets"),),
        always=True,
    ),
    Section("Custom Attributes", (Label("attributes", "Custom Attributes"),)),
)

# Shown and changed under Manage Consumer Details, after a fresh password check.
ELSEWHERE = frozenset({"oauthConfig/consumerKey", "oauthConfig/consumerSecret"})

ROW_LABELS = {
    "ipRanges/start": "Start IP Address",
    "ipRanges/end": "End IP Address",
    "ipRanges/description": "Description",
    "attributes/key": "Attribute Key",
    "attributes/formula": "Attribute Value (formula)",
}
