"""The provider's metadata (OpenID Connect Discovery section 3, RFC 8414): what is offered, no more."""

from __future__ import annotations

from typing import Any

from changeover.apps.scopes import SCOPES
from changeover.oauth.assertions import ALGORITHMS
from changeover.oauth.keys import ALGORITHM
from changeover.oauth.pkce import S256

_PROOFS = ["client_secret_post", "client_secret_basic", "private_key_jwt"]


def configuration(base_url: str) -> dict[str, Any]:
    """Return the metadata of an org under the URL at which it was asked for."""
    oauth = f"{base_url}/services/oauth2"
    return {
        "issuer": base_url,
        "authorization_endpoint": f"{oauth}/authorize",
        "token_endpoint": f"{oauth}/token",
        "device_authorization_endpoint": f"{oauth}/token",
        "revocation_endpoint": f"{oauth}/revoke",
        "introspection_endpoint": f"{oauth}/introspect",
        "userinfo_endpoint": f"{oauth}/userinfo",
        "jwks_uri": f"{base_url}/id/keys",
        "scopes_supported": sorted({name for scope in SCOPES for name in scope.oauth}),
        "response_types_supported": ["code", "token", "token id_token"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "password",
            "implicit",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "code_challenge_methods_supported": [S256],
        "display_values_supported": ["page", "popup", "touch"],
        "token_endpoint_auth_methods_supported": [*_PROOFS, "none"],
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": _PROOFS,
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "claims_supported": [
            "sub",
            "user_id",
            "organization_id",
            "preferred_username",
            "name",
            "given_name",
            "family_name",
            "email",
            "email_verified",
            "zoneinfo",
        ],
    }
