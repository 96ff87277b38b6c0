"""The world outside: the time, and chance from the operating system."""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime

from changeover.org.record_ids import numbered

_BASE62 = string.ascii_uppercase + string.ascii_lowercase + string.digits
_RECORDS = len(_BASE62) ** 12
_KEY_HEAD = "3MVG9"
_KEY_LENGTH = 85
_SECRET_BYTES = 32
# Without letters and digits that look alike.
_TYPABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS = 5
_GROUP = 4
_TOKEN_BYTES = 32


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time, with UTC as its zone."""
        return datetime.now(UTC)


class SystemIds:
    """Ids, keys and secrets from the operating system's random numbers."""

    def record(self, prefix: str) -> str:
        """Return a new record id: the prefix, twelve random characters, three that check."""
        # One number: each asks the operating system.
        return numbered(prefix, secrets.randbelow(_RECORDS))

    def consumer_key(self) -> str:
        """Return a consumer key of the usual shape; keys in the wild hold dots and underscores."""
        rest = _KEY_LENGTH - len(_KEY_HEAD)
        return _KEY_HEAD + "".join(secrets.choice(_BASE62 + "._") for _ in range(rest))

    def consumer_secret(self) -> str:
        """Return a consumer secret: 64 hexadecimal digits, 256 random bits."""
        return secrets.token_hex(_SECRET_BYTES).upper()

    def password(self) -> str:
        """Return a password of five groups of four characters, 99 random bits."""
        groups = ("".join(secrets.choice(_TYPABLE) for _ in range(_GROUP)) for _ in range(_GROUPS))
        return "-".join(groups)

    def token(self) -> str:
        """Return an API token of 256 random bits, with a head by which secret scanners know it."""
        return f"chg_{secrets.token_urlsafe(_TOKEN_BYTES)}"
