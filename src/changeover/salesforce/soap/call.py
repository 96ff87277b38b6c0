"""One call of an operation, and what an operation is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple, Protocol

from changeover.oauth.tokens import is_jwt
from changeover.org.model.orgs import Org
from changeover.org.ports import Units
from changeover.salesforce.metadata.jobs import Jobs, Results
from changeover.salesforce.refusals import INVALID_SESSION_ID, ApiRefused
from changeover.salesforce.session import EXPIRED, ApiSession, open_session
from changeover.salesforce.soap.answers import Value
from changeover.salesforce.soap.envelope import Node, SoapRequest


class LoginGuard(Protocol):
    """Lets who has failed too often wait."""

    def admit(self, username: str) -> None:
        """Let a login try. Raises E-TOO-MANY-REQUESTS."""

    def failed(self, username: str) -> None:
        """Count a wrong password; outside a transaction."""


@dataclass(frozen=True, kw_only=True)
class SoapCall:
    """A request at one of the SOAP APIs."""

    units: Units
    results: Results
    org: Org
    base_url: str
    letter: str
    """Of the API in its address: `u`, `c` or `m`."""
    version: int
    request: SoapRequest
    address: IPv4Address | IPv6Address | None = None
    guard: LoginGuard

    @property
    def arguments(self) -> Node:
        """The operation's element: its children are the arguments."""
        return self.request.operation

    def session(self) -> ApiSession:
        """Return the session that SessionHeader names. Raises ApiRefused (INVALID_SESSION_ID).

        An access token in JWT form opens the REST APIs only (Salesforce Help, JWT-Based Access Tokens).
        """
        if is_jwt(self.request.session_id or ""):
            raise ApiRefused(INVALID_SESSION_ID, EXPIRED)
        with self.units.read() as unit:
            return open_session(unit, self.org, self.request.session_id)

    def jobs(self) -> Jobs:
        """Return the jobs of the session's user. Raises ApiRefused (INVALID_SESSION_ID)."""
        return Jobs(units=self.units, results=self.results, session=self.session())


class Operation(NamedTuple):
    """An operation of an API."""

    name: str
    answer: Callable[[SoapCall], Value]
    """Returns its result; raises SoapFault, ApiRefused, ChangeoverError."""
    last: int = 10_000
    """The last API version that has it."""
