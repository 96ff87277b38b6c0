"""What every answer carries, and which requests are not even looked at."""

from __future__ import annotations

import re

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from changeover.errors import HOST_UNKNOWN, ChangeoverError

# No inline script or style anywhere. `data:` is for the arrows that the design system's style sheet draws.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
STRICT_TRANSPORT_SECURITY = "max-age=31536000"


RawHeaders = list[tuple[bytes, bytes]]


class SecurityHeaders:
    """The headers that every answer carries, errors and missing pages included.

    Args:
        strict: whether browsers reach us over https only; adds Strict-Transport-Security.
    """

    def __init__(self, *, strict: bool) -> None:
        headers = dict(HEADERS)
        if strict:
            headers["Strict-Transport-Security"] = STRICT_TRANSPORT_SECURITY
        # Pages and answers hold what only this user may see; assets say otherwise themselves.
        headers["Cache-Control"] = "no-store"
        # As they are sent.
        self._encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    def beside(self, said: RawHeaders) -> RawHeaders:
        """Return an answer's own headers with those that it does not set itself."""
        there = {name.lower() for name, _ in said}
        return said + [each for each in self._encoded if each[0] not in there]

    async def before_send(self, message: Message, _scope: Scope) -> None:
        """Put them on what Litestar sends."""
        if message["type"] == "http.response.start":
            message["headers"] = self.beside(list(message.get("headers", ())))


ORG_HOSTS = (
    ".my.salesforce.com",
    ".sandbox.my.salesforce.com",
    ".develop.my.salesforce.com",
    ".scratch.my.salesforce.com",
    ".my.localhost",
    ".localhost",
)
"""Below which every org has a host of its own: its My Domain, one label."""
LOGIN_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})
"""Where clients log in that know no My Domain; the client proxy leads them here."""
_HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*)(?::[0-9]{1,5})?")


def my_domain_of(host: str) -> str | None:
    """Return the My Domain that a host name stands for, without port: `acme` of `acme.localhost`."""
    label = host.partition(".")[0]
    return label if label and host.removeprefix(label) in ORG_HOSTS else None


class KnownHosts(ASGIMiddleware):
    """Refuses requests for host names that are not ours: a page elsewhere may point its own name at us.

    The orgs' own hosts are known by their form: browsers resolve `.localhost` to this machine by themselves
    (RFC 6761 section 6.3), and below `salesforce.com` nobody else can put a page.

    Litestar's own check compares host and port together, and the port is for the operator to choose.

    Args:
        hosts: names without port, IPv6 addresses in brackets; empty to take any.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, hosts: frozenset[str]) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Raise `HOST_UNKNOWN` or pass on."""
        self.refuse_unknown(Headers.from_scope(scope).get("host", ""))
        await next_app(scope, receive, send)

    def refuse_unknown(self, named: str) -> None:
        """Refuse a Host header that names none of ours. Raises E-HOST-UNKNOWN."""
        host = host_without_port(named)
        if not host or (self._hosts and not self._knows(host)):
            raise ChangeoverError(HOST_UNKNOWN, f"This server does not answer to the name {named[:100]!r}.")

    def _knows(self, host: str) -> bool:
        return host in self._hosts or host in LOGIN_HOSTS or my_domain_of(host) is not None


def host_without_port(host: str) -> str:
    """Return the name in a Host header in lower case: `Acme:80` gives `acme`, `[::1]:80` `[::1]`.

    Empty for what is no host with a port: URLs that lead elsewhere could be made of `acme:80@evil.example`.
    """
    found = _HOST_AND_PORT.fullmatch(host)
    return found[1].lower() if found is not None else ""


def local_path(target: str | None, otherwise: str = "/setup") -> str:
    """Return a path of our own to go on to, or another where the one asked for leads elsewhere.

    Browsers read two slashes, a slash with a backslash, and what holds a tab or a line break as another host.
    """
    if (
        target is not None
        and target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and target.isprintable()
        and "\\" not in target
    ):
        return target
    return otherwise
