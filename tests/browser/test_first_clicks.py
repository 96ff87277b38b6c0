"""What `make start` prints is true: the address, the users, the first three clicks."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.chromium import Watch
from tools.screenshots import TAKEN, sign_in

CHANGEOVER = str(Path(sys.executable).with_name("changeover"))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What the command of `make start` prints, on a fresh database and a free port, while it serves."""
    with serving(tmp_path_factory.mktemp("start")) as text:
        yield text


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """Run the command of `make start` on a free port and give what it prints."""
    command = [CHANGEOVER, "serve", "--sample", "--data", str(data), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as server:
        # A server that hangs is ended, at which the loop below ends too.
        watchdog = threading.Timer(120, server.kill)
        watchdog.start()
        try:
            text = ""
            for line in server.stdout or ():
                text += line
                if re.search(r"^  3\. .+\n.+http", text, re.MULTILINE):
                    break
            yield text
        finally:
            watchdog.cancel()
            server.terminate()


@pytest.fixture
def office(printed: str, new_context: Callable[..., BrowserContext]) -> Page:
    """The administrator's browser, signed in at the printed address with the printed password."""
    (address,) = re.findall(r"^Changeover is at (\S+?)/ ", printed)
    page = new_context(base_url=address).new_page()
    username, password = re.findall(r"^  (admin@\S+)   (\S+)", printed, re.MULTILINE)[0]
    sign_in(page, {"username": username, "password": password})
    return page


def test_an_app_that_may_migrate(printed: str, office: Page) -> None:
    office.goto(clicks(printed)[0])
    button = office.get_by_role("link", name="Migrate to External Client App")
    expect(
        button.or_(office.get_by_role("button", name="Migrate to External Client App")).first
    ).to_be_visible()


def test_one_that_may_not_and_why(printed: str, office: Page) -> None:
    office.goto(clicks(printed)[1])
    expect(office.get_by_text("Blocks migration").first).to_be_visible()
    expect(office.get_by_text("Migrate to External Client App", exact=True)).to_have_count(0)


def test_import(printed: str, office: Page) -> None:
    office.goto(clicks(printed)[2])
    expect(office.locator("input[type=file]").first).to_be_attached()


def test_every_printed_user_gets_in(
    printed: str, new_context: Callable[..., BrowserContext], watch: Watch
) -> None:
    watch.expect("status of 403")  # one of them may do nothing in Setup
    (address,) = re.findall(r"^Changeover is at (\S+?)/ ", printed)
    users = re.findall(r"^  (\S+@\S+)   (\S+)   (.+)$", printed, re.MULTILINE)
    assert len(users) >= 4
    for username, password, may in users:
        page = new_context(base_url=address).new_page()
        page.goto("/setup")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign In").click()
        expect(page.get_by_role("heading", name="Sign in to Changeover")).to_have_count(0)
        assert may
        page.context.close()


def test_a_second_start_says_how_to_get_a_new_password(
    tmp_path: Path, new_context: Callable[..., BrowserContext]
) -> None:
    with serving(tmp_path):
        pass
    with serving(tmp_path) as again:
        (how,) = re.findall(r"For a new password: changeover (.+)$", again, re.MULTILINE)
        command = [CHANGEOVER, *shlex.split(how.replace("USERNAME", "dana@sample.changeover.example"))]
        answer = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
        (address,) = re.findall(r"^Changeover is at (\S+?)/ ", again)
        page = new_context(base_url=address).new_page()
        sign_in(page, {"username": "dana@sample.changeover.example", "password": answer.stdout.split()[-1]})


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [CHANGEOVER, "serve", "--data", str(tmp_path), "--port", port]
        answer = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert answer.returncode == 1
    assert f"E-ADDRESS-TAKEN: Nothing can listen on 127.0.0.1:{port}" in answer.stderr


def test_the_pictures_of_the_readme_are_of_pages_that_exist(office: Page, root: Path) -> None:
    for picture in TAKEN:
        assert (root / "docs" / "screenshots" / picture.file).is_file()
        answer = office.goto(picture.path)
        assert answer is not None
        assert answer.status == 200
        if picture.click:
            expect(office.get_by_text(picture.click).first).to_be_visible()


def clicks(printed: str) -> list[str]:
    """Return the addresses of the three clicks."""
    found = re.findall(r"^  \d\. .+\n +(http\S+)$", printed, re.MULTILINE)
    assert len(found) == 3
    return found
