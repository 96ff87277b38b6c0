"""Secrets at rest: AES-256-GCM, bound to the row they belong to.

A sealed value is `version (1 byte) | key id (8) | nonce (12) | ciphertext and tag`. The row's identity is the
associated data, so that a sealed value copied to another row does not open there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from changeover import errors
from changeover.errors import ChangeoverError

KEY_BYTES = 32
_VERSION = b"\x01"
_ID_BYTES = 8
_NONCE_BYTES = 12
KEY_VARIABLE = "CHANGEOVER_KEY"


def key_id(key: bytes) -> bytes:
    """Return the id of a key, which says nothing about it."""
    return hashlib.sha256(b"changeover key id" + key).digest()[:_ID_BYTES]


class Vault:
    """Seals and unseals.

    Args:
        keys: the first one seals; the others only open what was sealed with them.
    """

    def __init__(self, *keys: bytes) -> None:
        self._current = key_id(keys[0])
        self._ciphers = {key_id(key): AESGCM(key) for key in keys}

    @property
    def current(self) -> bytes:
        """Id of the key that seals."""
        return self._current

    def seal(self, identity: str, clear: bytes) -> bytes:
        """Return a value sealed for the row of an identity, such as `connected_app:0H4…`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, clear, identity.encode())
        return _VERSION + self._current + nonce + sealed

    def unseal(self, identity: str, sealed: bytes) -> bytes:
        """Return a value in clear.

        Raises E-KEY-MISSING if it was sealed with a key that is not here, E-SEAL-BROKEN if it was altered or
        belongs to another row.
        """
        head = len(_VERSION)
        used, nonce = (
            sealed[head : head + _ID_BYTES],
            sealed[head + _ID_BYTES : head + _ID_BYTES + _NONCE_BYTES],
        )
        cipher = self._ciphers.get(used)
        if sealed[:head] != _VERSION or cipher is None:
            message = f"A stored secret was sealed with the key {used.hex()}, which is not here."
            raise ChangeoverError(errors.KEY_MISSING, message)
        try:
            return cipher.decrypt(nonce, sealed[head + _ID_BYTES + _NONCE_BYTES :], identity.encode())
        except (InvalidTag, ValueError):
            message = f"The stored secret of {identity} has been altered or belongs to another record."
            raise ChangeoverError(errors.SEAL_BROKEN, message) from None


def load_keys(
    key_file: Path, *, create: bool, environment: Mapping[str, str] = os.environ
) -> tuple[bytes, ...]:
    """Return the keys: from CHANGEOVER_KEY where it is set, else from the key file.

    Keys are base64 of 32 bytes, separated by white space; the first one seals.

    Args:
        key_file: beside the database, readable by its owner only.
        create: whether a new key may be made where there is none: only for a database that holds nothing yet.
        environment: where CHANGEOVER_KEY is looked up.

    Raises:
        ChangeoverError: E-KEY-MISSING, E-KEY-OPEN.
    """
    given = environment.get(KEY_VARIABLE)
    if given:
        return _read(given, KEY_VARIABLE)
    if create and not key_file.exists():
        _create(key_file)
    try:
        mode = key_file.stat().st_mode
        content = key_file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        message = f"The key file {key_file.name} beside the database is missing or cannot be read."
        raise ChangeoverError(errors.KEY_MISSING, message) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        message = f"Others than its owner may read or write the key file {key_file.name}."
        raise ChangeoverError(errors.KEY_OPEN, message, f"Run chmod 600 {key_file}.")
    return _read(content, key_file.name)


def _create(key_file: Path) -> None:
    """Make a key file whole or not at all; where two processes do so at once, the first one wins."""
    key_file.parent.mkdir(parents=True, exist_ok=True)
    draft = key_file.with_name(f"{key_file.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, key_file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _read(content: str, where: str) -> tuple[bytes, ...]:
    keys = []
    for word in content.split():
        try:
            key = base64.b64decode(word, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            message = f"{where} holds something that is not a key: base64 of {KEY_BYTES} bytes."
            raise ChangeoverError(errors.KEY_MISSING, message)
        keys.append(key)
    if not keys:
        raise ChangeoverError(errors.KEY_MISSING, f"{where} holds no key.")
    return tuple(keys)
