"""Sixteen requests at once for what can be done once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import httpx

from changeover.org.audit import Event
from changeover.org.lists import AuditQuery
from changeover.web.app import create_app
from changeover.web.services import Services
from tests.api.rest import CONFIRMED, V1, Rest
from tests.chromium import serving
from tests.org.world import World, app

SIXTEEN = 16


def _at_once(send: Callable[[int], str]) -> Counter[str]:
    ready = threading.Barrier(SIXTEEN)
    told: list[str] = []

    def run(number: int) -> None:
        ready.wait(30)
        told.append(send(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(SIXTEEN)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return Counter(told)


def _one_of_everything(world: World, api_name: str) -> None:
    with world.read() as unit:
        rows = unit.audit.page(
            world.org_id, AuditQuery(event=Event.CONNECTED_APP_MIGRATED.value, subject=api_name)
        )
        assert rows.total == 1
        assert unit.external.get(world.org_id, api_name) is not None
    with world.house.database.read() as connection:
        names = connection.exec_driver_sql("SELECT api_name FROM external_client_app").scalars().all()
    assert list(names).count(api_name) == 1


def _services(world: World) -> Services:
    return Services(units=world.house.units, key_values=world.house.key_values, clock=world.clock)


def test_migrating_one_app_over_rest(world: World) -> None:
    rest = Rest(world)
    world.bring(app("Contested"))
    headers = {"Authorization": f"Bearer {rest.token(world.admin)}"}
    with serving(create_app(_services(world))) as address:

        def send(_number: int) -> str:
            path = f"{address}{V1}/connected-apps/Contested/migration"
            answer = httpx.post(path, json=CONFIRMED, headers=headers, timeout=60)
            return str(answer.json().get("code", answer.status_code))

        assert _at_once(send) == {"201": 1, "E-ALREADY-MIGRATED": SIXTEEN - 1}
    _one_of_everything(world, "Contested")


def test_migrating_one_app_in_sixteen_browsers(world: World) -> None:
    world.bring(app("Contested"))
    with serving(create_app(_services(world))) as address:
        path = "/setup/app-manager/Contested/migrate"
        browser = httpx.Client(base_url=address, timeout=60)
        browser.get("/sign-in")
        token = browser.cookies["csrf"]
        given = {"_csrf_token": token, "username": world.admin.username, "password": world.password}
        assert browser.post("/sign-in", data=given).status_code == 303
        version = world.record("Contested").version
        form = {
            "_csrf_token": token,
            "version": str(version),
            "local": "true",
            "no_username_password": "true",
        }
        cookies = dict(browser.cookies)

        def send(_number: int) -> str:
            with httpx.Client(base_url=address, timeout=60, cookies=cookies) as one:
                answer = one.post(path, data=form)
            if answer.status_code == 303:
                return "migrated"
            return next((code for code in ("E-ALREADY-MIGRATED", "E-STALE-PAGE") if code in answer.text), "?")

        told = _at_once(send)
        browser.close()
    assert told["migrated"] == 1
    assert told["E-ALREADY-MIGRATED"] + told["E-STALE-PAGE"] == SIXTEEN - 1, told
    _one_of_everything(world, "Contested")


def test_slow_bodies_keep_nobody_waiting(world: World) -> None:
    """Sixty connections that never finish their form."""
    import socket  # noqa: PLC0415 - only here
    from urllib.parse import urlsplit  # noqa: PLC0415 - only here

    with serving(create_app(_services(world))) as address:
        page = httpx.get(f"{address}/sign-in")
        csrf = page.cookies["csrf"]
        place = urlsplit(address)
        head = (
            "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
            f"Cookie: csrf={csrf}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nusername=a"
        )
        held = [socket.create_connection((place.hostname or "", place.port or 0), 10) for _ in range(60)]
        try:
            for one in held:
                one.sendall(head.encode())
            for _ in range(5):
                assert httpx.get(f"{address}/sign-in", timeout=5).status_code == 200
        finally:
            for one in held:
                one.close()
