"""JWT bearer assertions: forged, confused, replayed, for somebody else."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from joserfc import jws
from joserfc.jwk import RSAKey

from tests.attack.oauth.target import BASE, Target, error_of
from tests.oauth.endpoint import INTEGRATION, JWT_BEARER, KEY, Pair
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
