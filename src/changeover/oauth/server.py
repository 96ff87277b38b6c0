"""The token endpoint: Authlib's server around one request in one transaction.

Nothing of a request outlives it, so processes share nothing. A refusal is an answer like any other: its
row in Login History is committed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from authlib.oauth2 import AuthorizationServer, OAuth2Error
from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request

from changeover.oauth import device
from changeover.oauth.attempt import record_login
from changeover.oauth.call import Answer, Call, refusal_answer
from changeover.oauth.grants.authorization_code import AuthorizationCode
from changeover.oauth.grants.client_credentials import ClientCredentials
from changeover.oauth.grants.device import Device
from changeover.oauth.grants.grant import Grant
from changeover.oauth.grants.jwt_bearer import JwtBearer
from changeover.oauth.grants.refresh_token import RefreshToken
from changeover.oauth.grants.username_password import UsernamePassword
from changeover.oauth.refusals import NOT_YET, PARAMETER_REPEATED, Refusal, Refused
from changeover.oauth.registry import Registered
from changeover.org.oauth_records import Flow
from changeover.org.ports import Unit

GRANTS: tuple[type[Grant], ...] = (
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
    JwtBearer,
    Device,
    UsernamePassword,
)
"""The flows of the token endpoint. A new one is a module in `grants/` and a line here."""


class _Payload(OAuth2Payload):
    """The parameters as Authlib asks for them."""

    # In place of Authlib's properties.
    __slots__ = ("data", "datalist")

    def __init__(self, call: Call) -> None:
        self.data = {name: values[0] for name, values in call.parameters.items() if values}
        self.datalist = call.parameters


_ANY = vars(OAuth2Request("POST", "https://localhost"))
"""What Authlib makes of any request. It would look at each one's address anew, whether that is https."""


class _Request(OAuth2Request):
    """Authlib's request around ours. Whether plain http will do is the server's own business."""

    def __init__(self, unit: Unit, call: Call) -> None:
        self.__dict__.update(_ANY)
        self.method = call.method
        self.uri = call.base_url
        self.call = call
        self.unit = unit
        self.payload = _Payload(call)
        self.registered: Registered | None = None
        self.username = ""

    @property
    def form(self) -> Mapping[str, str]:
        return self.payload.data


class TokenEndpoint(AuthorizationServer):
    """Authlib's server. It knows no request, so that one serves all."""

    def __init__(self) -> None:
        super().__init__()
        self._token_grants = [(grant, None) for grant in GRANTS]

    def create_oauth2_request(self, request: tuple[Unit, Call]) -> _Request:
        """Return Authlib's request around ours and its transaction."""
        return _Request(*request)

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> Answer:  # noqa: ANN401 - Authlib's signature
        """Return the answer."""
        return Answer(status=status, body=body or None, headers=dict(headers))

    def handle_error_response(self, request: _Request, error: OAuth2Error) -> Answer:
        """Write the login row of a refusal, and return the answer."""
        flow = next((grant.FLOW for grant in GRANTS if grant.check_token_endpoint(request)), None)
        if flow is not None:
            self._record(request, flow, error)
        answer: Answer = super().handle_error_response(request, error)
        return replace(answer, refusal=_refusal_of(error))

    def _record(self, request: _Request, flow: Flow, error: OAuth2Error) -> None:
        refusal = _refusal_of(error)
        if refusal in NOT_YET:
            return
        client = request.registered.client if request.registered is not None else None
        record_login(
            request.unit, request.call, flow, client=client, username=request.username, refusal=refusal
        )


def _refusal_of(error: OAuth2Error) -> Refusal:
    """Return a refusal of ours, or Authlib's own as one."""
    said: Refusal | None = getattr(error, "refusal", None)
    return said or Refusal(error.error, error.get_error_description() or error.error)


_ENDPOINT = TokenEndpoint()


def token(unit: Unit, call: Call) -> Answer:
    """Answer a request at the token endpoint.

    Args:
        unit: the transaction; to be committed whatever the answer is.
        call: the request.
    """
    if call.repeats:
        return refusal_answer(Refused(PARAMETER_REPEATED))
    if call.one("response_type") == device.RESPONSE_TYPE and "grant_type" not in call.parameters:
        return device.start(unit, call)
    answer: Answer = _ENDPOINT.create_token_response((unit, call))
    return answer
