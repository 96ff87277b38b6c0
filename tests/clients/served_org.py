"""A local org that is served for real, with an app for each client, and a person at a browser."""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from lxml import html

from bench.peer import NODE
from changeover.migration.dates import USERNAME_PASSWORD_ENDS
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.installation import create_org
from changeover.org.model.orgs import Edition
from changeover.wiring import open_house
from tests.conftest import ROOT
from tests.oauth.endpoint import Pair
from tests.org.world import FAST, YES, TestClock, World, actor_named, app
from tests.serving.served import Served, served

PERSON = "integration@acme.example"
CALLBACK = "http://localhost:1717/OauthRedirect"
DOMAIN = "acme"


class Client(NamedTuple):
    """What an integration knows: the same before, during and after the migration."""

    api_name: str
    key: str
    secret: str
    pem: Path
    """The private key of its certificate."""

    @property
    def label(self) -> str:
        """The app's, as Login History names it."""
        return self.api_name.replace("_", " ")


class Stage(NamedTuple):
    """Where an app stands."""

    name: str
    username_password: bool
    """Whether a login with username and password works."""


@dataclass
class ServedOrg:
    """The org Acme, served over http and https and through the client proxy."""

    world: World
    server: Served
    folder: Path
    pair: Pair

    @property
    def url(self) -> str:
        """The org's login URL, as a client on this machine is given it."""
        return f"{self.server.https_address}/org/{DOMAIN}"

    @property
    def password(self) -> str:
        """Of the person whose data the apps are after."""
        return self.world.passwords[PERSON]

    @property
    def trust(self) -> str:
        assert self.server.ca_file is not None
        return self.server.ca_file

    @property
    def environment(self) -> dict[str, str]:
        """What clients of every runtime are given to trust the server; nothing is put into any store."""
        names = ("NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
        return dict.fromkeys(names, self.trust)

    @property
    def proxied(self) -> dict[str, str]:
        """The same, through the client proxy."""
        names = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
        return {**self.environment, **dict.fromkeys(names, self.server.client_proxy), "NO_PROXY": ""}

    def client(self, api_name: str) -> Client:
        """Return an integration whose connected app may use every flow."""
        pem = self.folder / f"{api_name}.pem"
        pem.write_bytes(self.pair.pem)
        pem.chmod(0o600)
        made = Client(api_name, f"3MVG9.{api_name}_key", f"THE-SECRET-OF-{api_name}-0123456789", pem)
        oauth = {
            "callback_url": CALLBACK,
            "consumer_key": made.key,
            "consumer_secret": made.secret,
            "certificate": self.pair.certificate,
            "is_client_credential_enabled": True,
            "oauth_client_credential_user": PERSON,
            "is_admin_approved": True,
            "is_device_flow_enabled": True,
            "scopes": ("Api", "RefreshToken", "OpenID", "Web"),
        }
        (outcome,) = self.world.bring(app(api_name, oauth=oauth, profile_name=("Standard User",)))
        assert outcome.result == "created", outcome
        return made

    def stages(self, client: Client) -> Iterator[Stage]:
        """Yield where the app stands: connected app, migrated, and a connected app again."""
        works = not USERNAME_PASSWORD_ENDS.in_force(self.world.house.clock.now().date())
        yield Stage("connected app", works)
        # Its own logins with a password speak against it by now.
        self.world.migrated(client.api_name, replace(YES, despite_evidence=True))
        yield Stage("external client app", username_password=False)
        self.world.do(delete_external_client_app, client.api_name, confirmed=True, seen_version=None)
        yield Stage("connected app again", works)

    def logins_of(self, client: Client) -> list[tuple[str, str]]:
        """Return kind and status of the logins of an app, the oldest first."""
        from changeover.org.lists import LoginQuery  # noqa: PLC0415 - only here

        with self.world.read() as unit:
            rows = unit.logins.page(self.world.org_id, LoginQuery(page_size=500)).rows
        return [(row.sub_type, row.status) for row in reversed(rows) if row.application == client.label]

    @cached_property
    def person(self) -> Person:
        """The person at a browser of their own, signed in to the org."""
        return Person(self)


class Person:
    """Somebody at a browser without script, who signs in and allows what apps ask for.

    Args:
        org: the org.
    """

    def __init__(self, org: ServedOrg) -> None:
        trust = ssl.create_default_context(cafile=org.trust)
        self._browser = httpx.Client(verify=trust, timeout=60, trust_env=False)
        self._org = org

    def close(self) -> None:
        """Close the browser."""
        self._browser.close()

    def allow(self, url: str) -> str:
        """Open what a client asks a browser to open; returns where the browser is sent in the end."""
        page = self._open(url)
        if page.is_redirect:
            # Approved before: nobody is asked.
            return page.headers["location"]
        assert page.status_code == 200, page.text
        answer = self._submit(page, {"decision": "allow"})
        assert answer.is_redirect, answer.text
        return answer.headers["location"]

    def connect(self, url: str, code: str) -> None:
        """Type a device's code into the page that the device names, and allow what it asks for."""
        asked = self._submit(self._open(url), {"user_code": code})
        done = self._submit(asked, {"decision": "allow"})
        assert "has access" in done.text, done.text

    def _open(self, url: str) -> httpx.Response:
        page = self._browser.get(url)
        while page.is_redirect and "/sign-in" in page.headers["location"]:
            signing_in = self._browser.get(page.url.join(page.headers["location"]))
            fields = {"username": PERSON, "password": self._org.password}
            done = self._submit(signing_in, fields)
            assert done.is_redirect, done.text
            page = self._browser.get(url)
        return page

    def _submit(self, page: httpx.Response, fields: Mapping[str, str]) -> httpx.Response:
        document: Any = html.fromstring(page.text)
        forms = document.forms
        (form,) = [
            form for form in forms if all(form.xpath(".//*[@name=$name]", name=name) for name in fields)
        ]
        data = {**dict(form.form_values()), **fields}
        return self._browser.post(page.url.join(form.get("action") or ""), data=data)


@contextmanager
def serve_org(folder: Path, pair: Pair) -> Iterator[ServedOrg]:
    """Make an installation with one org, and serve it until the block ends."""
    data = folder / "var"
    data.mkdir(parents=True)
    database = data / "changeover.db"
    house = open_house(database, passwords=FAST, environment={})
    try:
        made = create_org(
            house.units,
            "Acme",
            Edition.DEVELOPER,
            my_domain=DOMAIN,
            username="admin@acme.example",
            email="admin@acme.example",
        )
        world = World(
            house=house,
            clock=TestClock(),
            folder=data,
            database=str(database),
            org_id=made.org.org_id,
            admin=actor_named(house, made.username),
            password=made.password,
        )
        world.user(PERSON, "Standard User")
        with served(data, "--https-port", "0", "--client-proxy", "0") as server:
            org = ServedOrg(world, server, folder, pair)
            with closing(org.person):
                yield org
    finally:
        house.close()


class Driver:
    """A program of ours around a client for Node, which says one JSON document a line and hears one.

    Args:
        name: of the file beside this one.
        org: what it logs in to.
        environment: what its runtime is told.
    """

    def __init__(self, name: str, org: ServedOrg, environment: Mapping[str, str]) -> None:
        self._command = [str(NODE), str(Path(__file__).with_name(name))]
        self._org = org
        self._environment = {"PATH": "/usr/bin:/bin", **environment}

    def run(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Run it, do at the browser what it asks for, and return what it found."""
        answers: dict[str, Callable[[Any], Any]] = {
            "authorize": self._org.person.allow,
            "connect": lambda device: self._org.person.connect(device["url"], device["code"]),
        }
        with subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdin.write(json.dumps(given) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                said = json.loads(line)
                (what,) = said
                if what == "found":
                    found: dict[str, Any] = said[what]
                    return found
                process.stdin.write(json.dumps(answers[what](said[what])) + "\n")
                process.stdin.flush()
            raise AssertionError(process.stderr.read())
