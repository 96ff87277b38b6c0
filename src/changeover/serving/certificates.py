"""Which certificate is served: our own authority's or one from files; how a running server follows it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.serving.authority import Authority

_MISMATCHES = frozenset({"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"})
"""OpenSSL's words for a key of another certificate; the last for one of another kind."""


class Files(NamedTuple):
    """Where a certificate and its key are."""

    certificate: Path
    key: Path


class Certificate(Protocol):
    """What is served; it travels to the processes that serve."""

    @property
    def ca_file(self) -> Path | None:
        """What clients are told to trust, None where they know it already."""

    def files(self) -> Files:
        """Return where it is now; it may be another one than before."""


@dataclass(frozen=True)
class OwnCertificate:
    """A certificate of the installation's own authority, renewed in time."""

    authority: Authority
    names: tuple[str, ...]
    """Further host names and addresses."""
    now: Callable[[], datetime]

    @property
    def ca_file(self) -> Path | None:
        """The authority's certificate."""
        return self.authority.ca_file

    def files(self) -> Files:
        """Return the file of both, made anew where it is about to end. Raises as `Authority`."""
        file = self.authority.certificate(self.names, self.now())
        return Files(file, file)


@dataclass(frozen=True)
class GivenCertificate:
    """A certificate that the operator brought, and renews."""

    given: Files

    @property
    def ca_file(self) -> Path | None:
        """None: whoever issued it is for the operator to know."""
        return None

    def files(self) -> Files:
        """Return the files as they were given."""
        return self.given


class TlsContext:
    """The TLS side of a server, which takes up another certificate without a restart.

    Args:
        certificate: what is served.

    Raises:
        ChangeoverError: E-CERTIFICATE-UNREADABLE, E-CERTIFICATE-MISMATCH; as the certificate's `files`.
    """

    def __init__(self, certificate: Certificate) -> None:
        self._certificate = certificate
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        files = certificate.files()
        self._seen = _stamps(files)
        _load(self.context, files)

    def follow(self) -> bool:
        """Take up the certificate where it is another one now; connections that are open stay as they are.

        Returns:
            Whether it was another one.

        Raises:
            ChangeoverError: as at first; what was served is served on.
        """
        files = self._certificate.files()
        stamps = _stamps(files)
        if stamps == self._seen:
            return False
        # First into a context of its own: half of a pair must not spoil the one that serves.
        _load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), files)
        _load(self.context, files)
        self._seen = stamps
        return True


def _stamps(files: Files) -> tuple[tuple[int, int], ...]:
    """Return what is another one once a file has been written anew."""
    found = []
    for file in files:
        try:
            status = file.stat()
        except OSError as error:
            raise _unreadable(file, error.strerror or str(error)) from None
        found.append((status.st_mtime_ns, status.st_ino))
    return tuple(found)


def _load(context: ssl.SSLContext, files: Files) -> None:
    for file in files:
        try:
            file.read_bytes()
        except OSError as error:
            raise _unreadable(file, error.strerror or str(error)) from None
    try:
        # Without a password OpenSSL would ask for one at the terminal.
        context.load_cert_chain(files.certificate, files.key, password="")
    except ssl.SSLError as error:
        if error.reason in _MISMATCHES:
            message = f"The key in {files.key} does not belong to the certificate in {files.certificate}."
            raise ChangeoverError(errors.CERTIFICATE_MISMATCH, message) from None
        which = f"{files.certificate} or {files.key}"
        raise _unreadable(which, "no PEM, or a key with a password") from None


def _unreadable(file: Path | str, reason: str) -> ChangeoverError:
    message = f"{file} cannot be used as certificate and key: {reason}."
    return ChangeoverError(errors.CERTIFICATE_UNREADABLE, message)
