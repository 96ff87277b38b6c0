"""TLS to PostgreSQL: what the database's URL says of it holds, and without it nothing is sent.

The PostgreSQL of the tests is built without TLS; in front of it stands what terminates it, as a pooler does.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.installation import create_org
from changeover.org.model.orgs import Edition
from changeover.wiring import open_house
from tests.org.world import FAST
from tests.postgresql import Server

_ASKS = 8
_TLS, _GSS = (number.to_bytes(4) for number in (80877103, 80877104))
"""What a client asks for before anything else (PostgreSQL documentation, Message Formats)."""
PASSWORD = "THE-PASSWORD-OF-THE-URL"


def self_signed(folder: Path, name: str) -> Path:
    """Write a certificate for 127.0.0.1 that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2046, 1, 1, tzinfo=dt.UTC))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


class Front:
    """A port on loopback before a server's socket. It takes TLS, or has no certificate and says so."""

    def __init__(self, server: Server, certificate: Path | None) -> None:
        self._behind = str(server.folder / ".s.PGSQL.5432")
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self.ciphers: list[str] = []
        """Of each connection that came to be."""
        self.unasked = 0
        """Connections that began without TLS."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                taken, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=(taken,), daemon=True).start()

    def _serve(self, taken: socket.socket) -> None:
        with taken, suppress(OSError):
            asked = taken.recv(_ASKS)
            while asked[4:] == _GSS:
                taken.sendall(b"N")
                asked = taken.recv(_ASKS)
            if asked[4:] != _TLS:
                self.unasked += bool(asked)
                return
            if self._tls is None:
                taken.sendall(b"N")
                self.unasked += bool(taken.recv(_ASKS))
                return
            taken.sendall(b"S")
            with (
                self._tls.wrap_socket(taken, server_side=True) as inside,
                socket.socket(socket.AF_UNIX) as behind,
            ):
                self.ciphers.append(str(inside.cipher()))
                behind.connect(self._behind)
                back = threading.Thread(target=_pump, args=(behind, inside), daemon=True)
                back.start()
                _pump(inside, behind)
                back.join(10)


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)


@pytest.fixture
def front(postgresql: Server) -> Iterator[Callable[[Path | None], Front]]:
    """Return what puts a front before the server."""
    made: list[Front] = []

    def make(certificate: Path | None) -> Front:
        made.append(Front(postgresql, certificate))
        return made[-1]

    yield make
    for one in made:
        one.close()


def opened(front: Front, name: str, folder: Path, **said: str) -> None:
    """Open an installation through a front, and make an org there."""
    query = "&".join(f"{key}={value}" for key, value in said.items())
    url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{front.port}/{name}?{query}"
    house = open_house(url, key_file=folder / "changeover.key", passwords=FAST, environment={})
    try:
        create_org(
            house.units, "Acme", Edition.DEVELOPER, my_domain="acme", username="a@acme.example", email="a@a.b"
        )
    finally:
        house.close()


def test_the_url_asks_for_tls_and_gets_it(
    postgresql: Server, front: Callable[[Path | None], Front], tmp_path: Path
) -> None:
    certificate = self_signed(tmp_path, "server")
    for said in ({"sslmode": "require"}, {"sslmode": "verify-full", "sslrootcert": str(certificate)}):
        door, name = front(certificate), postgresql.new()
        opened(door, name, tmp_path, **said)
        assert door.ciphers, said
        assert "TLSv1.3" in door.ciphers[0]
        assert door.unasked == 0
        postgresql.drop(name)


def test_another_certificate_or_no_tls_is_refused_before_anything_is_sent(
    postgresql: Server, front: Callable[[Path | None], Front], tmp_path: Path
) -> None:
    trusted, strange = self_signed(tmp_path, "trusted"), self_signed(tmp_path, "strange")
    name = postgresql.new()
    for certificate, why, said in (
        (strange, "certificate verify failed", {"sslmode": "verify-full", "sslrootcert": str(trusted)}),
        (None, "does not support SSL", {"sslmode": "require"}),
        (None, "does not support SSL", {"sslmode": "verify-full", "sslrootcert": str(trusted)}),
    ):
        door = front(certificate)
        with pytest.raises(ChangeoverError) as caught:
            opened(door, name, tmp_path, **said)
        assert caught.value.kind is errors.STORE_UNREADABLE, said
        assert why in caught.value.message
        assert PASSWORD not in str(caught.value)
        assert (door.ciphers, door.unasked) == ([], 0), said
    # The front does see who comes without TLS.
    door = front(trusted)
    with pytest.raises(ChangeoverError):
        opened(door, name, tmp_path, sslmode="disable")
    assert (door.ciphers, door.unasked) == ([], 1)
    postgresql.drop(name)
