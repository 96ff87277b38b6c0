"""What Setup calls the values of fields.

Source: salesforce-reference section 9 for policies; scopes as Setup lists them under Selected OAuth Scopes.
A value without an entry is shown as it is.
"""

from __future__ import annotations

from changeover.apps.scopes import BY_CONNECTED_APP, SCOPES

_SCOPE_WORDS = {
    "Basic": "Access the identity URL service",
    "Address": "Access the identity URL service: address",
    "Email": "Access the identity URL service: email",
    "Phone": "Access the identity URL service: phone",
    "Profile": "Access the identity URL service: profile",
    "Api": "Manage user data via APIs",
    "Web": "Manage user data via Web browsers",
    "Full": "Full access",
    "Chatter": "Access Connect REST API resources",
    "CustomApplications": "Access Visualforce applications",
    "RefreshToken": "Perform requests at any time",
    "OfflineAccess": "Perform requests at any time, even when the user is offline",
    "OpenID": "Access unique user identifiers",
    "CustomPermissions": "Access custom permissions",
    "Wave": "Access Analytics REST API resources",
    "Eclair": "Access Analytics REST API Charts Geodata resources",
    "Pardot": "Manage Pardot services",
    "Lightning": "Access Lightning applications",
    "Content": "Access content resources",
    "CDP": "Access all Data Cloud API resources",
    "CDPIngest": "Manage Data Cloud Ingestion API data",
    "CDPProfile": "Manage Data Cloud profile data",
    "CDPQuery": "Perform ANSI SQL queries on Data Cloud data",
    "CDPSegment": "Perform segmentation on Data Cloud data",
    "CDPIdentityResolution": "Manage Data Cloud Identity Resolution",
    "CDPCalculatedInsight": "Manage Data Cloud Calculated Insight data",
    "Chatbot": "Access chatbot services",
    "ForgotPassword": "Access Headless Forgot Password API",
    "UserRegistration": "Access Headless Registration API",
    "PwdlessLogin": "Access Headless Passwordless Login API",
    "Interaction": "Access Interaction API resources",
    "EinsteinGPT": "Access Einstein GPT services",
    "SFAP": "Access the Salesforce API Platform",
    "MCP": "Access MCP servers",
}


def _scope_label(name: str) -> str:
    words = _SCOPE_WORDS.get(name, name)
    oauth = BY_CONNECTED_APP[name].oauth
    return f"{words} ({', '.join(oauth)})" if oauth else words


SCOPE_LABELS = {scope.connected_app: _scope_label(scope.connected_app) for scope in SCOPES}
"""Scopes of connected apps, in the order in which they are offered."""
EXTERNAL_SCOPE_LABELS = {
    scope.external_client_app: _scope_label(scope.connected_app)
    for scope in SCOPES
    # Aliases are left out: the scope that bears the token's own name stands for all, and SFAP was renamed.
    if scope.external_client_app is not None and scope.connected_app in {scope.external_client_app, "SFAP"}
}
"""Tokens in `commaSeparatedOauthScopes`, in the same order."""

_IP_RELAXATION = {
    "ENFORCE": "Enforce IP restrictions",
    "ENFORCE_RELAXREFRESH": "Enforce IP restrictions, but relax for refresh tokens",
    "BYPASS_2FACTOR": "Relax IP restrictions for activated devices",
    "BYPASS": "Relax IP restrictions",
}
_POLICY_ACTION = {
    "Block": "Block",
    "RaiseSessionLevel": "Raise the session level to high assurance",
    "StepUpMFA": "Ask for multi-factor authentication",
}
_SESSION_LEVEL = {"LOW": "Low", "STANDARD": "Standard", "HIGH_ASSURANCE": "High Assurance"}
_BINDING = {"RedirectBinding": "HTTP Redirect", "PostBinding": "HTTP POST"}
_NAME_ID = {
    "Unspecified": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "EmailAddress": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "Persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "Transient": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
}
_SUBJECT = {
    "Username": "Username",
    "FederationId": "Federation ID",
    "UserId": "User ID",
    "SpokeId": "Spoke ID",
    "CustomAttribute": "Custom Attribute",
    "PersistentId": "Persistent ID",
}
_ENCRYPTION = {"AES_128": "AES-128", "AES_256": "AES-256", "Triple_Des": "Triple DES"}
_JWT_TIMEOUT = {"UserSession": "As the user session", "Custom": "Custom"}

VALUE_LABELS: dict[str, dict[str, str]] = {
    "oauthPolicy/ipRelaxation": _IP_RELAXATION,
    "oauthPolicy/refreshTokenPolicy": {
        "infinite": "Refresh token is valid until revoked",
        "zero": "Immediately expire refresh token",
        "specific_inactivity": "Expire refresh token if not used for",
        "specific_lifetime": "Expire refresh token after",
    },
    "sessionPolicy/policyAction": _POLICY_ACTION,
    "sessionPolicy/sessionLevel": _SESSION_LEVEL,
    "samlConfig/samlIdpSLOBindingEnum": _BINDING,
    "samlConfig/samlNameIdFormat": _NAME_ID,
    "samlConfig/samlSubjectType": _SUBJECT,
    "samlConfig/encryptionType": _ENCRYPTION,
    "oauthConfig/scopes": SCOPE_LABELS,
    "ecaOauth/commaSeparatedOauthScopes": EXTERNAL_SCOPE_LABELS,
    "ecaOauthPlcy/ipRelaxationPolicyType": {
        "Enforce": _IP_RELAXATION["ENFORCE"],
        "Enforce_relaxrefresh": _IP_RELAXATION["ENFORCE_RELAXREFRESH"],
        "Enforce_RelaxRefresh": _IP_RELAXATION["ENFORCE_RELAXREFRESH"],
        "Bypass_2factor": _IP_RELAXATION["BYPASS_2FACTOR"],
        "Bypass": _IP_RELAXATION["BYPASS"],
    },
    "ecaOauthPlcy/permittedUsersPolicyType": {
        "AllSelfAuthorized": "All users may self-authorize",
        "AdminApprovedPreAuthorized": "Admin approved users are pre-authorized",
    },
    "ecaOauthPlcy/refreshTokenPolicyType": {
        "Infinite": "Refresh token is valid until revoked",
        "Zero": "Immediately expire refresh token",
        "SpecificInactivity": "Expire refresh token if not used for a specific time",
        "SpecificLifetime": "Expire refresh token after a specific time",
    },
    "ecaOauthPlcy/policyAction": _POLICY_ACTION,
    "ecaOauthPlcy/requiredSessionLevel": _SESSION_LEVEL,
    "ecaOauthPlcy/guestJwtSessionTimeoutType": _JWT_TIMEOUT,
    "ecaOauthPlcy/namedUserJwtSessionTimeoutType": _JWT_TIMEOUT,
    "ecaSamlPlcy/encryptionType": _ENCRYPTION,
    "ecaSamlPlcy/nameIdFormat": _NAME_ID,
    "ecaSamlPlcy/singleLogoutBindingType": _BINDING,
    "ecaSamlPlcy/subjectType": _SUBJECT,
    "ecaSamlPlcy/signingAlgorithmType": {"SHA1": "SHA-1", "SHA256": "SHA-256"},
    "samlConfig/samlSigningAlgoType": {"SHA1": "SHA-1", "SHA256": "SHA-256"},
    "ecaMobilePlcy/screenLockTimeout": {
        "Never": "Never",
        "One": "1 minute",
        "Five": "5 minutes",
        "Ten": "10 minutes",
        "Thirty": "30 minutes",
        "Sixty": "60 minutes",
        "OneTwenty": "120 minutes",
        "OneEighty": "180 minutes",
        "TwoForty": "240 minutes",
    },
}


def value_label(path: str, value: str) -> str:
    """Return what Setup calls a value, the value itself where it has no other name."""
    return VALUE_LABELS.get(path, {}).get(value, value)
