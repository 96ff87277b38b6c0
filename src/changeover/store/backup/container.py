"""The file of a backup.

    changeover backup 1
    {manifest, one line of JSON, filled up with blanks}
    hmac-sha256 <key id> <of the two lines above> sha256 <of all before it>
    <body, to the end: gzip of lines; each is the JSON array of a row's values, table by table>

No byte is outside of a checksum: the third line covers itself and the first two, the manifest the body. The
signature is made with the key that seals secrets: who can write where backups lie cannot make one up.
There are no names of files in it and nothing is ever unpacked to disk.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO, NamedTuple, Self

import msgspec

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.store.backup.manifest import Body, Manifest, TablePart
from changeover.store.backup.tables import BROKEN_VALUE, Shape
from changeover.store.vault import Vault

FORMAT = 1
_MAGIC = b"changeover backup "
_FIRST = b"%s%d\n" % (_MAGIC, FORMAT)
_SEAL = re.compile(rb"(hmac-sha256 ([0-9a-f]{16}) ([0-9a-f]{64}) sha256 )([0-9a-f]{64})\n")
_SEAL_BYTES = len(b"hmac-sha256   sha256 \n") + 16 + 64 + 64
MAX_MANIFEST = 4 * 1024 * 1024
MAX_LINE = 256 * 1024 * 1024
"""A row: far more than any app's documents (8 MiB a file), far less than memory."""
_CHUNK = 256 * 1024
_GZIP = 31
_LEVEL = 6
_WIDEST = 2**63
"""A number as long as any count can be: so much room is kept for it."""


class Writer:
    """Writes a backup into a stream: room for the manifest first, then rows, and at the end the manifest.

    Args:
        stream: at its start; it can be written, and gone back in.
        draft: the manifest without what only the end shows; it has all tables, in order.
    """

    def __init__(self, stream: BinaryIO, draft: Manifest) -> None:
        self._stream = stream
        self._draft = draft
        widest = Body(bytes=_WIDEST, sha256="0" * 64)
        tables = [
            msgspec.structs.replace(part, rows=_WIDEST, bytes=_WIDEST, sha256="0" * 64)
            for part in draft.tables
        ]
        self._room = len(msgspec.structs.replace(draft, tables=tables, body=widest).encoded())
        self._packed = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        self._digest, self._bytes = hashlib.sha256(), 0
        self._done: list[TablePart] = []
        self._stream.write(b" " * (len(_FIRST) + self._room + 1 + _SEAL_BYTES))

    def table(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write the rows of the next table."""
        part = self._draft.tables[len(self._done)]
        ways = [kind.to_file for _, kind in part.shape.columns]
        digest, count, size = hashlib.sha256(), 0, 0
        for row in rows:
            values = [None if value is None else way(value) for way, value in zip(ways, row, strict=True)]
            # Not msgspec: a text may hold half a surrogate pair, which JSON can escape and UTF-8 cannot.
            line = json.dumps(values, separators=(",", ":"), allow_nan=False).encode() + b"\n"
            if len(line) > MAX_LINE:
                message = f"A row of {part.name} is too large for any backup: {len(line)} bytes."
                raise ChangeoverError(errors.STORE_FAILED, message)
            digest.update(line)
            count, size = count + 1, size + len(line)
            self._write(self._packed.compress(line))
        whole = msgspec.structs.replace(part, rows=count, bytes=size, sha256=digest.hexdigest())
        self._done.append(whole)

    def finish(self, vault: Vault) -> tuple[Manifest, bytes]:
        """Write and sign the manifest; return it, and the id of the key it was signed with."""
        self._write(self._packed.flush())
        body = Body(bytes=self._bytes, sha256=self._digest.hexdigest())
        manifest = msgspec.structs.replace(self._draft, tables=self._done, body=body)
        head = _FIRST + manifest.encoded().ljust(self._room) + b"\n"
        self._stream.seek(0)
        self._stream.write(sealed(head, vault))
        return manifest, vault.current

    def _write(self, packed: bytes) -> None:
        self._digest.update(packed)
        self._bytes += len(packed)
        self._stream.write(packed)


def sealed(head: bytes, vault: Vault) -> bytes:
    """Return the first two lines of a backup with the third, which covers them."""
    used, signature = vault.sign(head)
    signed = head + f"hmac-sha256 {used.hex()} {signature.hex()} sha256 ".encode()
    return signed + hashlib.sha256(signed).hexdigest().encode() + b"\n"


class Row(NamedTuple):
    """A row as it stands in a backup."""

    table: TablePart
    values: dict[str, Any]
    size: int
    """Of its line."""


class Reader:
    """A backup that is open for reading. Use it as a context manager.

    Args:
        path: the file.

    Raises:
        ChangeoverError: E-PATH-MISSING, E-BACKUP-BROKEN, E-BACKUP-NEWER. The manifest is then whole, the body
            not looked at yet.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        try:
            if not S_ISREG(path.stat().st_mode):
                message = f"{path} is no regular file."
                raise ChangeoverError(errors.PATH_MISSING, message)
            self._stream: BinaryIO = path.open("rb")
        except OSError as error:
            message = f"{path}: {error.strerror or 'it cannot be read'}."
            raise ChangeoverError(errors.PATH_MISSING, message) from None
        try:
            with self._disk():
                self._read_head()
                self.size = self._read_size()
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def _read_head(self) -> None:
        first = self._stream.readline(len(_FIRST) + 20)
        if not first.startswith(_MAGIC):
            raise self._broken("it does not begin as a backup does")
        told = first.removeprefix(_MAGIC).removesuffix(b"\n")
        if told.isdigit() and int(told) > FORMAT:
            message = f"{self._name} is of format {int(told)}; this Changeover knows {FORMAT}."
            raise ChangeoverError(errors.BACKUP_NEWER, message)
        if first != _FIRST:
            raise self._broken("it does not begin as a backup does")
        line = self._stream.readline(MAX_MANIFEST)
        seal = _SEAL.fullmatch(self._stream.read(_SEAL_BYTES))
        self._head = first + line
        if not line.endswith(b"\n") or seal is None:
            raise self._broken("its head is not whole")
        signed, used, signature, digest = seal.groups()
        if hashlib.sha256(self._head + signed).hexdigest().encode() != digest:
            raise self._broken("its manifest is not what it was when it was written")
        self.signed_with, self._signature = bytes.fromhex(used.decode()), bytes.fromhex(signature.decode())
        self._body_at = self._stream.tell()
        try:
            self.manifest = Manifest.decoded(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._broken("its manifest is none that Changeover writes") from None

    def _read_size(self) -> int:
        size = self._stream.seek(0, 2)
        if size != self._body_at + self.manifest.body.bytes:
            raise self._broken("it has been cut off, or something was put behind it")
        return size

    def check_signature(self, vault: Vault) -> None:
        """Make sure that who wrote the backup had the key.

        Raises:
            ChangeoverError: E-BACKUP-FORGED; E-BACKUP-KEY if the key is not in the vault.
        """
        if not vault.knows(self.signed_with):
            message = f"{self._name} was signed with the key {self.signed_with.hex()}, which is not here."
            raise ChangeoverError(errors.BACKUP_KEY, message)
        if not vault.is_signed(self.signed_with, self._head, self._signature):
            message = f"{self._name} was not signed with the key {self.signed_with.hex()}, as it claims."
            raise ChangeoverError(errors.BACKUP_FORGED, message)

    def check_body(self) -> None:
        """Make sure that the body is what was written, without unpacking it. Raises E-BACKUP-BROKEN."""
        digest = hashlib.sha256()
        for chunk in self._packed():
            digest.update(chunk)
        if digest.hexdigest() != self.manifest.body.sha256:
            raise self._broken("its rows are not what they were when it was written")

    def rows(self) -> Iterator[Row]:
        """Yield all rows, the tables in the manifest's order.

        Raises E-BACKUP-BROKEN where one is none or, at its end, where a table is not as the manifest says.
        """
        lines = self._lines()
        for part in self.manifest.tables:
            digest, size = hashlib.sha256(), 0
            shape = part.shape
            for number in range(1, part.rows + 1):
                line = next(lines, None)
                if line is None:
                    raise self._broken(f"{part.name} has fewer rows than its manifest says")
                digest.update(line)
                size += len(line)
                yield Row(part, self._values(shape, line, number), len(line))
            if (size, digest.hexdigest()) != (part.bytes, part.sha256):
                raise self._broken(f"{part.name} is not what its manifest says")
        if next(lines, None) is not None:
            raise self._broken("it has more rows than its manifest says")

    def _values(self, shape: Shape, line: bytes, number: int) -> dict[str, Any]:
        try:
            values = json.loads(line)
            if not isinstance(values, list) or len(values) != len(shape.columns):
                raise ValueError
            return {
                name: None if value is None else kind.from_file(value)
                for (name, kind), value in zip(shape.columns, values, strict=True)
            }
        except (*BROKEN_VALUE, RecursionError):
            raise self._broken(f"row {number} of {shape.name} is not one of that table") from None

    def _lines(self) -> Iterator[bytes]:
        """Yield the lines of the body; no more of it is in memory than the longest one and a chunk."""
        unpacking = zlib.decompressobj(_GZIP)
        begun: list[bytes] = []
        length = 0
        try:
            for packed in self._packed():
                rest = packed
                while rest and not unpacking.eof:
                    found = unpacking.decompress(rest, _CHUNK)
                    rest = unpacking.unconsumed_tail
                    *whole, last = found.split(b"\n")
                    for line in whole:
                        yield b"".join((*begun, line, b"\n"))
                        begun, length = [], 0
                    begun.append(last)
                    length += len(last)
                    if length > MAX_LINE:
                        raise self._broken("a row is larger than any can be")
                if rest or unpacking.unused_data:
                    raise self._broken("something was put behind its rows")
        except zlib.error:
            raise self._broken("its rows cannot be unpacked") from None
        if not unpacking.eof or length:
            raise self._broken("its rows end in the middle")

    def _packed(self) -> Iterator[bytes]:
        with self._disk():
            self._stream.seek(self._body_at)
        while True:
            with self._disk():
                chunk = self._stream.read(_CHUNK)
            if not chunk:
                return
            yield chunk

    @contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._broken(f"the disk does not give it ({error.strerror or error})") from None

    def _broken(self, says: str) -> ChangeoverError:
        return ChangeoverError(errors.BACKUP_BROKEN, f"{self._name} cannot be used: {says}.")
