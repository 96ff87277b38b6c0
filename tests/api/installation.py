"""An installation for tests of REST and of the command line."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from litestar.testing import TestClient

from changeover.org import installation as acts
from changeover.org import people, permission_sets, tokens
from changeover.org.model import Actor, Edition, LoginRow
from changeover.org.logins import import_login_history
from changeover.wiring import House, open_house
from changeover.web.app import create_app
from changeover.web.services import Services

ADMIN = "admin@acme.example"
MOVED = "Fri"


class Client(TestClient[Any]):
    """A client that sends one user's token, or none."""


def connected_app(
    label: str,
    *,
    key: str | None = "key.of.{label}",
    callback: str = "https://acme.example/cb",
    extra: str = "",
) -> str:
    """Return a connected app's file."""
    shown = "" if key is None else f"<consumerKey>{key.format(label=label)}</consumerKey>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>it@acme.example</contactEmail>
    <label>{label}</label>
    <oauthConfig>
        <callbackUrl>{callback}</callbackUrl>
        {shown}
        <scopes>Api</scopes>
        <scopes>RefreshToken</scopes>
    </oauthConfig>
    <oauthPolicy>
        <ipRelaxation>ENFORCE</ipRelaxation>
        <refreshTokenPolicy>infinite</refreshTokenPolicy>
    </oauthPolicy>{extra}
</ConnectedApp>
"""


def archive(files: Mapping[str, str]) -> bytes:
    """Return a zip archive of connected apps' files, by API name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for api_name, content in files.items():
            made.writestr(f"connectedApps/{api_name}.connectedApp-meta.xml", content)
    return packed.getvalue()


class Installation:
    """A house with one org in a folder of its own.

    Args:
        folder: where the database lies.
        edition: of the org.
    """

    def __init__(self, folder: Path, edition: Edition = Edition.DEVELOPER) -> None:
        self.database = folder / "changeover.db"
        self.house: House = open_house(self.database)
        self.units = self.house.units
        made = acts.create_org(
            self.units, "Acme", edition, my_domain="acme", username=ADMIN, email="admin@acme.example"
        )
        self.org = made.org
        self.password = made.password
        self.admin = self.actor(ADMIN)
        self.app = create_app(
            Services(
                units=self.units,
                key_values=self.house.key_values,
                clock=self.house.clock,
                hosts=frozenset({"testserver.local"}),
            )
        )

    def close(self) -> None:
        """Close the database."""
        self.house.close()

    def actor(self, username: str) -> Actor:
        """Return a user as the command line sees them."""
        return acts.command_line_actor(self.units, self.org.org_id, username)

    def user(self, username: str, *permissions: str) -> Actor:
        """Create a user who holds these permissions, by API name, and no other."""
        name = f"Only {username}"
        with self.units.unit() as unit:
            permission_sets.save_profile(unit, self.admin, name, permissions)
        people.create_user(
            self.units,
            self.admin,
            people.NewUser(username=username, name=username, email="user@acme.example", profile=name),
        )
        return self.actor(username)

    def token(self, actor: Actor | None = None) -> str:
        """Make an API token."""
        with self.units.unit() as unit:
            return tokens.create_token(unit, actor or self.admin, "test").secret

    def client(self, actor: Actor | None = None) -> Client:
        """Return a client that sends a user's token: the administrator's by default."""
        client = Client(self.app, raise_server_exceptions=False)
        client.headers["Authorization"] = f"Bearer {self.token(actor)}"
        return client

    def anonymous(self) -> Client:
        """Return a client without a token."""
        return Client(self.app, raise_server_exceptions=False)

    def apps(self, *names: str, **files: str) -> None:
        """Import connected apps: plain ones by name, others by their file."""
        content = archive({**{name: connected_app(name) for name in names}, **files})
        answer = self.client().post(
            "/api/v1/import", content=content, headers={"Content-Type": "application/zip"}
        )
        assert answer.status_code == 200, answer.text
        refused = [app for app in answer.json()["apps"] if app["result"] not in {"created", "updated"}]
        assert not refused, refused

    def logins(self, application: str, sub_type: str = "OauthUsernamePassword") -> None:
        """Let somebody have logged in under a label."""
        row = LoginRow(
            at=datetime(2026, 11, 3, 12, tzinfo=UTC),
            username="int@acme.example",
            application=application,
            login_type="Remote Access 2.0",
            sub_type=sub_type,
            status="Success",
        )
        with self.units.unit() as unit:
            import_login_history(unit, self.admin, [row])
