"""An integration: what the program out there holds, and the OAuth client library that it logs in with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests
from authlib.integrations.requests_client import AssertionSession, OAuth2Session
from joserfc.jwk import RSAKey
from requests.adapters import BaseAdapter

from changeover.oauth.client import OauthClient
from changeover.rehearse.browser import Browser
from changeover.rehearse.copy import CopyClock
from changeover.rehearse.outcome import Refused
from changeover.rehearse.source import Login

LOGIN_URL = "https://login.salesforce.com"
"""Audience of a JWT, as the clients of Salesforce's own send it wherever they are pointed at."""
STAGES = ("before", "after", "after-revert")
_ASSERTION_SECONDS = 180
_SECONDS = 30


@dataclass(kw_only=True)
class Integration:
    """One app's client, with what it was given when it was set up: nothing of it changes by a migration."""

    org_url: str
    """Of the org on the copy."""
    app: OauthClient
    """As it was set up."""
    secret: str
    private_key: str
    """PEM; empty where the app has no certificate."""
    person: Login
    """Who approved the app before the migration, and whose refresh token it holds."""
    newcomer: Login
    """Who has the same rights, and logs in anew each time."""
    clock: CopyClock
    adapter: BaseAdapter
    browsers: dict[str, Browser]
    """By username; shared by all integrations of a rehearsal."""
    address: str | None = None
    """From where the client comes, if that is not loopback: an address in the app's trusted ranges."""
    kept: dict[str, str] = field(default_factory=dict)
    """Refresh tokens that it keeps, by what for."""
    has_approval: bool = False
    """Whether the person has approved the app in this cycle."""
    stages: Collection[str] = STAGES
    """The stages of this cycle."""
    stage: str = STAGES[0]
    """The stage at which it is."""

    def begin(self, stages: Collection[str]) -> None:
        """Begin a cycle: nothing is kept from the one before."""
        self.kept.clear()
        self.has_approval = False
        self.stages = stages

    @property
    def token_url(self) -> str:
        """The token endpoint."""
        return f"{self.org_url}/services/oauth2/token"

    @property
    def headers(self) -> Mapping[str, str]:
        """What stands in every request: from where the client comes."""
        return {"X-Forwarded-For": self.address} if self.address is not None else {}

    def session(self, *, with_secret: bool = True, **more: Any) -> OAuth2Session:  # noqa: ANN401 - Authlib's
        """Return a client of Authlib's.

        Args:
            with_secret: whether it proves itself; a public client has no secret.
            more: further arguments of Authlib's session.
        """
        session = OAuth2Session(
            self.app.client_id,
            self.secret if with_secret else None,
            token_endpoint_auth_method="client_secret_post" if with_secret else "none",
            default_timeout=_SECONDS,
            **more,
        )
        self._connect(session)
        return session

    def assertion_session(self, username: str) -> AssertionSession:
        """Return a client of Authlib's for the JWT bearer flow, as a user."""
        now = self.clock.now()
        session = AssertionSession(
            token_endpoint=self.token_url,
            issuer=self.app.client_id,
            subject=username,
            audience=LOGIN_URL,
            key=RSAKey.import_key(self.private_key),
            header={"alg": "RS256"},
            issued_at=_seconds(now),
            expires_at=_seconds(now + timedelta(seconds=_ASSERTION_SECONDS)),
            default_timeout=_SECONDS,
        )
        self._connect(session)
        return session

    def _connect(self, session: requests.Session) -> None:
        session.trust_env = False
        session.mount("http://", self.adapter)
        session.headers.update(self.headers)

    def approved(self, session: OAuth2Session, login: Login, **parameters: str) -> tuple[str, str, bool]:
        """Send a user to the authorization endpoint, where the user allows what is asked for.

        Args:
            session: the client; its callback URL is the app's first.
            login: the user.
            parameters: further parameters of the request.

        Returns:
            Where the user came back to, the state that was sent, and whether the user was asked.

        Raises:
            Refused: with what the app was told, or the page says.
        """
        callback = self.app.callback_urls[0]
        url, state = session.create_authorization_url(
            f"{self.org_url}/services/oauth2/authorize", redirect_uri=callback, **parameters
        )
        landed = self._browser(login).authorize(url, callback, self.headers)
        return landed.url, state, landed.asked

    def connect(self, login: Login, url: str, user_code: str) -> None:
        """Have a user type a device's code and allow what it asks for; the device is told what came of it."""
        self._browser(login).connect(url, user_code, self.headers)

    def _browser(self, login: Login) -> Browser:
        browser = self.browsers.get(login.username)
        if browser is None:
            browser = self.browsers[login.username] = Browser(login, self.adapter)
        return browser

    def revoke(self, session: OAuth2Session, token: Mapping[str, Any]) -> None:
        """Give back what was issued (RFC 7009).

        An app holds five authorizations of a user: those of logins anew must not push the kept ones out.
        """
        given = token.get("refresh_token") or token["access_token"]
        session.revoke_token(f"{self.org_url}/services/oauth2/revoke", token=given)

    def use(self, session: requests.Session, token: Mapping[str, Any]) -> frozenset[str]:
        """Use an access token once, and return what the client has been given, in words.

        Raises:
            Refused: the token is not taken.
        """
        bearer = {"Authorization": f"Bearer {token['access_token']}", **self.headers}
        answer = requests.Session.request(
            session, "GET", f"{self.org_url}/services/oauth2/userinfo", headers=bearer, timeout=_SECONDS
        )
        if not answer.ok:
            raise Refused("invalid_token", f"the access token is not taken ({answer.status_code})")
        gained = {f"scope {scope}" for scope in str(token.get("scope", "")).split()}
        gained |= {words for name, words in _GIVEN.items() if token.get(name)}
        attributes = answer.json().get("custom_attributes", {})
        return frozenset(gained | {f"attribute {key}={value}" for key, value in attributes.items()})


_GIVEN = {"refresh_token": "a refresh token", "id_token": "an ID token"}


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
