"""The report as HTML: complete in itself, in order, and nothing of a file is taken for markup."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html as lxml_html

from changeover.migration.decisions import KEY_HANDED_OVER
from changeover.migration.readiness import Readiness
from changeover.report.picture import picture
from tests.report.conftest import TOP_LINE, Report


@pytest.fixture
def text(report: Report) -> str:
    result = report("--format", "html")
    assert result.exit_code == 1  # a file is broken
    assert "E-XML-BROKEN" in result.stderr
    return result.stdout


@pytest.fixture
def page(text: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(text)


def words(element: lxml_html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_it_begins_with_the_top_line(page: lxml_html.HtmlElement) -> None:
    assert words(page.xpath("//p[@class='top-line']")[0]) == f"{TOP_LINE}."
    assert TOP_LINE in page.findtext(".//title")
    assert "Login History: 3 logins from 2026-11-01 to 2026-11-03 (UTC). OauthToken: 1 tokens." in words(page)


def test_it_needs_no_network_and_no_script(text: str, page: lxml_html.HtmlElement) -> None:
    assert page.xpath("//script | //link | //iframe | //img | //object | //base | //form") == []
    assert page.xpath("//@src | //@onclick | //@onload | //@style") == []
    assert {link[:1] for link in page.xpath("//@href")} == {"#"}
    assert not re.search(r"url\(|@import", text)
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_links_lead_somewhere_and_ids_are_unique(page: lxml_html.HtmlElement) -> None:
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.xpath("//@href")} <= set(ids)
    assert set(page.xpath("//@aria-labelledby")) <= set(ids)


def test_headings_go_down_one_step_at_a_time(page: lxml_html.HtmlElement) -> None:
    levels = [int(each.tag[1]) for each in page.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_table_has_a_caption_and_headed_rows(page: lxml_html.HtmlElement) -> None:
    for table in page.xpath("//table"):
        assert words(table.find("caption"))
        assert table.xpath("thead//th[not(@scope='col')]") == []
        assert table.xpath("tbody/tr[not(th[@scope='row'])]") == []
    assert len(page.xpath("//main")) == 1
    assert page.xpath("//nav/@aria-label") == ["Contents"]


def test_the_picture_says_in_words_what_it_shows(page: lxml_html.HtmlElement) -> None:
    (drawn,) = page.xpath("//*[local-name()='svg']")
    assert drawn.get("role") == "img"
    assert drawn.get("aria-label") == f"Bars: {TOP_LINE}."
    shown = [
        bar.get("class").split()[1] for bar in drawn.xpath(".//*[contains(concat(' ', @class), ' bar ')]")
    ]
    assert set(shown) == {"ready", "confirm", "blocked", "migrated"}


def test_bars_are_as_long_as_their_numbers() -> None:
    drawn = lxml_html.fragment_fromstring(
        str(picture({Readiness.READY: 40, Readiness.BLOCKED: 10, Readiness.MIGRATED: 0}, "x"))
    )
    widths = {
        bar.get("class"): float(bar.get("width")) for bar in drawn.iter("rect") if "bar" in bar.get("class")
    }
    assert set(widths) == {"bar ready", "bar blocked"}
    assert widths["bar ready"] == pytest.approx(4 * widths["bar blocked"], rel=0.01)
    assert "script" not in str(picture({Readiness.READY: 1}, "<script>"))[:200].replace("&lt;script", "")


def card(page: lxml_html.HtmlElement, name: str) -> str:
    (found,) = page.xpath(f"//article[.//code='{name}']")
    return words(found)


def test_an_app_is_told_with_reasons_remedies_dates_and_losses(page: lxml_html.HtmlElement) -> None:
    payroll, canvas = card(page, "Payroll"), card(page, "Canvas")
    assert "Clients stop on 20 February 2027: The username-password flow ends" in payroll
    assert (
        "Payroll logged in once with username and password, last on 1 November as int@example.com" in payroll
    )
    assert "Move it to client credentials, or confirm against this evidence." in payroll
    assert "Last use seen1 November 2026" in payroll
    assert "reported, not documented by Salesforce" in canvas
    assert "Lost with the migration: canvasConfig/locations[1] (UserProfile): External client apps" in canvas
    assert "No use seen in the window. No rows is no proof" in canvas
    assert "Last use seen5 November 2026" in card(page, "Warehouse")


def test_dates_stand_on_a_line_with_today_among_them(page: lxml_html.HtmlElement) -> None:
    items = [words(item) for item in page.xpath("//ol[@class='timeline']/li")]
    today = next(nth for nth, item in enumerate(items) if item.startswith("Today"))
    days = page.xpath("//ol[@class='timeline']/li/time/@datetime")
    assert days == sorted(days)
    assert all("(in force)" in item for item in items[:today])
    assert not any("(in force)" in item for item in items[today:])
    assert any("2027" in item and "1 app is touched." in item for item in items)


def test_what_no_file_shows_is_said_before_the_click(page: lxml_html.HtmlElement) -> None:
    (section,) = page.xpath("//section[@aria-labelledby='setup']")
    assert "App Type: Connected is local" in words(section)
    assert "(every app)" in words(section)


def test_decisions_and_broken_files_are_told(page: lxml_html.HtmlElement) -> None:
    (section,) = page.xpath("//section[@aria-labelledby='decisions']")
    decisions = words(section)
    assert f"{KEY_HANDED_OVER.id}: {KEY_HANDED_OVER.title}all" in decisions
    assert "`" not in decisions
    (errors,) = page.xpath("//section[@aria-labelledby='errors']")
    assert "Broken.connectedApp-meta.xml" in words(errors)


def test_what_stands_in_a_file_is_text(text: str, page: lxml_html.HtmlElement) -> None:
    assert "<script>alert(1)" not in text
    assert "=cmd|'/C calc'!A1 <script>alert(1)</script>" in card(page, "Hostile")


def test_an_empty_folder_gives_a_whole_page(tmp_path: Path, report: Report) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    result = report(path=empty)
    assert result.exit_code == 0
    found = lxml_html.document_fromstring(result.stdout)
    assert "No connected app was read." in words(found)
    assert found.xpath("//*[local-name()='svg'] | //article") == []
