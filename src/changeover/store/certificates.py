"""Apple push certificates."""

from __future__ import annotations

import warnings
from datetime import UTC, date

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from changeover import errors
from changeover.errors import ChangeoverError


class P12Certificates:
    """Reads P12 archives."""

    def p12_expiry(self, p12: bytes, password: str) -> date:
        """Return the last day of a P12's certificate, in UTC.

        Raises E-PUSH-CREDENTIAL-UNREADABLE for anything that is no P12, a wrong password, an archive without
        a certificate or without its key.
        """
        try:
            with warnings.catch_warnings():
                # cryptography warns of archives that are not strictly DER; Apple's Keychain writes such ones.
                warnings.simplefilter("ignore")
                key, certificate, _others = pkcs12.load_key_and_certificates(p12, password.encode() or None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            message = "The file is not a P12 archive, or its password is another."
            raise ChangeoverError(errors.PUSH_CREDENTIAL_UNREADABLE, message) from error
        if key is None or certificate is None:
            message = "The P12 archive holds no certificate with its private key."
            raise ChangeoverError(errors.PUSH_CREDENTIAL_UNREADABLE, message)
        return certificate.not_valid_after_utc.astimezone(UTC).date()

    def refuse_unreadable_key(self, pem: str) -> None:
        """Refuse a text that is no private key in PEM. Raises E-PUSH-CREDENTIAL-UNREADABLE."""
        try:
            load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            message = (
                "The signing key is not a P8 key: PEM, not encrypted, as Apple's developer site gives it."
            )
            raise ChangeoverError(errors.PUSH_CREDENTIAL_UNREADABLE, message) from error
