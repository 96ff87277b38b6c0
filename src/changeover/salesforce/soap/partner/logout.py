"""logout(): ends the session of the call. Source: SOAP API guide, logout()."""

from __future__ import annotations

from changeover.oauth import tokens
from changeover.salesforce.soap.answers import Value
from changeover.salesforce.soap.call import SoapCall


def logout(call: SoapCall) -> Value:
    """End the session."""
    call.session()
    with call.units.unit() as unit:
        unit.oauth.end_access_token(tokens.digest(call.request.session_id or ""))
    return None
