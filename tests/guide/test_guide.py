"""The runbook: in order, complete, ticked off, and safe whatever an app is called."""

from __future__ import annotations

import re
import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from changeover.guide import texts
from changeover.guide.book import Book
from changeover.guide.links import Links, host_of
from changeover.guide.writing import html, markdown
from changeover.plans.file import PlanFile, PlanWriter, encoded
from tests.cli.org_commands import Shell
from tests.guide.made import plan, verified
from tests.org.world import World, app
from tests.plans.project import run
from tests.plans.test_file import END, HEAD, some
from tests.project.files import connected_app, global_settings, header, lay

WAVES = [
    "## Wave 1: 1 app",
    "## Wave 2: 1 app",
    "## Wave 10: 1 app",
    "## Apps without a wave: 1 app",
    "## Last: the apps that your own pipeline logs in with: 1 app",
    "## Not to be clicked yet: 1 app",
]


def guided(folder: Path, *args: str | Path, form: str = "md") -> str:
    said = run("guide", plan(folder), "-o", folder / f"guide.{form}", *args)
    assert said.code == 0, said.err
    return (folder / f"guide.{form}").read_text(encoding="utf-8")


def part(text: str, start: str) -> str:
    """The lines of one app in the Markdown."""
    return text[text.index(f"] {start}") :].partition("\n- [")[0]


def test_waves_come_in_order_the_pipeline_last_and_what_cannot_be_clicked_after_it(tmp_path: Path) -> None:
    text = guided(tmp_path)
    assert [line for line in text.splitlines() if line in WAVES] == WAVES
    assert text.index("**Pipeline**") > text.index("Apps without a wave")
    assert "**5 apps to migrate in 4 waves: 5 to do.**" in text


def test_of_each_app_it_says_what_to_confirm_on_what_evidence_and_whom_to_tell(tmp_path: Path) -> None:
    text = guided(tmp_path)
    billing = part(text, "**Billing**")
    assert "Tell: Finance, fin@example.com" in billing
    assert "Last seen: int@example.com (OauthUsernamePassword, 3 November 2026)" in billing
    assert "[x] Confirm: The app is local" in billing
    assert "Confirmed by Ida, " in billing
    assert "[ ] Confirm: The app does not use the username-password flow. Billing logged in once" in billing
    assert "Move it to client credentials" in billing
    assert "Lost:" in part(text, "**Zebra**")
    assert "mobileAppConfig/devicePlatform" in part(text, "**Zebra**")
    assert "Nothing is lost." in billing
    tile = part(text, "**Tile**")
    assert "First: Tile has canvas settings" in tile
    assert "not documented by Salesforce" in tile


def test_what_may_take_this_apps_button_away_stands_with_it(tmp_path: Path) -> None:
    lay(
        tmp_path / "src",
        {
            "Billing.connectedApp-meta.xml": connected_app(),
            "Billing.eca-meta.xml": header(),
            "Billing_glbloauth.ecaGlblOauth-meta.xml": global_settings(key="3MVG9.another"),
        },
    )
    run("plan", tmp_path / "src", "-o", tmp_path / "plan.json")
    assert run("guide", tmp_path / "plan.json", "-o", tmp_path / "guide.md").code == 0
    text = (tmp_path / "guide.md").read_text(encoding="utf-8")
    assert "If the button is missing, most likely: " in part(text, "**Billing**")
    assert "Confirm: An external client app" in part(text, "**Billing**")


def test_what_no_file_shows_of_any_app_is_said_once(tmp_path: Path) -> None:
    text = guided(tmp_path)
    assert text.count("push messaging is in no file") == 1


def test_the_button_has_reasons(tmp_path: Path) -> None:
    text = guided(tmp_path)
    for reason in texts.reasons():
        assert f"| {reason.title} |" in text
    assert len(texts.reasons()) > 8


@pytest.mark.parametrize("form", ["md", "html"])
def test_verify_ticks_it_off(tmp_path: Path, form: str) -> None:
    text = guided(tmp_path, "--verified", verified(tmp_path), form=form)
    assert "5 apps to migrate in 4 waves: 3 to do, 1 done, 1 not as expected" in text
    if form == "md":
        assert "[x] **Billing** (done)" in text
        assert "Confirm" not in part(text, "**Billing**")
        old = part(text, "**Old**")
        assert "expected AdminApprovedPreAuthorized, found AllSelfAuthorized" in old
        assert "and 3 more" in old
        assert "startUrl" not in old, "what was not retrieved is no drift"


def test_links_lead_to_the_org_where_it_is_known(tmp_path: Path) -> None:
    ids = tmp_path / "ids.csv"
    ids.write_text("Id,Name\n06P000000000001AAA,Billing\n0H4000000000002AAA,old\n", encoding="utf-8")
    text = guided(tmp_path, "--my-domain", "acme--dev.sandbox", "--app-ids", ids)
    base = "https://acme--dev.sandbox.my.salesforce.com/lightning/setup/"
    assert f"]({base}NavigationMenus/home)" in text
    address = "ConnectedApplication/page?address=%2Fapp%2Fmgmt%2Fforceconnectedapps%2FforceAppDetail.apexp%3F"
    assert f"[Billing]({base}{address}applicationId%3D06P000000000001AAA)" in text
    assert f"[Old]({base}{address}connectedAppId%3D0H4000000000002AAA)" in text
    assert "**Zebra**" in text
    assert texts.LINKS in text
    assert texts.LINKS not in guided(tmp_path, "--app-ids", ids)


@pytest.mark.parametrize(
    ("said", "host"),
    [
        ("acme", "acme.my.salesforce.com"),
        ("https://Acme.my.salesforce.com/", "acme.my.salesforce.com"),
        ("acme--dev.sandbox", "acme--dev.sandbox.my.salesforce.com"),
        ("acme.my.salesforce-setup.com", "acme.my.salesforce-setup.com"),
        ("evil.example.com/x?", None),
        ("a b", None),
        ("", None),
        ("javascript:alert(1)", None),
    ],
)
def test_a_my_domain_is_a_host_of_salesforce_or_none(said: str, host: str | None) -> None:
    assert host_of(said) == host


def test_without_a_host_there_is_no_link() -> None:
    assert Links(None, {"billing": "06P000000000001AAA"}).of("Billing") is None


def test_names_are_no_markup(tmp_path: Path) -> None:
    page = guided(tmp_path, form="html")
    assert "*Portal* &lt;script&gt;" in page
    assert "<script" not in page
    assert "Web &lt;b&gt;" in page
    text = guided(tmp_path)
    assert r"**\*Portal\* \<script\>**" in text


def test_the_page_needs_no_network_and_runs_no_script(tmp_path: Path) -> None:
    page = guided(tmp_path, form="html")
    assert "default-src 'none'" in page
    assert re.findall(r"(?:src|href)=\"(?!#)", page) == []


def test_of_an_org_its_my_domain_is_known(world: World, shell: Shell, tmp_path: Path) -> None:
    world.bring(app("Billing"))
    made = tmp_path / "plan.json"
    shell.run("plan", "--org", "Acme", "-o", str(made))
    run("guide", made, "-o", tmp_path / "guide.md")
    text = (tmp_path / "guide.md").read_text(encoding="utf-8")
    assert "https://acme.my.salesforce.com/lightning/setup/NavigationMenus/home" in text
    assert "1 app to migrate: 1 to do" in text


def test_a_plan_of_nothing_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    run("plan", tmp_path / "src", "-o", tmp_path / "plan.json")
    assert (
        "No app of this plan can be migrated now"
        in run("guide", tmp_path / "plan.json", "-o", tmp_path / "g.html").out
    )


def test_wrong_use_is_told(tmp_path: Path) -> None:
    made = plan(tmp_path)
    assert run("guide", made, "-o", tmp_path / "guide.pdf").code == 64
    assert run("guide", made, "-o", tmp_path / "guide.md", "--my-domain", "a b").code == 64
    assert not (tmp_path / "guide.md").exists()


@pytest.mark.parametrize("name", ["README.md", "index.html"])
def test_nothing_but_a_runbook_is_replaced(tmp_path: Path, name: str) -> None:
    made = plan(tmp_path)
    (tmp_path / name).write_text("# Mine", encoding="utf-8")
    said = run("guide", made, "-o", tmp_path / name)
    assert (said.code, "E-OUTPUT-IN-THE-WAY" in said.err) == (1, True)
    (tmp_path / name).unlink()
    assert [run("guide", made, "-o", tmp_path / name).code for _ in range(2)] == [0, 0]


@pytest.mark.parametrize(
    "content",
    [None, "", "{", "[]", '{"other": 1}', '{"apps": [{"api_name": "A"}]}', '{"apps": [1]}'],
)
def test_what_is_no_answer_of_verify_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "v.json").write_text(content, encoding="utf-8")
    said = run("guide", plan(tmp_path), "-o", tmp_path / "g.md", "--verified", tmp_path / "v.json")
    assert (said.code, "E-VERIFICATION-UNREADABLE" in said.err) == (1, True), said
    assert not (tmp_path / "g.md").exists()


def test_an_answer_of_verify_without_apps_is_one(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text('{"apps": [], "errors": []}', encoding="utf-8")
    assert "5 to do" in guided(tmp_path, "--verified", tmp_path / "v.json")


@pytest.mark.parametrize(
    "content", [None, "", "Name\nBilling\n", "Id,Name\nx,Billing\n", "Id,Name\n001000000000001,B\n"]
)
def test_ids_that_are_none_are_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "ids.csv").write_text(content, encoding="utf-8")
    said = run("guide", plan(tmp_path), "-o", tmp_path / "g.md", "--app-ids", tmp_path / "ids.csv")
    assert (said.code, "E-APP-IDS-UNREADABLE" in said.err) == (1, True), said


def test_however_many_apps_there_are_one_is_in_memory(tmp_path: Path) -> None:
    record = some()[0]

    def peak(count: int) -> int:
        path = tmp_path / f"{count}.json"
        with PlanWriter(path, HEAD) as writer:
            for _ in range(count):
                writer.add(encoded(record))
            writer.finish(END)
        tracemalloc.start()
        try:
            with Book(PlanFile(path), Links(), {}) as book:
                for form in (html, markdown):
                    assert sum(map(len, form(book, date(2026, 11, 25)))) > count * 500
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(300) < 2 * peak(100)
