"""The edge of the endpoints for programs: what it takes, and what every answer of it carries."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from changeover.web.oauth.programs import MAX_BODY
from changeover.web.security import HEADERS
from tests.oauth.test_http import CREDENTIALS, LEAVES
from tests.web.conftest import Office, admin, anyone, office

__all__ = ["admin", "anyone", "office"]

TOKEN = "/services/oauth2/token"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def billing(office: Office) -> str:
    return office.connected_app("Billing", LEAVES)


@pytest.mark.parametrize("path", [TOKEN, "/org/acme" + TOKEN, f"/{TOKEN}/", f"/org//acme{TOKEN}//"])
def test_a_slash_more_makes_no_other_address(office: Office, path: str) -> None:
    answer = office.client.post(f"http://changeover.local{path}", data=CREDENTIALS)
    assert answer.status_code == 200, answer.text


def test_a_slash_that_sf_leaves_out_is_put_in(office: Office) -> None:
    token = office.client.post(TOKEN, data=CREDENTIALS).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    for path in ("oauth2/userinfo", "data/", "data/v60.0/sobjects/User"):
        assert office.client.get(f"/org/acmeservices/{path}", headers=bearer).status_code == 200, path
        wrong = office.client.get(f"/org/services/{path}", headers=bearer)
        assert wrong.status_code == 404, "it names no org"


@pytest.mark.parametrize(
    "path", ["/services/oauth2/tokens", f"/org{TOKEN}", f"/org/acme/org/acme{TOKEN}", f"/x{TOKEN}", "/id/a"]
)
def test_other_addresses_are_none_of_theirs(office: Office, path: str) -> None:
    assert office.client.post(path, data=CREDENTIALS).status_code in {404, 405}


def test_every_answer_carries_the_headers_of_the_house(office: Office) -> None:
    client = office.client
    answers = (
        client.post(TOKEN, data=CREDENTIALS),
        client.post(TOKEN, data={**CREDENTIALS, "client_secret": "wrong"}),
        client.put(TOKEN),
        client.post(TOKEN, data={"token": "x" * MAX_BODY}),
        client.post(TOKEN, data=CREDENTIALS, headers={"Host": "evil.example@x"}),
        client.get("/id/keys"),
    )
    assert [answer.status_code for answer in answers] == [200, 400, 405, 413, 400, 200]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["content-type"] == "application/json"
        assert len(answer.headers.get_list("cache-control")) == 1


def test_other_methods_are_told_what_there_is(office: Office) -> None:
    options = office.client.options(TOKEN)
    assert (options.status_code, options.content) == (204, b"")
    assert options.headers["allow"] == "OPTIONS, POST"
    wrong = office.client.delete("/services/oauth2/userinfo")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert wrong.json()["error_description"].startswith("E-METHOD-NOT-ALLOWED")
    got, head = office.client.get("/id/keys"), office.client.head("/id/keys")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]


def test_forms_of_both_kinds(office: Office) -> None:
    charset = {"Content-Type": f"{FORM}; charset=UTF-8"}
    assert office.client.post(TOKEN, data=CREDENTIALS, headers=charset).status_code == 200
    parts = {name: (None, value) for name, value in CREDENTIALS.items()}
    assert office.client.post(TOKEN, files=parts).status_code == 200
    other = office.client.post(TOKEN, json=CREDENTIALS)
    assert (other.status_code, other.json()["error"]) == (400, "unsupported_grant_type")


def asked(office: Office, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ask the token endpoint as a server would, with a body in these messages."""
    told: list[dict[str, Any]] = []
    left = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(left)

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    headers = [(b"host", b"changeover.local"), (b"content-type", FORM.encode())]
    scope = {"type": "http", "method": "POST", "path": TOKEN, "query_string": b"", "headers": headers}
    scope |= {"scheme": "http", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}
    asyncio.run(office.client.app(scope, receive, send))
    return told


def test_a_body_without_a_length_is_counted_as_it_comes(office: Office) -> None:
    part = {"type": "http.request", "body": b"x" * (MAX_BODY // 4), "more_body": True}
    told = asked(office, [part] * 5)
    assert told[0]["status"] == 413


def test_a_client_that_hangs_up_is_told_nothing(office: Office) -> None:
    part = {"type": "http.request", "body": b"grant_type=", "more_body": True}
    assert asked(office, [part, {"type": "http.disconnect"}]) == []
