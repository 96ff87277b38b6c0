"""Setup as an admin uses it: by labels, links and buttons, never by how a page is built."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

MIGRATE = "Migrate to External Client App"


class SetupPages:
    """A browser in which someone works in Setup."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def sign_in(self, username: str, password: str) -> None:
        """Sign in on the sign-in page."""
        self.page.goto(self.address)
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label(re.compile(r"^\W*Password")).fill(password)
        self.page.keyboard.press("Enter")
        expect(self.page).to_have_url(re.compile("/setup$"))

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(self.address + path)

    def quick_find(self, text: str) -> None:
        """Type into Quick Find and choose the page of that name."""
        self.page.get_by_role("searchbox", name="Quick Find").fill(text)
        self.page.get_by_role("navigation").get_by_role("link", name=text, exact=True).click()
        expect(self.heading(text)).to_be_visible()

    def open_app(self, label: str) -> None:
        """Open a connected app in App Manager by clicking its name."""
        self.quick_find("App Manager")
        self.page.get_by_role("main").get_by_role("link", name=label, exact=True).click()
        expect(self.heading(label)).to_be_visible()

    def heading(self, text: str) -> Locator:
        """The page's own heading."""
        return self.page.get_by_role("heading", level=1, name=re.compile(re.escape(text)))

    @property
    def migrate_button(self) -> Locator:
        """The button of the article, on the page of a connected app."""
        return self.page.get_by_role("main").get_by_role("link", name=MIGRATE)

    @property
    def dialog(self) -> Locator:
        """The dialog that is open."""
        return self.page.get_by_role("dialog")

    def confirm(self, *, despite: bool = False) -> None:
        """Check the confirmations of the migrate dialog."""
        self.dialog.get_by_label(re.compile("is a local app")).check()
        self.dialog.get_by_label(re.compile("doesn\u2019t use the username-password flow")).check()
        if despite:
            self.dialog.get_by_label(re.compile("Despite this evidence")).check()

    def press_migrate(self) -> None:
        """Click Migrate in the dialog."""
        self.dialog.get_by_role("button", name="Migrate", exact=True).click()

    def migrate(self, label: str = "Billing", *, despite: bool = False) -> None:
        """Do the article's steps for an app, and follow the link to its external client app."""
        self.open_app(label)
        self.migrate_button.click()
        self.confirm(despite=despite)
        self.press_migrate()
        self.dialog.get_by_role("link", name=label).click()
        expect(self.page).to_have_url(re.compile("/setup/external-client-apps/"))

    def delete_external(self, name: str = "Billing") -> None:
        """Delete an external client app on its page."""
        self.go(f"/setup/external-client-apps/{name}/delete")
        self.page.get_by_label(re.compile("I have read what will be lost")).check()
        self.page.get_by_role("button", name="Delete", exact=True).click()

    def main_text(self) -> str:
        """The words of the page's own part."""
        return " ".join(self.page.get_by_role("main").inner_text().split())
