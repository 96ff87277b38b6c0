"""An org whose REST API a test calls, with an app that gets tokens for any of its users."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from changeover.oauth import tokens
from changeover.org.model.people import User
from changeover.org.oauth_records import AccessToken, Flow
from tests.web.conftest import ADMIN, Office, admin, anyone, office, trace

__all__ = ["admin", "anyone", "office", "trace"]

VERSION = "/services/data/v62.0"
KEY = "3MVG9.Billing"


@dataclass
class Api:
    """The REST API as a client of one user sees it."""

    office: Office
    token: str
    base: str = VERSION

    def get(self, path: str, headers: Mapping[str, str] | None = None, **query: str) -> Any:
        return self.request("GET", path, params=query, headers=headers)

    def request(self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any) -> Any:
        where = path if path.startswith("/") else f"{self.base}/{path}"
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.office.client.request(method, where, headers=sent, **more)

    def query(self, soql: str, *, tooling: bool = False) -> Any:
        answer = self.request("GET", "tooling/query" if tooling else "query", params={"q": soql})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def records(self, soql: str, *, tooling: bool = False) -> list[dict[str, Any]]:
        """Return what a query finds, without what every record says of itself."""
        found = self.query(soql, tooling=tooling)["records"]
        return [{name: value for name, value in one.items() if name != "attributes"} for one in found]

    def refused(self, soql: str, **query: str) -> tuple[str, str]:
        """Expect a query to be refused; returns code and message."""
        answer = self.request("GET", "query", params={"q": soql, **query})
        assert answer.status_code == 400, answer.text
        (told,) = answer.json()
        return told["errorCode"], told["message"]


def token_of(office: Office, user: User, *scopes: str) -> str:
    """Issue an access token of the app Billing, as the token endpoint would."""
    with office.house.units.unit() as unit:
        token = tokens.access_token(user.org_id, unit.now)
        unit.oauth.issue(
            AccessToken(
                digest=tokens.digest(token),
                org_id=user.org_id,
                consumer_key=KEY,
                user_id=user.user_id,
                scopes=scopes or ("api", "web"),
                flow=Flow.WEB_SERVER,
                issued_at=unit.now,
                expires_at=unit.now + timedelta(hours=2),
                authorization_id=None,
            )
        )
    return token


@pytest.fixture
def api_of(office: Office) -> Callable[..., Api]:
    """Return what logs a user in at the API."""
    office.connected_app("Billing")

    def made(username: str = ADMIN, *scopes: str) -> Api:
        with office.house.units.read() as unit:
            user = unit.users.by_username(username)
        assert user is not None
        return Api(office, token_of(office, user, *scopes))

    return made


@pytest.fixture
def api(api_of: Callable[..., Api]) -> Api:
    """The administrator's API."""
    return api_of()
