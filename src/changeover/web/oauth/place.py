"""Which org a request at an OAuth endpoint is for, and the URL under which the client reached it.

Three ways lead to an org, as to Salesforce's: its own host (`acme.my.salesforce.com`, joined to us by the
client proxy; `acme.localhost`, which browsers resolve by themselves), its own path (`/org/acme`), and the
bare address, which is to us what `login.salesforce.com` is to Salesforce: there the token, the user or the
key says whose request it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from litestar import Request

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.oauth import tokens
from changeover.org.model import Org
from changeover.org.ports import Unit
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
    return cast("Services", request.app.state.services)


def place_of(request: AnyRequest, hints: Hints) -> Place:
    """Return the org that a request is for. Raises E-ORG-UNKNOWN."""
    services, named = services_of(request), request.path_params.get("place")
    scheme = "https" if services.https else request.url.scheme
    reached = f"{scheme}://{request.headers.get('host', request.url.netloc)}"
    base_url = services.base_url or reached
    with services.units.read() as unit:
        orgs = unit.orgs.list()
        if named is not None:
            found = _by_domain(orgs, named)
            return Place(_known(found), f"{base_url}/org/{named}")
        own = my_domain_of(host_without_port(request.headers.get("host", "")))
        if own is not None:
            # A set address is that of the installation. Who came by the org's own stays there.
            return Place(_known(_by_domain(orgs, own)), reached)
        return Place(_known(_hinted(unit, orgs, hints)), base_url)


def _known(org: Org | None) -> Org:
    if org is None:
        message = "Which org this request is for cannot be told."
        raise ChangeoverError(errors.ORG_UNKNOWN, message)
    return org


def _by_domain(orgs: Sequence[Org], named: str) -> Org | None:
    wanted = named.casefold()
    return next((org for org in orgs if org.my_domain.casefold() == wanted or org.org_id == named), None)


def _hinted(unit: Unit, orgs: Sequence[Org], hints: Hints) -> Org | None:
    if len(orgs) == 1:
        return orgs[0]
    token_org = hints.org_id or (tokens.org_of(hints.token) if hints.token else None) or ""
    if len(token_org) >= _ORG_CHARACTERS:
        return next((org for org in orgs if org.org_id.startswith(token_org)), None)
    user = unit.users.by_username(hints.username) if hints.username else None
    if user is not None:
        return next((org for org in orgs if org.org_id == user.org_id), None)
    for text in hints.issued:
        issuer = unit.oauth.org_of(tokens.digest(text))
        if issuer is not None:
            return next((org for org in orgs if org.org_id == issuer), None)
    if hints.client_id is None:
        return None
    # A key that several orgs share, as a sandbox does with production, tells nothing.
    holders = [org for org in orgs if _holds(unit, org, hints.client_id)]
    return holders[0] if len(holders) == 1 else None


def _holds(unit: Unit, org: Org, client_id: str) -> bool:
    holders = (unit.external.holder_of_key, unit.apps.holder_of_key)
    return any(holder(org.org_id, client_id) is not None for holder in holders)
