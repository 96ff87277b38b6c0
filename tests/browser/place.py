"""Where a test meets the product: the sample org at an address."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from changeover.sample.fill import Sample
from changeover.wiring import House


class Place:
    """The sample org at an address, and who may sign in."""

    def __init__(self, address: str, sample: Sample, house: House) -> None:
        self.address = address
        self.sample = sample
        self.house = house

    def sign_in(self, page: Page) -> Page:
        """Sign the administrator in."""
        page.goto(f"{self.address}/sign-in")
        page.get_by_label("Username").fill(self.sample.users[0].username)
        page.get_by_label("Password").fill(self.sample.users[0].password)
        page.get_by_role("button", name="Sign In").click()
        expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
        return page


def main(page: Page) -> Locator:
    """Return the page's own part."""
    return page.get_by_role("main")


def field(page: Page, label: str) -> Locator:
    """Return the field of a label; the asterisk of a required one is part of its label."""
    return (
        main(page)
        .get_by_label(re.compile(rf"^(\*\s*)?{re.escape(label)}$"))
        .and_(page.locator("input, select, textarea"))
    )


def press(page: Page, name: str) -> None:
    """Press a button of the page's own part."""
    main(page).get_by_role("button", name=name, exact=True).click()
