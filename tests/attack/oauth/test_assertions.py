"""JWT bearer assertions: forged, confused, replayed, for somebody else."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_private_key_of_rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from joserfc import jws
from joserfc.jwk import RSAKey

from changeover.oauth.proof import JWT
from tests.attack.oauth.target import BASE, OAUTH, Target, error_of
from tests.oauth.endpoint import INTEGRATION, JWT_BEARER, KEY, Pair, certified
from tests.org.world import START, app

NOW = int(START.timestamp())
INVALID = ("invalid_grant", "invalid assertion")


@pytest.fixture(autouse=True)
def preauthorized(target: Target) -> None:
    target.change(is_admin_approved=True)


def claims(**more: Any) -> dict[str, Any]:
    return {"iss": KEY, "sub": INTEGRATION, "aud": BASE, "exp": NOW + 120, **more}


def encoded(content: Any) -> str:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def headed(pair: Pair, header: dict[str, Any], said: dict[str, Any] | None = None) -> str:
    """Return an assertion under a header of the attacker's choice, rightly signed by a key pair."""
    key = RSAKey.import_key(pair.pem)
    allowed = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    return jws.serialize_compact(
        {"alg": "RS256", **header}, json.dumps(said or claims()), key, registry=allowed
    )


def tried(target: Target, assertion: str, **more: Any) -> tuple[str, str]:
    return error_of(target.token({"grant_type": JWT_BEARER, "assertion": assertion}, **more))


def test_a_good_one_is_good(target: Target) -> None:
    form = {"grant_type": JWT_BEARER, "assertion": target.pair.assertion(claims())}
    assert target.token(form).status_code == 200


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_algorithm_none(target: Target, algorithm: str) -> None:
    unsigned = f"{encoded({'alg': algorithm})}.{encoded(claims())}."
    assert tried(target, unsigned) == INVALID
    signed = target.pair.assertion(claims())
    assert tried(target, f"{unsigned}{signed.rpartition('.')[2]}") == INVALID


@pytest.mark.parametrize("form", ["pem", "der", "certificate", "modulus"])
def test_algorithm_confusion_hs256_with_the_public_key(target: Target, form: str) -> None:
    public = load_pem_x509_certificate(target.pair.certificate.encode()).public_key()
    key = {
        "pem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "certificate": target.pair.certificate.encode(),
        "modulus": public.public_numbers().n.to_bytes(256, "big"),  # type: ignore[union-attr]
    }[form]
    head = f"{encoded({'alg': 'HS256', 'typ': 'JWT'})}.{encoded(claims())}"
    assert tried(target, f"{head}.{encoded(hmac.digest(key, head.encode(), 'sha256'))}") == INVALID


def test_algorithm_confusion_with_other_signatures_of_the_same_key(target: Target) -> None:
    for algorithm in ("RS384", "RS512", "PS256"):
        assert tried(target, target.pair.assertion(claims(), algorithm)) == INVALID


@pytest.mark.parametrize("kid", ["../../../dev/null", "' OR 1=1 --", "", "0", "x" * 9000])
def test_kid_does_not_choose_the_key(target: Target, kid: str) -> None:
    assert tried(target, headed(Pair(), {"kid": kid})) == INVALID


@pytest.mark.parametrize("header", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_brought_along_in_the_header(target: Target, header: str) -> None:
    mine = Pair()
    public = RSAKey.import_key(mine.pem).as_dict(private=False)
    brought: dict[str, Any] = {
        "jwk": public,
        "jku": "https://evil.example/keys.json",
        "x5u": "https://evil.example/cert.pem",
        "x5c": ["".join(mine.certificate.splitlines()[1:-1])],
    }
    assert tried(target, headed(mine, {header: brought[header]})) == INVALID


def test_a_critical_header_that_nobody_understands(target: Target) -> None:
    head, said = encoded({"alg": "RS256", "crit": ["evil"], "evil": 1}), encoded(claims())
    signature = target.pair.assertion(claims()).rpartition(".")[2]
    assert tried(target, f"{head}.{said}.{signature}") == INVALID


def test_a_self_made_certificate_of_the_same_name(target: Target) -> None:
    assert tried(target, Pair().assertion(claims())) == INVALID


def test_the_certificate_of_another_app(target: Target) -> None:
    theirs = Pair()
    oauth = {"consumer_key": "3MVG9.Theirs", "certificate": theirs.certificate, "is_admin_approved": True}
    target.world.bring(app("Theirs", oauth=oauth, profile_name=("Standard User",)))
    good = {"grant_type": JWT_BEARER, "assertion": theirs.assertion(claims(iss="3MVG9.Theirs"))}
    assert target.token(good).status_code == 200
    assert tried(target, theirs.assertion(claims())) == INVALID
    assert tried(target, target.pair.assertion(claims(iss="3MVG9.Theirs"))) == INVALID


def test_the_certificate_of_the_same_key_in_another_org(target: Target) -> None:
    from changeover.org.importing import Incoming, import_apps  # noqa: PLC0415 - only here
    from tests.org.world import actor_named  # noqa: PLC0415 - only here

    theirs = Pair()
    actor = actor_named(target.world.house, target.other_org())
    document = target.world.record().document
    assert document.oauth_config is not None
    copied = replace(document, oauth_config=replace(document.oauth_config, certificate=theirs.certificate))
    list(import_apps(target.world.house.units, actor, [Incoming(app=copied, path="x")]))
    assert tried(target, theirs.assertion(claims()), prefix="/org/acme") == INVALID
    # Nor is a user of this org one of the other.
    said = claims(aud=f"{BASE}/org/globex")
    assert tried(target, theirs.assertion(said), prefix="/org/globex")[0] in {
        "invalid_grant",
        "inactive_user",
    }


@pytest.mark.parametrize(
    "aud",
    [
        "https://evil.example",
        f"{BASE}.evil.example",
        f"{BASE}@evil.example",
        f"{BASE}/org/globex",
        "https://globex.my.salesforce.com",
        "",
        None,
        [],
        {},
        7,
    ],
)
def test_an_assertion_for_another_audience(target: Target, aud: Any) -> None:
    assert tried(target, target.pair.assertion(claims(aud=aud))) == ("invalid_grant", "audience is invalid")


@pytest.mark.parametrize(
    "exp", [NOW - 181, 0, -1, None, "never", [], NOW + 3 * 86400, (NOW + 3 * 86400) * 1000, 1e300]
)
def test_an_assertion_expired_or_good_for_ever(target: Target, exp: Any) -> None:
    assert tried(target, target.pair.assertion(claims(exp=exp)))[1] == "expired assertion"


def test_an_assertion_replayed(target: Target) -> None:
    form = {"grant_type": JWT_BEARER, "assertion": target.pair.assertion(claims(jti="1"))}
    assert target.token(form).status_code == 200
    assert error_of(target.token(form))[1] == "this assertion was used before"
    # Under another serialization of the very same claims, and at the org's other address.
    again = target.pair.assertion({"jti": "1", **claims()})
    assert error_of(target.token({**form, "assertion": again}, prefix="/org/acme"))[0] == "invalid_grant"


def test_an_assertion_with_claims_changed_after_the_signature(target: Target) -> None:
    head, _said, signature = target.pair.assertion(claims()).split(".")
    admin = encoded(claims(sub=target.world.admin.username))
    assert tried(target, f"{head}.{admin}.{signature}") == INVALID


def test_an_assertion_with_two_subjects(target: Target) -> None:
    assertion = target.pair.assertion(claims(sub=[INTEGRATION, target.world.admin.username]))
    assert tried(target, assertion) == INVALID


def test_an_assertion_for_a_user_who_approved_nothing(target: Target) -> None:
    target.change(is_admin_approved=False)
    assertion = target.pair.assertion(claims(sub=target.world.admin.username))
    assert tried(target, assertion) == ("invalid_grant", "user hasn't approved this consumer")


def test_an_id_token_as_an_assertion(target: Target) -> None:
    token = target.tokens(scope="openid")["id_token"]
    assert tried(target, token)[0] in {"invalid_grant", "invalid_client_id"}


def test_an_assertion_nested_or_broken(target: Target) -> None:
    good = target.pair.assertion(claims())
    for broken in (
        good + ".",
        good + ".x.y",
        good[:-2],
        f"{good}\0",
        "é" * 99,
        "[" * 20_000,
        "..",
        "{}.{}.{}",
    ):
        assert tried(target, broken) == INVALID


NESTED = (b"[" * 20_000 + b"]" * 20_000, b'{"a":' * 8_000 + b"1" + b"}" * 8_000)


@pytest.mark.parametrize("json_text", [*NESTED, b'{"iss":"x","sub":' + NESTED[0] + b"}"])
def test_an_assertion_of_thousands_of_lists_within_each_other(target: Target, json_text: bytes) -> None:
    nested = f"{encoded({'alg': 'RS256'})}.{encoded(json_text)}.AAAA"
    assert tried(target, nested) == INVALID
    proof = {"client_assertion": nested, "client_assertion_type": JWT}
    answer = target.token({"grant_type": "client_credentials", **proof})
    assert error_of(answer) == ("invalid_client", "invalid client assertion")


@pytest.mark.parametrize(
    "header",
    [
        *("alg", ["alg"], 7, None, {"alg": 7}, {"alg": []}, {"alg": {}}),
        *({"alg": "RS256", "crit": odd} for odd in (7, [7], {"alg": 1})),
        {"alg": "RS256", "kid": []},
    ],
)
def test_a_header_that_is_no_object_or_holds_other_kinds(target: Target, header: Any) -> None:
    target.other_org()
    odd = f"{encoded(header)}.{encoded(claims())}.AAAA"
    assert tried(target, odd, prefix="/org/acme") == INVALID
    # A token says by its header which org it is of, where the address does not.
    for endpoint in ("revoke", "introspect"):
        assert target.post(endpoint, {"token": odd}).status_code == 404
    bearer = {"Authorization": f"Bearer {odd}"}
    assert target.client.get(f"{OAUTH}/userinfo", headers=bearer).status_code == 404


@pytest.mark.parametrize("name", ["exp", "nbf"])
@pytest.mark.parametrize("value", ["9" * 400, "9" * 5_000, 10**400, -(10**400), 10**30, 1e308, -1e308])
def test_a_time_beyond_all_times(target: Target, name: str, value: Any) -> None:
    said = tried(target, target.pair.assertion(claims(**{name: value})))
    assert said[0] == "invalid_grant"
    assert said[1] in {"expired assertion", "this assertion is not valid yet", "invalid assertion"}


@pytest.mark.parametrize("jti", [7, ["a"], {"a": 1}, True, 1.5])
def test_a_replay_under_an_id_that_is_no_text(target: Target, jti: Any) -> None:
    form = {"grant_type": JWT_BEARER, "assertion": target.pair.assertion(claims(jti=jti))}
    assert target.token(form).status_code == 200
    assert error_of(target.token(form))[1] == "this assertion was used before"


def test_a_certificate_with_another_kind_of_key(target: Target, pair: Pair) -> None:
    der = load_pem_x509_certificate(pair.certificate.encode()).public_bytes(Encoding.DER)
    rsa, nobodys = bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d01017f")
    assert der.count(rsa) == 1
    unknown = base64.b64encode(der.replace(rsa, nobodys)).decode()
    elliptic = certified(generate_private_key(SECP256R1()), date(2026, 1, 1), date(2027, 1, 1))
    for certificate in (unknown, elliptic, pair.certificate * 2, "no certificate", "-----BEGIN"):
        target.change(certificate=certificate)
        assert tried(target, pair.assertion(claims())) == INVALID, certificate[:40]


def test_a_certificate_with_a_weak_key(target: Target) -> None:
    weak = generate_private_key_of_rsa(65537, 1024)  # noqa: S505 - that is the attack
    target.change(certificate=certified(weak, date(2026, 1, 1), date(2027, 1, 1)))
    head = f"{encoded({'alg': 'RS256'})}.{encoded(claims(sub=INTEGRATION))}"
    forged = f"{head}.{encoded(weak.sign(head.encode(), PKCS1v15(), SHA256()))}"
    said = "the key of this app's certificate has less than 2048 bits"
    assert tried(target, forged) == ("invalid_grant", said)
    proof = {"client_assertion": forged, "client_assertion_type": JWT}
    answer = target.token({"grant_type": "client_credentials", **proof})
    assert error_of(answer) == ("invalid_client", said)
