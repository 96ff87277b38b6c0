"""The browser tests can fail: axe finds a planted fault, and what a page complains about is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar, MediaType, get
from playwright.sync_api import Page

from tests.chromium import Watch

_HEAD = '<!doctype html><html lang="en"><head><title>Planted</title><link rel="icon" href="data:,"></head>'


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def _home() -> str:
    return f'{_HEAD}<body><main><h1>Apps</h1><img src="data:,"><button>Go</button></main></body></html>'


@get("/broken", media_type=MediaType.HTML, sync_to_thread=False)
def _broken() -> str:
    return f'{_HEAD}<body><script>missing()</script><img alt="" src="/not-there.png"></body></html>'


@pytest.fixture(scope="module")
def address(serve: Callable[[Any], Any]) -> Any:
    with serve(Litestar([_home, _broken])) as url:
        yield url


def test_axe_sees_an_image_without_a_text(address: str, page: Page, axe: Callable[[Page], list[str]]) -> None:
    page.goto(address)
    (fault,) = axe(page)
    assert fault.startswith("image-alt (critical)")


def test_errors_of_a_page_are_seen(address: str, page: Page, watch: Watch) -> None:
    page.goto(f"{address}/broken")
    assert len(watch.unexpected) == 2
    watch.expect("missing is not defined")
    assert [line for line in watch.unexpected if "status of 404" in line] == watch.unexpected
    watch.expect("status of 404")


def test_a_phone_is_narrow(address: str, phone: Page) -> None:
    phone.goto(address)
    assert phone.evaluate("innerWidth") == 390
