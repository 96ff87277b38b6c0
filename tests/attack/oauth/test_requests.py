"""Odd requests: repeated, in the query, oversized, poisoned, with signs that look like others."""

from __future__ import annotations

import pytest
from litestar.testing import TestClient

from changeover.web.app import create_app
from changeover.web.services import Services
from tests.attack.oauth.target import AUTHORIZE, BASE, OAUTH, Target, asked, error_of, query_of, secrets
from tests.oauth.endpoint import CALLBACK, INTEGRATION, KEY
from tests.org.world import SECRET

GRANT = {"grant_type": "client_credentials"}
ENDPOINTS = ("token", "revoke", "introspect", "userinfo")


@pytest.mark.parametrize("name", ["grant_type", "client_id", "client_secret", "scope"])
def test_a_parameter_twice_at_the_token_endpoint(target: Target, name: str) -> None:
    form = secrets(**GRANT, scope="api")
    for doubled in ([form[name], form[name]], [form[name], "x"], ["x", form[name]], ["", form[name]]):
        assert error_of(target.token({**form, name: doubled}))[0] == "invalid_request"


def test_a_token_twice_at_introspection(target: Target) -> None:
    answer = target.post("introspect", {**secrets(), "token": ["a", "b"]})
    assert error_of(answer)[0] == "invalid_request"


def test_credentials_in_the_query_of_a_post(target: Target) -> None:
    query = f"token?grant_type=client_credentials&client_id={KEY}&client_secret={SECRET}"
    assert target.post(query, {}).status_code == 400
    assert (
        error_of(target.post(f"token?client_secret={SECRET}", {**GRANT, "client_id": KEY}))[0]
        == "invalid_request"
    )
    assert (
        "active"
        not in target.post(f"introspect?client_id={KEY}&client_secret={SECRET}", {"token": "x"}).json()
    )


def test_an_answer_to_the_approval_in_the_query(target: Target) -> None:
    browser = target.signed_in()
    page = browser.post(asked() + "&decision=allow", {})
    assert "code=" not in page.headers.get("location", "")


def test_credentials_in_two_places(target: Target) -> None:
    for form in (secrets(**GRANT), {**GRANT, "client_secret": SECRET}):
        assert error_of(target.token(form, basic=f"{KEY}:{SECRET}"))[0] == "invalid_client"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_tokens_by_another_method(target: Target, method: str) -> None:
    query = f"?grant_type=client_credentials&client_id={KEY}&client_secret={SECRET}"
    for name in ENDPOINTS[:3]:
        assert target.client.request(method, f"{OAUTH}/{name}{query}").status_code == 405
        override = {"X-HTTP-Method-Override": "POST"}
        answer = target.client.request(method, f"{OAUTH}/{name}{query}", headers=override)
        assert answer.status_code == 405


def test_a_body_of_another_kind(target: Target) -> None:
    for kind, body in (
        ("application/json", '{"grant_type":"client_credentials"}'),
        ("text/xml", "<grant_type>client_credentials</grant_type>"),
        ("application/x-www-form-urlencoded", "%"),
        ("application/x-www-form-urlencoded", "\0=\0&&&==="),
        ("multipart/form-data; boundary=x", "--x"),
        ("", ""),
    ):
        answer = target.client.post(f"{OAUTH}/token", content=body, headers={"Content-Type": kind})
        assert answer.status_code in {400, 415}, (kind, answer.text)
        assert "access_token" not in answer.text


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_oversized_form(target: Target, endpoint: str) -> None:
    answer = target.post(endpoint, {"token": "x" * 100_000, **secrets(**GRANT)})
    assert answer.status_code == 413


def test_a_form_of_very_many_parameters(target: Target) -> None:
    answer = target.token({f"p{number}": "" for number in range(5000)} | secrets(**GRANT))
    assert answer.status_code in {200, 400, 413}
    assert answer.elapsed.total_seconds() < 5


@pytest.mark.parametrize(
    "value", ["\0", "a\0b", "\ud800".encode("utf-8", "surrogatepass"), "\u202e", "💥" * 500, "%00", "'--"]
)
def test_odd_characters_anywhere(target: Target, value: str) -> None:
    good = secrets(grant_type="password", username=INTEGRATION, password="x", scope="api", assertion="x")
    good |= {"code": "x", "redirect_uri": CALLBACK, "code_verifier": "x", "refresh_token": "x"}
    for grant in ("password", "authorization_code", "refresh_token", "client_credentials", "x"):
        for name in good:
            answer = target.token({**good, "grant_type": grant, name: value})
            assert answer.status_code in {200, 400, 401, 404, 429}, (grant, name, answer.text)
            assert "E-INTERNAL" not in answer.text
    for endpoint in ("revoke", "introspect"):
        assert target.post(endpoint, secrets(token=value)).status_code in {200, 400, 401, 429}
    for name in ("client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge"):
        form = {"response_type": "code", "client_id": KEY, "redirect_uri": CALLBACK, name: value}
        page = target.client.get(AUTHORIZE, params=form, follow_redirects=False)
        assert page.status_code in {302, 303, 400}


@pytest.mark.parametrize(
    "username",
    [
        "int@example\u3002com",
        "\u0456nt@example.com",
        "int@ex\u0430mple.com",
        "int@example.com\u200b",
    ],
)
def test_unicode_confusables_of_a_username(target: Target, username: str) -> None:
    password = target.world.passwords[INTEGRATION]
    answer = target.token(secrets(grant_type="password", username=username, password=password))
    assert error_of(answer) == ("invalid_grant", "authentication failure")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic " + "A" * 9000,
        "Basic Og==",
        "Bearer",
        "Digest x",
        "basic\tx",
        "Basic /////w==",
    ],
)
def test_odd_authorization_headers(target: Target, header: str) -> None:
    answer = target.token({**GRANT, "client_id": KEY}, headers={"Authorization": header})
    assert answer.status_code in {400, 401}
    assert "access_token" not in answer.text


def test_host_header_poisoning_of_the_instance_url(target: Target) -> None:
    house = target.world.house
    services = Services(
        units=house.units,
        key_values=house.key_values,
        clock=target.world.clock,
        hosts=frozenset({"changeover.local", "localhost"}),
    )
    client = TestClient(create_app(services), base_url=BASE, raise_server_exceptions=False)
    for host in (
        "evil.example",
        "changeover.local.evil.example",
        "changeover.local:80@evil.example",
        "changeover.local:evil",
        "changeover.local:80/evil",
        "localhost:1?evil.example",
        "localhost:#evil.example",
        "[::1].evil.example",
        "changeover.local, evil.example",
        "evil.localhost",
        "",
    ):
        answer = client.post(f"{OAUTH}/token", data=secrets(**GRANT), headers={"Host": host})
        assert answer.status_code in {400, 404, 421}, host
        assert "instance_url" not in answer.text
    for name in ("X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-Host"):
        answer = client.post(f"{OAUTH}/token", data=secrets(**GRANT), headers={name: "host=evil.example"})
        assert answer.json()["instance_url"] == BASE


def test_answers_are_in_no_cache_and_are_no_page(target: Target) -> None:
    answers = [
        target.token(secrets(**GRANT)),
        target.token(GRANT),
        target.post("introspect", secrets(token="x")),
    ]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers
        assert "set-cookie" not in answer.headers
    assert answers[0].headers["pragma"] == "no-cache"


def test_a_session_cookie_is_no_proof_at_the_token_endpoints(target: Target) -> None:
    browser = target.signed_in()
    token = target.token(secrets(**GRANT)).json()["access_token"]
    for endpoint, form in (
        ("introspect", {"token": token, "client_id": KEY}),
        ("token", {**GRANT, "client_id": KEY}),
    ):
        page = browser.request("POST", f"{OAUTH}/{endpoint}", data=form)
        assert page.status in {400, 401}
    assert browser.get(f"{OAUTH}/userinfo").status == 401


def test_a_grant_that_is_not_offered(target: Target) -> None:
    for grant in (
        "implicit",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "hybrid_auth_code",
        "",
        "PASSWORD",
    ):
        answer = target.token(secrets(grant_type=grant))
        assert answer.json()["error"] in {"unsupported_grant_type", "invalid_request"}
        assert grant not in answer.text or grant in {"", "implicit"} or "is not supported" in answer.text


PART = b'--x\r\nContent-Disposition: form-data; name="grant_type"\r\n'


@pytest.mark.parametrize(
    "part",
    [
        PART + b"\r\n\xff\xfe\xed\xa0\x80",
        PART + b"Content-Type: text/plain; charset=nonsense\r\n\r\nclient_credentials",
        PART + b"Content-Type: text/plain; charset=base64\r\n\r\nYQ==",
        PART + b"Content-Type: text/plain; charset=utf-16\r\n\r\n\x00\xd8",
        PART + b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\ud800",
    ],
)
def test_a_field_in_no_character_set(target: Target, part: bytes) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    for endpoint in ("token", "revoke", "introspect", "userinfo"):
        answer = target.client.post(f"{OAUTH}/{endpoint}", content=part + b"\r\n--x--\r\n", headers=kind)
        assert error_of(answer)[0] == "invalid_request"
    browser = target.signed_in()
    for page in ("/sign-in", AUTHORIZE, "/setup/connect"):
        token = browser.get(asked()).form(AUTHORIZE)["_csrf_token"].encode()
        own = b'--x\r\nContent-Disposition: form-data; name="_csrf_token"\r\n\r\n' + token + b"\r\n"
        assert (
            browser.request("POST", page, content=own + part + b"\r\n--x--\r\n", headers=kind).status == 400
        )


def test_a_form_without_percent_signs_is_in_utf_8(target: Target) -> None:
    username = "gr\u00fc\u00dfe@example.com"
    target.world.user(username, "Standard User")
    said = {"grant_type": "password", "username": username, "password": target.world.passwords[username]}
    bare = "&".join(f"{name}={value}" for name, value in secrets(**said).items())
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = target.client.post(f"{OAUTH}/token", content=bare.encode(), headers=kind)
    assert answer.status_code == 200, answer.text
    broken = bare.encode().replace("\u00fc".encode(), b"\xff")
    assert error_of(target.client.post(f"{OAUTH}/token", content=broken, headers=kind))[0] == "invalid_grant"


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic Og==", "basic bm9jb2xvbg==", "Basic /////w=="]
)
def test_credentials_by_basic_that_cannot_be_read(target: Target, header: str) -> None:
    # RFC 6749 section 5.2: whoever tried by the header is answered by one, and has used up its one way.
    for form in ({**GRANT, "client_id": KEY}, secrets(**GRANT), GRANT):
        answer = target.token(form, headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert error_of(answer)[0] in {"invalid_client", "invalid_client_id"}


@pytest.mark.parametrize("name", ["code_challenge_method", "state", "nonce", "response_type", "unheard_of"])
def test_a_parameter_twice_at_the_authorization_endpoint(target: Target, name: str) -> None:
    page = target.signed_in().get(f"{asked(code_challenge='x' * 43)}&{name}=S256&{name}=plain")
    assert query_of(page)["error"] == ["invalid_request"]


def test_a_parameter_twice_at_revocation(target: Target) -> None:
    token = target.tokens()["access_token"]
    for form in ({"token": [token, token]}, {"token": token, "token_type_hint": ["a", "b"]}):
        assert error_of(target.post("revoke", form))[0] == "invalid_request"
    assert target.alive(token)


@pytest.mark.parametrize("length", ["9" * 5_000, "9" * 19])
def test_a_length_of_thousands_of_digits(target: Target, length: str) -> None:
    answer = target.client.post(f"{OAUTH}/token", content=b"", headers={"Content-Length": length})
    assert answer.status_code == 413
