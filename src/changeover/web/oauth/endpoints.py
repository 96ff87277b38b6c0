"""The endpoints that programs call: token, revoke, introspect, userinfo, identity, keys, discovery.

Each has the address that Salesforce has, and the same below `/org/<My Domain>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

from litestar.concurrency import sync_to_thread

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.oauth import discovery, resource, server
from changeover.oauth.assertions import opened
from changeover.oauth.call import Answer, Call, Parameters, PasswordUnchecked, basic, bearer, refusal_answer
from changeover.oauth.client import Address
from changeover.oauth.grants.jwt_bearer import JwtBearer
from changeover.oauth.guard import COUNTED, Asking
from changeover.oauth.keys import public_keys
from changeover.oauth.proof import ASSERTION
from changeover.oauth.refusals import SECRET_IN_QUERY, Refused
from changeover.org.model.orgs import Door, Org
from changeover.org.ports import Unit
from changeover.org.sign_in import sign_in
from changeover.web.gathering import gathered
from changeover.web.oauth.guarding import admit_soon, refused
from changeover.web.oauth.place import AnyRequest, Hints, Place, header_of, place_in, services_of
from changeover.web.oauth.programs import Endpoint

OAUTH: Final = "/services/oauth2"
PASSWORD: Final = "password"  # noqa: S105 - the name of a parameter
SECRET: Final = frozenset(
    {
        "client_secret",
        "client_assertion",
        "assertion",
        PASSWORD,
        "code",
        "code_verifier",
        "device_code",
        "refresh_token",
        "token",
    }
)
"""What must not stand in an address, which logs and histories keep (RFC 6749 section 2.3.1)."""

_ISSUED = ("code", "device_code", "refresh_token", "token")


def address_of(request: AnyRequest) -> Address | None:
    """Return the client's address."""
    client = request.scope.get("client")
    return _address(client[0]) if client else None


@lru_cache(1024)
def _address(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    # A proxy that takes IPv4 on an IPv6 socket writes `::ffff:203.0.113.9`: to trusted ranges, and to the
    # guard, that is the IPv4 address.
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def call_of(request: AnyRequest, place: Place, parameters: Parameters, **more: Any) -> Call:  # noqa: ANN401 - of Call
    """Return a request as the protocol sees it."""
    return Call(
        org=place.org,
        base_url=place.base_url,
        method=request.method,
        parameters=parameters,
        authorization=header_of(request, b"authorization"),
        address=address_of(request),
        door=request.scope["path"],
        **more,
    )


def _first(parameters: Parameters) -> Mapping[str, str]:
    """Return the first value of each parameter."""
    return {name: values[0] for name, values in parameters.items() if values}


def _hints(request: AnyRequest, parameters: Parameters) -> Hints:
    """Return what a request says of whose it is; trusted for nothing else."""
    first = _first(parameters).get
    username, client_id = first("username"), first("client_id")
    if proving := first("client_assertion"):
        with suppress(Refused):
            client_id = client_id or opened(proving).issuer
    assertion = first("assertion")
    # Only where it is what the request is about: what is counted for whom hangs on it too.
    if assertion and first("grant_type") == JwtBearer.GRANT_TYPE:
        with suppress(Refused):
            said = opened(assertion)
            username, client_id = said.subject, said.issuer
    authorization = header_of(request, b"authorization")
    proof = basic(authorization)
    token = first("token") or first("access_token") or bearer(authorization)
    issued = tuple(text for name in _ISSUED if (text := first(name)))
    client_id = client_id or (proof.client_id if proof else "") or None
    return Hints(token=token, username=username, client_id=client_id, issued=issued)


async def _answered(
    request: AnyRequest,
    parameters: Parameters,
    act: Callable[[Unit, Call], Answer],
    *,
    hints: Hints | None = None,
    only_reads: bool = False,
) -> Answer:
    """Find the org and answer, in one transaction; what others ask at the same time is committed with it."""
    said = hints if hints is not None else _hints(request, parameters)

    def work(unit: Unit) -> Answer:
        return act(unit, call_of(request, place_in(unit, request, said), parameters))

    return await gathered(services_of(request).units, work, only_reads=only_reads)


async def _guarded(
    request: AnyRequest,
    parameters: Parameters,
    act: Callable[[Unit, Call], Answer],
    *,
    only_reads: bool = False,
) -> Answer:
    """Answer a request that proves something, unless whoever asks has to wait."""
    if request.scope["query_string"] and not SECRET.isdisjoint(request.query_params):
        return refusal_answer(Refused(SECRET_IN_QUERY))
    hints = _hints(request, parameters)
    asking = Asking(hints.client_id, hints.username, address_of(request))
    await admit_soon(request, asking)

    def work(unit: Unit, **password: Any) -> tuple[Org, Answer]:  # noqa: ANN401 - of Call
        place = place_in(unit, request, hints)
        return place.org, act(unit, call_of(request, place, parameters, **password))

    services = services_of(request)
    # That an assertion was used is remembered, whatever it proves its client for.
    reads = only_reads and ASSERTION not in parameters
    try:
        org, answer = await gathered(services.units, partial(work, password_checked=False), only_reads=reads)
    except PasswordUnchecked:
        proven = await sync_to_thread(_proven, request, parameters)
        org, answer = await gathered(services.units, partial(work, proven_user=proven))
    if answer.refusal is not None and answer.refusal in COUNTED:
        await sync_to_thread(refused, request, org, asking, answer.refusal)
    now = services.clock.now()
    if services.forgetting.due(now):
        await sync_to_thread(services.forgetting.forget, services.units, now)
    return answer


async def token(request: AnyRequest, form: Parameters) -> Answer:
    """Answer the token endpoint."""
    return await _guarded(request, form, server.token)


def _proven(request: AnyRequest, parameters: Parameters) -> str | None:
    """Return the id of the user whose password is right. Slow on purpose, so not within a transaction."""
    first = _first(parameters)
    username, password = first.get("username"), first.get(PASSWORD)
    if not username or not password:
        return None
    try:
        return sign_in(services_of(request).units, username, password, Door.REST).user_id
    except ChangeoverError as error:
        if error.kind not in {errors.SIGN_IN_FAILED, errors.SIGN_IN_LOCKED}:
            raise
        return None


async def revoke(request: AnyRequest, form: Parameters) -> Answer:
    """Answer the revocation endpoint (RFC 7009)."""
    return await _answered(request, form, resource.revoke)


async def introspect(request: AnyRequest, form: Parameters) -> Answer:
    """Answer the introspection endpoint (RFC 7662)."""
    return await _guarded(request, form, resource.introspect, only_reads=True)


def _query(request: AnyRequest) -> Parameters:
    return {name: tuple(request.query_params.getall(name)) for name in request.query_params}


async def userinfo(request: AnyRequest, form: Parameters) -> Answer:
    """Answer the UserInfo endpoint (OpenID Connect Core section 5.3).

    The token may stand in the form of a POST (RFC 6750 section 2.2).
    """
    return await _answered(request, form, resource.userinfo, only_reads=True)


async def identity(request: AnyRequest, _form: Parameters) -> Answer:
    """Answer the identity URL of a user. Clients send the token in the query too, as Salesforce lets them."""
    org_id, user_id = request.path_params["org_id"], request.path_params["user_id"]
    act = partial(resource.identity, org_id=org_id, user_id=user_id)
    hints = Hints(org_id=org_id)
    return await _answered(request, _query(request), act, hints=hints, only_reads=True)


async def keys(request: AnyRequest, _form: Parameters) -> Answer:
    """Answer with the org's public keys (RFC 7517)."""

    def act(unit: Unit, call: Call) -> Answer:
        return Answer(body=public_keys(unit, call.org.org_id))

    return await _answered(request, {}, act, hints=Hints(), only_reads=True)


async def configuration(request: AnyRequest, _form: Parameters) -> Answer:
    """Answer with the provider's metadata (OpenID Connect Discovery section 4)."""

    def act(_unit: Unit, call: Call) -> Answer:
        return Answer(body=discovery.configuration(call.base_url))

    return await _answered(request, {}, act, hints=Hints(), only_reads=True)


ENDPOINTS = (
    Endpoint("POST", f"{OAUTH}/token", token),
    Endpoint("POST", f"{OAUTH}/revoke", revoke),
    Endpoint("POST", f"{OAUTH}/introspect", introspect),
    Endpoint("GET", f"{OAUTH}/userinfo", userinfo),
    Endpoint("POST", f"{OAUTH}/userinfo", userinfo),
    Endpoint("GET", "/id/keys", keys),
    Endpoint("GET", "/id/{org_id}/{user_id}", identity),
    Endpoint("GET", "/.well-known/openid-configuration", configuration),
)
"""A new endpoint is a function above, and a line here."""
