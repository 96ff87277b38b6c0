"""Clients that take plain http where they are told to, as `changeover org env` says without https."""

from __future__ import annotations

import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient, InsecureTransportError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from changeover.serving.clients import Reach, needs
from changeover.serving.whereabouts import Whereabouts
from tests.clients.served_org import DOMAIN, PERSON, ServedOrg


def test_plain_http(org: ServedOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    client = org.client("Plain_Http")
    reach = Reach(Whereabouts(address=org.server.address), DOMAIN)
    oauth = f"{reach.login_url}/services/oauth2"
    proof = HTTPBasicAuth(client.key, client.secret)
    with OAuth2Session(client=BackendApplicationClient(client.key)) as session:
        with pytest.raises(InsecureTransportError):
            session.fetch_token(f"{oauth}/token", auth=proof)
        for name in ("requests-oauthlib", "authlib"):
            (found,) = needs(reach, name)
            for variable, value in found.environment.items():
                monkeypatch.setenv(variable, value)
        token = session.fetch_token(f"{oauth}/token", auth=proof)
        assert token["instance_url"] == reach.login_url
        assert token["id"].startswith(f"{reach.login_url}/id/")
        assert session.get(f"{oauth}/userinfo").json()["preferred_username"] == PERSON
    with AuthlibSession(client.key, client.secret, token_endpoint=f"{oauth}/token") as session:
        session.fetch_token(grant_type="client_credentials")
        assert session.get(f"{oauth}/userinfo").json()["preferred_username"] == PERSON
