"""A real browser: Debian's Chromium driven by Playwright, watched for errors, with axe at hand."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.oracle.salesforce import NODE

DESKTOP = (1280, 800)
PHONE = (390, 844)

# Without these a freshly started Chromium looks for Google's hosts.
_QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


class Watch:
    """What a page complained about: console errors, exceptions, requests that failed."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self._expected: list[str] = []

    def expect(self, text: str) -> None:
        """Let complaints that contain this text pass: a test that provokes a 403 expects `status of 403`."""
        self._expected.append(text)

    @property
    def unexpected(self) -> list[str]:
        """The complaints that no test expected."""
        return [line for line in self.complaints if not any(text in line for text in self._expected)]

    def look_at(self, page: Page) -> None:
        """Listen to a page from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            where = message.location.get("url", "")
            self.complaints.append(f"console {message.type}: {message.text} {where}".rstrip())


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, one for the tests of a module.

    No longer: Playwright's event loop runs in this thread while it lives, and other rooms' tests could not
    start one (`asyncio.run`).
    """
    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("Debian's chromium is missing: `make test` installs it")
    # One Node for all: the one that Playwright brings needs libatomic, which a bare Debian lacks.
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(NODE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_QUIET)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What the pages of this test complain about; the test fails if it did not expect it."""
    watching = Watch()
    yield watching
    assert watching.unexpected == []


@pytest.fixture
def new_context(chromium: Browser, watch: Watch) -> Iterator[Callable[..., BrowserContext]]:
    """Make fresh browser profiles; options are Playwright's (`java_script_enabled`)."""
    contexts: list[BrowserContext] = []

    def make(*, width: int = DESKTOP[0], height: int = DESKTOP[1], **options: Any) -> BrowserContext:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(10_000)
        context.on("page", watch.look_at)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """Return a page of a fresh profile at 1280 pixels."""
    return new_context().new_page()


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> Page:
    """Return a page of a fresh profile at 390 pixels."""
    return new_context(width=PHONE[0], height=PHONE[1]).new_page()


@pytest.fixture(scope="session")
def axe(root: Path) -> Callable[[Page], list[str]]:
    """Ask axe what is seriously wrong with a page: one line for each rule with the elements it is about."""
    source = root / "node_modules" / "axe-core" / "axe.min.js"
    if not source.is_file():
        pytest.fail("axe-core is missing: `make test` installs it")
    script = source.read_text(encoding="utf-8")

    def ask(page: Page) -> list[str]:
        # Evaluated through the debugger: the page's Content-Security-Policy stays as it is.
        page.evaluate(script)
        found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{rule['id']} ({rule['impact']}): " + "; ".join(node["html"] for node in rule["nodes"])
            for rule in found["violations"]
            if rule["impact"] in {"serious", "critical"}
        ]

    return ask


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an ASGI application on a free port of 127.0.0.1; its address has no slash at the end."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="on", workers=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the application did not start; its log is above")
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def serve() -> Callable[[Any], Any]:
    """Return what serves an application for the length of a `with` block and gives its address."""
    return serving
