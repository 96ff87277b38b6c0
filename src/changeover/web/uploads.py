"""Files that were uploaded: as files for the reader, and sealed between a preview and the import.

What a file holds may be a consumer secret, and the preview is an answer of its own. In between the files lie
in our database under a key that only the page of the preview has: who reads the database reads nothing.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from litestar.datastructures import UploadFile

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.web.services import KeyValues

NAMESPACE = "uploads"
LIFETIME = timedelta(minutes=30)
MAX_BYTES = 32 * 1024 * 1024
"""Of a whole request. A packed app comes to about a kilobyte; a larger folder is the command line's."""

SMALL = 256 * 1024
"""Of a request that brings one certificate or key."""

_ID = 16
_KEY = 32
_NONCE = 12
_LONGEST_NAME = 200  # bytes; file systems take 255


class Upload(NamedTuple):
    """A file that was uploaded."""

    name: str
    content: bytes


def read(files: Iterable[UploadFile]) -> tuple[Upload, ...]:
    """Return the files of a form.

    Raises:
        ChangeoverError: `UPLOAD_MISSING` where there is none, or for a name that no file can have.
    """
    uploads = tuple(Upload(_file_name(file.filename), file.file.read()) for file in files)
    if not uploads:
        raise ChangeoverError(errors.UPLOAD_MISSING, "No file was chosen.")
    return uploads


@contextmanager
def as_files(uploads: Iterable[Upload]) -> Iterator[tuple[Path, ...]]:
    """Write uploads to a folder of their own and take it away again.

    Yields:
        What to open: each zip archive, and the folder of all other files where there are any. A name that
        stands twice gets a folder of its own within it.
    """
    with TemporaryDirectory(prefix="changeover-upload-") as root:
        archives, loose = Path(root, "archives"), Path(root, "files")
        found = []
        for nth, (name, content) in enumerate(uploads, 1):
            folder = archives / str(nth) if name.lower().endswith(".zip") else loose
            if (folder / name).exists():
                folder = loose / str(nth)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
            if not folder.is_relative_to(loose):
                found.append(folder / name)
        if loose.exists():
            found.append(loose)
        yield tuple(found)


@contextmanager
def as_single_files(uploads: Iterable[Upload]) -> Iterator[tuple[Path, ...]]:
    """Write uploads to a folder of their own, each for itself, and take it away again."""
    with TemporaryDirectory(prefix="changeover-upload-") as root:
        found = []
        for nth, (name, content) in enumerate(uploads, 1):
            file = Path(root, str(nth), name)
            file.parent.mkdir()
            file.write_bytes(content)
            found.append(file)
        yield tuple(found)


class HeldUploads:
    """Uploads between a preview and the import.

    Args:
        values: the values of the namespace `uploads`.
        user_id: whose uploads: nobody else can open them.
    """

    def __init__(self, values: KeyValues, user_id: str) -> None:
        self._values = values
        self._bound_to = user_id.encode()

    def hold(self, uploads: Iterable[Upload]) -> str:
        """Keep uploads for `LIFETIME`. Returns the token for the page of the preview."""
        name, key, nonce = (secrets.token_bytes(size) for size in (_ID, _KEY, _NONCE))
        plain = msgspec.msgpack.encode(tuple(uploads))
        self._values.write(name.hex(), nonce + AESGCM(key).encrypt(nonce, plain, self._bound_to), LIFETIME)
        return base64.urlsafe_b64encode(name + key).decode()

    def open(self, token: str) -> tuple[Upload, ...]:
        """Return the uploads of a token. Raises E-UPLOAD-GONE."""
        name, key = _parts(token)
        sealed = self._values.read(name)
        if sealed is None:
            raise _gone()
        try:
            plain = AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], self._bound_to)
        except InvalidTag:
            raise _gone() from None
        return msgspec.msgpack.decode(plain, type=tuple[Upload, ...])

    def forget(self, token: str) -> None:
        """Forget the uploads of a token. Raises E-UPLOAD-GONE for what is no token."""
        name, _ = _parts(token)
        self._values.remove(name)


def _parts(token: str) -> tuple[str, bytes]:
    try:
        raw = base64.urlsafe_b64decode(token.encode())
    except (binascii.Error, UnicodeEncodeError):
        raise _gone() from None
    if len(raw) != _ID + _KEY:
        raise _gone()
    return raw[:_ID].hex(), raw[_ID:]


def _gone() -> ChangeoverError:
    return ChangeoverError(errors.UPLOAD_GONE, "The files that were looked at are no longer held.")


def _file_name(given: str) -> str:
    """Return the last step of a name that a browser sent."""
    name = given.replace("\\", "/").rpartition("/")[2]
    if name in {"", ".", ".."} or not name.isprintable() or len(name.encode()) > _LONGEST_NAME:
        shown = "".join(char if char.isprintable() else "?" for char in name[:80])
        raise ChangeoverError(errors.UPLOAD_MISSING, f"A file cannot have the name {shown!r}.")
    return name
