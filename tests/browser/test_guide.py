"""The runbook as a person opens it: nothing serious for axe, on a phone, on paper, without network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.chromium import PHONE
from tests.guide.made import plan, verified
from tests.plans.project import run


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runbook of apps of every kind, ticked off in part."""
    folder = tmp_path_factory.mktemp("guide")
    target = folder / "guide.html"
    ticks = ("--verified", verified(folder), "--my-domain", "acme")
    assert run("guide", plan(folder), "-o", target, *ticks).code == 0
    return target


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, PHONE[0]])
def test_it_is_clean(
    file: Path,
    width: int,
    scheme: str,
    new_context: Callable[..., BrowserContext],
    axe: Callable[[Page], list[str]],
) -> None:
    page = new_context(width=width, color_scheme=scheme).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert asked == [file.as_uri()]


def test_a_screen_reader_finds_its_way(file: Path, new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for name in ("Before you begin", "The clicks, for each app", "Wave 1: 1 app", "If the button is missing"):
        expect(page.get_by_role("region", name=name)).to_be_visible()
    wave = page.get_by_role("region", name="Wave 1: 1 app")
    expect(wave.get_by_role("heading", name="Billing (done)")).to_be_visible()
    expect(page.get_by_role("table", name="What may take the button away")).to_be_visible()


def test_the_keyboard_reaches_every_part(file: Path, page: Page) -> None:
    page.goto(file.as_uri())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the runbook")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_it_prints_on_paper(file: Path, tmp_path: Path, new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(color_scheme="dark").new_page()
    page.goto(file.as_uri())
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.get_by_role("navigation", name="Contents")).to_be_hidden()
    assert page.pdf(path=tmp_path / "guide.pdf", format="A4").startswith(b"%PDF-")
