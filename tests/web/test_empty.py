"""Lists of a new org: what is not there is not said to be of another name."""

from __future__ import annotations

import pytest

from tests.web.conftest import Browser, Page


def said(page: Page) -> str:
    (cell,) = page.find("//main//td[contains(@class, 'co-table__none')]")
    return " ".join(cell.text_content().split())


@pytest.mark.parametrize(
    ("path", "nothing", "searched"),
    [
        ("app-manager", "This org has no connected app.", "No connected app is like this."),
        ("connected-apps", "This org has no connected app.", "No connected app is like this."),
        (
            "external-client-apps",
            "This org has no external client app.",
            "No external client app is like this.",
        ),
        ("briefcases", "There is no briefcase.", "There is no briefcase of this name."),
        (
            "notification-delivery-settings",
            "There is no notification type.",
            "No notification type has this name.",
        ),
        ("login-history", "No login is recorded.", "No login is recorded that fits."),
        ("oauth-usage/connected-app", "No app holds a token.", "No app of this name holds a token."),
        ("oauth-usage/external-client-app", "No app holds a token.", "No app of this name holds a token."),
    ],
)
def test_an_empty_list_and_a_search_that_finds_nothing(
    admin: Browser, path: str, nothing: str, searched: str
) -> None:
    assert said(admin.get(f"/setup/{path}")).startswith(nothing)
    assert said(admin.get(f"/setup/{path}?q=zebra")) == searched
