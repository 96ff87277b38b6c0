"""Leaks: every flow with marked secrets, right and wrong, and no trace of them but with their owner."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
import structlog
from litestar.testing import TestClient

from changeover.oauth.server import TokenEndpoint
from changeover.web.app import create_app
from changeover.web.services import Services
from tests.attack.oauth.target import BASE, CHALLENGE, VERIFIER, Target, asked, secrets
from tests.oauth.endpoint import INTEGRATION, JWT_BEARER, KEY
from tests.org.world import SECRET, START

GRANT = {"grant_type": "client_credentials"}
METRICS = "the-token-of-the-metrics-0123456789"
TYPED = "MARKED-typed-by-mistake-0123456789"
WRONG = "MARKED-wrong-secret-0123456789"
NOW = int(START.timestamp())


class Trail:
    """What was secret, and what was said to whoever it did not belong to."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {"consumer secret": SECRET, "typed": TYPED, "wrong": WRONG}
        self.said: dict[str, str] = {}

    def found(self) -> list[tuple[str, str]]:
        return [
            (name, where)
            for name, secret in self.secrets.items()
            for where, text in self.said.items()
            if secret in text
        ]


def web_server(target: Target, trail: Trail) -> None:
    browser = target.signed_in()
    trail.secrets["session cookie"] = browser.cookies["session"]
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    page = target.allowed(browser, **pkce)
    code = page.location.partition("code=")[2].partition("&")[0]
    trail.secrets |= {"code": code, "verifier": VERIFIER}
    held = target.redeem(code, code_verifier=VERIFIER).json()
    trail.secrets |= {
        f"{name} of the web server flow": held[name] for name in ("access_token", "refresh_token")
    }
    trail.said["code replayed"] = target.redeem(code, code_verifier=VERIFIER).text
    again = target.tokens()
    fresh = target.refresh(again["refresh_token"]).json()
    trail.secrets |= {
        "spent": again["refresh_token"],
        "fresh": fresh["refresh_token"],
        "id": fresh["access_token"],
    }
    trail.said["refresh replayed"] = target.refresh(again["refresh_token"]).text
    trail.said["dead token"] = target.post("introspect", secrets(token=fresh["access_token"])).text
    trail.said["dead at userinfo"] = target.post("userinfo", {"access_token": fresh["access_token"]}).text
    trail.said["page"] = browser.get(asked(state="s", prompt="consent")).response.text
    trail.said["wrong page"] = browser.get(
        asked(client_id=TYPED, redirect_uri=f"https://x/{TYPED}")
    ).response.text


def programs(target: Target, trail: Trail) -> None:
    for basic in ("", f"{KEY}:{WRONG}", f"{TYPED}:{SECRET}"):
        form = GRANT if basic else secrets(**GRANT, client_secret=WRONG)
        trail.said[f"client credentials {basic[:4]}"] = target.token(form, basic=basic).text
    trail.said["secret as key"] = target.token({**GRANT, "client_id": SECRET, "client_secret": KEY}).text
    trail.secrets["client's token"] = target.token(secrets(**GRANT)).json()["access_token"]
    password = target.world.passwords[INTEGRATION]
    trail.secrets["password"] = password
    form = secrets(grant_type="password", username=INTEGRATION, password=password)
    trail.secrets["token for a password"] = target.token(form).json()["access_token"]
    trail.said["wrong password"] = target.token({**form, "password": WRONG}).text
    trail.said["no secret"] = target.token({**form, "client_secret": WRONG}).text
    target.change(is_admin_approved=True)
    claims = {"iss": KEY, "sub": INTEGRATION, "aud": BASE, "exp": NOW + 100, "jti": "1"}
    good, late = target.pair.assertion(claims), target.pair.assertion({**claims, "exp": NOW - 999})
    trail.secrets |= {
        "assertion": good,
        "late assertion": late,
        "private key": target.pair.pem.decode()[64:128],
    }
    form = {"grant_type": JWT_BEARER, "assertion": good}
    trail.secrets["token for an assertion"] = target.token(form).json()["access_token"]
    for name, text in (("replayed", good), ("late", late), ("broken", good[:-9])):
        trail.said[f"assertion {name}"] = target.token({**form, "assertion": text}).text
    target.change(is_admin_approved=False)


def devices(target: Target, trail: Trail) -> None:
    started = target.token({"response_type": "device_code", "client_id": KEY}).json()
    trail.secrets |= {"device code": started["device_code"]}
    form = {"grant_type": "device", "code": started["device_code"], "client_id": KEY}
    trail.said["device waits"] = target.token(form).text
    target.world.clock.pass_by(timedelta(minutes=11))
    trail.said["device too late"] = target.token(form).text


def mistakes(target: Target, trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of ours in the middle of a login: the log tells where, and no value."""

    def broken(_self: object, call: Any) -> None:
        secret = call.one("client_secret")
        raise RuntimeError(len(secret))

    with monkeypatch.context() as patch:
        patch.setattr(TokenEndpoint, "create_token_response", broken)
        answer = target.token(secrets(**GRANT))
        assert answer.status_code == 500
        trail.said["our mistake"] = answer.text
    trail.said["too large"] = target.token(secrets(grant_type=TYPED * 5000)).text
    trail.said["no such grant"] = target.token(secrets(grant_type="x", code=TYPED)).text
    trail.said["no such page"] = target.client.get(f"/services/oauth2/{'x' * 9}").text


def test_no_secret_is_left_anywhere(
    target: Target, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house, trail = target.world.house, Trail()
    services = Services(
        units=house.units, key_values=house.key_values, clock=target.world.clock, metrics_token=METRICS
    )
    target.client = TestClient(create_app(services), base_url=BASE, raise_server_exceptions=False)
    trail.secrets["token of the metrics"] = METRICS
    # The test's own client logs the addresses that it asks for; the server does not.
    logging.getLogger("httpx").setLevel(logging.ERROR)
    with structlog.testing.capture_logs() as logs, caplog.at_level(logging.DEBUG):
        logging.getLogger("httpx").setLevel(logging.ERROR)
        web_server(target, trail)
        programs(target, trail)
        devices(target, trail)
        mistakes(target, trail, monkeypatch)
    assert {line["event"] for line in logs} >= {"login-refused", "internal error"}
    trail.said["log"] = json.dumps(logs, default=str) + caplog.text
    trail.said["audit trail"] = str(target.audit())
    metrics = target.client.get("/metrics", headers={"Authorization": f"Bearer {METRICS}"})
    assert metrics.status_code == 200
    trail.said["metrics"] = metrics.text
    admin = target.browser()
    target.world.passwords[target.world.admin.username] = target.world.password
    assert admin.sign_in(target.world.admin.username, target.world.password).status == 303
    for page in ("/setup", "/setup/login-history", "/setup/audit-trail", "/setup/app-manager/Billing"):
        answer = admin.get(page)
        assert answer.status == 200, page
        trail.said[page] = answer.response.text
    trail.said["discovery"] = target.client.get("/.well-known/openid-configuration").text
    trail.said["keys"] = target.client.get("/id/keys").text
    assert '"d"' not in trail.said["keys"]
    assert len(trail.secrets) >= 18
    assert trail.found() == []
    on_disk = target.world.on_disk()
    kept = {name for name, secret in trail.secrets.items() if secret.encode() in on_disk}
    assert kept == set()
