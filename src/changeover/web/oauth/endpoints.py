"""The endpoints that programs call: token, revoke, introspect, userinfo, identity, keys, discovery.

Each has the address that Salesforce has, and the same below `/org/<My Domain>`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from typing import Any, Final, Literal, NamedTuple

from litestar import Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.oauth import discovery, resource, server
from changeover.oauth.assertions import opened
from changeover.oauth.call import Answer, Call, Parameters, basic, bearer, refusal_answer
from changeover.oauth.client import Address
from changeover.oauth.grants.jwt_bearer import JwtBearer
from changeover.oauth.guard import Asking
from changeover.oauth.keys import public_keys
from changeover.oauth.refusals import SECRET_IN_QUERY, Refused
from changeover.org.model import Door
from changeover.org.ports import Unit
from changeover.org.sign_in import sign_in
from changeover.web.forms import Form, ThisForm
from changeover.web.oauth.answers import response_of
from changeover.web.oauth.guarding import admit, refused
from changeover.web.oauth.place import PREFIXES, AnyRequest, Hints, Place, place_of, services_of

HttpMethod = Literal["GET", "POST"]
OAUTH: Final = "/services/oauth2"
PASSWORD: Final = "password"  # noqa: S105 - the name of a grant
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


def parameters_of(form: Form) -> Parameters:
    """Return a form as the protocol sees it."""
    return {name: form.texts(name) for name in form.names()}


def address_of(request: AnyRequest) -> Address | None:
    """Return the client's address."""
    try:
        return ip_address(request.client.host) if request.client else None
    except ValueError:
        return None


def call_of(request: AnyRequest, place: Place, parameters: Parameters, **more: Any) -> Call:  # noqa: ANN401 - of Call
    """Return a request as the protocol sees it."""
    return Call(
        org=place.org,
        base_url=place.base_url,
        method=request.method,
        parameters=parameters,
        authorization=request.headers.get("authorization", ""),
        address=address_of(request),
        door=request.url.path,
        **more,
    )


def _first(parameters: Parameters, name: str) -> str | None:
    values = parameters.get(name, ())
    return values[0] if values else None


def _hints(request: AnyRequest, parameters: Parameters) -> Hints:
    """Return what a request says of whose it is; trusted for nothing else."""
    username, client_id = _first(parameters, "username"), _first(parameters, "client_id")
    if proving := _first(parameters, "client_assertion"):
        with suppress(Refused):
            client_id = client_id or opened(proving).issuer
    assertion = _first(parameters, "assertion")
    # Only where it is what the request is about: what is counted for whom hangs on it too.
    if assertion and _first(parameters, "grant_type") == JwtBearer.GRANT_TYPE:
        with suppress(Refused):
            said = opened(assertion)
            username, client_id = said.subject, said.issuer
    authorization = request.headers.get("authorization", "")
    proof = basic(authorization)
    token = _first(parameters, "token") or _first(parameters, "access_token") or bearer(authorization)
    named = ("code", "device_code", "refresh_token", "token")
    issued = tuple(text for name in named if (text := _first(parameters, name)))
    client_id = client_id or (proof.client_id if proof else None)
    return Hints(token=token, username=username, client_id=client_id, issued=issued)


def _answered(
    request: AnyRequest,
    place: Place,
    parameters: Parameters,
    act: Callable[[Unit, Call], Answer],
    **more: Any,  # noqa: ANN401 - of Call
) -> Response[Any]:
    call = call_of(request, place, parameters, **more)
    with services_of(request).units.unit() as unit:
        answer = act(unit, call)
    return response_of(answer)


def _guarded(
    request: AnyRequest,
    form: Form,
    act: Callable[[Unit, Call], Answer],
) -> Response[Any]:
    """Answer a request that proves something, unless whoever asks has to wait."""
    if not SECRET.isdisjoint(request.query_params):
        return response_of(refusal_answer(Refused(SECRET_IN_QUERY)))
    parameters = parameters_of(form)
    hints = _hints(request, parameters)
    asking = Asking(hints.client_id, hints.username, address_of(request))
    admit(request, asking)
    place = place_of(request, hints)
    proven = None
    if act is server.token and _first(parameters, "grant_type") == PASSWORD:
        proven = _proven(request, parameters)
    call = call_of(request, place, parameters, proven_user=proven)
    with services_of(request).units.unit() as unit:
        answer = act(unit, call)
    if answer.refusal is not None:
        refused(request, place.org, asking, answer.refusal)
    services = services_of(request)
    services.forgetting.forget(services.units, services.clock.now())
    return response_of(answer)


def _form_place(request: AnyRequest, form: Form) -> tuple[Place, Parameters]:
    parameters = parameters_of(form)
    return place_of(request, _hints(request, parameters)), parameters


def token(request: AnyRequest, form: ThisForm) -> Response[Any]:
    """Answer the token endpoint."""
    return _guarded(request, form, server.token)


def _proven(request: AnyRequest, parameters: Parameters) -> str | None:
    """Return the id of the user whose password is right. Slow on purpose, so not within a transaction."""
    username, password = _first(parameters, "username"), _first(parameters, PASSWORD)
    if not username or not password:
        return None
    try:
        return sign_in(services_of(request).units, username, password, Door.REST).user_id
    except ChangeoverError as error:
        if error.kind not in {errors.SIGN_IN_FAILED, errors.SIGN_IN_LOCKED}:
            raise
        return None


def revoke(request: AnyRequest, form: ThisForm) -> Response[Any]:
    """Answer the revocation endpoint (RFC 7009)."""
    found, parameters = _form_place(request, form)
    return _answered(request, found, parameters, resource.revoke)


def introspect(request: AnyRequest, form: ThisForm) -> Response[Any]:
    """Answer the introspection endpoint (RFC 7662)."""
    return _guarded(request, form, resource.introspect)


def _query(request: AnyRequest) -> Parameters:
    return {name: tuple(request.query_params.getall(name)) for name in request.query_params}


def userinfo(request: AnyRequest) -> Response[Any]:
    """Answer the UserInfo endpoint (OpenID Connect Core section 5.3)."""
    return _user(request, {})


def userinfo_by_form(request: AnyRequest, form: ThisForm) -> Response[Any]:
    """Answer the UserInfo endpoint; the token may stand in the form (RFC 6750 section 2.2)."""
    return _user(request, parameters_of(form))


def identity(request: AnyRequest, org_id: FromPath[str], user_id: FromPath[str]) -> Response[Any]:
    """Answer the identity URL of a user. Clients send the token in the query too, as Salesforce lets them."""
    place = place_of(request, Hints(org_id=org_id))
    return _answered(request, place, _query(request), partial(resource.identity, user_id=user_id))


def _user(request: AnyRequest, parameters: Parameters) -> Response[Any]:
    place = place_of(request, _hints(request, parameters))
    return _answered(request, place, parameters, resource.userinfo)


def keys(request: AnyRequest) -> Response[Any]:
    """Answer with the org's public keys (RFC 7517)."""
    found = place_of(request, Hints())
    with services_of(request).units.read() as unit:
        return response_of(Answer(body=public_keys(unit, found.org.org_id)))


def configuration(request: AnyRequest) -> Response[Any]:
    """Answer with the provider's metadata (OpenID Connect Discovery section 4)."""
    found = place_of(request, Hints())
    return response_of(Answer(body=discovery.configuration(found.base_url)))


class Endpoint(NamedTuple):
    """One endpoint."""

    method: HttpMethod
    path: str
    answer: Callable[..., Response[Any]]


ENDPOINTS = (
    Endpoint("POST", f"{OAUTH}/token", token),
    Endpoint("POST", f"{OAUTH}/revoke", revoke),
    Endpoint("POST", f"{OAUTH}/introspect", introspect),
    Endpoint("GET", f"{OAUTH}/userinfo", userinfo),
    Endpoint("POST", f"{OAUTH}/userinfo", userinfo_by_form),
    Endpoint("GET", "/id/keys", keys),
    Endpoint("GET", "/id/{org_id:str}/{user_id:str}", identity),
    Endpoint("GET", "/.well-known/openid-configuration", configuration),
)
"""A new endpoint is a function above, and a line here."""


def handlers(endpoints: Iterable[Endpoint]) -> tuple[HTTPRouteHandler, ...]:
    """Return the handlers of endpoints, at both addresses of each."""
    return tuple(
        route(f"{prefix}{one.path}", http_method=one.method, status_code=200, sync_to_thread=True)(one.answer)
        for one in endpoints
        for prefix in PREFIXES
    )
