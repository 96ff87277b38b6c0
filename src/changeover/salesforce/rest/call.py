"""One request at the REST API as its resources see it, and the answer; no web framework in either."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

from changeover.org.model.orgs import Org
from changeover.org.ports import Unit, Units
from changeover.salesforce.objects.sobject import View
from changeover.salesforce.refusals import JSON_PARSER_ERROR, ApiRefused
from changeover.salesforce.session import ApiSession, open_session
from changeover.salesforce.versions import NEWEST_VERSION, ApiVersion


class Kept(Protocol):
    """Values that outlive a request, shared by all processes. Each call is a transaction of its own."""

    def read(self, key: str) -> bytes | None:
        """Return the value of a key, None where there is none or its time is over."""

    def write(self, key: str, value: bytes, lifetime: timedelta) -> bool:
        """Keep a value."""


class BodyPart(NamedTuple):
    """A part of a body of several (multipart/form-data)."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class RestCall:
    """A request."""

    units: Units
    org: Org
    base_url: str
    """Of the org, as the client reached it: `https://acme.my.salesforce.com`."""
    token: str | None
    """The bearer token."""
    kept: Kept
    version: ApiVersion = NEWEST_VERSION
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What stands in the address."""
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """By name in lower case."""
    body: bytes = b""
    parts: tuple[BodyPart, ...] = ()
    """Of a body of several; `body` is empty then."""

    def one(self, name: str) -> str | None:
        """Return the value of a parameter of the query, the first one where there are several."""
        values = self.query.get(name, ())
        return values[0] if values else None

    @property
    def root(self) -> str:
        """The address of the version: `/services/data/v62.0`."""
        return f"/services/data/v{self.version}"

    def json(self) -> Any:  # noqa: ANN401 - what a client sends
        """Return the body as JSON, None where it is empty. Raises ApiRefused: JSON_PARSER_ERROR."""
        return json_of(self.body) if self.body.strip() else None

    @contextmanager
    def view(self) -> Iterator[View]:
        """Begin a transaction that only reads, with the caller's session in it."""
        with self.units.read() as unit:
            yield View(unit, open_session(unit, self.org, self.token))

    @contextmanager
    def act(self) -> Iterator[tuple[Unit, ApiSession]]:
        """Begin a transaction that writes, with the caller's session in it."""
        with self.units.unit() as unit:
            yield unit, open_session(unit, self.org, self.token)


def json_of(text: bytes) -> Any:  # noqa: ANN401 - what a client sends
    """Return a text as JSON. Raises ApiRefused: JSON_PARSER_ERROR."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ApiRefused(JSON_PARSER_ERROR, "The HTTP entity body is not JSON.") from None


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: JSON, or nothing but a status."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
