"""A project of other people from "what do we have" to "all clicked, all checked"."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from changeover.wiring import web_application
from tests.article.setup_pages import SetupPages
from tests.chromium import serving
from tests.org.conftest import prepared, world
from tests.org.world import World
from tests.plans.project import run

__all__ = ["prepared", "world"]

PROJECT = "connected-apps/carestone-sf__salesforce"
WAVES = ("1", "2", "3")
LOGIN = "int@example.com,{} 08:00:00 UTC,{},OAuth Refresh Token,Success"
HEADING = "Username,Login Time,Application,Login Subtype,Status"


@pytest.fixture
def source(corpus: Path, tmp_path: Path) -> Path:
    """A project of other people, as it stands now."""
    folder = tmp_path / "source" / "connectedApps"
    folder.mkdir(parents=True)
    for file in sorted((corpus / PROJECT).glob("*.xml")):
        shutil.copy(file, folder)
    return folder.parent


@pytest.fixture
def setup(world: World, page: Page) -> Iterator[SetupPages]:
    with serving(web_application(world.house)) as address:
        pages = SetupPages(page, address)
        pages.sign_in(world.admin.username, world.password)
        yield pages


def history(file: Path, month: str, days: range, labels: list[str]) -> Path:
    """Write a Login History in which every app logs in once a day."""
    rows = (LOGIN.format(f"2026-{month}-{day:02}", label) for day in days for label in labels)
    file.write_text("\n".join((HEADING, *rows)) + "\n", encoding="utf-8")
    return file


def answer(*args: str | Path) -> dict[str, Any]:
    said = run(*args, "--json")
    assert said.code in {0, 2}, said.err
    read: dict[str, Any] = json.loads(said.out)
    return read


def statuses(source: Path, target: Path) -> dict[str, str]:
    return {one["api_name"]: one["status"] for one in answer("verify", source, target)["apps"]}


def test_a_project_is_planned_clicked_and_checked(
    source: Path, world: World, setup: SetupPages, tmp_path: Path
) -> None:
    assessed = answer("assess", source)["apps"]
    labels = {one["api_name"]: one["label"] for one in assessed}
    assert len(labels) > 5
    # Three waves, a plan, the runbook.
    owners = [f"{name},Team,team@example.com,{WAVES[at % 3]}" for at, name in enumerate(labels)]
    (tmp_path / "owners.csv").write_text("\n".join(("app,owner,contact,wave", *owners)), encoding="utf-8")
    before = history(tmp_path / "before.csv", "10", range(1, 29), [*labels.values()])
    plan = tmp_path / "plan.json"
    given = ("--owners", tmp_path / "owners.csv", "--login-history", before, "--confirm-local")
    assert run("plan", source, "-o", plan, *given, "--confirm-no-username-password").code == 2
    doubtful = {one["api_name"] for one in assessed if one["verdict"] == "confirm"}
    book = tmp_path / "guide.md"
    assert run("guide", plan, "-o", book).code == 0
    text = book.read_text(encoding="utf-8")
    headings = [line.split(":")[0] for line in text.splitlines() if line.startswith("## Wave")]
    assert headings == [f"## Wave {wave}" for wave in WAVES]
    assert f"{len(labels)} apps to migrate in 3 waves: {len(labels)} to do." in text
    # The admin, in a browser, in an org that holds the same apps; what came of it is exported.
    place = ("--org", world.org_id, "--database", world.database)
    assert run("import", source, *place).code == 0
    exported = tmp_path / "exported"
    for wave in WAVES:
        for name, label in labels.items():
            if f"{name},Team,team@example.com,{wave}" in owners:
                setup.go(f"/setup/app-manager/{name}")
                setup.migrate_button.click()
                setup.confirm(despite=name in doubtful)
                setup.press_migrate()
                expect(setup.dialog.get_by_role("link", name=label)).to_be_visible()
        shutil.rmtree(exported, ignore_errors=True)
        assert run("export", exported, *place).code == 0
        done = [status for status in statuses(source, exported).values() if status == "verified"]
        assert len(done) == sum(owner.endswith(WAVES[: WAVES.index(wave) + 1]) for owner in owners)
    # Each is ticked off.
    (tmp_path / "verified.json").write_text(json.dumps(answer("verify", source, exported)), encoding="utf-8")
    assert run("guide", plan, "-o", book, "--verified", tmp_path / "verified.json").code == 0
    text = book.read_text(encoding="utf-8")
    assert f"{len(labels)} apps to migrate in 3 waves: {len(labels)} done." in text
    # A part that was not retrieved is no drift; a field that was changed is.
    first, second, silent = list(labels)[:3]
    (part,) = exported.rglob(f"{first}*.ecaGlblOauth-meta.xml")
    part.unlink()
    (changed,) = exported.rglob(f"{second}*.ecaGlblOauth-meta.xml")
    url = changed.read_text(encoding="utf-8")
    changed.write_text(url.replace("<callbackUrl>", "<callbackUrl>https://elsewhere.example/"), "utf-8")
    told = {one["api_name"]: one for one in answer("verify", source, exported)["apps"]}
    assert told[first]["status"] == "verified"
    assert "not retrieved" in {line["outcome"] for line in told[first]["lines"]}
    assert told[second]["status"] == "drift"
    assert [line["path"] for line in told[second]["lines"] if line["outcome"] == "differs"] == ["callbackUrl"]
    assert {one["status"] for name, one in told.items() if name != second} == {"verified"}
    # Two Login Histories say who fell silent since.
    others = [label for name, label in labels.items() if name != silent]
    after = history(tmp_path / "after.csv", "11", range(5, 24), others)
    since = ("--logins", before, after, "--since", "2026-11-01")
    logins = {one["api_name"]: one for one in answer("verify", source, exported, *since)["logins"]}
    fell = {
        name for name, one in logins.items() if {flow["status"] for flow in one["flows"]} == {"fell silent"}
    }
    assert fell == {silent}
