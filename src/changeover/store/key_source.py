"""Where the keys come from: CHANGEOVER_KEY where it is set, else a file beside the database.

Keys are base64 of 32 bytes, separated by white space. The first one seals, the others only open.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.store.whole_file import sweep, whole_file

KEY_BYTES = 32
KEY_VARIABLE = "CHANGEOVER_KEY"

Stamp = tuple[int, ...] | None


class KeySource:
    """The keys of an installation, as they are now.

    Args:
        key_file: beside the database, readable by its owner only.
        environment: where CHANGEOVER_KEY is looked up.
    """

    def __init__(self, key_file: Path, environment: Mapping[str, str] = os.environ) -> None:
        self.key_file = key_file
        self._given = environment.get(KEY_VARIABLE)

    @property
    def in_variable(self) -> bool:
        """Whether CHANGEOVER_KEY holds the keys, and the file is not looked at."""
        return bool(self._given)

    def load(self, *, create: bool = False) -> tuple[bytes, ...]:
        """Return the keys; the first one seals.

        Args:
            create: whether a new key may be made where there is none: only where nothing is sealed yet.

        Raises:
            ChangeoverError: E-KEY-MISSING, E-KEY-OPEN; E-OUTPUT-FAILED where a new key cannot be written.
        """
        if self._given:
            return _read(self._given, KEY_VARIABLE)
        if create and not self.key_file.exists():
            _create(self.key_file)
        try:
            mode = self.key_file.stat().st_mode
            content = self.key_file.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            message = f"The key file {self.key_file.name} is missing or cannot be read."
            remedy = f"Put the key file back at {self.key_file}, or set {KEY_VARIABLE} to the key."
            raise ChangeoverError(errors.KEY_MISSING, message, remedy) from None
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            message = f"Others than its owner may read or write the key file {self.key_file.name}."
            raise ChangeoverError(errors.KEY_OPEN, message, f"Run chmod 600 {self.key_file}.")
        return _read(content, self.key_file.name)

    def stamp(self) -> Stamp:
        """Return what is another one once the file has been written anew; None where the variable holds keys.

        Raises E-KEY-MISSING where the file is gone.
        """
        if self._given:
            return None
        try:
            found = self.key_file.stat()
        except OSError:
            message = f"The key file {self.key_file.name} is gone, so nothing is sealed with its key."
            remedy = f"Put the key file back at {self.key_file}: without it a new secret would be lost."
            raise ChangeoverError(errors.KEY_MISSING, message, remedy) from None
        return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size

    def replace(self, keys: Sequence[bytes]) -> None:
        """Write the key file anew, whole or not at all: however it fails, the keys before are there.

        Call it where nobody else may do so at the same time.

        Raises:
            ChangeoverError: E-OUTPUT-FAILED.
        """
        file = self.key_file.resolve()  # behind a link stands the file that others have open too
        # A draft that a killed run left holds keys.
        sweep(file.parent, of=file.name, older_than=0)
        with whole_file(file, overwrite=True, owner=file.stat()) as stream:
            stream.write(b"".join(_encoded(key) for key in keys))


def new_key() -> bytes:
    """Return a new key from the operating system's random numbers."""
    return secrets.token_bytes(KEY_BYTES)


def _encoded(key: bytes) -> bytes:
    return base64.b64encode(key) + b"\n"


def _create(key_file: Path) -> None:
    """Make a key file; where two processes do so at once, the first one wins."""
    key_file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with whole_file(key_file, overwrite=False) as stream:
            stream.write(_encoded(new_key()))
    except ChangeoverError as error:
        if error.kind is not errors.OUTPUT_IN_THE_WAY:
            raise


def _read(content: str, where: str) -> tuple[bytes, ...]:
    keys = []
    for word in content.split():
        key = b""
        with suppress(binascii.Error, ValueError):
            key = base64.b64decode(word, validate=True)
        if len(key) != KEY_BYTES:
            message = f"{where} holds something that is not a key: base64 of {KEY_BYTES} bytes."
            raise ChangeoverError(errors.KEY_MISSING, message)
        keys.append(key)
    if not keys:
        raise ChangeoverError(errors.KEY_MISSING, f"{where} holds no key.")
    return tuple(keys)
