"""`changeover serve`, and commands as processes of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

CHANGEOVER = (sys.executable, str(Path(sys.executable).with_name("changeover")))
LAZY = ("sqlalchemy", "litestar", "uvicorn", "lxml", "rich", "alembic", "jinja2", "cryptography", "msgspec")


def environment(data: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHANGEOVER_")}
    return {**kept, "CHANGEOVER_DATA": str(data)}


def run(data: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CHANGEOVER, *args], env=environment(data), capture_output=True, text=True, check=False, timeout=120
    )


@contextmanager
def serving(data: Path, *args: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve until the block ends; gives the process and what it printed before it answered."""
    process = subprocess.Popen(
        [*CHANGEOVER, "serve", "--port", "0", *args],
        env={**environment(data), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    try:
        while "http://" not in said or ("--sample" in args and "/setup/import" not in said):
            line = process.stdout.readline()
            assert line, f"it ended: {said}"
            said += line
        yield process, said
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


def address(said: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert found is not None, said
    return found[0]


def answered(url: str) -> httpx.Response:
    """Return the first answer of a server that may still be starting."""
    for _ in range(200):
        try:
            return httpx.get(url, timeout=60)
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError(url)


def test_the_version_starts_without_what_it_does_not_need() -> None:
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", CHANGEOVER[1], "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(r"changeover \d+\.\S+\n", shown.stdout)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in shown.stderr.splitlines()}
    assert not loaded & set(LAZY)


def test_the_list_of_commands_imports_none_of_them() -> None:
    code = (
        "import sys; from changeover.cli.main import main\n"
        "main(['--help'], standalone_mode=False)\n"
        f"print(sorted(set({LAZY!r}) & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"


def test_commands_on_files_load_no_store() -> None:
    code = (
        "import sys, changeover.cli.assess, changeover.cli.convert\n"
        "print('sqlalchemy' in sys.modules, 'litestar' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "False False\n"


def test_the_sample_is_served_with_generated_passwords_shown_once(tmp_path: Path) -> None:
    with serving(tmp_path, "--sample") as (process, said):
        base = address(said)
        users = dict(re.findall(r"^  (\S+@\S+)   (\S+)", said, re.MULTILINE))
        assert len(users) >= 4
        assert len(set(users.values())) == len(users)
        assert "1. " in said
        assert "3. " in said
        assert answered(f"{base}/sign-in").status_code == 200
        assert answered(f"{base}/api/v1/me").json()["code"] == "E-TOKEN-MISSING"
        answer = httpx.get(f"{base}/sign-in", headers={"Host": "evil.example"})
        assert answer.status_code == 400
        for path in re.findall(r"(/setup/\S+)", said):
            assert httpx.get(base + path).headers["location"].startswith("/sign-in?next=")
        token = json.loads(
            run(tmp_path, "user", "token", "create", "t", "--org", "Acme Sample", "--json").stdout
        )["secret"]
        me = httpx.get(f"{base}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert me.json()["org"]["name"] == "Acme Sample"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in {0, -signal.SIGTERM}
    with serving(tmp_path, "--sample") as (_, again):
        assert not set(users.values()) & set(again.split())
        assert "changeover user password --org 'Acme Sample' USERNAME" in again


def test_without_an_org_it_says_how_to_make_one(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, said):
        assert process.stdout is not None
        assert "changeover org create" in said + process.stdout.readline()


def test_an_address_that_is_taken_is_one_clear_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run(tmp_path, "serve", "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 1
    assert ended.stderr.startswith("E-ADDRESS-TAKEN: Nothing can listen on 127.0.0.1:")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_database_that_is_none_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "changeover.db").write_bytes(content)
    ended = run(tmp_path, "apps")
    assert ended.returncode == 1
    assert ended.stderr.startswith("E-")
    assert "Traceback" not in ended.stderr


def test_a_path_through_the_article_as_processes(tmp_path: Path) -> None:
    made = run(
        tmp_path, "org", "create", "Acme", "--edition", "Developer", "--username", "a@acme.example", "--json"
    )
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "project" / "connectedApps"
    folder.mkdir(parents=True)
    (folder / "Billing.connectedApp").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata"><label>Billing</label>'
        "<contactEmail>a@acme.example</contactEmail><oauthConfig><callbackUrl>https://x.example</callbackUrl>"
        "<scopes>Api</scopes></oauthConfig></ConnectedApp>"
    )
    assert run(tmp_path, "import", str(folder.parent)).returncode == 0
    assert run(tmp_path, "migrate", "Billing").returncode == 2
    both = ("--confirm-local", "--confirm-no-username-password")
    assert run(tmp_path, "migrate", "Billing", *both).stdout == "Billing: migrated\n1 migrated\n"
    assert run(tmp_path, "apps").stdout.split("\t")[3] == "migrated"
    assert run(tmp_path, "revert", "Billing").returncode == 1
    assert run(tmp_path, "revert", "Billing", "--yes").returncode == 0
    audit = run(tmp_path, "audit", "--json")
    events = [entry["event"] for entry in json.loads(audit.stdout)["entries"]]
    assert events[:2] == ["external-client-app:app:deleted", "connected-app:app:migrated"]
    assert run(tmp_path, "doctor").returncode == 0


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_limits_on_logins_are_those_that_were_set(tmp_path: Path, workers: tuple[str, ...]) -> None:
    with serving(tmp_path, "--sample", "--limit-failures", "client=3", *workers) as (_process, said):
        token = f"{address(said)}/services/oauth2/token"
        answered(f"{address(said)}/sign-in")
        form = {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "wrong"}
        # Each process looks once a second whom another one lets wait.
        for _ in range(6):
            httpx.post(token, data=form, timeout=60)
        time.sleep(1.1)
        answers = [httpx.post(token, data=form, timeout=60) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [429] * 4
    assert 800 < int(answers[0].headers["retry-after"]) <= 900


@pytest.mark.parametrize("given", ["users=3", "client", "client=-1", "client=x", "=3"])
def test_a_limit_that_is_none_is_wrong_use(tmp_path: Path, given: str) -> None:
    ended = run(tmp_path, "serve", "--limit-failures", given)
    assert ended.returncode == 64
    assert "client or user or address" in ended.stdout + ended.stderr
