"""The certificate authority: what it vouches for, who may read its key, and how it goes on."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.serving.authority import CA, CA_KEY, LASTS, Authority
from changeover.serving.certificates import Files, GivenCertificate, OwnCertificate, TlsContext
from changeover.wiring import write_private

NOW = datetime.now(UTC)
NAMES = ("localhost", "127.0.0.1", "acme.my.localhost", "acme.my.salesforce.com", "login.salesforce.com")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tls", write_private)


@contextmanager
def served(context: ssl.SSLContext) -> Iterator[int]:
    """Take TLS connections until the block ends; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(20)

        def serve() -> None:
            while True:
                try:
                    with context.wrap_socket(listening.accept()[0], server_side=True) as taken:
                        taken.recv(1)
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
    # A socket that is closed wakes nobody who accepts: the time limit does, or the end of the tests.


def trusts(ca_file: Path, port: int, name: str) -> str:
    """Connect as a client that trusts one authority; returns OpenSSL's word for why not, or nothing."""
    context = ssl.create_default_context(cafile=ca_file)
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=name) as taken,
        ):
            taken.send(b"x")
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_a_client_that_trusts_it_reaches_every_name_of_an_org(authority: Authority, name: str) -> None:
    own = OwnCertificate(authority, (), lambda: NOW)
    with served(TlsContext(own).context) as port:
        assert trusts(authority.ca_file, port, name) == ""


def test_names_that_were_given_are_covered_and_no_other(authority: Authority) -> None:
    own = OwnCertificate(authority, ("changeover.internal", "192.0.2.7"), lambda: NOW)
    with served(TlsContext(own).context) as port:
        assert trusts(authority.ca_file, port, "changeover.internal") == ""
        assert trusts(authority.ca_file, port, "192.0.2.7") == ""
        assert "mismatch" in trusts(authority.ca_file, port, "www.example.com")
        assert "mismatch" in trusts(authority.ca_file, port, "192.0.2.8")


@pytest.mark.parametrize("name", ["www.example.com", "salesforce.com.evil.example", "192.0.2.7"])
def test_who_steals_its_key_cannot_pose_as_others(authority: Authority, tmp_path: Path, name: str) -> None:
    """A stolen key signs whatever it likes: the authority's own certificate says what that is worth."""
    authority.certificate((), NOW)
    thief = Authority(tmp_path / "thief", write_private)
    (tmp_path / "thief").mkdir()
    for file in (CA, CA_KEY):
        (tmp_path / "thief" / file).write_bytes((tmp_path / "tls" / file).read_bytes())
        (tmp_path / "thief" / file).chmod(0o600)
    forged = thief.certificate((name,), NOW)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(forged)
    with served(context) as port:
        # The thief widened a copy of the authority; whoever trusts the one before takes it for none of that.
        assert "permitted subtree" in trusts(authority.ca_file, port, name)


def test_only_the_owner_reads_what_it_writes(authority: Authority, tmp_path: Path) -> None:
    authority.certificate((), NOW)
    found = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "tls").iterdir()}
    assert found == {"ca.key": 0o600, "ca.pem": 0o600, "server.pem": 0o600}
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700
    assert b"PRIVATE" not in authority.ca_file.read_bytes()


def test_what_is_served_is_renewed_in_time_and_the_authority_stays(authority: Authority) -> None:
    file = authority.certificate((), NOW)
    first, trusted = file.read_bytes(), authority.ca_file.read_bytes()
    authority.certificate((), NOW + LASTS / 2)
    assert file.read_bytes() == first
    authority.certificate((), NOW + LASTS - timedelta(days=9))
    assert file.read_bytes() != first
    assert authority.ca_file.read_bytes() == trusted
    made = x509.load_pem_x509_certificate(file.read_bytes())
    assert made.not_valid_after_utc - (NOW + LASTS) > timedelta(days=20)


def test_another_name_widens_the_authority_under_the_same_key(authority: Authority) -> None:
    authority.certificate(("one.internal",), NOW)
    before = x509.load_pem_x509_certificate(authority.ca_file.read_bytes())
    authority.certificate(("two.internal",), NOW)
    after = x509.load_pem_x509_certificate(authority.ca_file.read_bytes())
    assert after.public_key() == before.public_key()
    own = OwnCertificate(authority, ("two.internal",), lambda: NOW)
    with served(TlsContext(own).context) as port:
        assert trusts(authority.ca_file, port, "two.internal") == ""
    # Back and forth: what it once covered it covers still, and nothing is made anew.
    kept = authority.ca_file.read_bytes()
    authority.certificate(("one.internal",), NOW)
    assert authority.ca_file.read_bytes() == kept


def test_a_running_server_takes_up_the_renewed_one(authority: Authority) -> None:
    now = [NOW]
    tls = TlsContext(OwnCertificate(authority, (), lambda: now[0]))
    assert not tls.follow()
    with served(tls.context) as port:
        before = ssl.get_server_certificate(("127.0.0.1", port))
        now[0] += LASTS - timedelta(days=1)
        assert tls.follow()
        assert ssl.get_server_certificate(("127.0.0.1", port)) != before


@pytest.mark.parametrize("name", [CA_KEY, CA, "server.pem"])
@pytest.mark.parametrize("content", [b"", b"no certificate"])
def test_a_file_that_is_broken(authority: Authority, tmp_path: Path, name: str, content: bytes) -> None:
    authority.certificate((), NOW)
    (tmp_path / "tls" / name).write_bytes(content)
    if name == CA_KEY:
        # A key is not made anew behind anybody's back: clients trust it.
        with pytest.raises(ChangeoverError) as caught:
            authority.certificate((), NOW)
        assert caught.value.kind is errors.CERTIFICATE_UNREADABLE
        assert str(tmp_path / "tls") in caught.value.remedy
    else:
        own = OwnCertificate(authority, (), lambda: NOW)
        with served(TlsContext(own).context) as port:
            assert trusts(authority.ca_file, port, "localhost") == ""


def test_a_key_that_others_may_read_is_refused(authority: Authority, tmp_path: Path) -> None:
    authority.certificate((), NOW)
    (tmp_path / "tls" / CA_KEY).chmod(0o644)
    with pytest.raises(ChangeoverError) as caught:
        authority.certificate((), NOW)
    assert caught.value.kind is errors.KEY_OPEN


def test_a_certificate_of_another_authority_is_replaced(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other", write_private)
    authority.certificate((), NOW)
    (tmp_path / "tls" / "server.pem").write_bytes(other.certificate((), NOW).read_bytes())
    with served(TlsContext(OwnCertificate(authority, (), lambda: NOW)).context) as port:
        assert trusts(authority.ca_file, port, "localhost") == ""


class Given:
    """A certificate that somebody brings."""

    def __init__(self, folder: Path, *, password: bytes | None = None) -> None:
        self.files = Files(folder / "given.pem", folder / "given.key")
        self.write(password)

    def write(self, password: bytes | None = None) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "given")])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=1))
            .not_valid_after(NOW + timedelta(days=90))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("given.example")]), critical=False)
            .sign(key, hashes.SHA256())
        )
        self.files.certificate.write_bytes(made.public_bytes(Encoding.PEM))
        sealed = BestAvailableEncryption(password) if password else NoEncryption()
        self.files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed))


def refused(files: Files) -> ChangeoverError:
    with pytest.raises(ChangeoverError) as caught:
        TlsContext(GivenCertificate(files))
    return caught.value


def test_given_files_are_served_and_followed(tmp_path: Path) -> None:
    given = Given(tmp_path)
    tls = TlsContext(GivenCertificate(given.files))
    with served(tls.context) as port:
        before = ssl.get_server_certificate(("127.0.0.1", port))
        assert before.strip() == given.files.certificate.read_text().strip()
        given.write()
        assert tls.follow()
        assert ssl.get_server_certificate(("127.0.0.1", port)).strip() == (
            given.files.certificate.read_text().strip()
        )
        # Half of another pair: what is served is served on.
        good = given.files.certificate.read_text()
        given.files.key.write_bytes(b"half written")
        with pytest.raises(ChangeoverError):
            tls.follow()
        assert ssl.get_server_certificate(("127.0.0.1", port)).strip() == good.strip()


def test_given_files_that_will_not_do(tmp_path: Path) -> None:
    given = Given(tmp_path)
    missing = refused(Files(tmp_path / "nowhere.pem", given.files.key))
    assert missing.kind is errors.CERTIFICATE_UNREADABLE
    assert "nowhere.pem" in missing.message
    assert refused(Files(tmp_path, given.files.key)).kind is errors.CERTIFICATE_UNREADABLE
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "other.key").write_bytes(pem)
    assert refused(Files(given.files.certificate, tmp_path / "other.key")).kind is errors.CERTIFICATE_MISMATCH
    third = tmp_path / "third"
    third.mkdir()
    assert refused(Files(given.files.certificate, Given(third).files.key)).kind is errors.CERTIFICATE_MISMATCH
    (tmp_path / "empty.pem").write_bytes(b"")
    assert refused(Files(tmp_path / "empty.pem", given.files.key)).kind is errors.CERTIFICATE_UNREADABLE


def test_a_key_with_a_password_is_refused_and_nobody_is_asked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    found = refused(Given(tmp_path, password=b"a-password-of-somebody").files)
    assert found.kind is errors.CERTIFICATE_UNREADABLE
    assert "pass phrase" not in "".join(capfd.readouterr())


def test_a_folder_that_cannot_be_made_is_one_clear_error(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "tls").touch()
    with pytest.raises(ChangeoverError) as caught:
        authority.certificate((), NOW)
    assert caught.value.kind is errors.OUTPUT_FAILED
    assert str(tmp_path / "tls") in caught.value.message
