"""What an attacker of the OAuth endpoints has: an org with an app behind HTTP, browsers, and an address.

The victim is Billing, a client with every flow, and its users; the attacker may have an app of its own in the
same org, and an org of its own in the same installation.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from changeover.org.installation import create_org
from changeover.org.lists import AuditQuery
from changeover.org.model.events import AuditEntry
from changeover.org.model.orgs import Edition
from tests.oauth.endpoint import CALLBACK, INTEGRATION, KEY, Pair
from tests.org.world import SECRET, World, app
from tests.web.conftest import Browser, Page

OAUTH = "/services/oauth2"
AUTHORIZE = f"{OAUTH}/authorize"
BASE = "http://changeover.local"
OTHER_KEY, OTHER_SECRET = "3MVG9.Other_key", "THE-OTHER-APPS-SECRET-0123456789"
OTHER_CALLBACK = "https://other.example.com/callback"
VERIFIER = "a-verifier-with-enough-characters-to-be-one-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FORGED = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}


@dataclass
class Target:
    """The org under attack, over HTTP."""

    world: World
    pair: Pair
    client: TestClient[Litestar]

    # --- what the victim does --------------------------------------------------------------------------
    def browser(self) -> Browser:
        return Browser(self.client)

    def signed_in(self, username: str = INTEGRATION) -> Browser:
        """Return a browser in which a user has signed in."""
        made = self.browser()
        assert made.sign_in(username, self.world.passwords[username]).status == 303
        return made

    def change(self, **oauth: Any) -> None:
        """Import Billing anew with other settings."""
        document = self.world.record().document
        assert document.oauth_config is not None
        self.world.bring(replace(document, oauth_config=replace(document.oauth_config, **oauth)))

    def code(self, **parameters: str) -> str:
        """Have the user allow in a browser, and return the code."""
        (code,) = query_of(self.allowed(self.signed_in(), **parameters))["code"]
        return code

    def allowed(self, browser: Browser, **parameters: str) -> Page:
        """Have the user allow, where it is asked; returns the way back to the app."""
        page = browser.get(asked(**parameters))
        if page.status == 200:
            page = browser.post(AUTHORIZE, {**page.form(AUTHORIZE), "decision": "allow"})
        return page

    def tokens(self, **parameters: str) -> dict[str, Any]:
        """Have the user allow, and the app redeem the code."""
        answer = self.redeem(self.code(**parameters))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    # --- what programs do ------------------------------------------------------------------------------
    def post(
        self, endpoint: str, form: Mapping[str, Any], basic: str = "", prefix: str = "", **more: Any
    ) -> Response:
        """Post a form to an endpoint."""
        headers = dict(more.pop("headers", {}))
        if basic:
            headers["Authorization"] = "Basic " + base64.b64encode(basic.encode()).decode()
        self.client.cookies.clear()
        found: Response = self.client.post(f"{prefix}{OAUTH}/{endpoint}", data=form, headers=headers, **more)
        return found

    def token(self, form: Mapping[str, Any], **more: Any) -> Response:
        """Ask the token endpoint."""
        return self.post("token", form, **more)

    def redeem(self, code: str, **more: Any) -> Response:
        """Redeem a code as Billing."""
        return self.token(secrets(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **more))

    def refresh(self, token: str, **more: str) -> Response:
        """Refresh as Billing."""
        return self.token(secrets(grant_type="refresh_token", refresh_token=token, **more))

    def alive(self, token: str, path: str = f"{OAUTH}/userinfo") -> bool:
        """Whether an access token is still good."""
        self.client.cookies.clear()
        answer = self.client.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in {200, 401, 403}, answer.text
        return answer.status_code == 200

    # --- what is left behind ---------------------------------------------------------------------------
    def audit(self) -> list[AuditEntry]:
        """Return the Setup Audit Trail, the newest row first."""
        with self.world.read() as unit:
            return list(unit.audit.page(self.world.org_id, AuditQuery()).rows)

    # --- what the attacker has -------------------------------------------------------------------------
    def other_app(self) -> dict[str, str]:
        """Give the attacker an app of its own in the org; returns its credentials."""
        oauth = {
            "consumer_key": OTHER_KEY,
            "consumer_secret": OTHER_SECRET,
            "callback_url": OTHER_CALLBACK,
            "is_client_credential_enabled": True,
            "oauth_client_credential_user": INTEGRATION,
            "is_admin_approved": True,
            "scopes": ("Api", "RefreshToken"),
        }
        self.world.bring(app("Other", oauth=oauth, profile_name=("Standard User",)))
        return {"client_id": OTHER_KEY, "client_secret": OTHER_SECRET}

    def other_org(self) -> str:
        """Make a second org with an app of its own; returns its administrator's username."""
        units, username = self.world.house.units, "admin@globex.example"
        made = create_org(
            units, "Globex", Edition.DEVELOPER, my_domain="globex", username=username, email=username
        )
        self.world.passwords[username] = made.password
        return username


def secrets(**more: str) -> dict[str, str]:
    """Billing's credentials in the form."""
    return {"client_id": KEY, "client_secret": SECRET, **more}


def asked(**parameters: str) -> str:
    """Return the address with which Billing asks a user."""
    said = {"response_type": "code", "client_id": KEY, "redirect_uri": CALLBACK, **parameters}
    return f"{AUTHORIZE}?{urlencode(said)}"


def query_of(page: Page) -> dict[str, list[str]]:
    """Return what an answer on its way to the app says, in its query or fragment."""
    url = urlsplit(page.location)
    return parse_qs(url.query or url.fragment)


def error_of(answer: Response) -> tuple[str, str]:
    """Return error and description of a refusal."""
    assert answer.status_code in {400, 401, 429}, answer.text
    body = answer.json()
    return body["error"], body["error_description"]
