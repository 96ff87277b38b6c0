"""An org's signing keys: made when the first token has to be signed, published at `/id/keys`.

RS256, as Salesforce signs (salesforce-reference 7.3), and as every OpenID Connect client must understand.
"""

from __future__ import annotations

import json
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from changeover.org.oauth_records import SigningKey
from changeover.org.ports import Unit

ALGORITHM = "RS256"
_BITS = 2048
# Salesforce puts claims of its own into headers.
_REGISTRY = JWSRegistry(strict_check_header=False)


_READ: dict[str, RSAKey] = {}
"""Keys that this process has read, by id, their thumbprint: reading one takes longer than a login."""
_MOST_READ = 256


def _signing_key(unit: Unit, org_id: str) -> RSAKey:
    """Return the org's newest key, made where it has none.

    Which one that is, and that it can be unsealed, is asked each time: one that was added or deleted counts
    from its commit on, in every process.
    """
    held = unit.oauth.signing_key(org_id)
    if held is not None:
        record, private_jwk = held
        key = _READ.get(record.key_id)
        if key is None:
            if len(_READ) >= _MOST_READ:
                _READ.clear()
            key = _READ[record.key_id] = RSAKey.import_key(json.loads(private_jwk))
        return key
    key = RSAKey.generate_key(_BITS, {"use": "sig", "alg": ALGORITHM}, private=True)
    key.ensure_kid()
    public = json.dumps(key.as_dict(private=False))
    record = SigningKey(key_id=str(key.kid), public_jwk=public, created_at=unit.now)
    unit.oauth.add_signing_key(org_id, record, json.dumps(key.as_dict(private=True)))
    return key


def signed(unit: Unit, org_id: str, claims: dict[str, Any], *, header: dict[str, Any] | None = None) -> str:
    """Return claims as a signed JWT.

    Args:
        unit: a transaction that may write: the first signature makes the key.
        org_id: whose key signs.
        claims: the payload.
        header: beside `alg`, `typ` and `kid`.
    """
    key = _signing_key(unit, org_id)
    full = {"typ": "JWT", "alg": ALGORITHM, "kid": key.kid, **(header or {})}
    return jwt.encode(full, claims, key, registry=_REGISTRY)


def public_keys(unit: Unit, org_id: str) -> dict[str, Any]:
    """Return the org's public keys as a JWK Set (RFC 7517 section 5)."""
    return {"keys": [json.loads(key.public_jwk) for key in unit.oauth.signing_keys(org_id)]}
