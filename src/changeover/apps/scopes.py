"""OAuth scopes: how each is spelled on a connected app, at the OAuth endpoints, on an external client app.

Source: salesforce-reference 1.4 (Metadata API guide, ConnectedApp and ExtlClntAppOauthSettings; the scopes of
login.salesforce.com/.well-known/openid-configuration).
"""

from __future__ import annotations

from typing import NamedTuple


class Scope(NamedTuple):
    """One scope in its three spellings."""

    connected_app: str
    """Value of `ConnectedApp.oauthConfig.scopes`."""
    oauth: tuple[str, ...]
    """Values of the OAuth `scope` parameter, empty where no public page tells."""
    external_client_app: str | None
    """Token in `commaSeparatedOauthScopes`, None where an external client app has no known one."""


def _same(name: str, *oauth: str) -> Scope:
    return Scope(name, oauth, name)


SCOPES: tuple[Scope, ...] = (
    _same("Basic", "id", "profile", "email", "address", "phone"),
    # Metadata retrieves these four as Basic, and OfflineAccess as RefreshToken.
    Scope("Profile", ("profile",), "Basic"),
    Scope("Email", ("email",), "Basic"),
    Scope("Address", ("address",), "Basic"),
    Scope("Phone", ("phone",), "Basic"),
    _same("Api", "api"),
    _same("Web", "web"),
    _same("Full", "full"),
    _same("Chatter", "chatter_api"),
    _same("CustomApplications", "visualforce"),
    _same("RefreshToken", "refresh_token", "offline_access"),
    Scope("OfflineAccess", ("refresh_token", "offline_access"), "RefreshToken"),
    _same("OpenID", "openid"),
    _same("CustomPermissions", "custom_permissions"),
    _same("Wave", "wave_api"),
    _same("Eclair", "eclair_api"),
    _same("Pardot", "pardot_api"),
    _same("Lightning", "lightning"),
    _same("Content", "content"),
    _same("Chatbot", "chatbot_api"),
    _same("ForgotPassword", "forgot_password"),
    _same("UserRegistration", "user_registration_api"),
    _same("PwdlessLogin", "pwdless_login_api"),
    _same("Interaction", "interaction_api"),
    _same("CDP", "cdp_api"),
    _same("CDPIngest", "cdp_ingest_api"),
    _same("CDPProfile", "cdp_profile_api"),
    _same("CDPQuery", "cdp_query_api"),
    _same("CDPSegment", "cdp_segment_api"),
    _same("CDPIdentityResolution", "cdp_identityresolution_api"),
    _same("CDPCalculatedInsight", "cdp_calculated_insight_api"),
    _same("EinsteinGPT", "einstein_gpt_api"),
    _same("MCP", "mcp_api"),
    _same("SCRT", "scrt_api"),
    _same("DataCloudUserClaims"),
    Scope("SFAP", ("sfap_api",), "SFApiPlatform"),
    Scope("A2A", (), None),
    Scope("CmdbDiscovery", (), None),
    Scope("SemanticLayer", (), None),
)

BY_CONNECTED_APP = {scope.connected_app: scope for scope in SCOPES}
CONNECTED_APP_VALUES = frozenset(BY_CONNECTED_APP)
EXTERNAL_CLIENT_APP_VALUES = frozenset(
    scope.external_client_app for scope in SCOPES if scope.external_client_app is not None
)


def split_scopes(comma_separated: str) -> tuple[str, ...]:
    """Split `commaSeparatedOauthScopes`: tokens without the spaces around them, empty ones left out."""
    return tuple(token for part in comma_separated.split(",") if (token := part.strip()))
