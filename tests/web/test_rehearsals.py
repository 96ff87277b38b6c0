"""Rehearsals in the browser and over REST: begun, looked at while they run, kept, refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from changeover.org.permissions import Permission
from changeover.rehearse.background import LEASE, Background, KeptRehearsal, RehearsalState
from changeover.rehearse.copy import Copy
from changeover.rehearse.from_org import OrgSource
from changeover.rehearse.rehearsal import CAVEAT
from changeover.rehearse.source import SourceApp
from changeover.rehearse.told import Tally, setting_told
from changeover.shapes.answers.rehearsals import Rehearse
from changeover.web.services import Services
from changeover.wiring import applications, rehearsal_copy
from tests.web.conftest import Browser, Office, Page

PAGE = "/setup/rehearsals"


def services(office: Office) -> Services:
    found: Services = office.client.app.state.services
    return found


def copies(office: Office, made: Any) -> None:
    """Say where copies come from."""
    services(office).rehearsals._copies = made


def done(office: Office) -> None:
    """Wait until no rehearsal runs."""
    for thread in services(office).rehearsals._threads:
        thread.join(120)
        assert not thread.is_alive()


def rows(page: Page) -> dict[str, list[str]]:
    """The cells of the table of logins by flow."""
    found = {}
    for row in page.find("//section[contains(@id, 'app-')]//tbody/tr"):
        cells = [" ".join(cell.text_content().split()) for cell in row]
        found[cells[0]] = cells[1:]
    return found


class Held:
    """Copies that come only once they are let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.asked = threading.Event()

    @contextmanager
    def __call__(self, start: datetime | None = None) -> Iterator[Copy]:
        self.asked.set()
        assert self.let_go.wait(60)
        with rehearsal_copy(start) as copy:
            yield copy


def test_an_app_is_rehearsed_from_its_page_and_the_table_is_kept(office: Office, admin: Browser) -> None:
    copies(office, rehearsal_copy)
    office.connected_app("Billing")
    office.login("Billing", "OauthUsernamePassword")
    fields = admin.get("/setup/app-manager/Billing").form(PAGE)
    assert fields["app"] == "Billing"
    led = admin.post(PAGE, fields)
    assert led.status == 303
    assert led.location.startswith(f"{PAGE}/")
    done(office)
    page = admin.get(led.location)
    assert page.status == 200
    assert CAVEAT in page.main
    assert "1 of 1 app is rehearsed: 4 same, 1 breaks." in page.main
    found = rows(page)
    assert found["Username and password"][:4] == ["Works", "Fails", "Works", "Breaks"]
    assert "An external client app has no username-password flow." in found["Username and password"][4]
    assert "Safe either way" in found["Username and password"][4]
    assert "Depends on D-01, D-14" in found["Web server, without PKCE"][4]
    assert "Its consumer secret was generated for the copy." in page.main
    assert "hx-get" not in page.response.text.partition('id="progress"')[2]

    listed = admin.get(PAGE)
    assert [led.location] == [str(a.get("href")) for a in listed.find("//main//tbody//a")]
    assert "4 same, 1 breaks" in listed.main

    told = admin.get(f"{led.location}/rehearsal.json")
    assert told.headers["content-disposition"].startswith("attachment")
    answer = msgspec.json.decode(told.response.content, type=Rehearse)
    assert answer.apps[0].api_name == "Billing"

    again = admin.post(PAGE, {**page.form(PAGE), "assume": "pkce-forced"})
    done(office)
    page = admin.get(again.location)
    assert "Assumed against D-14: the external client app requires PKCE." in page.main
    assert rows(page)["Web server, without PKCE"][3] == "Breaks"


def test_the_kept_table_is_for_more_than_may_see_login_history(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All who may look at Setup read it: no address of Login History is to be named."""
    office.connected_app("Billing")
    seen: list[SourceApp] = []

    def rehearsed(_self: Background, _org_id: str, kept: KeptRehearsal, source: OrgSource) -> KeptRehearsal:
        seen.extend(source.apps())
        return kept

    monkeypatch.setattr(Background, "_rehearsed", rehearsed)
    services(office).rehearsals.start(office.admin, ["Billing"])
    done(office)
    assert [one.discreet for one in seen] == [True]


def test_one_at_a_time_and_a_server_that_stops_ends_it(office: Office, admin: Browser) -> None:
    held = Held()
    copies(office, held)
    office.connected_app("Billing")
    office.connected_app("Portal")
    first = admin.post(PAGE, {"app": ["Billing", "Portal"]})
    assert held.asked.wait(30)
    running = admin.get(first.location)
    assert "0 of 2 apps are rehearsed." in running.main
    assert 'hx-trigger="every 2s"' in running.response.text
    assert '<meta http-equiv="refresh"' in running.response.text
    second = admin.post(PAGE, {"app": "Portal"})
    assert second.status == 409
    assert "E-REHEARSAL-RUNNING" in second.main
    services(office).rehearsals._halt.set()
    held.let_go.set()
    done(office)
    ended = admin.get(first.location)
    assert "1 of 2 apps are rehearsed" in ended.main
    assert "The rehearsal has stopped. The server was stopped." in ended.main
    third = admin.post(PAGE, {"app": "Portal"})
    assert third.status == 303, "the lease was given back"
    done(office)


def test_one_that_was_begun_over_https_ends_with_the_server_too(office: Office) -> None:
    """Both doors of `serve --https-port`, of which only the plain one hears that the process is to end."""
    office.connected_app("Billing")
    make = applications(office.house, hosts=frozenset(), base_url="")
    secure, plain = make(https=True, strict=False), make(https=False, strict=False)
    assert isinstance(secure, Litestar)
    running: Background = secure.state.services.rehearsals
    held = Held()
    running._copies = held
    with TestClient(plain):
        kept = running.start(office.admin, ["Billing"])
        assert held.asked.wait(30)
        held.let_go.set()
    assert not any(thread.is_alive() for thread in running._threads)
    assert running.view(office.admin, kept.rehearsal_id).state is not RehearsalState.RUNNING


def test_a_fault_is_told_and_nothing_runs_on(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    led = admin.post(PAGE, {"app": "Billing"})
    done(office)
    assert "The rehearsal has stopped. A fault of ours" in admin.get(led.location).main


def test_what_a_dead_process_left_is_marked_at_the_next_start_and_begun_again(
    office: Office, admin: Browser
) -> None:
    for name in ("Billing", "Portal"):
        office.connected_app(name)
    now, org_id = office.clock.now(), office.admin.org_id
    values = office.house.key_values("rehearsals")
    kept = KeptRehearsal(
        rehearsal_id="lost",
        state=RehearsalState.RUNNING,
        started_at=now,
        started_by="x",
        total=2,
        names=("Billing", "Portal"),
        setting=setting_told("Acme", now.date(), ()),
        summary=Tally().figures,
    )

    def states() -> dict[str, RehearsalState]:
        found = {}
        for name in ("lost", "alive"):
            held = values.read(f"{org_id}.{name}")
            assert held is not None
            found[name] = msgspec.json.decode(held, type=KeptRehearsal).state
        return found

    for name in ("lost", "alive"):
        one = msgspec.structs.replace(kept, rehearsal_id=name)
        values.write(f"{org_id}.{name}", msgspec.json.encode(one), timedelta(days=1))
    # Another process is at this one, and says so.
    values.write(f"{org_id}.running", b"alive", LEASE)
    again = Background(office.house.units, values, rehearsal_copy, office.clock)
    again.begin()
    assert states() == {"lost": RehearsalState.STOPPED, "alive": RehearsalState.RUNNING}
    office.clock.pass_by(LEASE + timedelta(seconds=1))
    again.begin()
    again.close()
    assert states() == {"lost": RehearsalState.STOPPED, "alive": RehearsalState.STOPPED}

    page = admin.get(f"{PAGE}/lost")
    assert "The rehearsal has stopped. The server that ran it has gone" in page.main
    names = [one.get("value") for one in page.find("//form//input[@name='app']")]
    assert names == ["Billing", "Portal"], "those that it did not come to are begun again too"
    copies(office, rehearsal_copy)
    led = admin.post(PAGE, {"app": names, "_csrf_token": page.form(PAGE)["_csrf_token"]})
    assert led.status == 303
    done(office)
    assert "2 of 2 apps are rehearsed" in admin.get(led.location).main


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 422, "E-VALUE-REFUSED"),
        ({"app": "Nobody"}, 404, "E-APP-NOT-FOUND"),
        ({"app": "Billing", "assume": "the-worst"}, 422, "E-VALUE-REFUSED"),
    ],
)
def test_what_is_refused(
    office: Office, admin: Browser, fields: dict[str, str], status: int, code: str
) -> None:
    office.connected_app("Billing")
    page = admin.post(PAGE, fields)
    assert (page.status, code in page.main) == (status, True), page.main
    assert services(office).rehearsals._threads == []


def test_who_may_not_look_at_setup_may_not_rehearse(office: Office) -> None:
    office.connected_app("Billing")
    nobody = office.signed_in(office.user("nobody@acme.example", []))
    for page in (nobody.post(PAGE, {"app": "Billing"}), nobody.get(PAGE), nobody.get(f"{PAGE}/x")):
        assert page.status == 403
        assert "E-NOT-PERMITTED" in page.main
    reader = office.signed_in(office.user("reader@acme.example", [Permission.VIEW_SETUP]))
    assert reader.get(PAGE).status == 200


@pytest.mark.parametrize("name", ["nothing", "running"])
def test_a_rehearsal_that_is_not_there(office: Office, admin: Browser, name: str) -> None:
    office.house.key_values("rehearsals").write(f"{office.admin.org_id}.running", b"x", timedelta(minutes=1))
    page = admin.get(f"{PAGE}/{name}")
    assert (page.status, "E-RECORD-NOT-FOUND" in page.main) == (404, True)
