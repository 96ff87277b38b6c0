"""The shell: tree, Quick Find, tables and their links, and what no page may hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import changeover.web
from changeover.errors import ChangeoverError
from changeover.org.permissions import ALL_PERMISSIONS, Permission
from changeover.web.assets import Assets
from changeover.web.listing import holds, order, paged
from changeover.web.setup import PAGES, page_at, quick_find, tree, visible
from changeover.web.templating import environment
from tests.web.conftest import Browser, Office

WEB = Path(changeover.web.__file__).parent


def test_the_tree_has_the_pages_that_admins_know() -> None:
    places = {(page.label, page.place[1:]) for page in PAGES}
    for label, place in (
        ("App Manager", ("Apps",)),
        ("External Client App Manager", ("Apps", "External Client Apps")),
        ("Settings", ("Apps", "External Client Apps")),
        ("Manage Connected Apps", ("Apps", "Connected Apps")),
        ("Connected Apps OAuth Usage", ("Apps", "Connected Apps")),
        ("External Client Apps OAuth Usage", ("Apps", "External Client Apps")),
        ("Users", ("Users",)),
        ("Permission Sets", ("Users",)),
        ("Profiles", ("Users",)),
        ("Notification Delivery Settings", ("Notification Builder",)),
        ("Briefcase Builder", ("Apps", "Mobile Apps")),
        ("Login History", ("Identity",)),
        ("OAuth and OpenID Connect Settings", ("Identity",)),
        ("View Setup Audit Trail", ("Security",)),
        ("Company Information", ("Company Settings",)),
        ("Import", ("Data",)),
        ("Export", ("Data",)),
    ):
        assert (label, place) in places


def test_every_page_of_the_tree_is_there(admin: Browser) -> None:
    for page in PAGES:
        answer = admin.get(page.path)
        assert answer.status == 200, page.path
        (here,) = answer.find("//nav[@aria-label='Setup']//a[@aria-current='page']")
        assert here.text_content() == page.label
        assert len(answer.find("//h1")) == 1, page.path


def test_who_may_less_sees_a_smaller_tree(office: Office) -> None:
    username = office.user("viewer@acme.example", [Permission.VIEW_SETUP])
    page = office.signed_in(username).get("/setup")
    assert page.links("App Manager")
    assert not page.links("External Client App Manager")
    assert not page.links("Login History")


def test_a_user_without_setup_is_told_what_is_missing(office: Office) -> None:
    username = office.user("nobody@acme.example", [])
    page = office.signed_in(username).get("/setup")
    assert page.status == 403
    assert "E-NOT-PERMITTED" in page.main
    assert "View Setup and Configuration" in page.main
    assert page.links("API Tokens")


def test_the_tree_keeps_the_order_of_the_list() -> None:
    branch = tree(PAGES)
    assert [page.label for page in branch.all_pages] == sorted(
        (page.label for page in PAGES), key=[page.label for page in branch.all_pages].index
    )
    assert {page.path for page in branch.all_pages} == {page.path for page in PAGES}
    assert [part.label for part in branch.branches][:3] == ["Administration", "Platform Tools", "Settings"]


def test_nothing_is_visible_without_a_permission() -> None:
    own = {"API Tokens", "Connections", "Session Management", "Change My Password"}
    assert {page.label for page in visible(frozenset())} <= own
    assert visible(ALL_PERMISSIONS) == PAGES


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("App Manager", ["App Manager", "External Client App Manager"]),
        ("  app   MANAGER ", ["App Manager", "External Client App Manager"]),
        ("company", ["Company Information"]),
        ("username-password", ["Login History", "OAuth and OpenID Connect Settings"]),
        ("nothing of the kind", []),
    ],
)
def test_quick_find_finds_every_word(text: str, found: list[str]) -> None:
    assert [page.label for page in quick_find(text, PAGES)] == found


def test_quick_find_without_script_lists_what_it_found(admin: Browser) -> None:
    page = admin.get("/setup/quick-find?q=App+Manager")
    assert [link.text_content() for link in page.find("//main//a")] == [
        "App Manager",
        "External Client App Manager",
    ]
    assert page.find("//input[@id='quick-find']/@value") == ["App Manager"]
    assert "“<b>x</b>”" in admin.get("/setup/quick-find?q=%3Cb%3Ex%3C/b%3E").main


def test_a_page_below_another_belongs_to_it() -> None:
    page = page_at("/setup/app-manager/Billing/edit")
    assert page is not None
    assert page.label == "App Manager"
    assert page_at("/sign-in") is None


def test_pages_without_the_design_system_are_not_served(tmp_path: Path) -> None:
    (tmp_path / "changeover.css").write_text("", encoding="utf-8")
    with pytest.raises(ChangeoverError) as refused:
        Assets(tmp_path)
    assert refused.value.code == "E-ASSETS-MISSING"
    assert "tools/assets.py" in refused.value.remedy


def test_every_template_can_be_read() -> None:
    templates = environment(Assets())
    names = templates.list_templates()
    assert len(names) > 10
    for name in names:
        templates.get_template(name)


def test_no_template_needs_what_the_security_policy_forbids() -> None:
    forbidden = re.compile(
        r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|hx-on|hx-vals=.js"
    )
    for path in (WEB / "templates").rglob("*.html"):
        assert forbidden.search(path.read_text(encoding="utf-8")) is None, path
    for path in WEB.rglob("*.py"):
        assert "unsafe-inline" not in path.read_text(encoding="utf-8"), path


def test_an_order_out_of_range_is_put_right() -> None:
    wrong = order(("label", "when"), sort="-secret", page=-5, search="  x ", filters={"a": "", "b": "1"})
    assert (wrong.sort, wrong.descending, wrong.page, wrong.search) == ("label", False, 1, "x")
    assert wrong.filters == (("b", "1"),)
    right = order(("label", "when"), sort="-when", page=3, search=None)
    assert (right.sort, right.descending, right.page) == ("when", True, 3)


def test_the_links_of_a_table_keep_what_is_searched_for() -> None:
    listing = paged(range(60), order(("n", "m"), sort="n", page=2, search="a&b", filters={"v": "x"}), "/t")
    assert list(listing.rows) == list(range(25, 50))
    assert (listing.first, listing.last, listing.pages) == (26, 50, 3)
    assert listing.page_url(3) == "/t?v=x&q=a%26b&sort=n&page=3"
    assert listing.sort_url("n") == "/t?v=x&q=a%26b&sort=-n"
    assert listing.sort_url("m") == "/t?v=x&q=a%26b&sort=m"
    assert (listing.aria_sort("n"), listing.aria_sort("m")) == ("ascending", "none")


def test_a_page_beyond_the_last_shows_the_last() -> None:
    listing = paged(range(30), order(("n",), sort="n", page=99), "/t")
    assert (listing.order.page, list(listing.rows)) == (2, [25, 26, 27, 28, 29])
    assert paged([], order(("n",), sort="n"), "/t").first == 0


def test_a_search_holds_every_word_somewhere() -> None:
    assert holds("acme BILL", "Billing", "of Acme")
    assert not holds("acme other", "Billing", "of Acme")
    assert holds("", "anything")
