"""What an attacker has to work with: browsers, API tokens, a second org, and the list of all routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import inspect, text

from changeover.org.installation import create_org
from changeover.org.model.orgs import Edition
from tests.api.conftest import furnished, org, prepared, rest, world
from tests.web.conftest import Browser, Office, admin, anyone, office

__all__ = [
    "admin",
    "anyone",
    "furnished",
    "office",
    "org",
    "prepared",
    "rest",
    "world",
]

OTHER_ADMIN = "admin@globex.example"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder that need a browser."""
    for item in items:
        if item.path.name == "test_markup.py":
            item.add_marker(pytest.mark.browser)


FOR_PROGRAMS = ("token", "revoke", "introspect", "userinfo")
"""OAuth endpoints: they read no cookie, and take what a program proves itself with (tests/oauth)."""

SALESFORCE = "/services/data"
"""Salesforce's REST API: it reads no cookie (tests/salesforce)."""


def pages(office: Office, method: str) -> Iterator[str]:
    """Yield the addresses of all pages that take a method, with their `{parameters}`.

    The SOAP APIs read no cookie either: a session stands in the envelope (tests/salesforce/soap).
    """
    programs = tuple(f"/services/oauth2/{name}" for name in FOR_PROGRAMS)
    soap = "/services/Soap/"
    for route in office.client.app.routes:
        path = route.path_format
        if path.startswith("/api/") or path.endswith(programs) or SALESFORCE in path or soap in path:
            continue
        if method in getattr(route, "methods", ()):
            yield path


def filled(address: str, value: str) -> str:
    """Return an address with a value in each place that takes one."""
    return re.sub(r"\{[^}]*\}", lambda _: value, address)


def stored(office: Office) -> dict[str, Any]:
    """Return everything in the database but sessions and counters."""
    with office.house.database.read() as connection:
        return {
            table: sorted(str(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{table}"')))  # noqa: S608 - our tables
            for table in inspect(connection).get_table_names()
            if table not in {"key_value", "web_session"}
        }


@pytest.fixture
def stranger(office: Office) -> Browser:
    """A browser of the administrator of another org of the same installation."""
    made = create_org(
        office.house.units,
        "Globex",
        Edition.DEVELOPER,
        my_domain="globex",
        username=OTHER_ADMIN,
        email=OTHER_ADMIN,
    )
    office.passwords[OTHER_ADMIN] = made.password
    return office.signed_in(OTHER_ADMIN)
