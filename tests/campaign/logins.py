"""Clients log in without pause while all apps of an org are migrated and reverted, theirs among them.

    make campaign-logins        sixteen clients and a thousand apps, on both databases; minutes

Each client has an app of its own and asks for the next token as soon as it has the last: by client
credentials, JWT bearer, refresh token (rotation is off), or username and password, in turn. First without a
batch, for the comparison; then while a batch migrates all apps, and another one reverts them. On SQLite one
process serves and runs the batches, on PostgreSQL two serve and a worker runs the batches.

No login may fail but those with username and password, which external client apps do not have: they must fail
while their app is migrated, and succeed again afterwards.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from bench.load import Client
from changeover.oauth import tokens
from changeover.org.batch_undo import plan_undo, start_undo
from changeover.org.batches import start_batch, view_batch
from changeover.org.importing import Incoming, import_apps
from changeover.org.installation import command_line_actor, create_org
from changeover.org.model.batches import BatchState
from changeover.org.model.orgs import Actor, Edition
from changeover.org.oauth_records import Authorization, Flow
from changeover.org.people import NewUser, create_user
from changeover.wiring import House, open_house
from tests.oauth.endpoint import JWT_BEARER, Pair
from tests.org.world import SECRET, YES, app
from tests.postgresql import Server

USER, ADMIN = "int@example.com", "admin@acme.example"
PASSWORD = "password"
KINDS = ("client_credentials", JWT_BEARER, "refresh_token", PASSWORD)
PATH = "/services/oauth2/token"
AT_LEAST_A_SECOND = 50
TIMES_AT_MOST = 2.0


class Logins(NamedTuple):
    """What became of the logins of one kind in one part of the story."""

    statuses: Counter[str]
    took: list[float]

    @property
    def p99(self) -> float:
        """Seconds that one in a hundred logins took at least."""
        return sorted(self.took)[len(self.took) * 99 // 100] if self.took else 0.0


class Story(NamedTuple):
    """What happened."""

    before: Mapping[str, Logins]
    during: Mapping[str, Logins]
    after: Mapping[str, Logins]
    apps: int
    """Migrated, and as many reverted."""
    seconds: tuple[float, float]
    """What the migrations took, and the reverts."""

    @property
    def failed(self) -> Counter[str]:
        """Statuses other than 200 of logins that had to succeed."""
        found: Counter[str] = Counter()
        for part in (self.before, self.during, self.after):
            for kind, logins in part.items():
                if kind != PASSWORD or part is not self.during:
                    found.update({status: n for status, n in logins.statuses.items() if status != "200"})
        return found

    @property
    def p99(self) -> tuple[float, float]:
        """Of all logins, before the batches and during them."""
        one, other = (
            Logins(Counter(), [each for logins in part.values() for each in logins.took])
            for part in (self.before, self.during)
        )
        return one.p99, other.p99


def on_sqlite(clients: int, apps: int, quiet: float) -> Story:
    """Tell the story on SQLite, one process for all.

    Args:
        clients: how many log in.
        apps: how many are migrated, those of the clients among them.
        quiet: seconds of the part before the batches, and of the one after them.
    """
    with tempfile.TemporaryDirectory(prefix="changeover-logins-") as folder:
        database = str(Path(folder) / "changeover.db")
        return _told(database, Path(folder), clients, apps, quiet, workers=1)


def on_postgresql(clients: int, apps: int, quiet: float) -> Story:
    """Tell the story on PostgreSQL, with two processes that serve, and one that runs batches."""
    server = Server(durable=True)
    try:
        server.start()
        with tempfile.TemporaryDirectory(prefix="changeover-logins-") as folder:
            return _told(server.url(server.new()), Path(folder), clients, apps, quiet, workers=2)
    finally:
        server.stop()
        server.remove()


def _told(database: str, folder: Path, clients: int, apps: int, quiet: float, *, workers: int) -> Story:
    house = open_house(database, key_file=folder / "key", environment={})
    try:
        actor, requests = _filled(house, clients, apps)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port: int = free.getsockname()[1]
        place = ("--data", str(folder)) if workers == 1 else ("--data", str(folder), "--database", database)
        (folder / "key").rename(folder / ("changeover.db.key" if workers == 1 else "changeover.key"))
        with ExitStack() as running:
            serve = ("serve", *place, "--port", str(port), "--workers", str(workers))
            running.enter_context(_running(*serve))
            if workers > 1:
                running.enter_context(_running("worker", *place))
            _wait_for(port)
            return asyncio.run(_story(house, actor, requests, port, apps, quiet))
    finally:
        house.close()


def _filled(house: House, clients: int, apps: int) -> tuple[Actor, list[tuple[str, str]]]:
    """Fill an org; returns who migrates, and the kind and form of each client's requests."""
    made = create_org(house.units, "Acme", Edition.DEVELOPER, my_domain="acme", username=ADMIN, email=ADMIN)
    actor, pair = command_line_actor(house.units, made.org.org_id), Pair()
    new = NewUser(username=USER, name=USER, email=USER, profile="Standard User")
    password = create_user(house.units, actor, new)
    oauth = {
        "consumer_secret": SECRET,
        "certificate": pair.certificate,
        "is_client_credential_enabled": True,
        "oauth_client_credential_user": USER,
        "is_admin_approved": True,
    }
    items = (
        Incoming(app=app(f"App_{number}", oauth=oauth, profile_name=("Standard User",)), path=f"{number}")
        for number in range(apps)
    )
    for outcome in import_apps(house.units, actor, items):
        assert outcome.result == "created", outcome
    with house.units.unit() as unit:
        user = unit.users.by_username(USER)
        assert user is not None
        requests = []
        for number in range(clients):
            kind, key = KINDS[number % len(KINDS)], f"3MVG9.App_{number}_key"
            form = {"grant_type": kind, "client_id": key, "client_secret": SECRET}
            if kind == JWT_BEARER:
                # Without an id it is good for as long as it lives; that is three minutes at most.
                claims = {"iss": key, "sub": USER, "aud": "https://login.salesforce.com"}
                form = {"grant_type": kind, "assertion": pair.assertion({**claims, "exp": _in_a_while()})}
            elif kind == "refresh_token":
                form["refresh_token"] = tokens.refresh_token()
                unit.oauth.authorize(
                    Authorization(
                        authorization_id=unit.ids.record("0CQ"),
                        org_id=made.org.org_id,
                        consumer_key=key,
                        user_id=user.user_id,
                        scopes=("api", "refresh_token"),
                        flow=Flow.WEB_SERVER,
                        created_at=unit.now,
                        last_used_at=unit.now,
                        use_count=1,
                        refresh_issued_at=unit.now,
                    ),
                    tokens.digest(form["refresh_token"]),
                )
            elif kind == PASSWORD:
                form |= {"username": USER, "password": password}
            requests.append((kind, urlencode(form)))
    return actor, requests


def _in_a_while() -> int:
    return int(datetime.now(UTC).timestamp()) + 170


@contextmanager
def _running(*arguments: str) -> Iterator[None]:
    # The kernel stops it when we die, however we die: a killed campaign leaves no server behind.
    command = [
        "setpriv",
        "--pdeathsig",
        "TERM",
        str(Path(sys.executable).with_name("changeover")),
        *arguments,
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 90
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.1)
        else:
            return


async def _story(
    house: House, actor: Actor, requests: list[tuple[str, str]], port: int, apps: int, quiet: float
) -> Story:
    first, before, during, after = _part(), _part(), _part(), _part()
    loop = asyncio.get_running_loop()
    clients: list[tuple[str, Client]] = []
    for kind, form in requests:
        one = first[kind]
        client = Client(_request(port, form), one.statuses, one.took)
        await loop.create_connection(partial(_itself, client), "127.0.0.1", port)
        clients.append((kind, client))

    def turn_to(part: Mapping[str, Logins]) -> None:
        for kind, client in clients:
            client.count_in(part[kind].statuses, part[kind].took)

    # A server that takes connections may not have started yet: what the first logins took tells nothing.
    await _until(lambda: sum(sum(one.statuses.values()) for one in first.values()) >= 10 * len(clients))
    turn_to(before)
    await asyncio.sleep(quiet)
    await _until(lambda: all(logins.statuses for logins in before.values()))
    turn_to(during)
    names = [f"App_{number}" for number in range(apps)]
    migrated = await asyncio.to_thread(_migrated, house, actor, names)
    # So that every kind of login has met a migrated app.
    await _until(lambda: bool(during[PASSWORD].statuses["400"]))
    await _until(lambda: all(logins.statuses["200"] for kind, logins in during.items() if kind != PASSWORD))
    reverted = await asyncio.to_thread(_reverted, house, actor, migrated[0])
    # Logins with username and password that are under way may still be refused.
    passed = sum(during[PASSWORD].statuses.values())
    await _until(lambda: sum(during[PASSWORD].statuses.values()) >= passed + 2 * len(clients))
    turn_to(after)
    await asyncio.sleep(quiet)
    await _until(lambda: all(logins.statuses for logins in after.values()))
    for _kind, client in clients:
        client.stop()
    await asyncio.sleep(0.05)
    seconds = (migrated[1], reverted)
    return Story(before=before, during=during, after=after, apps=apps, seconds=seconds)


def _itself(client: Client) -> Client:
    return client


async def _until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not there():
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


def _part() -> dict[str, Logins]:
    return {kind: Logins(Counter(), []) for kind in KINDS}


def _request(port: int, form: str) -> bytes:
    head = (
        f"POST {PATH} HTTP/1.1",
        f"Host: localhost:{port}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(form)}",
    )
    return "\r\n".join((*head, "", form)).encode()


def _migrated(house: House, actor: Actor, names: list[str]) -> tuple[str, float]:
    with house.units.unit() as unit:
        batch_id = start_batch(unit, actor, names, YES, frozenset(names)).batch_id
    return batch_id, _done(house, actor, batch_id, "migrated", len(names))


def _reverted(house: House, actor: Actor, batch_id: str) -> float:
    with house.units.read() as unit:
        stamp = plan_undo(unit, actor, batch_id).stamp
    with house.units.unit() as unit:
        undo = start_undo(unit, actor, batch_id, confirmed=True, stamp=stamp)
    return _done(house, actor, undo.batch_id, "reverted", undo.total)


def _done(house: House, actor: Actor, batch_id: str, result: str, count: int) -> float:
    """Wait until a batch is done, and return how long it took from its first app on."""
    end, began, took = time.monotonic() + 300, 0.0, 0.0
    while True:
        with house.units.read() as unit:
            batch: Any = view_batch(unit, actor, batch_id)
        began = began or (time.monotonic() if batch.count else 0.0)
        if batch.count == batch.total:
            assert batch.results == {result: count}, batch.results
            took = took or time.monotonic() - began
            # Until it is, no other batch may begin.
            if batch.state is BatchState.DONE:
                return took
        assert time.monotonic() < end, f"the batch stands at {batch.results}: {batch.halted}"
        time.sleep(0.05)


def main() -> None:
    """`make campaign-logins`: tell what happened, and end with 1 where an aim is missed."""
    clients, apps = int(os.environ.get("CLIENTS") or 16), int(os.environ.get("APPS") or 1_000)
    stories = {"sqlite": on_sqlite, "postgresql": on_postgresql}
    missed = False
    for name in (os.environ.get("DATABASES") or " ".join(stories)).split():
        story = stories[name](clients, apps, 10.0)
        before, during = story.p99
        rates = [story.apps / max(seconds, 0.001) for seconds in story.seconds]
        answers = sum(sum(each.statuses.values()) for each in story.during.values())
        lines = (
            f"{name}: {clients} clients, {apps} apps",
            f"  migrations a second: {rates[0]:.0f}; reverts: {rates[1]:.0f}; at least {AT_LEAST_A_SECOND}",
            f"  logins meanwhile: {answers}; failed that may not: {dict(story.failed)}",
            f"  99th percentile: {before * 1000:.0f} ms before, {during * 1000:.0f} ms meanwhile",
            *(
                f"    {kind}: {one.p99 * 1000:.0f} ms, {story.during[kind].p99 * 1000:.0f} ms"
                for kind, one in story.before.items()
            ),
        )
        sys.stdout.write("\n".join(lines) + "\n")
        slow = min(rates) < AT_LEAST_A_SECOND or during > before * TIMES_AT_MOST
        missed = missed or slow or bool(story.failed)
    sys.exit(missed)


if __name__ == "__main__":
    main()
