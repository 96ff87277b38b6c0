"""Secrets at rest: AES-256-GCM, bound to the row they belong to.

A sealed value is `version (1 byte) | key id (8) | nonce (12) | ciphertext and tag`. The row's identity is the
associated data, so that a sealed value copied to another row does not open there.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, text

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.store.key_source import KeySource, Stamp

_VERSION = b"\x01"
ID_BYTES = 8
ID_AT = len(_VERSION)
"""Where the key id stands in a sealed value."""
_NONCE_BYTES = 12
# Any number, as long as it is always the same: PostgreSQL's lock between who seals and who changes keys.
_ADVISORY_LOCK = 5_207_103


def key_id(key: bytes) -> bytes:
    """Return the id of a key, which says nothing about it."""
    return hashlib.sha256(b"changeover key id" + key).digest()[:ID_BYTES]


class _Known(NamedTuple):
    """The keys that a vault knows: replaced as a whole, so that threads always see one state."""

    current: bytes
    keys: Mapping[bytes, bytes]
    ciphers: Mapping[bytes, AESGCM]
    """Made once a key: that takes longer than to open a secret."""
    stamp: Stamp

    @classmethod
    def of(cls, current: bytes, keys: Mapping[bytes, bytes], stamp: Stamp) -> _Known:
        """Return what is known with these keys, of which the one with the id `current` seals."""
        return cls(current, keys, {used: AESGCM(key) for used, key in keys.items()}, stamp)


class Vault:
    """Seals and unseals.

    Args:
        keys: the first one seals; the others only open what was sealed with them.
        source: where newer keys are looked for.
        stamp: of the source before the keys were taken from it.
    """

    def __init__(self, *keys: bytes, source: KeySource | None = None, stamp: Stamp = None) -> None:
        self._source = source
        self._known = _Known.of(key_id(keys[0]), {key_id(key): key for key in keys}, stamp)

    @classmethod
    def of(cls, source: KeySource, *, create: bool = False) -> Vault:
        """Return a vault that follows a source of keys. Raises as `KeySource.load`."""
        keys = source.load(create=create)
        # None: what was written between the two is taken at the first look.
        return cls(*keys, source=source, stamp=None)

    @property
    def current(self) -> bytes:
        """Id of the key that seals."""
        return self._known.current

    @property
    def known(self) -> frozenset[bytes]:
        """Ids of all keys that are here."""
        return frozenset(self._known.keys)

    def knows(self, used: bytes) -> bool:
        """Whether a key of this id is here."""
        return used in self._known.keys

    def refresh(self) -> None:
        """Take the keys of the source anew where they have changed; those known before still open.

        Raises E-KEY-MISSING, E-KEY-OPEN where the source can no longer be read.
        """
        if self._source is None:
            return
        stamp, known = self._source.stamp(), self._known
        if stamp == known.stamp:
            return
        keys = self._source.load()
        opening = dict(known.keys) | {key_id(key): key for key in keys}
        self._known = _Known.of(key_id(keys[0]), opening, stamp)

    def seal(self, identity: str, clear: bytes) -> bytes:
        """Return a value sealed for the row of an identity, such as `connected_app:0H4…`."""
        known = self._known
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = known.ciphers[known.current].encrypt(nonce, clear, identity.encode())
        return _VERSION + known.current + nonce + sealed

    def unseal(self, identity: str, sealed: bytes) -> bytes:
        """Return a value in clear.

        Raises E-KEY-MISSING if it was sealed with a key that is not here, E-SEAL-BROKEN if it was altered or
        belongs to another row.
        """
        used, nonce = (
            sealed[ID_AT : ID_AT + ID_BYTES],
            sealed[ID_AT + ID_BYTES : ID_AT + ID_BYTES + _NONCE_BYTES],
        )
        if not self.knows(used):
            self.refresh()
        cipher = self._known.ciphers.get(used)
        if sealed[:ID_AT] != _VERSION or cipher is None:
            message = f"A stored secret was sealed with the key {used.hex()}, which is not here."
            raise ChangeoverError(errors.KEY_MISSING, message)
        try:
            return cipher.decrypt(nonce, sealed[ID_AT + ID_BYTES + _NONCE_BYTES :], identity.encode())
        except (InvalidTag, ValueError):
            message = f"The stored secret of {identity} has been altered or belongs to another record."
            raise ChangeoverError(errors.SEAL_BROKEN, message) from None

    def sign(self, content: bytes) -> tuple[bytes, bytes]:
        """Return the id of the current key, and a signature that only its holder can make (HMAC-SHA256)."""
        known = self._known
        return known.current, _signature(known.keys[known.current], content)

    def is_signed(self, used: bytes, content: bytes, signature: bytes) -> bool:
        """Whether a signature was made over this very content with the key of an id that is here."""
        return hmac.compare_digest(_signature(self._known.keys[used], content), signature)


def _signature(key: bytes, content: bytes) -> bytes:
    # A key of its own: what seals must not sign.
    own = hmac.digest(key, b"changeover signature", hashlib.sha256)
    return hmac.digest(own, content, hashlib.sha256)


class UnitVault:
    """The vault within one transaction.

    Between the look at which key seals and the commit nobody changes the keys: on SQLite there is one writer
    only, on PostgreSQL an advisory lock that all who seal share.
    """

    def __init__(self, vault: Vault, connection: Connection) -> None:
        self._vault = vault
        self._connection = connection
        self._held = False

    def seal(self, identity: str, clear: bytes) -> bytes:
        """Return a value sealed with the key that seals as of now. Raises E-KEY-MISSING where it is gone."""
        if not self._held:
            hold_keys(self._connection)
            self._vault.refresh()
            self._held = True
        return self._vault.seal(identity, clear)

    def unseal(self, identity: str, sealed: bytes) -> bytes:
        """Return a value in clear. Raises E-KEY-MISSING, E-SEAL-BROKEN."""
        return self._vault.unseal(identity, sealed)


def hold_keys(connection: Connection, *, to_change: bool = False) -> None:
    """Keep others from changing the keys until the transaction ends.

    Args:
        connection: of a writing transaction.
        to_change: whether the keys are to be changed: then nobody seals meanwhile either.
    """
    if connection.dialect.name == "sqlite":
        return  # whoever writes is alone
    kind = "pg_advisory_xact_lock" if to_change else "pg_advisory_xact_lock_shared"
    connection.execute(text(f"SELECT {kind}(:lock)"), {"lock": _ADVISORY_LOCK})
