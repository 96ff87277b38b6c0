"""A real `changeover serve`: nothing secret in its output or files, only the owner reads those."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.api.rest import CONFIRMED, V1, archive
from tests.org.world import app

CHANGEOVER = str(Path(sys.executable).with_name("changeover"))
SECRET = "THE-SECRET-OF-THE-CUSTOMER-PORTAL"
GUESSED = "my-other-password-typed-by-mistake"
SERVER_KEY = "AAAA-a-legacy-server-key-of-android"


@pytest.mark.slow
def test_a_whole_run_leaks_nothing(tmp_path: Path) -> None:
    data = tmp_path / "var"
    log = tmp_path / "log"
    command = [CHANGEOVER, "serve", "--sample", "--data", str(data), "--port", "0"]
    old = os.umask(0o022)
    try:
        with log.open("wb") as errors:
            server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    finally:
        os.umask(old)
    watchdog = threading.Timer(150, server.kill)
    watchdog.start()
    try:
        assert server.stdout is not None
        said = ""
        for line in server.stdout:
            said += line
            if "3. " in line:
                break
        (address,) = re.findall(r"^Changeover is at (\S+?)/ ", said, re.MULTILINE)
        username, password = re.findall(r"^  (admin@\S+)   (\S+)", said, re.MULTILINE)[0]
        secrets, answers = _use(address, username, password)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in data.rglob("*") if file.is_file()}
        on_disk = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    finally:
        server.send_signal(signal.SIGINT)
        rest, _ = server.communicate(timeout=30)
        watchdog.cancel()
    output = rest + log.read_text()
    for name, secret in secrets.items():
        assert secret not in output, name
        assert secret.encode() not in on_disk, name
        for where, text in answers.items():
            assert secret not in text, (name, where)
    assert "Traceback" not in output
    assert modes
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


def _use(address: str, username: str, password: str) -> tuple[dict[str, str], dict[str, str]]:
    """Do what leaves traces; return the secrets, and the answers that may hold none of them."""
    answers: dict[str, str] = {}
    with httpx.Client(base_url=address, timeout=60) as browser:
        browser.get("/sign-in")
        csrf = browser.cookies["csrf"]

        def post(path: str, **fields: str) -> httpx.Response:
            return browser.post(path, data={"_csrf_token": csrf, **fields})

        answers["wrong password"] = post("/sign-in", username=username, password=GUESSED).text
        answers["password as username"] = ""
        assert post("/sign-in", username=username, password=password).status_code == 303
        token_page = post("/setup/api-tokens", name="ci")
        (token,) = set(re.findall(r"\bchg_[\w-]+|\b[\w-]{40,60}(?=</code>|\")", token_page.text)) & set(
            re.findall(r"chg_[\w-]+", token_page.text)
        )
        api = httpx.Client(
            base_url=address + V1, headers={"Authorization": f"Bearer {token}", "If-Match": "*"}, timeout=60
        )
        with api:
            app_path = "/connected-apps/Customer_Portal"
            assert api.put(f"{app_path}/credentials/secret", json={"secret": SECRET}).is_success
            good = {"credential": "Android server key", "server_key": SERVER_KEY}
            assert api.put("/connected-apps/Customer_Portal/push-settings/Android", json=good).is_success
            asked = {
                "push": api.get(f"{app_path}/push-settings"),
                "put": api.request(
                    "PUT",
                    f"{app_path}/push-settings/Android",
                    json={"credential": "Android server key", "server_key": SERVER_KEY, "x": 1},
                ),
                "wrong type": api.patch(app_path, json={"changes": {"oauthConfig/consumerSecret": SECRET}}),
                "bad password": api.post(f"{app_path}/credentials", json={"password": GUESSED}),
                "cut off": api.post(
                    f"{app_path}/credentials",
                    content=f'{{"password": "{GUESSED}"'.encode(),
                    headers={"Content-Type": "application/json"},
                ),
                "import": api.post(
                    "/import",
                    content=archive(app("Brought", oauth={"consumer_secret": SECRET})),
                    headers={"Content-Type": "application/zip"},
                ),
                "app": api.get("/connected-apps/Brought"),
                "plan": api.get("/connected-apps/Brought/plan"),
                "migrate": api.post("/connected-apps/Brought/migration", json=CONFIRMED),
                "eca": api.get("/external-client-apps/Brought"),
                "account": api.get("/external-client-apps/Brought/account"),
                "audit": api.get("/audit-trail", params={"page_size": 200}),
                "tokens": api.get("/me/tokens"),
                "document": api.get("/openapi.json"),
                "export": api.get("/export"),
            }
            for name, answer in asked.items():
                assert answer.status_code < 500, (name, answer.text)
                answers[name] = answer.content.decode("latin-1")
            assert asked["import"].json()["apps"][0]["result"] == "created"
            assert asked["migrate"].status_code == 201
        for path in (
            "/setup/app-manager/Brought",
            "/setup/external-client-apps/Brought",
            "/setup/audit-trail",
        ):
            page = browser.get(path)
            assert page.status_code == 200
            answers[path] = page.text
        answers["api tokens"] = browser.get("/setup/api-tokens").text
        post("/setup/verify", password=password)
        seen = browser.get("/setup/external-client-apps/Brought/consumer-details")
        assert SECRET in seen.text
        assert seen.headers["cache-control"] == "no-store"
        session = browser.cookies["session"]
        new = "a-new-password-of-the-admin"
        assert post("/setup/change-password", old=password, new=new, again=new).status_code == 303
        assert browser.get("/setup").status_code == 200
        secrets = {
            "consumer secret": SECRET,
            "server key": SERVER_KEY,
            "guessed": GUESSED,
            "password": password,
            "new password": new,
            "token": token,
            "session": session,
            "next session": browser.cookies["session"],
        }
    return secrets, answers
