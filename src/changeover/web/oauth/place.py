"""Which org a request at an OAuth endpoint is for, and the URL under which the client reached it.

Three ways lead to an org, as to Salesforce's: its own host (`acme.my.salesforce.com`, joined to us by the
client proxy; `acme.localhost`, which browsers resolve by themselves), its own path (`/org/acme`), and the
bare address, which is to us what `login.salesforce.com` is to Salesforce: there the token, the user or the
key says whose request it is.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from litestar import Request

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.oauth import tokens
from changeover.org.model.orgs import Org
from changeover.org.ports import Unit
from changeover.org.values import shown
from changeover.web.security import host_without_port, my_domain_of
from changeover.web.services import Services

AnyRequest = Request[Any, Any, Any]

PREFIXES = ("", "/org/{place:str}")
"""Each endpoint has two addresses, with a handler each: Litestar 2.25 prepares one of two paths twice."""
_ORG_CHARACTERS = 15


class Place(NamedTuple):
    """An org and where it was reached."""

    org: Org
    base_url: str


class Hints(NamedTuple):
    """What a request says of whose it is."""

    token: str | None = None
    username: str | None = None
    client_id: str | None = None
    org_id: str | None = None
    issued: tuple[str, ...] = ()
    """Refresh tokens and codes."""


def services_of(request: AnyRequest) -> Services:
    """Return the house as the endpoints see it."""
    return cast("Services", request.app.state["services"])


def header_of(request: AnyRequest, name: bytes) -> str:
    """Return a header, the first of several, empty where it is missing.

    Litestar would read all of them for it, which takes longer than all that a login asks of them.
    """
    for each, value in request.scope["headers"]:
        if each == name:
            return value.decode("latin-1")
    return ""


def place_of(request: AnyRequest, hints: Hints) -> Place:
    """Return the org that a request is for, read in a transaction of its own. Raises E-ORG-UNKNOWN."""
    with services_of(request).units.read() as unit:
        return place_in(unit, request, hints)


def place_in(unit: Unit, request: AnyRequest, hints: Hints) -> Place:
    """Return the org that a request is for. Raises E-ORG-UNKNOWN."""
    services, named = services_of(request), request.path_params.get("place")
    scheme = "https" if services.https else request.scope["scheme"]
    authority = header_of(request, b"host") or request.url.netloc
    reached = f"{scheme}://{authority}"
    base_url = services.base_url or reached
    if named is not None:
        found = _by_domain(unit, named) or _by_id(unit, named)
        return Place(_known(found, named), f"{base_url}/org/{named}")
    own = my_domain_of(host_without_port(authority))
    if own is not None:
        # A set address is that of the installation. Who came by the org's own stays there.
        return Place(_known(_by_domain(unit, own), own), reached)
    return Place(_known(unit.orgs.only() or _hinted(unit, hints)), base_url)


def _known(org: Org | None, named: str = "") -> Org:
    if org is None:
        message = (
            f"No org here has the My Domain “{shown(named)}”: `changeover org list` tells which are there."
            if named
            else "Which org this request is for cannot be told: call the org's own address, as `/org/acme`."
        )
        raise ChangeoverError(errors.ORG_UNKNOWN, message)
    return org


def _by_domain(unit: Unit, named: str) -> Org | None:
    return unit.orgs.by_domain(named) if named.isprintable() else None


def _by_id(unit: Unit, named: str) -> Org | None:
    return unit.orgs.get(named) if named.isascii() and named.isalnum() else None


def _hinted(unit: Unit, hints: Hints) -> Org | None:
    short_id = hints.org_id or (tokens.org_of(hints.token) if hints.token else None) or ""
    if len(short_id) >= _ORG_CHARACTERS:
        return unit.orgs.by_short_id(short_id) if short_id.isascii() and short_id.isalnum() else None
    user = unit.users.by_username(hints.username) if hints.username else None
    if user is not None:
        return unit.orgs.get(user.org_id)
    for text in hints.issued:
        issuer = unit.oauth.org_of(tokens.digest(text))
        if issuer is not None:
            return unit.orgs.get(issuer)
    # A key that several orgs share, as a sandbox does with production, tells nothing.
    return unit.orgs.holding(hints.client_id) if hints.client_id is not None else None
