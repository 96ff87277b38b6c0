"""Apps that every org has, as OAuth clients: public ones, which only a user can authorize.

What such an app may do is our decision, and no more than its client needs: the web server flow with PKCE,
and refresh tokens without a secret. A public client must use PKCE (RFC 9700 section 2.1.1). Its callback URL
counts to the letter, with its port: no page of Salesforce's says that any port of localhost will do (RFC 8252
section 7.3).
"""

from __future__ import annotations

from changeover.oauth.client import (
    ID_TOKEN_LIFETIME,
    IdToken,
    IpRelaxation,
    OauthClient,
    Refresh,
    RefreshPolicy,
)
from changeover.org.built_in import BUILT_IN, BuiltIn
from changeover.org.lists import AppKind


def _client(app: BuiltIn) -> OauthClient:
    return OauthClient(
        kind=AppKind.CONNECTED,
        api_name=app.api_name,
        label=app.label,
        client_id=app.consumer_key,
        consumer_key=app.consumer_key,
        enabled=True,
        callback_urls=app.callback_urls,
        scopes=app.scopes,
        secret_required=False,
        secret_required_for_refresh=False,
        pkce_required=True,
        certificate=None,
        client_credentials=False,
        run_as=None,
        device=False,
        local=False,
        username_password=False,
        user_agent=False,
        introspects_all=False,
        rotates_refresh_tokens=False,
        refresh=Refresh(RefreshPolicy.INFINITE, None),
        session_timeout=None,
        high_assurance=False,
        high_assurance_blocks=False,
        ip_relaxation=IpRelaxation.ENFORCE,
        trusted_ranges=(),
        admin_approved=False,
        profiles=frozenset(),
        permission_sets=frozenset(),
        jwt_access_tokens=False,
        jwt_lifetime=None,
        id_token=IdToken(
            valid=ID_TOKEN_LIFETIME,
            audience=None,
            standard_claims=True,
            attributes=False,
            custom_permissions=False,
        ),
        attributes=(),
    )


CLIENTS = {key: _client(app) for key, app in BUILT_IN.items()}
"""By consumer key."""
