"""Markup in every field that a file or a user can set, on every page, in a real browser: it stays text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page

from changeover.apps.connected_app import Attribute
from changeover.apps.document import Leaf
from changeover.org import batches, briefcases, company, logins, notifications, tokens
from changeover.org import permission_sets as sets
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.model.apps import Confirmation
from changeover.org.model.beside_apps import NotificationType
from changeover.org.model.events import LoginRow
from changeover.org.people import NewUser, create_user
from changeover.org.permissions import ALL_PERMISSIONS
from changeover.web.app import create_app
from changeover.web.paths import connected_app, external_client_app
from changeover.web.services import Services
from changeover.web.setup import PAGES
from tests.api.rest import archive
from tests.chromium import Watch, serving
from tests.org.world import START, World, app

EVIL = "<img src=x onerror=window.evil=1><script>window.evil=2</script>\"'><svg onload=window.evil=3>{{7*7}}"
LINK = "javascript:window.evil=4"
NAME = "Evil_App"


def _poison(world: World) -> None:
    """Put the payload wherever it is taken."""
    bad = app(
        NAME,
        label=EVIL,
        description=EVIL,
        info_url=LINK,
        logo_url=LINK,
        icon_url=LINK,
        start_url=LINK,
        contact_phone=EVIL,
        profile_name=(EVIL,),
        permission_set_name=(EVIL,),
        attributes=(Attribute(key=EVIL, formula=EVIL),),
        unknown=(Leaf("strange", EVIL),),
        oauth={"callback_url": LINK, "consumer_key": EVIL, "scopes": ("Api", EVIL)},
    )
    outcomes = world.bring(bad, replace(bad, full_name=EVIL[:60], oauth_config=None))
    assert {one.result for one in outcomes} == {"created"}, outcomes
    row = LoginRow(
        at=START,
        username=EVIL,
        application=EVIL,
        login_type=EVIL,
        sub_type="OauthUsernamePassword",
        status=EVIL,
        source_ip=EVIL,
    )
    world.do(logins.import_login_history, [row])
    world.do(notifications.save_notification_type, NotificationType(api_name="Evil", label=EVIL, custom=True))
    world.do(briefcases.save_briefcase, "Evil", EVIL, EVIL)
    world.do(sets.save_permission_set, "Evil", EVIL, ["ViewSetup"])
    world.do(sets.save_profile, EVIL, ["ViewSetup"])
    everything = [one.value for one in ALL_PERMISSIONS]
    world.do(sets.save_profile, "All", everything)
    new = NewUser(username="evil@acme.example", name=EVIL, email="evil@acme.example", profile="All")
    world.passwords["evil@acme.example"] = create_user(world.house.units, world.admin, new)
    world.do(tokens.create_token, EVIL)
    world.do(company.edit_org, {"name": EVIL}, seen_version=None)
    despite = Confirmation(local=True, no_username_password=True, despite_evidence=True)
    world.do(batches.start_batch, [NAME], despite)
    world.migrated(NAME, despite)
    world.bring(replace(bad, full_name="Second", label=EVIL + "2", oauth_config=None))
    world.migrated("Second", despite) if world.record("Second").verdict.value != "blocked" else None
    if world.record("Second").state.value == "migrated":
        world.do(delete_external_client_app, "Second", confirmed=True, seen_version=None)


def _sign_in(page: Page, address: str, username: str, password: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign In").click()
    page.wait_for_url("**/setup")


def _unharmed(page: Page, where: str) -> None:
    assert page.evaluate("window.evil") is None, where
    assert page.evaluate("document.querySelectorAll('[onerror], [onload]').length") == 0, where
    hrefs = page.evaluate(
        "[...document.querySelectorAll('[href], [src], [action], [formaction]')]"
        ".flatMap(e => ['href', 'src', 'action', 'formaction'].map(n => e.getAttribute(n) || ''))"
    )
    assert not [each for each in hrefs if str(each).strip().lower().startswith("javascript:")], where
    assert "49" not in page.get_by_role("main").inner_text().split("7*7")[0][-3:], where


@pytest.mark.slow
def test_markup_stays_text_on_every_page(
    world: World, new_context: Callable[..., BrowserContext], watch: Watch
) -> None:
    _poison(world)
    watch.expect("status of 4")
    services = Services(units=world.house.units, key_values=world.house.key_values, clock=world.clock)
    with serving(create_app(services)) as address:
        page = new_context().new_page()
        _sign_in(page, address, "evil@acme.example", world.passwords["evil@acme.example"])
        seen = 0
        for path in _addresses(page, address):
            answer = page.goto(address + path)
            assert answer is not None
            assert answer.status < 500, path
            _unharmed(page, path)
            seen += EVIL[:20] in page.content().replace("&lt;", "<")
        assert seen > 12
        # A message that repeats what was asked for, and a file that has an evil name and content.
        for path in (
            f"/setup/app-manager/{'%3Cimg src=x onerror=window.evil=5%3E'}",
            "/setup/app-manager?q=" + EVIL,
        ):
            page.goto(address + path)
            _unharmed(page, path)
        page.goto(f"{address}/setup/import")
        content = archive(
            app("Fresh", label=EVIL), **{"connectedApps/<img src=x onerror=evil=6>.connectedApp": b"<a"}
        )
        hostile: FilePayload = {
            "name": "<img src=x onerror=window.evil=7>.zip",
            "mimeType": "application/zip",
            "buffer": content,
        }
        page.locator("input[type=file]").set_input_files(hostile)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_load_state()
        assert "Fresh" in page.get_by_role("main").inner_text()
        _unharmed(page, "preview")


def _addresses(page: Page, address: str) -> list[str]:
    found = [each.path for each in PAGES]
    mine, theirs = connected_app(NAME), external_client_app(NAME)
    found += [mine, f"{mine}/migrate", f"{mine}/consumer-details", f"{mine}/push", f"{mine}?window=created"]
    found += [theirs, *(f"{theirs}/{step}" for step in ("policies", "origin", "edit-settings", "delete"))]
    found += [
        connected_app("Second"),
        *(connected_app("Second", step) for step in ("edit", "edit-policies", "migrate", "delete")),
    ]
    found += [connected_app(EVIL[:60]), "/setup/migrations", "/setup/briefcases/Evil"]
    found += ["/setup/notification-delivery-settings/Evil", "/setup/permission-sets/Evil"]
    linked: set[str] = set()
    for path in (
        "/setup/users",
        "/setup/profiles",
        "/setup/permission-sets",
        "/setup/migrations",
        "/setup/briefcases",
    ):
        page.goto(address + path)
        links = page.locator("main a[href^='/setup/']").evaluate_all(
            "es => es.map(e => e.getAttribute('href'))"
        )
        linked |= {str(link) for link in links}
    return [*found, *sorted(linked)]


def test_the_policy_really_blocks_inline_script_and_style(
    world: World, new_context: Callable[..., BrowserContext], watch: Watch
) -> None:
    for text in ("Content Security Policy", "status of 4", "Refused to"):
        watch.expect(text)
    services = Services(units=world.house.units, key_values=world.house.key_values, clock=world.clock)
    with serving(create_app(services)) as address:
        page = new_context().new_page()
        page.goto(f"{address}/sign-in")
        page.evaluate(
            """() => {
                const run = document.createElement('script');
                run.textContent = 'window.evil = 1';
                document.body.append(run);
                document.body.insertAdjacentHTML(
                    'beforeend', '<img src="x" onerror="window.evil = 2"><i id="s" style="color: red">i</i>');
            }"""
        )
        page.wait_for_timeout(300)
        assert page.evaluate("window.evil") is None
        assert page.evaluate("getComputedStyle(document.getElementById('s')).color") != "rgb(255, 0, 0)"
        framing = new_context().new_page()
        framing.goto("about:blank")
        framing.set_content(f'<iframe id="f" src="{address}/sign-in"></iframe>')
        framing.wait_for_timeout(500)
        inner = framing.frame_locator("#f").locator("input[name=password]")
        assert inner.count() == 0
