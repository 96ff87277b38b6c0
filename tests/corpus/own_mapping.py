"""What the expected external client app must say: truth tables of the tests' own, by value.

Source: salesforce-reference section 3 (field mapping), 1.2 to 1.4 and 2 (defaults, tokens); the decisions of
the design (names of parts, start page Custom, attributes to the admin's policies, people to both policies).
Nothing here comes from the product's mapping.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.corpus.own_xml import Node

GLOBAL, SETTINGS, POLICIES = "_glbloauth.ecaGlblOauth", "_oauth.ecaOauth", "_oauthPlcy.ecaOauthPlcy"
HEADER, APP_POLICIES, SECURITY = ".eca", "_plcy.ecaPlcy", "_oauthSecurity.ecaOauthSecurity"
SAML, CANVAS = "_samlPlcy.ecaSamlPlcy", "_canvasSettings.ecaCanvas"
NOTIFICATIONS = "_notifications.ecaNotifications"

HEADER_SAME = ("label", "description", "contactEmail", "contactPhone", "logoUrl", "iconUrl", "infoUrl")

GLOBAL_FROM_OAUTH_CONFIG = {
    "callbackUrl": "callbackUrl",
    "certificate": "certificate",
    "consumerKey": "consumerKey",
    "consumerSecret": "consumerSecret",
    "isIntrospectAllTokens": "isIntrospectAllTokens",
    "isConsumerSecretOptional": "isConsumerSecretOptional",
    "isSecretRequiredForRefreshToken": "isSecretRequiredForRefreshToken",
    "isSecretRequiredForTokenExchange": "isSecretRequiredForTokenExchange",
    "isTokenExchangeEnabled": "isTokenExchangeEnabled",
    "isNamedUserJwtEnabled": "isNamedUserJwtEnabled",
    "isRefreshTokenRotationEnabled": "isRefreshTokenRotationEnabled",
    "isPkceRequired": "isPkceRequired",
    "isDeviceFlowEnabled": "isDeviceFlowEnabled",
    "isDPopEnabled": "isDPopEnabled",
    "isEnforceRefreshTokenTTL": "isEnforceRefreshTokenTTL",
    "isClientCredentialEnabled": "isClientCredentialsFlowEnabled",
    "isCodeCredentialEnabled": "isCodeCredFlowEnabled",
    "isCodeCredentialPostOnly": "isCodeCredPostOnly",
    "isPKImTLSEnabled": "isMtlsEnabled",
}
ID_TOKEN = {
    "idTokenAudience": "idTokenAudience",
    "idTokenIncludeAttributes": "idTokenIncludeAttributes",
    "idTokenIncludeCustomPerms": "idTokenIncludeCustomPermissions",
    "idTokenIncludeStandardClaims": "idTokenIncludeStandardClaims",
    "idTokenValidity": "idTokenValidityInMinutes",
}
ASSET_TOKEN = {
    "assetAudiences": "assetTokenAudiences",
    "assetSigningCertId": "assetTokenSigningCertificate",
    "assetValidityPeriod": "assetTokenValidity",
    "assetIncludeAttributes": "areAttributesIncludedInAssetToken",
    "assetIncludeCustomPerms": "areCustomPermsIncludedInAssetToken",
}
IP_RELAXATION = {
    "ENFORCE": "Enforce",
    "BYPASS": "Bypass",
    "BYPASS_2FACTOR": "Bypass_2factor",
    "ENFORCE_RELAXREFRESH": "Enforce_relaxrefresh",
}
PERMITTED_USERS = {"true": "AdminApprovedPreAuthorized", "false": "AllSelfAuthorized"}
RENAMED_SCOPES = {
    "SFAP": "SFApiPlatform",
    "Address": "Basic",
    "Email": "Basic",
    "Phone": "Basic",
    "Profile": "Basic",
    "OfflineAccess": "RefreshToken",
}
SCOPES_WITHOUT_TOKEN = frozenset({"A2A", "CmdbDiscovery", "SemanticLayer"})
SAML_FROM_SAML_CONFIG = {
    "acsUrl": "acsUrl",
    "certificate": "certificate",
    "encryptionCertificate": "encryptionCertificate",
    "encryptionType": "encryptionType",
    "entityUrl": "entityUrl",
    "issuer": "issuer",
    "samlIdpSLOBindingEnum": "singleLogoutBindingType",
    "samlNameIdFormat": "nameIdFormat",
    "samlSigningAlgoType": "signingAlgorithmType",
    "samlSloUrl": "singleLogoutUrl",
    "samlSubjectCustomAttr": "subjectCustomAttribute",
    "samlSubjectType": "subjectType",
}
CANVAS_FROM_CANVAS_CONFIG = {
    "accessMethod": "accessMethod",
    "canvasUrl": "canvasUrl",
    "lifecycleClass": "lifeCycleHandler",
    "samlInitiationMethod": "samlInitiationMethod",
}
CANVAS_LOCATIONS = frozenset(
    {"Aura", "ChatterFeed", "MobileNav", "None", "PageLayout", "Publisher", "Visualforce"}
)
CANVAS_OPTIONS = frozenset({"HideShare", "HideHeader"})

# A connected app's own defaults (reference 1.2): what silence in the source means.
GLOBAL_DEFAULTS = {
    "isPkceRequired": "false",
    "isSecretRequiredForRefreshToken": "true",
    "isConsumerSecretOptional": "false",
    "isIntrospectAllTokens": "false",
    "isClientCredentialsFlowEnabled": "false",
    "isCodeCredFlowEnabled": "false",
    "isCodeCredPostOnly": "false",
    "isNamedUserJwtEnabled": "false",
}
# Every policy is written out, none left to a default (design, statement 9).
POLICY_DEFAULTS = {
    "ipRelaxationPolicyType": "Enforce",
    "refreshTokenPolicyType": "Infinite",
    "permittedUsersPolicyType": "AllSelfAuthorized",
    "isClientCredentialsFlowEnabled": "false",
    "isTokenExchangeFlowEnabled": "false",
    "requiredSessionLevel": "STANDARD",
}

# Sources that may be lost, and no others (reference 3, the rows marked gap; design, Eligibility).
MAY_BE_LOST = (
    "mobileStartUrl",
    "mobileAppConfig",
    "oauthConfig/isIpBindingEnabled",
    "canvasConfig/locations",
    "canvasConfig/options",
    "canvas/",
    "oauthConfig/scopes",
    "samlConfig/encryptionType",
)


@dataclass
class Expected:
    """What each component must hold; `component` is the app's name and one of the endings above."""

    app: str
    leaves: dict[str, dict[str, str]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    """Full source paths that have no home."""

    def put(self, ending: str, path: str, value: str | None) -> None:
        """Note a value; a None is none."""
        if value is not None:
            self.leaves.setdefault(self.app + ending, {})[path] = value

    def put_same(self, ending: str, source: Node | None, table: dict[str, str], below: str = "") -> None:
        """Note every child of `source` that the table names, whatever its value."""
        for child in source.children if source is not None else ():
            if child.name in table:
                self.put(ending, f"{below}{table[child.name]}[1]", child.text)


def _refresh_token_policy(value: str) -> Iterator[tuple[str, str]]:
    """`specific_lifetime:90:DAYS` gives three leaves, `infinite` and `zero` one."""
    words = {
        "infinite": "Infinite",
        "zero": "Zero",
        "specific_lifetime": "SpecificLifetime",
        "specific_inactivity": "SpecificInactivity",
    }
    kind, _, rest = value.partition(":")
    yield "refreshTokenPolicyType[1]", words[kind]
    if rest:
        period, _, unit = rest.partition(":")
        yield "refreshTokenValidityPeriod[1]", period
        yield (
            "refreshTokenValidityUnit[1]",
            {"HOURS": "Hours", "DAYS": "Days", "MONTHS": "Months"}[unit],
        )


def scopes(source: Node) -> tuple[str, ...]:
    """The tokens of an external client app for an app's scopes, in order, each once."""
    config = source.at("oauthConfig")
    given = config.values("scopes") if config is not None else []
    renamed = [RENAMED_SCOPES.get(scope, scope) for scope in given if scope not in SCOPES_WITHOUT_TOKEN]
    return tuple(dict.fromkeys(renamed))


def expected(app: str, source: Node) -> Expected:
    """What must come of one connected app."""
    result = Expected(app)
    oauth, saml = source.at("oauthConfig"), source.at("samlConfig")
    result.put_same(HEADER, source, {name: name for name in HEADER_SAME})
    result.put(HEADER, "distributionState[1]", "Local")
    result.put(HEADER, "isProtected[1]", "false")
    result.put(APP_POLICIES, "isEnabled[1]", "true")
    result.put(APP_POLICIES, "isOauthPluginEnabled[1]", "true" if oauth is not None else "false")
    start = source.value("startUrl")
    result.put(APP_POLICIES, "startPage[1]", "None" if start is None else "Custom")
    result.put(APP_POLICIES, "startUrl[1]", start)
    for gone in ("mobileStartUrl", "mobileAppConfig"):
        node = source.at(gone)
        result.lost.update(leaf.path for leaf in node.leaves()) if node is not None else None
    if oauth is not None:
        _oauth(result, source, oauth)
    if saml is not None:
        result.put(APP_POLICIES, "isSamlPluginEnabled[1]", "true")
        result.put_same(SAML, saml, SAML_FROM_SAML_CONFIG)
        _people(result, SAML, source)
        _attributes(result, SAML, source)
    _canvas(result, source)
    for component in result.leaves:
        if component != app + HEADER:
            result.leaves[component]["externalClientApplication[1]"] = app
            result.leaves[component]["label[1]"] = component.rpartition(".")[0]
    return result


def _oauth(result: Expected, source: Node, oauth: Node) -> None:
    for name, value in GLOBAL_DEFAULTS.items():
        result.put(GLOBAL, f"{name}[1]", value)
    result.put_same(GLOBAL, oauth, GLOBAL_FROM_OAUTH_CONFIG)
    result.put_same(GLOBAL, oauth.at("idTokenConfig"), ID_TOKEN, "idTokenConfig[1]/")
    result.put_same(SETTINGS, oauth.at("assetTokenConfig"), ASSET_TOKEN)
    result.put(SETTINGS, "singleLogoutUrl[1]", oauth.value("singleLogoutUrl"))
    result.put(SETTINGS, "commaSeparatedOauthScopes[1]", ", ".join(scopes(source)) or None)
    for number, given in enumerate(source.named("ipRanges"), 1):
        place = f"trustedIpRanges[{number}]"
        result.put(SETTINGS, f"{place}/startIpAddress[1]", given.value("start"))
        result.put(SETTINGS, f"{place}/endIpAddress[1]", given.value("end"))
        result.put(SETTINGS, f"{place}/description[1]", given.value("description"))
    for name, value in POLICY_DEFAULTS.items():
        result.put(POLICIES, f"{name}[1]", value)
    policy = source.at("oauthPolicy") or Node("oauthPolicy")
    relaxation = policy.value("ipRelaxation")
    if relaxation is not None:
        result.put(POLICIES, "ipRelaxationPolicyType[1]", IP_RELAXATION[relaxation])
    for path, value in _refresh_token_policy(policy.value("refreshTokenPolicy") or "infinite"):
        result.put(POLICIES, path, value)
    approved = oauth.value("isAdminApproved")
    if approved is not None:
        result.put(POLICIES, "permittedUsersPolicyType[1]", PERMITTED_USERS[approved])
    result.put(
        POLICIES, "isClientCredentialsFlowEnabled[1]", oauth.value("isClientCredentialEnabled") or "false"
    )
    result.put(POLICIES, "clientCredentialsFlowUser[1]", oauth.value("oauthClientCredentialUser"))
    result.put(
        POLICIES, "isTokenExchangeFlowEnabled[1]", policy.value("isTokenExchangeFlowEnabled") or "false"
    )
    result.put(POLICIES, "singleLogoutUrl[1]", policy.value("singleLogoutUrl"))
    session = source.at("sessionPolicy") or Node("sessionPolicy")
    result.put(POLICIES, "sessionTimeoutInMinutes[1]", session.value("sessionTimeout"))
    result.put(POLICIES, "requiredSessionLevel[1]", session.value("sessionLevel"))
    result.put(POLICIES, "policyAction[1]", session.value("policyAction"))
    result.put(POLICIES, "apexHandler[1]", source.value("plugin"))
    result.put(POLICIES, "executeHandlerAs[1]", source.value("pluginExecutionUser"))
    _people(result, POLICIES, source)
    _attributes(result, POLICIES, source)
    for leaf in oauth.named("scopes"):
        if leaf.text in SCOPES_WITHOUT_TOKEN:
            result.lost.add(leaf.path)
    for leaf in oauth.named("isIpBindingEnabled"):
        result.lost.add(leaf.path)


def _people(result: Expected, ending: str, source: Node) -> None:
    result.put(
        ending, "commaSeparatedPermissionSet[1]", ", ".join(source.values("permissionSetName")) or None
    )
    result.put(ending, "commaSeparatedProfile[1]", ", ".join(source.values("profileName")) or None)


def _attributes(result: Expected, ending: str, source: Node) -> None:
    for number, given in enumerate(source.named("attributes"), 1):
        result.put(ending, f"customAttributes[{number}]/key[1]", given.value("key"))
        result.put(ending, f"customAttributes[{number}]/formula[1]", given.value("formula"))


def _canvas(result: Expected, source: Node) -> None:
    canvas = source.at("canvasConfig")
    if canvas is None:
        return
    result.put(APP_POLICIES, "isCanvasPluginEnabled[1]", "true")
    result.put_same(CANVAS, canvas, CANVAS_FROM_CANVAS_CONFIG)
    for name, target, known in (
        ("locations", "canvasLocationOptions", CANVAS_LOCATIONS),
        ("options", "canvasOptions", CANVAS_OPTIONS),
    ):
        kept = [leaf for leaf in canvas.named(name) if leaf.text in known]
        for number, leaf in enumerate(kept, 1):
            result.put(CANVAS, f"{target}[{number}]", leaf.text)
        result.lost.update(leaf.path for leaf in canvas.named(name) if leaf.text not in known)


# Added leaves that may stand beside the expected ones, and what they may say.
MAY_BE_ADDED: dict[str, dict[str, frozenset[str]]] = {
    GLOBAL: {
        "shouldRotateConsumerKey[1]": frozenset({"false"}),
        "shouldRotateConsumerSecret[1]": frozenset({"false"}),
        "isSecretRequiredForTokenExchange[1]": frozenset({"true", "false"}),
        "isTokenExchangeEnabled[1]": frozenset({"false"}),
        "isRefreshTokenRotationEnabled[1]": frozenset({"false"}),
        "isDeviceFlowEnabled[1]": frozenset({"false"}),
        "isDPopEnabled[1]": frozenset({"false"}),
        "isEnforceRefreshTokenTTL[1]": frozenset({"false"}),
        "isMtlsEnabled[1]": frozenset({"false"}),
    },
    SETTINGS: {"isFirstPartyAppEnabled[1]": frozenset({"false"})},
    POLICIES: {"isGuestCodeCredFlowEnabled[1]": frozenset({"false"})},
    APP_POLICIES: {
        "isSamlPluginEnabled[1]": frozenset({"true", "false"}),
        "isCanvasPluginEnabled[1]": frozenset({"true", "false"}),
        "isMobilePluginEnabled[1]": frozenset({"false"}),
        "isPushPluginEnabled[1]": frozenset({"false"}),
        "isNotificationPluginEnabled[1]": frozenset({"false"}),
    },
    SAML: {},
    CANVAS: {},
    HEADER: {},
    SECURITY: {},
    NOTIFICATIONS: {},
}
ENDINGS = (HEADER, GLOBAL, SETTINGS, POLICIES, APP_POLICIES, SECURITY, SAML, CANVAS, NOTIFICATIONS)
