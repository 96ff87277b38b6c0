"""What the article's tests share: an org, the API over it, and a browser in front of its pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from changeover.wiring import web_application
from tests.api.rest import Rest
from tests.article.setup_pages import SetupPages
from tests.chromium import serving
from tests.org.conftest import prepared, world
from tests.org.world import World, app

__all__ = ["prepared", "world"]


@pytest.fixture
def rest(world: World) -> Rest:
    """The API over the org of the test."""
    return Rest(world)


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """The address of the pages over the org of the test."""
    with serving(web_application(world.house)) as url:
        yield url


@pytest.fixture
def setup(address: str, world: World, page: Page) -> SetupPages:
    """The administrator, signed in, before an org with one eligible connected app, Billing."""
    world.bring(app())
    pages = SetupPages(page, address)
    pages.sign_in(world.admin.username, world.password)
    return pages
