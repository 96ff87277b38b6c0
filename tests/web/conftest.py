"""An org of our own behind the pages, and browsers without script that know what a form holds."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from httpx import Cookies, Response
from litestar import Litestar
from litestar.testing import TestClient
from lxml import html

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf
from changeover.org.batch_runs import run_waiting
from changeover.org.importing import Incoming, import_apps
from changeover.org.installation import NewOrg, create_org
from changeover.org.logins import import_login_history
from changeover.org.model.events import LoginRow
from changeover.org.model.orgs import Actor, Door, Edition
from changeover.org.people import NewUser, assign_permission_set, create_user
from changeover.org.permission_sets import save_permission_set
from changeover.org.permissions import Permission
from changeover.org.sign_in import sign_in
from changeover.web.services import Services
from changeover.wiring import House, open_house
from tests.org.world import DATABASE, FAST, key_beside
from tests.served import served

ADMIN = "admin@acme.example"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def pass_by(self, time: timedelta) -> None:
        self.time += time


class Page:
    """An answer as a reader sees it."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.path = response.url.raw_path.decode()
        self._html = "html" in response.headers.get("content-type", "") and bool(response.text)

    @cached_property
    def tree(self) -> Any:
        """The page as lxml reads it."""
        assert self._html, self.response.text
        return html.fromstring(self.response.text)

    @property
    def text(self) -> str:
        """The words of the page, blanks run together."""
        return " ".join(self.tree.text_content().split()) if self._html else self.response.text

    @property
    def main(self) -> str:
        """The words of the page's own part."""
        main = (self.tree.xpath("//main") or [self.tree])[0]
        return " ".join(main.text_content().split())

    @property
    def location(self) -> str:
        """Where it leads on to."""
        return str(self.headers["location"])

    def links(self, text: str) -> list[str]:
        """Return the addresses of the links and buttons with these words."""
        return [
            str(link.get("href"))
            for link in self.tree.xpath("//a[@href]")
            if " ".join(link.text_content().split()) == text
        ]

    def named(self, name: str) -> list[str]:
        """Return the addresses of the links whose name is not their words."""
        return [
            str(link.get("href")) for link in self.tree.xpath("//a[@href]") if link.get("aria-label") == name
        ]

    def find(self, xpath: str) -> list[Any]:
        """Return what an XPath finds."""
        found: list[Any] = self.tree.xpath(xpath)
        return found

    def form(self, action: str) -> dict[str, Any]:
        """Return the fields of the form that posts to an address, as a browser would send them untouched."""
        (form,) = [one for one in self.tree.forms if (one.get("action"), one.method) == (action, "POST")]
        areas = set(form.xpath(".//textarea/@name"))
        fields: dict[str, Any] = {}
        for name, given in form.form_values():
            # A browser drops the first line break in a textarea; lxml does not.
            value = given.removeprefix("\n") if name in areas else given
            if name in fields:
                held = fields[name]
                fields[name] = [*held, value] if isinstance(held, list) else [held, value]
            else:
                fields[name] = value
        return fields


Fields = Mapping[str, str | Sequence[str]]


class Browser:
    """A browser without script and with cookies of its own. It follows no redirect by itself."""

    def __init__(self, client: TestClient[Litestar]) -> None:
        self._client = client
        self.cookies = Cookies()

    def request(self, method: str, path: str, **more: Any) -> Page:
        """Send a request with this browser's cookies, and keep those that come back."""
        self._client.cookies = self.cookies
        answer = self._client.request(method, path, follow_redirects=False, **more)
        self.cookies = Cookies(self._client.cookies)
        return Page(answer)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Page:
        return self.request("GET", path, headers=dict(headers or {}))

    def bring(self, name: str, value: str) -> None:
        """Plant a cookie."""
        self.cookies.set(name, value, domain="changeover.local", path="/")

    def post(self, path: str, fields: Fields | None = None, **more: Any) -> Page:
        """Post a form with the token that the last page's forms hold."""
        data = {"_csrf_token": self.cookies.get("csrf", ""), **(fields or {})}
        return self.request("POST", path, data=data, **more)

    def submit(self, path: str, changes: Fields | None = None, action: str | None = None) -> Page:
        """Open a page, fill in its form, and post it."""
        form = self.get(path).form(action or path)
        return self.post(action or path, {**form, **(changes or {})})

    def agree(self, question: str) -> Page:
        """Open the question before an act, and say yes."""
        return self.submit(question, action=question.partition("?")[0])

    def follow(self, page: Page) -> Page:
        return self.get(page.location)

    def sign_in(self, username: str, password: str, path: str = "/sign-in") -> Page:
        self.get(path)
        return self.post("/sign-in", {"username": username, "password": password, "next": ""})


@dataclass
class Office:
    """An installation with one org and its people."""

    house: House
    clock: Clock
    client: TestClient[Litestar]
    admin: Actor
    passwords: dict[str, str]

    def browser(self) -> Browser:
        """Return a fresh browser."""
        return Browser(self.client)

    def signed_in(self, username: str = ADMIN) -> Browser:
        """Return a browser in which a user has signed in."""
        made = self.browser()
        answer = made.sign_in(username, self.passwords[username])
        assert answer.status == 303, answer.text
        return made

    def user(self, username: str, permissions: Iterable[Permission]) -> str:
        """Add a user who has just these permissions; returns the username."""
        units = self.house.units
        name = username.partition("@")[0]
        with units.unit() as unit:
            profile = next(p.name for p in unit.users.profiles(self.admin.org_id) if not p.permissions)
        new = NewUser(username=username, name=name.title(), email=username, profile=profile)
        self.passwords[username] = create_user(units, self.admin, new)
        with units.unit() as unit:
            save_permission_set(
                unit, self.admin, name.title(), name.title(), [permission.value for permission in permissions]
            )
            assign_permission_set(unit, self.admin, username, name.title())
        return username

    def connected_app(self, api_name: str, leaves: Mapping[str, str] | None = None) -> str:
        """Import a connected app; returns its API name."""
        given = {
            "label": api_name.replace("_", " "),
            "contactEmail": "owner@acme.example",
            "oauthConfig/callbackUrl": f"https://{api_name.lower()}.example/callback",
            "oauthConfig/consumerKey": f"3MVG9.{api_name}",
            "oauthConfig/scopes[1]": "Api",
            "oauthConfig/scopes[2]": "RefreshToken",
            "oauthPolicy/ipRelaxation": "ENFORCE",
            "oauthPolicy/refreshTokenPolicy": "specific_lifetime:365:DAYS",
            **(leaves or {}),
        }
        document = from_leaves(ConnectedApp, api_name, [Leaf(path, value) for path, value in given.items()])
        item = Incoming(app=document, path=f"connectedApps/{api_name}.connectedApp")
        (outcome,) = import_apps(self.house.units, self.admin, [item])
        assert outcome.result == "created", outcome
        return api_name

    def run_batches(self) -> int:
        """Do what a server does beside its pages: run the batches that wait. How many apps were done."""
        return run_waiting(self.house.units)

    def login(self, application: str, sub_type: str, username: str = "int@acme.example") -> None:
        """Add a row to Login History."""
        row = LoginRow(
            at=self.clock.now() - timedelta(days=3),
            username=username,
            application=application,
            login_type="Oauth2",
            sub_type=sub_type,
            status="Success",
        )
        with self.house.units.unit() as unit:
            import_login_history(unit, self.admin, [row])


_prepared: list[tuple[Path, NewOrg]] = []


def _office(folders: pytest.TempPathFactory) -> tuple[Path, NewOrg]:
    """Return a database with an org in it: copying it is quicker than making one a test."""
    if not _prepared:
        folder = folders.mktemp("office")
        house = open_house(folder / DATABASE, clock=Clock(), passwords=FAST)
        new = create_org(
            house.units,
            "Acme Trading",
            Edition.DEVELOPER,
            my_domain="acme",
            username=ADMIN,
            email=ADMIN,
        )
        house.close()
        _prepared.append((folder, new))
    return _prepared[0]


@pytest.fixture
def office(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Return an org of Developer Edition with an administrator."""
    folder, new = _office(tmp_path_factory)
    shutil.copy2(folder / DATABASE, tmp_path / DATABASE)
    shutil.copy2(key_beside(folder), key_beside(tmp_path))
    clock = Clock()
    house = open_house(tmp_path / DATABASE, clock=clock, passwords=FAST)
    services = Services(units=house.units, key_values=house.key_values, clock=clock)
    admin = sign_in(house.units, ADMIN, new.password, Door.COMMAND_LINE)
    base = "http://changeover.local"
    with TestClient(served(services), base_url=base, raise_server_exceptions=False) as client:
        yield Office(house, clock, client, admin, {ADMIN: new.password})
    house.close()


@pytest.fixture
def admin(office: Office) -> Browser:
    """Return a browser in which the administrator has signed in."""
    return office.signed_in()


@pytest.fixture
def anyone(office: Office) -> Browser:
    """Return a browser in which nobody has signed in."""
    return office.browser()


@pytest.fixture
def trace(office: Office) -> Callable[[], list[str]]:
    """Return what reads the events of the audit trail, the newest first."""
    from changeover.org.lists import AuditQuery  # noqa: PLC0415 - only here

    def events() -> list[str]:
        with office.house.units.read() as unit:
            return [entry.event for entry in unit.audit.page(office.admin.org_id, AuditQuery()).rows]

    return events
