"""The SOAP APIs over HTTP: `/services/Soap/u/62.0`, also below an org's own path, and with anything after it.

Clients add the org's id, the name of the operation or a slash to the address (clients.md section 4).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from litestar import Request, Response, Router, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.oauth.guard import Asking
from changeover.oauth.refusals import AUTHENTICATION_FAILED
from changeover.oauth.tokens import ORG_CHARACTERS
from changeover.org.model.orgs import Org
from changeover.salesforce.metadata.jobs import NAMESPACE
from changeover.salesforce.soap.apis import APIS, SoapAnswer, answered, refused
from changeover.salesforce.soap.call import SoapCall
from changeover.salesforce.soap.envelope import MAX_BYTES, read_envelope
from changeover.salesforce.soap.faults import (
    CLIENT,
    INVALID_SESSION_ID,
    NO_SESSION,
    NO_VERSION,
    UNKNOWN_EXCEPTION,
    UNSUPPORTED_API_VERSION,
    SoapFault,
    fault_of,
)
from changeover.salesforce.versions import version_of
from changeover.web.oauth.endpoints import address_of
from changeover.web.oauth.guarding import admit
from changeover.web.oauth.guarding import refused as refused_login
from changeover.web.oauth.place import PREFIXES, AnyRequest, Hints, place_of, services_of
from changeover.web.problems import of_exception

SOAP: Final = "/services/Soap"
_MEDIA_TYPE = "text/xml; charset=utf-8"
_METADATA = APIS["m"]


async def provide_body(request: AnyRequest) -> bytes:
    """Return the body of a request, chunked or not."""
    return await request.body()


ThisBody = NamedDependency[bytes]


class _Guarded(NamedTuple):
    """The guard of the OAuth endpoints, as a login at this door meets it."""

    request: AnyRequest
    org: Org

    def admit(self, username: str) -> None:
        """Let a login try. Raises E-TOO-MANY-REQUESTS."""
        admit(self.request, self._asking(username))

    def failed(self, username: str) -> None:
        """Count a wrong password."""
        refused_login(self.request, self.org, self._asking(username), AUTHENTICATION_FAILED)

    def _asking(self, username: str) -> Asking:
        return Asking(username=username, address=address_of(self.request))


def _answer(request: AnyRequest, letter: str, version: str, more: str, body: bytes) -> SoapAnswer:
    api = APIS.get(letter)
    if api is None:
        return refused(_METADATA, SoapFault(CLIENT, f"There is no SOAP API {letter[:20]!r} here."))
    named = version_of(version)
    if named is None:
        return refused(api, SoapFault(UNSUPPORTED_API_VERSION, NO_VERSION))
    try:
        asked = read_envelope(body)
        first = more.strip("/").partition("/")[0]
        hints = Hints(
            token=asked.session_id,
            username=asked.operation.one("username"),
            org_id=first if first.startswith("00D") and len(first) >= ORG_CHARACTERS else None,
        )
        place = place_of(request, hints)
        services = services_of(request)
        call = SoapCall(
            units=services.units,
            results=services.key_values(NAMESPACE),
            org=place.org,
            base_url=place.base_url,
            letter=letter,
            version=named.number,
            request=asked,
            address=address_of(request),
            guard=_Guarded(request, place.org),
        )
        return answered(api, call)
    except SoapFault as fault:
        return refused(api, fault)
    except ChangeoverError as error:
        # A request that names no org and brings no session of one.
        unknown = error.kind is errors.ORG_UNKNOWN
        return refused(api, SoapFault(INVALID_SESSION_ID, NO_SESSION) if unknown else fault_of(error))


def answer(
    request: AnyRequest, api: FromPath[str], version: FromPath[str], envelope: ThisBody
) -> Response[bytes]:
    """Answer a request at an API's own address."""
    return _response(_answer(request, api, version, "", envelope))


def answer_below(
    request: AnyRequest, api: FromPath[str], version: FromPath[str], more: FromPath[str], envelope: ThisBody
) -> Response[bytes]:
    """Answer a request at an address that has something after the version."""
    return _response(_answer(request, api, version, more, envelope))


def _response(found: SoapAnswer) -> Response[bytes]:
    headers = {"Cache-Control": "no-store"}
    return Response(found.body, status_code=found.status, media_type=_MEDIA_TYPE, headers=headers)


def _refuse(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what went wrong before the envelope was read: a body that is too large or broken off."""
    large = error.status_code == 413  # noqa: PLR2004 - Content Too Large
    says = f"the request is larger than {MAX_BYTES // 1024 // 1024} MB" if large else "the request is broken"
    return _response(refused(_METADATA, SoapFault(CLIENT, says)))


def _fail(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer a fault of ours; what it was is in the log, under the reference."""
    says = f"An unexpected error occurred. Please include this ErrorId: {of_exception(error).reference}"
    return _response(refused(_METADATA, SoapFault(UNKNOWN_EXCEPTION, says)))


def soap_router() -> Router:
    """Return the endpoints: no session is read, no cookie set."""
    handlers: list[HTTPRouteHandler] = []
    for prefix in PREFIXES:
        own = f"{prefix}{SOAP}/{{api:str}}/{{version:str}}"
        handlers.append(post(own, status_code=200, sync_to_thread=True)(answer))
        handlers.append(post(f"{own}/{{more:path}}", status_code=200, sync_to_thread=True)(answer_below))
    return Router(
        "/",
        route_handlers=handlers,
        request_max_body_size=MAX_BYTES,
        dependencies={"envelope": Provide(provide_body)},
        exception_handlers={HTTPException: _refuse, Exception: _fail},
        opt={"skip_session": True, "exclude_from_csrf": True},
    )
