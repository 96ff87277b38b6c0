"""Callback URLs: whatever is not one of the app's to the letter gets neither a code nor an error."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import pytest

from tests.attack.oauth.target import AUTHORIZE, FORGED, Target, asked, error_of, query_of
from tests.oauth.endpoint import CALLBACK, KEY

HOST = "billing.example.com"
TRICKS = {
    "a prefix": "https://billing.example.com/call",
    "a suffix": f"{CALLBACK}.evil",
    "a suffix in the path": f"{CALLBACK}/evil",
    "a slash": f"{CALLBACK}/",
    "a query": f"{CALLBACK}?next=https://evil.example",
    "a fragment": f"{CALLBACK}#evil",
    "upper case": CALLBACK.upper(),
    "case of the path": "https://billing.example.com/Callback",
    "path traversal": "https://billing.example.com/callback/../evil",
    "encoded traversal": "https://billing.example.com/callback/%2e%2e/evil",
    "user information": f"https://{HOST}@evil.example/callback",
    "user information before": f"https://evil@{HOST}/callback",
    "a backslash": f"https://evil.example\\@{HOST}/callback",
    "another port": f"https://{HOST}:8443/callback",
    "its own default port": f"https://{HOST}:443/callback",
    "http": f"http://{HOST}/callback",
    "no scheme": f"//{HOST}/callback",
    "a subdomain": f"https://evil.{HOST}/callback",
    "the host as a subdomain": f"https://{HOST}.evil.example/callback",
    "a dot at the end of the host": f"https://{HOST}./callback",
    "encoded letters": "https://billing.example.com/%63allback",
    "encoded twice": "https://billing.example.com%252Fcallback",
    "a blank before": f" {CALLBACK}",
    "a blank behind": f"{CALLBACK} ",
    "a line break": f"{CALLBACK}\nhttps://evil.example",
    "a carriage return": f"{CALLBACK}\r\nSet-Cookie: x=1",
    "a null byte": f"{CALLBACK}\0",
    "a full-width dot": "https://billing\uff0eexample.com/callback",
    "a homograph": "https://b\u0456lling.example.com/callback",
    "javascript": "javascript:alert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "nothing": "",
    "a loopback port": "http://localhost:9999/callback",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_open_redirect_by(target: Target, trick: str) -> None:
    browser = target.signed_in()
    for more in ({}, {"response_type": "nonsense"}, {"scope": "nonsense"}, {"prompt": "none"}):
        page = browser.get(asked(redirect_uri=TRICKS[trick], state="s", **more))
        assert page.status == 400, more
        assert "location" not in page.headers
        assert "redirect_uri_mismatch" in page.main


@pytest.mark.parametrize("trick", TRICKS)
def test_open_redirect_by_the_answer(target: Target, trick: str) -> None:
    browser = target.signed_in()
    form = browser.get(asked()).form(AUTHORIZE)
    for decision in ("allow", "deny"):
        page = browser.post(AUTHORIZE, {**form, "redirect_uri": TRICKS[trick], "decision": decision})
        assert page.status == 400
        assert "location" not in page.headers


def test_open_redirect_by_two_callbacks(target: Target) -> None:
    page = target.signed_in().get(asked() + "&redirect_uri=" + quote("https://evil.example", safe=""))
    assert page.status == 400
    assert "location" not in page.headers


def test_open_redirect_by_the_sign_in(target: Target) -> None:
    browser = target.browser()
    for evil in ("https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"):
        browser.get(f"/sign-in?next={quote(evil, safe='')}")
        from tests.oauth.endpoint import INTEGRATION  # noqa: PLC0415 - only here

        form = {"username": INTEGRATION, "password": target.world.passwords[INTEGRATION], "next": evil}
        assert browser.post("/sign-in", form).location == "/setup"


@pytest.mark.parametrize(
    "callback",
    [
        f"{CALLBACK}#at-home",
        "javascript:alert(document.cookie)",
        "JavaScript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "file:///etc/passwd",
        "blob:https://billing.example.com/1",
        "about:blank",
    ],
)
def test_a_callback_that_runs_or_swallows_the_answer_though_an_admin_registered_it(
    target: Target, callback: str
) -> None:
    target.change(callback_url=callback)
    page = target.signed_in().get(asked(redirect_uri=callback))
    assert page.status == 400
    assert "location" not in page.headers


@pytest.mark.parametrize(
    "callback", ["sfdc://oauth/done", "com.example.app:/done", "http://localhost:1717/x"]
)
def test_callbacks_of_mobile_apps_and_command_lines_are_no_trick(target: Target, callback: str) -> None:
    target.change(callback_url=callback)
    page = target.allowed(target.signed_in(), redirect_uri=callback)
    assert page.location.startswith(f"{callback}?code=")


def test_header_injection_by_the_state(target: Target) -> None:
    state = "s\nSet-Cookie: session=evil\n\n<script>alert(1)</script>"
    page = target.allowed(target.signed_in(), state=state)
    assert query_of(page)["state"] == [state]
    assert not set("\r\n<>") & set(page.location)
    assert "session=evil" not in page.headers.get("set-cookie", "")


def test_markup_injection_by_the_state_into_the_page(target: Target) -> None:
    page = target.signed_in().get(asked(state='"><script>alert(1)</script>'))
    assert page.status == 200
    assert "<script>alert" not in page.response.text
    assert page.form(AUTHORIZE)["state"] == '"><script>alert(1)</script>'


def test_markup_injection_by_the_error_page(target: Target) -> None:
    page = target.signed_in().get(asked(client_id="<script>alert(1)</script>", redirect_uri="<img src=x>"))
    assert page.status == 400
    assert "<script>alert" not in page.response.text
    assert "<img src=x>" not in page.response.text


def test_response_mode_does_not_move_the_code(target: Target) -> None:
    for mode in ("fragment", "form_post", "web_message", "query.jwt"):
        page = target.allowed(target.signed_in(), response_mode=mode)
        assert page.location.startswith(f"{CALLBACK}?")
        assert "#" not in page.location


def test_mix_up_the_answer_says_who_gives_it(target: Target) -> None:
    browser = target.signed_in()
    issuer = target.client.get("/.well-known/openid-configuration").json()
    assert issuer["authorization_response_iss_parameter_supported"] is True
    assert query_of(target.allowed(browser, state="s"))["iss"] == [issuer["issuer"]]
    assert query_of(browser.get(asked(scope="nonsense")))["iss"] == [issuer["issuer"]]
    token = target.allowed(browser, response_type="token")
    assert query_of(token)["iss"] == [issuer["issuer"]]


def test_mix_up_each_org_has_an_issuer_of_its_own(target: Target) -> None:
    target.other_org()
    issuers = {
        target.client.get(f"/org/{name}/.well-known/openid-configuration").json()["issuer"]
        for name in ("acme", "globex")
    }
    assert len(issuers) == 2
    browser = target.signed_in()
    page = browser.get("/org/acme" + asked())
    form = page.form("/org/acme" + AUTHORIZE)
    allowed = browser.post("/org/acme" + AUTHORIZE, {**form, "decision": "allow"})
    assert query_of(allowed)["iss"][0] in issuers


def test_the_browser_is_sent_on_without_its_form(target: Target) -> None:
    browser = target.signed_in()
    form = browser.get(asked()).form(AUTHORIZE)
    for decision in ("deny", "allow"):
        page = browser.post(AUTHORIZE, {**form, "decision": decision})
        # RFC 9700 section 4.12: 307 and 308 would post the form on, to the app.
        assert page.status in {302, 303}


def test_codes_are_kept_out_of_caches_and_referrers(target: Target) -> None:
    page = target.allowed(target.signed_in())
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] in {"same-origin", "no-referrer"}


def test_a_callback_is_followed_for_nobody_who_is_not_signed_in(target: Target) -> None:
    page = target.browser().get(asked())
    assert page.location.startswith("/sign-in?")
    posted = target.browser().request("POST", AUTHORIZE, data={"decision": "allow"}, headers=FORGED)
    assert posted.status == 403


def test_a_request_fetched_from_elsewhere(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_args: object, **_more: object) -> None:
        pytest.fail("something was fetched")

    monkeypatch.setattr("socket.create_connection", connect)
    browser = target.signed_in()
    for name in ("request_uri", "request"):
        page = browser.get(asked(**{name: "http://169.254.169.254/latest/meta-data", "state": "s"}))
        assert query_of(page)["error"] == [f"{name}_not_supported"]


@pytest.mark.parametrize(
    "callback",
    [
        *("https://[billing/callback", "myapp://[x", "https://exa\u2100mple.com/c"),
        *("java\tscript:alert(1)", "/setup", "//evil.example/callback", "callback"),
    ],
)
def test_a_callback_that_is_no_url_is_followed_for_nobody(target: Target, callback: str) -> None:
    target.change(callback_url=f"{CALLBACK}\n{callback}")
    for more in ({}, {"scope": "nonsense"}, {"response_type": "token"}):
        page = target.signed_in().get(asked(redirect_uri=callback, **more))
        assert page.status == 400, more
        assert "location" not in page.headers
    # It is in nobody's way.
    assert "code=" in target.allowed(target.signed_in()).location
    target.world.migrated()
    target.world.clock.go_to(date(2026, 12, 1))
    answer = target.token({"response_type": "device_code", "client_id": KEY})
    assert error_of(answer)[1].startswith("the device flow is limited to local external client apps")


@pytest.mark.parametrize(
    ("callback", "begins"),
    [
        ("https://billing.example.com/callback?", "https://billing.example.com/callback?code="),
        ("https://billing.example.com/callback?a=b", "https://billing.example.com/callback?a=b&code="),
        ("https://billing.example.com/callback?a=b&", "https://billing.example.com/callback?a=b&code="),
    ],
)
def test_an_answer_does_not_get_lost_behind_the_query_of_a_callback(
    target: Target, callback: str, begins: str
) -> None:
    target.change(callback_url=callback)
    assert target.allowed(target.signed_in(), redirect_uri=callback).location.startswith(begins)


@pytest.mark.parametrize(
    ("callback", "source"),
    [
        ("https://b\u00fccher.example/callback", "https://xn--bcher-kva.example"),
        ("https://\u4f8b.example:8443/callback", "https://xn--fsq.example:8443"),
        ("https://b\u00fccher..example/callback", "https:"),
    ],
)
def test_a_callback_in_other_letters(target: Target, callback: str, source: str) -> None:
    target.change(callback_url=callback)
    browser = target.signed_in()
    page = browser.get(asked(redirect_uri=callback))
    assert f"form-action 'self' {source};" in page.headers["content-security-policy"]
    form = {**page.form(AUTHORIZE), "decision": "allow"}
    assert "/callback?code=" in browser.post(AUTHORIZE, form).location
