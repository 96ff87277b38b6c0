"""Whether a client is who it says.

It proves itself with its consumer secret, in the form or by HTTP Basic, or with an assertion that its
certificate signed (`private_key_jwt`); a public client does not.

A wrong secret of a known client and an unknown client are told apart, as Salesforce does: consumer keys are
public (RFC 6749 section 2.2). Source: RFC 6749 section 2.3, RFC 7523 sections 2.2 and 3.
"""

from __future__ import annotations

from changeover.oauth.assertions import (
    Assertion,
    audiences,
    opened,
    refusal_of,
    refuse_replayed,
    refuse_unsigned,
)
from changeover.oauth.call import Call
from changeover.oauth.refusals import (
    ASSERTION_EARLY,
    ASSERTION_EXPIRED,
    ASSERTION_INVALID,
    ASSERTION_REPLAYED,
    AUDIENCE,
    CERTIFICATE_WEAK,
    CLIENT_ASSERTION_AUDIENCE,
    CLIENT_ASSERTION_EXPIRED,
    CLIENT_ASSERTION_INVALID,
    CLIENT_ASSERTION_REPLAYED,
    CLIENT_CERTIFICATE_UNSET,
    CLIENT_CERTIFICATE_WEAK,
    CLIENT_SECRET_UNSET,
    CLIENT_UNKNOWN,
    CLIENT_UNPROVEN,
    NO_CERTIFICATE,
    Refusal,
    Refused,
)
from changeover.oauth.registry import Registered, registered
from changeover.oauth.tokens import same_secret
from changeover.org.ports import Unit

ASSERTION = "client_assertion"
ASSERTION_TYPE = "client_assertion_type"
JWT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def named_client(unit: Unit, call: Call) -> Registered:
    """Return the client that a request names. Raises Refused: CLIENT_UNKNOWN, CLIENT_ASSERTION_INVALID."""
    client_id = call.client_id
    if client_id is None and ASSERTION in call.parameters:
        # RFC 7521 section 4.2: `client_id` is not needed beside an assertion.
        client_id = _assertion(call).issuer
    found = registered(unit, call.org.org_id, client_id) if client_id else None
    if found is None:
        raise Refused(CLIENT_UNKNOWN, basic=call.basic is not None)
    return found


def refuse_unproven(unit: Unit, call: Call, found: Registered, *, required: bool) -> None:
    """Refuse a client that does not prove itself.

    Args:
        unit: the transaction, which remembers that an assertion was used.
        call: the request.
        found: the client that it names.
        required: whether a proof is needed; where it is not, one that was brought must still be right.

    Raises:
        Refused: CLIENT_UNPROVEN, CLIENT_SECRET_UNSET, CLIENT_ASSERTION_INVALID.
    """
    if ASSERTION in call.parameters:
        _refuse_bad_assertion(unit, call, found)
        return
    refusal = _refusal(call, found, required=required)
    if refusal is not None:
        raise Refused(refusal, basic=call.basic is not None)


def _refusal(call: Call, found: Registered, *, required: bool) -> Refusal | None:
    brought = call.secrets
    if brought is None:
        twice = call.basic is not None or call.has("client_secret")
        return CLIENT_UNPROVEN if required or twice else None
    if brought.client_id != found.client.client_id:
        return CLIENT_UNPROVEN
    if not brought.secret and not required:
        # RFC 6749 section 2.3.1: an empty secret may be left out, so a public client may as well send it.
        return None
    secret = found.secret()
    if not secret:
        return CLIENT_SECRET_UNSET
    brings = {brought.secret, brought.as_sent} - {""}
    return None if any(same_secret(one, secret) for one in brings) else CLIENT_UNPROVEN


def _assertion(call: Call) -> Assertion:
    token = call.one(ASSERTION)
    if token is None or call.one(ASSERTION_TYPE) != JWT:
        raise Refused(CLIENT_ASSERTION_INVALID)
    try:
        return opened(token)
    except Refused:
        raise Refused(CLIENT_ASSERTION_INVALID) from None


def _refuse_bad_assertion(unit: Unit, call: Call, found: Registered) -> None:
    # RFC 6749 section 2.3: no client proves itself in two ways at once.
    if call.basic is not None or call.has("client_secret"):
        raise Refused(CLIENT_UNPROVEN, basic=call.basic is not None)
    assertion = _assertion(call)
    try:
        _check(unit, call, assertion, found)
    except Refused as refused:
        raise Refused(_AS_PROOF[refused.refusal]) from None


def _check(unit: Unit, call: Call, assertion: Assertion, found: Registered) -> None:
    """Hold an assertion to what RFC 7523 section 3 asks of it. Raises Refused."""
    refuse_unsigned(assertion, found.client.certificate)
    if not assertion.issuer == assertion.subject == found.client.client_id:
        raise Refused(ASSERTION_INVALID)
    bad = refusal_of(assertion, audiences(call), unit.now)
    if bad is not None:
        raise Refused(bad)
    refuse_replayed(unit, call, assertion)


_AS_PROOF = {
    NO_CERTIFICATE: CLIENT_CERTIFICATE_UNSET,
    CERTIFICATE_WEAK: CLIENT_CERTIFICATE_WEAK,
    ASSERTION_INVALID: CLIENT_ASSERTION_INVALID,
    AUDIENCE: CLIENT_ASSERTION_AUDIENCE,
    ASSERTION_EARLY: CLIENT_ASSERTION_EXPIRED,
    ASSERTION_EXPIRED: CLIENT_ASSERTION_EXPIRED,
    ASSERTION_REPLAYED: CLIENT_ASSERTION_REPLAYED,
}
"""What is wrong with an assertion, as RFC 6749 section 5.2 calls a client that is not proven."""
