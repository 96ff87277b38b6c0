"""The report as a person opens it: nothing serious for axe, readable on a phone, printed, without network."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import BrowserContext, Page, expect

from changeover.cli.main import main
from changeover.project.project import Project
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


@pytest.fixture(scope="module")
def of_the_corpus(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on other people's apps, with logins and tokens of our own making under their labels."""
    folder = tmp_path_factory.mktemp("corpus")
    with Project(corpus) as apps:
        labels = sorted(apps.index.by_label)
    flows = ("OauthWebServer", "OauthRefreshToken", "OauthClientCredentials", "OauthUsernamePassword")
    logins: list[tuple[str, ...]] = [("UserId", "LoginTime", "Application", "LoginSubType", "Status")]
    tokens: list[tuple[str, ...]] = [("AppName", "LastUsedDate", "UseCount")]
    for nth, label in enumerate(labels):
        day = f"2026-{6 + nth % 5:02}-{1 + nth % 28:02}T08:15:00Z"
        if nth % 3:
            flow = flows[3] if nth % 17 == 1 else flows[nth % 3]
            logins.append((f"int{nth % 5}@example.com", day, label, flow, "Success"))
        if nth % 4 == 0:
            tokens.append((label, day, str(nth)))
    for name, table in {"logins.csv": logins, "tokens.csv": tokens}.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(table)
    target = folder / "report.html"
    given = [str(folder / "logins.csv"), str(folder / "tokens.csv")]
    args = ["report", str(corpus), "-o", str(target), "--evidence", *given]
    assert CliRunner().invoke(main, args).exit_code == 2
    return target


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, PHONE[0]])
def test_the_corpus_is_one_to_hand_on(
    of_the_corpus: Path,
    width: int,
    tmp_path: Path,
    new_context: Callable[..., BrowserContext],
    axe: Callable[[Page], list[str]],
) -> None:
    page = new_context(width=width).new_page()
    page.goto(of_the_corpus.as_uri())
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(page.locator(".top-line")).to_have_text(
        re.compile(r"\d+ ready, \d+ to confirm, 13 blocked; \d+ stop on 20 February 2027\.")
    )
    # No word is cut off: nothing is wider than the box that it stands in.
    assert (
        page.evaluate(
            "[...document.querySelectorAll('main *')]"
            ".filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display != 'inline')"
            ".filter(e => !e.closest('svg') && e.clientWidth).map(e => e.outerHTML.slice(0, 200)).slice(0, 3)"
        )
        == []
    )
    assert page.pdf(path=tmp_path / "report.pdf", format="A4").startswith(b"%PDF-")


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
