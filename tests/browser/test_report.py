"""The report as a person opens it: nothing serious for axe, readable on a phone, printed, without network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import BrowserContext, Page, expect

from changeover.cli.main import main
from tests.chromium import PHONE
from tests.report.made import evidence, project


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on a project of every readiness."""
    folder = tmp_path_factory.mktemp("report")
    given = [str(path) for path in evidence(folder)]
    target = folder / "report.html"
    args = ["report", str(project(folder / "project")), "-o", str(target), "--evidence", *given]
    assert CliRunner().invoke(main, args).exit_code == 1  # one file of the project is broken
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
    expect(page.get_by_role("img")).to_have_accessible_name(re.compile("^Bars: 4 ready, 1 to confirm"))
    for name in ("At a glance", "Dates", "What to do", "Who must do what", "Decisions that this rests on"):
        expect(page.get_by_role("region", name=name)).to_be_visible()
    expect(page.get_by_role("table", name="Connected apps by readiness")).to_be_visible()
    expect(page.get_by_role("navigation", name="Contents").get_by_role("link")).not_to_have_count(0)


def test_the_keyboard_reaches_every_part(file: Path, page: Page) -> None:
    page.goto(file.as_uri())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the report")).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#setup")


def test_it_prints_in_the_colours_of_paper(
    file: Path, tmp_path: Path, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context(color_scheme="dark").new_page()
    page.goto(file.as_uri())
    page.emulate_media(media="print", color_scheme="dark")
    colours: Any = page.evaluate(
        "(style => [style.backgroundColor, style.color])(getComputedStyle(document.body))"
    )
    assert colours == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    expect(page.get_by_role("navigation", name="Contents")).to_be_hidden()
    printed = page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert printed.startswith(b"%PDF-")
