"""The API as programs reach it: over HTTP, with tokens."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from changeover.apps.connected_app import ConnectedApp
from changeover.errors import CATALOGUE
from changeover.metadata.files import path_of, write_document
from changeover.org import company, permission_sets, tokens
from changeover.org.model.orgs import Actor
from changeover.web.services import Services
from tests.org.world import World
from tests.served import served

V1 = "/api/v1"
HOST = "testserver.local"
CONFIRMED = {"local": True, "no_username_password": True}
BY_CODE = {kind.code: kind for kind in CATALOGUE}


class Caller:
    """A program that sends one token, or none."""

    def __init__(self, app: Litestar, token: str | None) -> None:
        self.client = TestClient(app, raise_server_exceptions=False)
        if token is not None:
            self.client.headers["Authorization"] = f"Bearer {token}"

    def request(self, method: str, path: str, **more: Any) -> Response:
        """Send a request below `/api/v1`; with `version`, an If-Match."""
        version = more.pop("version", None)
        headers = dict(more.pop("headers", {}))
        if version is not None:
            headers["If-Match"] = version if isinstance(version, str) else f'"{version}"'
        return self.client.request(method, V1 + path, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Response:
        return self.request("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Response:
        return self.request("POST", path, **({} if body is None else {"json": body}), **more)

    def put(self, path: str, body: Any = None, **more: Any) -> Response:
        return self.request("PUT", path, **({} if body is None else {"json": body}), **more)

    def patch(self, path: str, body: Any, **more: Any) -> Response:
        return self.request("PATCH", path, json=body, **more)

    def delete(self, path: str, **more: Any) -> Response:
        return self.request("DELETE", path, **more)


class Rest:
    """The API over the org of a test."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app = self.serve()
        self.admin = self.caller(world.admin)
        # Notes when the token was used, so that whoever compares before and after finds only what changed.
        self.admin.get("/me")
        self.nobody = Caller(self.app, None)

    def serve(self) -> Litestar:
        """Put this org behind the application."""
        house = self.world.house
        return served(
            Services(
                units=house.units,
                key_values=house.key_values,
                clock=self.world.clock,
                hosts=frozenset({HOST}),
            )
        )

    def token(self, actor: Actor) -> str:
        """Make an API token."""
        made: tokens.NewToken = self.world.do(tokens.create_token, "test", actor=actor)
        return made.secret

    def caller(self, actor: Actor) -> Caller:
        """Return a program with a user's token."""
        return Caller(self.app, self.token(actor))

    def user(self, username: str, *permissions: str) -> Actor:
        """Create a user who holds these permissions, by API name, and no other."""
        profile = f"Only {username}"
        self.world.do(permission_sets.save_profile, profile, permissions)
        return self.world.user(username, profile)

    def switch(self, **changes: str | bool) -> None:
        """Change Company Information."""
        self.world.do(company.edit_org, changes, seen_version=None)


def archive(*apps: ConnectedApp, **files: str | bytes) -> bytes:
    """Return a zip archive of connected apps, and of other files by path."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for app in apps:
            made.writestr(path_of(app), write_document(app))
        for path, content in files.items():
            made.writestr(path, content)
    return packed.getvalue()


def refusal(response: Response, code: str, status: int | None = None) -> Mapping[str, Any]:
    """Hold a refusal to the one shape of all of them, and return it."""
    kind = BY_CODE[code]
    body: dict[str, Any] = response.json()
    assert body["code"] == code, body
    expected = kind.status if status is None else status
    assert (response.status_code, body["status"]) == (expected, expected), body
    well_shaped(response)
    return body


def well_shaped(response: Response) -> Mapping[str, Any]:
    """Hold an answer to RFC 9457 and to our two extensions, and return it."""
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body.keys() - {"reference", "fields"} == {
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "remedy",
    }
    kind = BY_CODE[body["code"]]
    assert body["type"] == f"urn:changeover:error:{kind.code}"
    assert body["title"] == kind.title
    assert body["status"] == response.status_code
    assert body["detail"]
    assert body["remedy"]
    assert body["instance"] == response.request.url.path
    for found in body.get("fields", ()):
        assert found.keys() == {"name", "message"}
    assert "Traceback" not in response.text
    if response.status_code == 401:
        assert response.headers["www-authenticate"] == "Bearer"
    assert "set-cookie" not in response.headers
    return body
