"""The installation's own certificate authority, and the certificate under which it is served.

Clients that insist on https are told to trust this one authority, in their own process and nowhere else. It
can vouch for little (RFC 5280 section 4.2.1.10): `salesforce.com`, under which clients look for an org,
`localhost`, the loopback addresses, and the names that the operator gave. Its key is readable by the owner
only and never leaves the machine. The certificate that is served lasts a month and is made anew in time.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import NamedTuple, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from changeover import errors
from changeover.errors import ChangeoverError

CA = "ca.pem"
CA_KEY = "ca.key"
SERVED = "server.pem"
"""The certificate that is served, with its key, in one file: a reader never sees one without the other."""

LASTS = timedelta(days=30)
RENEWED_BEFORE_END = timedelta(days=10)
_CA_LASTS = timedelta(days=3650)
_CLOCKS_DIFFER = timedelta(hours=1)

REALMS = ("salesforce.com", "localhost", "127.0.0.1", "::1")
"""What the authority can always vouch for."""
NAMES = (
    "localhost",
    "127.0.0.1",
    "::1",
    "*.my.localhost",
    "*.salesforce.com",
    "*.my.salesforce.com",
    "*.sandbox.my.salesforce.com",
    "*.develop.my.salesforce.com",
    "*.scratch.my.salesforce.com",
)
"""What every certificate names. `*.localhost` would be taken by no client: a wildcard needs two labels."""


class Write(Protocol):
    """Writes a file whole or not at all, readable by its owner only."""

    def __call__(self, path: Path, content: bytes, *, overwrite: bool) -> None:
        """Write it. `overwrite`: whether one that is there is replaced."""


"""Writes a file whole or not at all, readable by its owner only: path, content, whether to replace one.

Raises E-OUTPUT-IN-THE-WAY where there is one and it is not to be replaced, E-OUTPUT-FAILED.
"""


class _Issued(NamedTuple):
    """A certificate and the key that belongs to it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authority:
    """The certificate authority of an installation, in a folder of its own.

    Args:
        folder: where its files are; it is made when they are.
        write: how a file is written.
    """

    def __init__(self, folder: Path, write: Write) -> None:
        self._folder = folder
        self._write = write

    @property
    def ca_file(self) -> Path:
        """What clients are told to trust."""
        return self._folder / CA

    def certificate(self, names: Iterable[str], now: datetime) -> Path:
        """Return the file with a certificate for these names and its key; what is missing is made.

        Args:
            names: further host names and addresses; `NAMES` are always among them.
            now: the time.

        Raises:
            ChangeoverError: E-CERTIFICATE-UNREADABLE where a file of ours is broken, E-KEY-OPEN where others
                may read the authority's key, E-OUTPUT-FAILED.
        """
        wanted = tuple(dict.fromkeys((*NAMES, *(name.strip("[]").lower() for name in names))))
        try:
            self._folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        except OSError as error:
            message = f"The folder {self._folder} cannot be made: {error.strerror or error}."
            raise ChangeoverError(errors.OUTPUT_FAILED, message) from None
        authority = self._authority(wanted, now)
        file = self._folder / SERVED
        if not _good(file, authority.certificate, wanted, now):
            made = _serve(authority, wanted, now)
            chain = made.certificate.public_bytes(Encoding.PEM) + authority.certificate.public_bytes(
                Encoding.PEM
            )
            self._write(file, _pem(made.key) + chain, overwrite=True)
        return file

    def _authority(self, wanted: tuple[str, ...], now: datetime) -> _Issued:
        """Return the authority; where its certificate does not cover what is wanted, one that does."""
        key = self._key()
        found = _certificate_in(self.ca_file)
        kept: set[str] = set()
        if found is not None and found.public_key() == key.public_key():
            kept = _realms(found)
            if all(_within(name, kept) for name in wanted) and now < found.not_valid_after_utc - LASTS:
                return _Issued(found, key)
        # The same key: who trusts the file by its path goes on without a change.
        further = {name for name in wanted if not _within(name, {*REALMS, *kept})}
        made = _Issued(_found_authority(key, (*REALMS, *sorted({*kept, *further} - {*REALMS})), now), key)
        self._write(self.ca_file, made.certificate.public_bytes(Encoding.PEM), overwrite=True)
        return made

    def _key(self) -> ec.EllipticCurvePrivateKey:
        file = self._folder / CA_KEY
        if not file.exists():
            try:
                self._write(file, _pem(ec.generate_private_key(ec.SECP256R1())), overwrite=False)
            except ChangeoverError as error:
                # Another process was first: its key counts.
                if error.kind is not errors.OUTPUT_IN_THE_WAY:
                    raise
        try:
            mode, content = file.stat().st_mode, file.read_bytes()
            key = load_pem_private_key(content, None)
        except (OSError, ValueError, TypeError):
            raise _broken(self._folder, CA_KEY) from None
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            message = f"Others than its owner may read or write {file}, the key of the certificate authority."
            raise ChangeoverError(errors.KEY_OPEN, message, f"Run chmod 600 {file}.")
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise _broken(self._folder, CA_KEY)
        return key


def _broken(folder: Path, name: str) -> ChangeoverError:
    message = f"{folder / name} cannot be read, or is not what Changeover wrote there."
    remedy = (
        f"Remove the folder {folder}: a new certificate authority is made, which clients must trust anew."
    )
    return ChangeoverError(errors.CERTIFICATE_UNREADABLE, message, remedy)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _certificate_in(file: Path) -> x509.Certificate | None:
    """Return the first certificate in a file, None where there is none: it is then made."""
    with suppress(OSError, ValueError):
        return x509.load_pem_x509_certificates(file.read_bytes())[0]
    return None


def _good(file: Path, authority: x509.Certificate, wanted: tuple[str, ...], now: datetime) -> bool:
    """Whether a file holds a certificate of this authority for all the names that lasts for a while."""
    found = _certificate_in(file)
    if found is None or now >= found.not_valid_after_utc - RENEWED_BEFORE_END:
        return False
    try:
        found.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    # The authority was made anew with another reach: what is served must say the same of it.
    chain = x509.load_pem_x509_certificates(file.read_bytes())
    return authority in chain and set(wanted) <= _names(found)


def _names(certificate: x509.Certificate) -> set[str]:
    named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    hosts = named.get_values_for_type(x509.DNSName)
    return {*hosts, *(str(each) for each in named.get_values_for_type(x509.IPAddress))}


def _realms(certificate: x509.Certificate) -> set[str]:
    """Return what an authority can vouch for."""
    with suppress(x509.ExtensionNotFound):
        found = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        # A network of one address is written with its length.
        return {str(each.value).partition("/")[0] for each in found.permitted_subtrees or ()}
    return set()


def _within(name: str, realms: set[str]) -> bool:
    """Whether a name is one of the realms, or a host below one."""
    return name in realms or (_address(name) is None and any(name.endswith(f".{realm}") for realm in realms))


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _host_or_address(name: str) -> x509.GeneralName:
    address = _address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def _realm(name: str) -> x509.GeneralName:
    """Return a name as a name constraint: a host with all below it, one address as a network of its own."""
    address = _address(name)
    if address is None:
        return x509.DNSName(name.removeprefix("*."))
    network = ip_network(address)
    assert isinstance(network, IPv4Network | IPv6Network)  # noqa: S101 - for the reader of types
    return x509.IPAddress(network)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _found_authority(
    key: ec.EllipticCurvePrivateKey, realms: tuple[str, ...], now: datetime
) -> x509.Certificate:
    """Return the certificate of an authority that can vouch for these realms only."""
    name = _name("Changeover, for local orgs on this machine only")
    constraints = x509.NameConstraints([_realm(realm) for realm in realms], None)
    return (
        _certificate(name, name, key.public_key(), now, _CA_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(constraints, critical=True)
        .sign(key, hashes.SHA256())
    )


def _serve(authority: _Issued, names: tuple[str, ...], now: datetime) -> _Issued:
    """Return a certificate for servers, with a new key."""
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    made = (
        _certificate(_name("Changeover"), authority.certificate.subject, key.public_key(), now, LASTS)
        .add_extension(
            x509.SubjectAlternativeName([_host_or_address(name) for name in names]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return _Issued(made, key)
