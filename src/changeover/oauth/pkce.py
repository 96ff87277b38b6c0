"""Proof Key for Code Exchange.

RFC 7636, with two deviations that real clients need (clients.md section 2): a missing method means S256,
since the sf CLI and jsforce send none, and verifiers may have 256 characters, since they send 171. `plain` is
refused (RFC 9700 section 2.1.1).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

S256 = "S256"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}=?")
_VERIFIER = re.compile(r"[A-Za-z0-9._~=-]{43,256}")


def challenge_holds(challenge: str, method: str | None) -> bool:
    """Whether a code challenge is one, and of the one method that is taken."""
    return method in {None, S256} and _CHALLENGE.fullmatch(challenge) is not None


def verifier_fits(verifier: str, challenge: str) -> bool:
    """Whether a code verifier is the one that a challenge was made of."""
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(made, challenge.rstrip("=").encode())
