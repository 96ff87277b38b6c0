"""The table: which leaf of a connected app goes where on an external client app.

Source: salesforce-reference section 3 (derived from the two schemas of the Metadata API guide), sections 1
and 2 for the fields. A new field is one line here.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from changeover.apps.document import Document
from changeover.apps.external_client_app import (
    ExternalClientApplication,
    ExtlClntAppCanvasSettings,
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
    ExtlClntAppSamlConfigurablePolicies,
)
from changeover.migration import decisions
from changeover.migration.mapping import translations as say
from changeover.migration.mapping.translations import Translation

HEADER = ExternalClientApplication
GLOBAL = ExtlClntAppGlobalOauthSettings
SETTINGS = ExtlClntAppOauthSettings
POLICIES = ExtlClntAppOauthConfigurablePolicies
APP_POLICIES = ExtlClntAppConfigurablePolicies
SAML = ExtlClntAppSamlConfigurablePolicies
CANVAS = ExtlClntAppCanvasSettings


class Admins(Document):
    """Stands in the table for the policies that say who may use the app: OAuth's, SAML's, or both."""


class Shape(Enum):
    """How the values of a row are written."""

    PLACES = "each value in its own place"
    JOINED = "all values of the row, comma separated, in one place"
    NUMBERED = "each value in the next place of a repeated element"


class At(NamedTuple):
    """A place: a part and a path in it; `[]` takes the source's own index, or the next one."""

    part: type[Document]
    path: str


class Row(NamedTuple):
    """Where the leaves of one key go."""

    source: str
    """Key of the leaf: its path with `[]` for the index of a repeated element."""
    places: tuple[At, ...]
    translate: Translation = say.same
    shape: Shape = Shape.PLACES
    note: str = ""


def _same(part: type[Document], prefix: str, *names: str) -> tuple[Row, ...]:
    return tuple(Row(prefix + name, (At(part, name),)) for name in names)


def _renamed(part: type[Document], prefix: str, names: dict[str, str]) -> tuple[Row, ...]:
    return tuple(Row(prefix + old, (At(part, new),)) for old, new in names.items())


ROWS: tuple[Row, ...] = (
    # The header.
    *_same(HEADER, "", "contactEmail", "contactPhone", "description", "label", "logoUrl"),
    Row(
        "iconUrl",
        (At(HEADER, "iconUrl"),),
        note="Reserved on a connected app; in use on an external client app.",
    ),
    Row(
        "infoUrl",
        (At(HEADER, "infoUrl"),),
        note="In use on a connected app; reserved on an external client app.",
    ),
    # The developer's OAuth settings that hold secrets.
    *_same(
        GLOBAL,
        "oauthConfig/",
        "callbackUrl",
        "certificate",
        "consumerKey",
        "consumerSecret",
        "isConsumerSecretOptional",
        "isDPopEnabled",
        "isDeviceFlowEnabled",
        "isEnforceRefreshTokenTTL",
        "isIntrospectAllTokens",
        "isNamedUserJwtEnabled",
        "isPkceRequired",
        "isRefreshTokenRotationEnabled",
        "isSecretRequiredForRefreshToken",
        "isSecretRequiredForTokenExchange",
        "isTokenExchangeEnabled",
    ),
    *_renamed(
        GLOBAL,
        "oauthConfig/",
        {
            "isCodeCredentialEnabled": "isCodeCredFlowEnabled",
            "isCodeCredentialPostOnly": "isCodeCredPostOnly",
            "isPKImTLSEnabled": "isMtlsEnabled",
        },
    ),
    Row(
        "oauthConfig/isClientCredentialEnabled",
        (At(GLOBAL, "isClientCredentialsFlowEnabled"), At(POLICIES, "isClientCredentialsFlowEnabled")),
        say.twice,
        note="Two switches: the developer's and the admin's; the flow works where both are on.",
    ),
    *_renamed(
        GLOBAL,
        "oauthConfig/idTokenConfig/",
        {
            "idTokenAudience": "idTokenConfig/idTokenAudience",
            "idTokenIncludeAttributes": "idTokenConfig/idTokenIncludeAttributes",
            "idTokenIncludeCustomPerms": "idTokenConfig/idTokenIncludeCustomPermissions",
            "idTokenIncludeStandardClaims": "idTokenConfig/idTokenIncludeStandardClaims",
            "idTokenValidity": "idTokenConfig/idTokenValidityInMinutes",
        },
    ),
    # The developer's other OAuth settings.
    Row(
        "oauthConfig/scopes[]",
        (At(SETTINGS, "commaSeparatedOauthScopes"),),
        say.scope,
        Shape.JOINED,
    ),
    *_same(SETTINGS, "oauthConfig/", "singleLogoutUrl"),
    *_renamed(
        SETTINGS,
        "oauthConfig/assetTokenConfig/",
        {
            "assetAudiences": "assetTokenAudiences",
            "assetIncludeAttributes": "areAttributesIncludedInAssetToken",
            "assetIncludeCustomPerms": "areCustomPermsIncludedInAssetToken",
            "assetSigningCertId": "assetTokenSigningCertificate",
            "assetValidityPeriod": "assetTokenValidity",
        },
    ),
    *_renamed(
        SETTINGS,
        "ipRanges[]/",
        {
            "start": "trustedIpRanges[]/startIpAddress",
            "end": "trustedIpRanges[]/endIpAddress",
            "description": "trustedIpRanges[]/description",
        },
    ),
    # The admin's OAuth policies.
    Row(
        "oauthConfig/isAdminApproved",
        (At(POLICIES, "permittedUsersPolicyType"),),
        say.permitted_users,
    ),
    Row("oauthConfig/oauthClientCredentialUser", (At(POLICIES, "clientCredentialsFlowUser"),)),
    Row("oauthPolicy/ipRelaxation", (At(POLICIES, "ipRelaxationPolicyType"),), say.ip_relaxation),
    Row(
        "oauthPolicy/refreshTokenPolicy",
        (
            At(POLICIES, "refreshTokenPolicyType"),
            At(POLICIES, "refreshTokenValidityPeriod"),
            At(POLICIES, "refreshTokenValidityUnit"),
        ),
        say.refresh_token_policy,
    ),
    *_same(POLICIES, "oauthPolicy/", "isTokenExchangeFlowEnabled", "singleLogoutUrl"),
    *_renamed(
        POLICIES,
        "sessionPolicy/",
        {
            "policyAction": "policyAction",
            "sessionLevel": "requiredSessionLevel",
            "sessionTimeout": "sessionTimeoutInMinutes",
        },
    ),
    Row(
        "plugin",
        (At(POLICIES, "apexHandler"),),
        note="The class must be rewritten: a handler of an external client app extends"
        " Auth.ExternalClientAppOauthHandler, not Auth.ConnectedAppPlugin.",
    ),
    Row("pluginExecutionUser", (At(POLICIES, "executeHandlerAs"),)),
    # Who may use the app: with OAuth and SAML it stands in both policies (PEOPLE_IN_BOTH_POLICIES).
    Row(
        "permissionSetName[]",
        (At(Admins, "commaSeparatedPermissionSet"),),
        say.name_in_list,
        Shape.JOINED,
    ),
    Row("profileName[]", (At(Admins, "commaSeparatedProfile"),), say.name_in_list, Shape.JOINED),
    Row("attributes[]/key", (At(Admins, "customAttributes[]/key"),)),
    Row(
        "attributes[]/formula",
        (At(Admins, "customAttributes[]/formula"),),
        note="Carried unchanged: external client apps may want the formula written otherwise"
        f" ({decisions.FORMULAS_UNCHANGED.id}).",
    ),
    # The admin's app policies.
    Row(
        "startUrl",
        (At(APP_POLICIES, "startUrl"), At(APP_POLICIES, "startPage")),
        say.start_url,
    ),
    # SAML: policies only, there is no SAML settings type.
    *_same(
        SAML,
        "samlConfig/",
        "acsUrl",
        "certificate",
        "encryptionCertificate",
        "encryptionType",
        "entityUrl",
        "issuer",
    ),
    *_renamed(
        SAML,
        "samlConfig/",
        {
            "samlIdpSLOBindingEnum": "singleLogoutBindingType",
            "samlNameIdFormat": "nameIdFormat",
            "samlSigningAlgoType": "signingAlgorithmType",
            "samlSloUrl": "singleLogoutUrl",
            "samlSubjectCustomAttr": "subjectCustomAttribute",
            "samlSubjectType": "subjectType",
        },
    ),
    # Canvas, in the form of the guide and in the newer one that some orgs read back.
    *_same(CANVAS, "canvasConfig/", "accessMethod", "canvasUrl", "samlInitiationMethod"),
    *_renamed(CANVAS, "canvasConfig/", {"lifecycleClass": "lifeCycleHandler"}),
    Row(
        "canvasConfig/locations[]",
        (At(CANVAS, "canvasLocationOptions[]"),),
        shape=Shape.NUMBERED,
    ),
    Row("canvasConfig/options[]", (At(CANVAS, "canvasOptions[]"),), shape=Shape.NUMBERED),
    *_same(CANVAS, "canvas/", "accessMethod", "canvasUrl"),
    *_renamed(CANVAS, "canvas/", {"lifecycleClass": "lifeCycleHandler"}),
    Row("canvas/samlInitiationMethod", (At(CANVAS, "samlInitiationMethod"),), say.saml_initiation),
    Row(
        "canvas/locationOptions",
        (At(CANVAS, "canvasLocationOptions[]"),),
        say.canvas_locations,
        Shape.NUMBERED,
    ),
    Row("canvas/canvasOptions", (At(CANVAS, "canvasOptions[]"),), say.canvas_options, Shape.NUMBERED),
)

BY_SOURCE = {row.source: row for row in ROWS}

# Where elements go that nobody knows: beside their siblings, under their own name
# (UNKNOWN_BESIDE_SIBLINGS). The newest fields of oauthConfig have all landed in the global OAuth settings
# under the name that they have on a connected app.
GROUPS: dict[str, At] = {
    "": At(HEADER, ""),
    "attributes[]": At(Admins, "customAttributes[]"),
    "canvas": At(CANVAS, ""),
    "canvasConfig": At(CANVAS, ""),
    "ipRanges[]": At(SETTINGS, "trustedIpRanges[]"),
    "oauthConfig": At(GLOBAL, ""),
    "oauthConfig/assetTokenConfig": At(SETTINGS, ""),
    "oauthConfig/idTokenConfig": At(GLOBAL, "idTokenConfig"),
    "oauthPolicy": At(POLICIES, ""),
    "samlConfig": At(SAML, ""),
    "sessionPolicy": At(POLICIES, ""),
}

# What only Changeover writes: an unknown element of a connected app's file never sets it.
RESERVED: dict[type[Document], frozenset[str]] = {
    HEADER: frozenset({"distributionState", "isProtected", "managedType", "orgScopedExternalApp"}),
    GLOBAL: frozenset({"shouldRotateConsumerKey", "shouldRotateConsumerSecret"}),
    SETTINGS: frozenset({"isFirstPartyAppEnabled", "oauthLink"}),
}
RESERVED_IN_PARTS = frozenset({"externalClientApplication", "label"})
