"""Authlib's client, unmodified: before the migration, after it, and after the way back."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import AssertionSession, OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.clients.served_org import CALLBACK, PERSON, Client, ServedOrg


@pytest.fixture(autouse=True)
def trusting(org: ServedOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in org.environment.items():
        monkeypatch.setenv(name, value)


class Session:
    """Sessions of one app."""

    def __init__(self, org: ServedOrg, client: Client, stack: ExitStack) -> None:
        self.org, self.client, self.stack = org, client, stack
        with OAuth2Session() as anyone:
            self.server = anyone.get(
                f"{org.url}/.well-known/openid-configuration", withhold_token=True
            ).json()

    def session(self, method: str = "client_secret_post", **more: Any) -> OAuth2Session:
        secret: Any = self.client.secret
        if method == "private_key_jwt":
            secret = self.client.pem.read_text()
        made = OAuth2Session(
            self.client.key,
            secret,
            token_endpoint_auth_method=method,
            token_endpoint=self.server["token_endpoint"],
            revocation_endpoint_auth_method="client_secret_basic",
            **more,
        )
        return self.stack.enter_context(made)

    def who(self, session: Any) -> str:
        answer = session.get(self.server["userinfo_endpoint"])
        assert answer.status_code == 200, answer.text
        return str(answer.json()["preferred_username"])

    def approved(self) -> tuple[OAuth2Session, dict[str, Any]]:
        """Go through the web server flow with PKCE, state and nonce."""
        session = self.session(
            scope="openid api refresh_token", redirect_uri=CALLBACK, code_challenge_method="S256"
        )
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        url, state = session.create_authorization_url(
            self.server["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        back = self.org.person.allow(url)
        token = session.fetch_token(authorization_response=back, code_verifier=verifier, state=state)
        keys = KeySet.import_key_set(session.get(self.server["jwks_uri"], withhold_token=True).json())
        claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
        assert (claims["iss"], claims["aud"], claims["nonce"]) == (self.org.url, self.client.key, nonce)
        return session, token


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


# Its own assertions are made with a module of its own that it deprecates.
@pytest.mark.filterwarnings("ignore::authlib.deprecate.AuthlibDeprecationWarning")
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_every_flow_at_every_stage(org: ServedOrg, stack: ExitStack) -> None:
    client = org.client("Authlib")
    earlier: list[str] = []
    for stage in org.stages(client):
        sessions = Session(org, client, stack)
        session, token = sessions.approved()
        assert sessions.who(session) == PERSON, stage.name
        earlier.append(token["refresh_token"])
        for refresh_token in earlier:
            session.refresh_token(sessions.server["token_endpoint"], refresh_token=refresh_token)
            assert sessions.who(session) == PERSON, stage.name
        for method in ("client_secret_post", "client_secret_basic", "private_key_jwt"):
            own = sessions.session(method)
            if method == "private_key_jwt":
                own.register_client_auth_method(PrivateKeyJWT(sessions.server["token_endpoint"]))
            given = own.fetch_token(grant_type="client_credentials")
            assert sessions.who(own) == PERSON, (stage.name, method)
            told = own.introspect_token(
                sessions.server["introspection_endpoint"], token=given["access_token"]
            )
            assert told.json()["active"], (stage.name, method)
        asserting = AssertionSession(
            sessions.server["token_endpoint"],
            client.key,
            PERSON,
            audience=org.url,
            grant_type=AssertionSession.JWT_BEARER_GRANT_TYPE,
            header={"alg": "RS256"},
            key=client.pem.read_text(),
        )
        stack.enter_context(asserting)
        assert sessions.who(asserting) == PERSON, stage.name
        typed = sessions.session()
        if stage.username_password:
            typed.fetch_token(username=PERSON, password=org.password)
            assert sessions.who(typed) == PERSON, stage.name
        else:
            with pytest.raises(OAuthError, match="authentication failure"):
                typed.fetch_token(username=PERSON, password=org.password)
        session.revoke_token(sessions.server["revocation_endpoint"], token=session.token["access_token"])
        assert session.get(sessions.server["userinfo_endpoint"]).status_code == 401, stage.name
    assert len(set(earlier)) == 3
