"""A local org with one app and its integration user, and how a test calls its OAuth endpoints."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter

from changeover.oauth.authorization import Asked, approve, ask
from changeover.oauth.call import Answer, Call
from changeover.oauth.server import token
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.lists import AppKind, LoginQuery
from changeover.org.model.events import LoginRow
from tests.org.world import SECRET, YES, World

BASE = "https://acme.my.salesforce.com"
KEY = "3MVG9.Billing_key"
INTEGRATION = "int@example.com"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ADDRESS = "127.0.0.1"
CALLBACK = "https://billing.example.com/callback"
AUTHORIZE = {"response_type": "code", "client_id": KEY, "redirect_uri": CALLBACK}


@dataclass
class Endpoint:
    """The OAuth endpoints of a test's org."""

    world: World
    address: str = ADDRESS
    extra: dict[str, Any] = field(default_factory=dict)

    def call(self, parameters: dict[str, str], **more: Any) -> Call:
        with self.world.read() as unit:
            org = unit.orgs.get(self.world.org_id)
        assert org is not None
        many = {name: (value,) for name, value in parameters.items()}
        given = {"address": ip_address(self.address), **self.extra, **more}
        return Call(org=org, base_url=BASE, parameters=many, **given)

    def token(self, form: dict[str, str], basic: tuple[str, str] | None = None) -> Answer:
        """Ask the token endpoint."""
        more = {}
        if basic is not None:
            more["authorization"] = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
        with self.world.unit() as unit:
            return token(unit, self.call(form, **more))

    def good(self, form: dict[str, str], basic: tuple[str, str] | None = None) -> dict[str, Any]:
        """Ask the token endpoint, and expect a token."""
        answer = self.token(form, basic)
        assert answer.status == 200, answer
        assert answer.body is not None
        return dict(answer.body)

    def refused(self, form: dict[str, str], basic: tuple[str, str] | None = None) -> tuple[str, str]:
        """Ask the token endpoint, and expect an error."""
        answer = self.token(form, basic)
        assert answer.status in {400, 401}, answer
        assert answer.body is not None
        return answer.body["error"], answer.body["error_description"]

    def asked(self, **parameters: str) -> Any:
        """Ask the authorization endpoint."""
        with self.world.unit() as unit:
            return ask(unit, self.call({**AUTHORIZE, **parameters}))

    def code(self, **parameters: str) -> str:
        """Have the integration user approve, and return the code."""
        (code,) = self.approved(**parameters)["code"]
        return code

    def approved(self, username: str = INTEGRATION, **parameters: str) -> dict[str, list[str]]:
        """Have a user approve, and return what the app is told."""
        call = self.call({**AUTHORIZE, **parameters})
        with self.world.unit() as unit:
            asked = ask(unit, call)
            assert isinstance(asked, Asked), asked
            user = unit.users.in_org(self.world.org_id, username)
            assert user is not None
            url = urlsplit(approve(unit, call, asked, user).url)
        return parse_qs(url.query or url.fragment)

    def logins(self) -> list[LoginRow]:
        """Return Login History, the newest first."""
        with self.world.read() as unit:
            return list(unit.logins.page(self.world.org_id, LoginQuery()).rows)

    def migrate(self) -> None:
        """Migrate the app, against whatever Login History says."""
        self.world.migrated(confirmation=replace(YES, despite_evidence=True))

    def become(self, kind: AppKind) -> None:
        """Have the app be of a kind: migrate it where that is an external client app."""
        if kind is AppKind.EXTERNAL:
            self.migrate()

    def revert(self) -> None:
        self.world.do(delete_external_client_app, "Billing", confirmed=True, seen_version=None)


def secrets(**more: str) -> dict[str, str]:
    """The app's credentials in the form."""
    return {"client_id": KEY, "client_secret": SECRET, **more}


def certified(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, first: dt.date, last: dt.date) -> str:
    """Return a certificate of a key, valid from one day to another."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "billing")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(first.year, first.month, first.day, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(last.year, last.month, last.day, tzinfo=dt.UTC))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


class Pair:
    """A key pair of a client, with its certificate."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = self.certified(dt.date(2026, 1, 1), dt.date(2036, 1, 1))
        self.pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def certified(self, first: dt.date, last: dt.date) -> str:
        """Return a certificate of the key, valid from one day to another."""
        return certified(self._key, first, last)

    def assertion(self, claims: dict[str, Any], algorithm: str = "RS256", **header: Any) -> str:
        key = RSAKey.import_key(self.pem)
        known = {name: HeaderParameter(name, "str") for name in header if name != "crit"}
        any_header = JWSRegistry(known, algorithms=[algorithm])
        return jwt.encode({"alg": algorithm, "typ": "JWT", **header}, claims, key, registry=any_header)


def payload(token_text: str) -> dict[str, Any]:
    """Return what a JWT says, unchecked."""
    part = token_text.split(".")[1]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return said
