"""Token strings: how they look, what is kept of them, and the signature in a token response."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime

from joserfc import jws
from joserfc.errors import JoseError

_BYTES = 48
_TIME_DIGITS = 12
_DATED = re.compile(rf"[A-Za-z0-9]{{15}}![A-Za-z0-9._]{{64}}([0-9a-f]{{{_TIME_DIGITS}}})")
_ID_BYTES = 16
_DOTS = 2
JWT_TYPE = "sfdc-core-token"
"""`tty` of access tokens in JWT form."""
ORG_CHARACTERS = 15
UNREADABLE = (JoseError, ValueError, TypeError, AttributeError, RecursionError)
"""What a text that only looks like a JWT comes to. joserfc takes a header for an object, with values of the
right kinds, and nobody's JSON for thousands of lists within each other."""
_USER_CODE_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""RFC 8628 section 6.1: no vowels, so no words, and nothing that looks like something else."""
_USER_CODE_LENGTH = 8


def access_token(org_id: str, at: datetime) -> str:
    """Return a new opaque access token: the org's 15-character id, `!`, 384 random bits, and the time.

    The time is told beside it anyway; `digest` says what it is for. Clients read the org out of a token, and
    take only `.`, `_`, letters and digits after the `!` (clients.md section 2).
    """
    rest = secrets.token_urlsafe(_BYTES).replace("-", ".")
    return f"{org_id[:ORG_CHARACTERS]}!{rest}{milliseconds(at):0{_TIME_DIGITS}x}"


def token_id() -> str:
    """Return an id by which a JWT is told from all others."""
    return secrets.token_urlsafe(_ID_BYTES)


def is_jwt(token: str) -> bool:
    """Whether an access token is a JWT: those open Salesforce's REST APIs and no others."""
    return "!" not in token and token.count(".") == _DOTS


def org_of(token: str) -> str | None:
    """Return the id of the org that a token says it is of, 15 or 18 characters; trusted for nothing else."""
    if not is_jwt(token):
        org_id, mark, _ = token.partition("!")
        return org_id if mark else None
    try:
        tenant = jws.extract_compact(token.encode()).headers().get("tnk")
    except UNREADABLE:
        return None
    return tenant.rpartition("/")[2] if isinstance(tenant, str) else None


def refresh_token() -> str:
    """Return a new refresh token: `5Aep` as Salesforce's begin, and 384 random bits."""
    return f"5Aep{secrets.token_urlsafe(_BYTES).replace('-', '.')}"


def code() -> str:
    """Return a new authorization or device code."""
    return f"aPrx{secrets.token_urlsafe(_BYTES).replace('-', '.')}"


def user_code() -> str:
    """Return a code that a person types into the page for devices."""
    return "".join(secrets.choice(_USER_CODE_ALPHABET) for _ in range(_USER_CODE_LENGTH))


def digest(token: str) -> str:
    """Return what is kept of a token. It has 384 random bits, so a slow hash would gain nothing.

    Those of new access tokens begin with the time, and so come in order: an index of digests grows in one
    place then, instead of having another page of it read and written for each token.
    """
    found = hashlib.sha256(b"changeover oauth token\0" + token.encode()).hexdigest()
    dated = _DATED.fullmatch(token)
    return found if dated is None else dated[1] + found[_TIME_DIGITS:]


def milliseconds(at: datetime) -> int:
    """Return a time as milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def issued_at(at: datetime) -> str:
    """Return a time as token responses tell it: milliseconds since 1970, as a string."""
    return str(milliseconds(at))


def signature(identity_url: str, issued: str, secret: str) -> str:
    """Return the signature of a token response: HMAC-SHA256 of id and issued_at under the consumer secret.

    Source: salesforce-reference 7.3.
    """
    mac = hmac.digest(secret.encode(), f"{identity_url}{issued}".encode(), "sha256")
    return base64.b64encode(mac).decode()


_COMPARING = secrets.token_bytes(32)
"""A key of this process alone: what is compared tells nothing of the secret's length or beginning."""


def same_secret(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that does not depend on them."""
    return hmac.compare_digest(_keyed(one), _keyed(other))


def _keyed(secret: str) -> bytes:
    return hashlib.sha256(_COMPARING + secret.encode()).digest()
