"""Assertions, as grants and as proofs of a client: a list of small checks after the signature.

Source: RFC 7523 section 3; salesforce-reference 7.3 (RS256, aud, exp with three minutes, jti); clients.md
sections 2 and 4 for what real clients send: aud with and without a slash at the end, exp in milliseconds, as
a string, or just passed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import RSAKey

from changeover.oauth.call import Call
from changeover.oauth.refusals import (
    ASSERTION_EARLY,
    ASSERTION_EXPIRED,
    ASSERTION_INVALID,
    ASSERTION_REPLAYED,
    AUDIENCE,
    CERTIFICATE_WEAK,
    NO_CERTIFICATE,
    Refusal,
    Refused,
)
from changeover.oauth.tokens import UNREADABLE
from changeover.org.ports import Unit

ALGORITHMS = ["RS256"]
"""And no other: an assertion does not choose how it is checked (RFC 8725 section 3.1)."""
# RFC 7515 section 4: header parameters that are not understood are ignored; `crit` is understood.
_REGISTRY = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
BITS = 2048
"""RFC 7518 section 3.3: a key of this size or larger must be used with RS256."""
SKEW = timedelta(minutes=3)
LONGEST = timedelta(days=1)
"""RFC 7523 section 3: an expiry unreasonably far in the future may be refused; how far is our decision."""
_MILLISECONDS = 10**11
"""A time beyond this is none in seconds: the year 5138."""
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_DIGITS = 20
_ARMOUR = re.compile(r"-----[A-Z ]+-----|\s+")
SALESFORCE = ("https://login.salesforce.com", "https://test.salesforce.com")
"""Where anybody logs in, whatever the org; as audience clients send these whatever they are pointed at."""


class Assertion(NamedTuple):
    """What an assertion says, its signature not yet checked."""

    token: str
    issuer: str
    subject: str
    claims: Mapping[str, Any]

    @property
    def jti(self) -> str | None:
        """Its id, by which a replay is known; one that is no text is told by its JSON."""
        value = self.claims.get("jti")
        if value in (None, ""):
            return None
        return value if isinstance(value, str) else msgspec.json.encode(value, order="deterministic").decode()


def opened(token: str) -> Assertion:
    """Read an assertion without trusting it yet. Raises Refused: ASSERTION_INVALID."""
    try:
        claims = msgspec.json.decode(jws.extract_compact(token.encode()).payload)
    except UNREADABLE:
        raise Refused(ASSERTION_INVALID) from None
    if not isinstance(claims, dict):
        raise Refused(ASSERTION_INVALID)
    issuer, subject = claims.get("iss"), claims.get("sub") or claims.get("prn")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not issuer or not subject:
        raise Refused(ASSERTION_INVALID)
    return Assertion(token, issuer, subject, claims)


def refuse_unsigned(assertion: Assertion, certificate: str | None) -> None:
    """Refuse an assertion that the app's certificate did not sign. Raises Refused."""
    if not certificate:
        raise Refused(NO_CERTIFICATE)
    try:
        key = _public_key(certificate)
        if key.key_size < BITS:
            raise Refused(CERTIFICATE_WEAK)
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        jws.deserialize_compact(assertion.token.encode(), RSAKey.import_key(pem), registry=_REGISTRY)
    except UNREADABLE:
        raise Refused(ASSERTION_INVALID) from None


def _public_key(certificate: str) -> RSAPublicKey:
    """Return the public key of a certificate, wrapped or in one line. Raises ValueError for other texts."""
    try:
        found = x509.load_der_x509_certificate(base64.b64decode(_ARMOUR.sub("", certificate), validate=True))
        key = found.public_key()
    except (binascii.Error, UnsupportedAlgorithm) as error:
        raise ValueError(str(error)) from None
    if not isinstance(key, RSAPublicKey):
        message = "not an RSA key"
        raise ValueError(message)  # noqa: TRY004 - the text is wrong, not the caller
    return key


def audiences(call: Call) -> frozenset[str]:
    """Return what `aud` may be at a request, without a slash at the end: the org, under each of its names."""
    base = call.base_url
    domain = f"https://{call.org.my_domain}.my.salesforce.com"
    # The address without an org's path is to a local org what login.salesforce.com is to Salesforce's.
    bare = base.partition("/org/")[0]
    return frozenset({base, bare, f"{base}/services/oauth2/token", domain, *SALESFORCE})


def refuse_replayed(unit: Unit, call: Call, assertion: Assertion) -> None:
    """Refuse an assertion whose id was there before. Raises Refused: ASSERTION_REPLAYED.

    One without `jti` may come again: RFC 7523 section 3 does not ask for it, and neither does Salesforce.
    """
    expiry = expires_at(assertion.claims)
    if assertion.jti is None or expiry is None:
        return
    org_id, issuer = call.org.org_id, assertion.issuer
    if not unit.oauth.spend_assertion(org_id, issuer, assertion.jti, expiry + SKEW):
        raise Refused(ASSERTION_REPLAYED)


def refusal_of(assertion: Assertion, allowed: frozenset[str], now: datetime) -> Refusal | None:
    """Return why the claims are refused, None where they hold.

    Args:
        assertion: signed by the app.
        allowed: what `aud` may be, without a slash at the end.
        now: the time.
    """
    named = assertion.claims.get("aud")
    said = named if isinstance(named, list) else [named]
    if not any(isinstance(one, str) and one.rstrip("/") in allowed for one in said):
        return AUDIENCE
    expiry = expires_at(assertion.claims)
    if expiry is None or not now - SKEW <= expiry <= now + LONGEST:
        return ASSERTION_EXPIRED
    if "nbf" in assertion.claims:
        begins = _time(assertion.claims["nbf"])
        # RFC 7523 section 3 (5): what is said must hold, also where it cannot be read.
        if begins is None or begins > now + SKEW:
            return ASSERTION_EARLY
    return None


def expires_at(claims: Mapping[str, Any]) -> datetime | None:
    """Return when an assertion expires, None where it does not say so in a way that can be read."""
    return _time(claims.get("exp"))


def _time(value: object) -> datetime | None:
    """Return a time in seconds or milliseconds, None for what is none."""
    # Python refuses to read thousands of digits, and no time has more than these.
    if isinstance(value, str) and len(value) <= _DIGITS and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = value / 1000 if value > _MILLISECONDS else value
        return min(datetime.fromtimestamp(seconds, UTC), _LATEST)
    except (OverflowError, ValueError, OSError):
        return _LATEST if value > 0 else None
