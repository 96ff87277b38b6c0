"""requests-oauthlib, unmodified: before the migration, after it, and after the way back."""

from __future__ import annotations

from typing import Any

import pytest
from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient, OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from tests.clients.served_org import CALLBACK, PERSON, ServedOrg

SCOPE = ["openid", "api", "refresh_token"]


@pytest.fixture(autouse=True)
def trusting(org: ServedOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in org.environment.items():
        monkeypatch.setenv(name, value)
    # An answer may name other scopes than were asked for, as a refresh token's does.
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")


def test_every_flow_at_every_stage(org: ServedOrg) -> None:
    client = org.client("Requests_Oauthlib")
    oauth = f"{org.url}/services/oauth2"

    def who(session: Any) -> str:
        answer = session.get(f"{oauth}/userinfo")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["preferred_username"])

    earlier: list[str] = []
    opened: list[OAuth2Session] = []

    def opening(**more: Any) -> OAuth2Session:
        opened.append(OAuth2Session(**more))
        return opened[-1]

    for stage in org.stages(client):
        session = opening(client_id=client.key, redirect_uri=CALLBACK, scope=SCOPE, pkce="S256")
        url, _ = session.authorization_url(f"{oauth}/authorize")
        # Over plain http it would refuse the answer: a callback on this machine is none that others read.
        back = org.person.allow(url).replace("http://localhost", "https://localhost")
        token = session.fetch_token(
            f"{oauth}/token", authorization_response=back, client_secret=client.secret, include_client_id=True
        )
        assert who(session) == PERSON, stage.name
        earlier.append(token["refresh_token"])
        for refresh_token in earlier:
            session.refresh_token(
                f"{oauth}/token", refresh_token, client_id=client.key, client_secret=client.secret
            )
            assert who(session) == PERSON, stage.name

        own = opening(client=BackendApplicationClient(client.key))
        own.fetch_token(f"{oauth}/token", auth=HTTPBasicAuth(client.key, client.secret))
        assert who(own) == PERSON, stage.name

        typed = opening(client=LegacyApplicationClient(client.key))
        login = {"username": PERSON, "password": org.password, "client_secret": client.secret}
        if stage.username_password:
            typed.fetch_token(f"{oauth}/token", include_client_id=True, **login)
            assert who(typed) == PERSON, stage.name
        else:
            with pytest.raises(OAuth2Error, match="authentication failure"):
                typed.fetch_token(f"{oauth}/token", include_client_id=True, **login)
        for each in opened:
            each.close()
    assert len(set(earlier)) == 3
