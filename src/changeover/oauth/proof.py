"""Whether a client is who it says: consumer secret in the form or by HTTP Basic, or a public client.

A wrong secret of a known client and an unknown client are told apart, as Salesforce does: consumer keys are
public (RFC 6749 section 2.2).
"""

from __future__ import annotations

from changeover.oauth.call import Call
from changeover.oauth.refusals import (
    CLIENT_SECRET_UNSET,
    CLIENT_UNKNOWN,
    CLIENT_UNPROVEN,
    Refusal,
    Refused,
)
from changeover.oauth.registry import Registered, registered
from changeover.oauth.tokens import same_secret
from changeover.org.ports import Unit


def named_client(unit: Unit, call: Call) -> Registered:
    """Return the client that a request names. Raises Refused: CLIENT_UNKNOWN."""
    client_id = call.client_id
    found = registered(unit, call.org.org_id, client_id) if client_id else None
    if found is None:
        raise Refused(CLIENT_UNKNOWN, basic=call.basic is not None)
    return found


def refuse_unproven(call: Call, found: Registered, *, required: bool) -> None:
    """Refuse a client that does not prove itself.

    Args:
        call: the request.
        found: the client that it names.
        required: whether the secret is needed; where it is not, one that was brought must still be right.

    Raises:
        Refused: CLIENT_UNPROVEN, CLIENT_SECRET_UNSET.
    """
    refusal = _refusal(call, found, required=required)
    if refusal is not None:
        raise Refused(refusal, basic=call.basic is not None)


def _refusal(call: Call, found: Registered, *, required: bool) -> Refusal | None:
    brought = call.secrets
    if brought is None:
        twice = call.basic is not None or "client_secret" in call.parameters
        return CLIENT_UNPROVEN if required or twice else None
    if brought.client_id != found.client.client_id:
        return CLIENT_UNPROVEN
    secret = found.secret()
    if not secret:
        return CLIENT_SECRET_UNSET
    return None if same_secret(brought.secret, secret) else CLIENT_UNPROVEN
