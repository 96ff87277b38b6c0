"""Apps of our own making, for what no real file shows."""

from __future__ import annotations

from pathlib import Path

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"

OAUTH = """
    <oauthConfig>
        <callbackUrl>https://client.example/callback</callbackUrl>
        <consumerKey>{key}</consumerKey>
        <isAdminApproved>true</isAdminApproved>
        <scopes>Api</scopes>
        {more}
    </oauthConfig>
    <oauthPolicy>
        <ipRelaxation>ENFORCE</ipRelaxation>
        <refreshTokenPolicy>specific_lifetime:12:HOURS</refreshTokenPolicy>
    </oauthPolicy>
"""

SAML = """
    <samlConfig>
        <acsUrl>https://sp.example/acs</acsUrl>
        <entityUrl>https://sp.example</entityUrl>
        <samlSubjectType>FederationId</samlSubjectType>
        {more}
    </samlConfig>
"""

# Every field that a connected app can have, with values that none of the real files has.
EVERYTHING = """
    <attributes><formula>$User.Department</formula><key>department</key></attributes>
    <attributes><formula>&quot;a&quot; &amp; $User.Title</formula><key>title</key></attributes>
    <canvasConfig>
        <accessMethod>Get</accessMethod>
        <canvasUrl>https://canvas.example/?a=1&amp;b=2</canvasUrl>
        <lifecycleClass>OnCanvas</lifecycleClass>
        <locations>UserProfile</locations>
        <locations>Visualforce</locations>
        <locations>AppLauncher</locations>
        <locations>Aura</locations>
        <options>PersonalEnabled</options>
        <options>HideHeader</options>
        <samlInitiationMethod>IdpInitiated</samlInitiationMethod>
    </canvasConfig>
    <contactEmail>admin@example.com</contactEmail>
    <contactPhone>+49 30 1234</contactPhone>
    <description>Line one
line &lt;two&gt; &#128640; </description>
    <iconUrl>https://icons.example/i.png</iconUrl>
    <infoUrl>https://info.example</infoUrl>
    <ipRanges><description>Office</description><end>192.0.2.9</end><start>192.0.2.1</start></ipRanges>
    <ipRanges><end>2001:db8::2</end><start>2001:db8::1</start></ipRanges>
    <label>Everything there is</label>
    <logoUrl>https://icons.example/l.png</logoUrl>
    <mobileAppConfig>
        <applicationBinaryFileName>app.ipa</applicationBinaryFileName>
        <applicationBundleIdentifier>com.example.app</applicationBundleIdentifier>
        <applicationFileLength>12</applicationFileLength>
        <devicePlatform>ios</devicePlatform>
        <minimumOsVersion>17</minimumOsVersion>
        <version>1.0</version>
    </mobileAppConfig>
    <mobileStartUrl>https://m.example</mobileStartUrl>
    <oauthConfig>
        <assetTokenConfig>
            <assetAudiences>https://a.example</assetAudiences>
            <assetIncludeAttributes>true</assetIncludeAttributes>
            <assetIncludeCustomPerms>false</assetIncludeCustomPerms>
            <assetSigningCertId>Asset_Cert</assetSigningCertId>
            <assetValidityPeriod>30</assetValidityPeriod>
        </assetTokenConfig>
        <callbackUrl>https://one.example/cb&#13;
myapp://two</callbackUrl>
        <certificate>MIIB</certificate>
        <consumerKey>3MVG9.every_thing</consumerKey>
        <consumerSecret>NobodyMaySeeThis0815</consumerSecret>
        <idTokenConfig>
            <idTokenAudience>https://id.example</idTokenAudience>
            <idTokenIncludeAttributes>true</idTokenIncludeAttributes>
            <idTokenIncludeCustomPerms>true</idTokenIncludeCustomPerms>
            <idTokenIncludeStandardClaims>false</idTokenIncludeStandardClaims>
            <idTokenValidity>720</idTokenValidity>
        </idTokenConfig>
        <isAdminApproved>false</isAdminApproved>
        <isClientCredentialEnabled>true</isClientCredentialEnabled>
        <isCodeCredentialEnabled>true</isCodeCredentialEnabled>
        <isCodeCredentialPostOnly>true</isCodeCredentialPostOnly>
        <isConsumerSecretOptional>true</isConsumerSecretOptional>
        <isDPopEnabled>true</isDPopEnabled>
        <isDeviceFlowEnabled>true</isDeviceFlowEnabled>
        <isEnforceRefreshTokenTTL>true</isEnforceRefreshTokenTTL>
        <isIntrospectAllTokens>true</isIntrospectAllTokens>
        <isIpBindingEnabled>true</isIpBindingEnabled>
        <isNamedUserJwtEnabled>true</isNamedUserJwtEnabled>
        <isPKImTLSEnabled>true</isPKImTLSEnabled>
        <isPkceRequired>true</isPkceRequired>
        <isRefreshTokenRotationEnabled>true</isRefreshTokenRotationEnabled>
        <isSecretRequiredForRefreshToken>false</isSecretRequiredForRefreshToken>
        <isSecretRequiredForTokenExchange>true</isSecretRequiredForTokenExchange>
        <isTokenExchangeEnabled>true</isTokenExchangeEnabled>
        <oauthClientCredentialUser>integration@example.com</oauthClientCredentialUser>
        <scopes>Address</scopes>
        <scopes>Basic</scopes>
        <scopes>OfflineAccess</scopes>
        <scopes>SFAP</scopes>
        <scopes>A2A</scopes>
        <scopes>MCP</scopes>
        <singleLogoutUrl>https://slo.example/settings</singleLogoutUrl>
    </oauthConfig>
    <oauthPolicy>
        <ipRelaxation>BYPASS_2FACTOR</ipRelaxation>
        <isTokenExchangeFlowEnabled>true</isTokenExchangeFlowEnabled>
        <refreshTokenPolicy>specific_inactivity:7:DAYS</refreshTokenPolicy>
        <singleLogoutUrl>https://slo.example/policy</singleLogoutUrl>
    </oauthPolicy>
    <permissionSetName>Integration_User</permissionSetName>
    <permissionSetName>Second</permissionSetName>
    <plugin>Handler</plugin>
    <pluginExecutionUser>runas@example.com</pluginExecutionUser>
    <profileName>Standard User</profileName>
    <profileName>Custom: R&amp;D</profileName>
    <samlConfig>
        <acsUrl>https://sp.example/acs</acsUrl>
        <certificate>MIIC</certificate>
        <encryptionCertificate>Enc_Cert</encryptionCertificate>
        <encryptionType>AES_256</encryptionType>
        <entityUrl>https://sp.example</entityUrl>
        <issuer>https://idp.example</issuer>
        <samlIdpSLOBindingEnum>PostBinding</samlIdpSLOBindingEnum>
        <samlNameIdFormat>Persistent</samlNameIdFormat>
        <samlSigningAlgoType>SHA256</samlSigningAlgoType>
        <samlSloUrl>https://sp.example/slo</samlSloUrl>
        <samlSubjectCustomAttr>$User.EmployeeNumber</samlSubjectCustomAttr>
        <samlSubjectType>CustomAttribute</samlSubjectType>
    </samlConfig>
    <sessionPolicy>
        <policyAction>RaiseSessionLevel</policyAction>
        <sessionLevel>HIGH_ASSURANCE</sessionLevel>
        <sessionTimeout>120</sessionTimeout>
    </sessionPolicy>
    <startUrl>https://start.example/?x=1&amp;y=2</startUrl>
"""


def connected_app(body: str = "", *, label: str = "An app") -> str:
    """A connected app's file."""
    required = (
        "" if "<label>" in body else f"<contactEmail>a@example.com</contactEmail><label>{label}</label>"
    )
    return _file("ConnectedApp", required + body)


def oauth(key: str, more: str = "") -> str:
    """OAuth settings and policies; `more` stands at the end of the settings."""
    return OAUTH.format(key=key, more=more)


def saml(more: str = "") -> str:
    """SAML settings."""
    return SAML.format(more=more)


def external_client_app(folder: Path, name: str, key: str | None, *, header: bool = True) -> None:
    """Write an external client app: its header, and its global OAuth settings where a key is given."""
    if header:
        body = f"<contactEmail>a@example.com</contactEmail><label>{name}</label>"
        put(folder, f"externalClientApps/{name}.eca-meta.xml", _file("ExternalClientApplication", body))
    if key is not None:
        body = (
            f"<consumerKey>{key}</consumerKey><externalClientApplication>{name}</externalClientApplication>"
        )
        path = f"extlClntAppGlobalOauthSets/{name}_glbloauth.ecaGlblOauth-meta.xml"
        put(folder, path, _file("ExtlClntAppGlobalOauthSettings", body))


def metadata(root: str, body: str) -> str:
    """Any other metadata file."""
    return _file(root, body)


def put(folder: Path, path: str, text: str) -> Path:
    """Write a file into a folder, with the folders above it."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    return file


def _file(root: str, body: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">{body}</{root}>\n'
