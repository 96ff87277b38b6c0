"""Campaigns: the program is killed at random moments, and in the end all is as if nobody had disturbed it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from psycopg import connect

from changeover.migration.lifecycle import State
from changeover.org.audit import Event, list_audit
from changeover.org.batch_runs import migrate_several
from changeover.org.batches import every_outcome, list_batches
from changeover.org.doctor import examine
from changeover.org.importing import Incoming, import_apps
from changeover.org.installation import command_line_actor, create_org
from changeover.org.lists import AuditQuery
from changeover.org.logins import import_login_history
from changeover.org.migrate import migrate
from changeover.org.model.batches import BatchKind
from changeover.org.model.events import LoginRow
from changeover.org.model.orgs import Edition
from changeover.wiring import House, open_house
from tests.campaign.program import BACK, HERE, QUEUED, SINGLE, UNDONE, YES
from tests.campaign.rows import difference, rows
from tests.org.world import DATABASE, FAST, START, app
from tests.postgresql import Server

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 9
"""How much is done at most before a kill."""


class Place(Protocol):
    """Where databases are made: each the same org, ready for the program."""

    def new(self) -> str:
        """Return the URL of a new one."""

    def disturb(self) -> None:
        """Do something worse than killing the program, where there is something."""


class OnSqlite:
    """SQLite: copies of a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        (folder / "first").mkdir()
        _prepare(self._url(folder / "first"), folder)

    @staticmethod
    def _url(folder: Path) -> str:
        return f"sqlite:///{folder / DATABASE}"

    def new(self) -> str:
        """Return the URL of a copy."""
        self._made += 1
        copy = self._folder / str(self._made)
        shutil.copytree(self._folder / "first", copy)
        return self._url(copy)

    def disturb(self) -> None:
        """Do nothing: it has no server."""


class OnPostgresql:
    """PostgreSQL, durable: copies of a database."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server
        self._first = server.new()
        _prepare(server.url(self._first), folder)

    def new(self) -> str:
        """Return the URL of a copy.

        A copy has the numbers that its sequences had drawn in advance, and no log of it: without a checkpoint
        a crash right after the copy would have them drawn twice (PostgreSQL 18, CREATE DATABASE).
        """
        url = self._server.url(self._server.new(self._first))
        with connect(url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        return url

    def disturb(self) -> None:
        """Crash the server, and start it again."""
        self._server.stop(signal.SIGQUIT)
        self._server.start()


def _open(url: str, folder: Path) -> House:
    return open_house(url, key_file=folder / "changeover.key", passwords=FAST, environment={})


def _prepare(url: str, folder: Path) -> None:
    """Make the org that each round begins with."""
    house = _open(url, folder)
    person = "admin@acme.example"
    made = create_org(house.units, "Acme", Edition.DEVELOPER, my_domain="acme", username=person, email=person)
    actor = command_line_actor(house.units, made.org.org_id)
    names = [*SINGLE, *BACK, *QUEUED[:10], "Seen", *HERE, *UNDONE]
    apps = [app(name, oauth={"consumer_secret": f"THE-SECRET-OF-{name}"}) for name in names]
    apps.append(app("Blocked", plugin="Handler"))
    list(import_apps(house.units, actor, [Incoming(app=one, path=one.full_name) for one in apps]))
    seen = LoginRow(
        at=START,
        username="int@example.com",
        application="Seen",
        login_type="Remote Access 2.0",
        sub_type="OauthUsernamePassword",
        status="Success",
        source_ip="203.0.113.7",
    )
    with house.units.unit() as unit:
        import_login_history(unit, actor, [seen])
    for name in BACK:
        with house.units.unit() as unit:
            migrate(unit, actor, name, YES)
    list(migrate_several(house.units, actor, UNDONE, YES))
    house.close()


class Zygote:
    """Starts the program, as often as it is asked."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.campaign.program"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, url: str, folder: Path) -> int:
        """Start the program; returns its process."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"url": url, "data": str(folder)}) + "\n")
        self._process.stdin.flush()
        word, child = self.line().split()
        assert word == "child"
        return int(child)

    def line(self) -> str:
        """Return the next thing that was said."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the program cannot be started any more"
        return line.rstrip("\n")

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass
class Campaign:
    """A campaign on one database.

    Args:
        place: where databases are made.
        folder: with the key.
        seed: of all that is random.
        say: takes a line for whoever watches.
    """

    place: Place
    folder: Path
    seed: int
    say: Callable[[str], None] = print
    kills: int = 0
    crashes: int = 0
    rounds: int = 0
    told: Counter[str] = field(default_factory=Counter)
    """What was done last before a kill."""

    def run(self, kills: int, *, crash_every: int = 0) -> None:
        """Kill the program so many times, and check after each kill and at the end of each round.

        Args:
            kills: how many.
            crash_every: after how many kills the database's server is crashed under the program.
        """
        chance = random.Random(self.seed)  # noqa: S311 - when to kill
        with _zygote() as zygote:
            whole = self._undisturbed(zygote)
            while self.kills < kills:
                self._round(zygote, chance, kills, crash_every, whole)
        self.say(
            f"{self.kills} kills and {self.crashes} crashes of the server in {self.rounds} rounds, seed"
            f" {self.seed}: nothing half done, nothing lost, nothing double, every end as if undisturbed."
        )

    def _undisturbed(self, zygote: Zygote) -> dict[str, list[str]]:
        url = self.place.new()
        zygote.begin(url, self.folder)
        self._until_end(zygote)
        return self._look(url, set(), final=True)

    def _until_end(self, zygote: Zygote) -> set[str]:
        said = set()
        while not (line := zygote.line()).startswith("ended "):
            said.add(line)
        assert line == "ended 0", f"{line} (seed {self.seed})"
        return said

    def _round(
        self,
        zygote: Zygote,
        chance: random.Random,
        kills: int,
        crash_every: int,
        whole: dict[str, list[str]],
    ) -> None:
        url = self.place.new()
        self.rounds += 1
        said: set[str] = set()
        ended = False
        while not ended and self.kills < kills:
            child = zygote.begin(url, self.folder)
            crash = bool(crash_every) and self.crashes < self.kills // crash_every
            line, ended = self._before(zygote, chance, said, crash=crash)
            if ended:
                pass
            elif crash:
                self.crashes += 1
                self.place.disturb()
                said |= self._until_end(zygote)
                ended = True
            else:
                ended = not self._kill(zygote, child, said, line)
            self._look(url, said, final=False)
        if not ended:
            # The kills are used up: what is left goes through undisturbed.
            zygote.begin(url, self.folder)
            said |= self._until_end(zygote)
        found = self._look(url, said, final=True)
        told = difference(whole, found)
        assert not told, f"seed {self.seed}, round {self.rounds}:\n" + "\n".join(told)

    def _kill(self, zygote: Zygote, child: int, said: set[str], last: str) -> bool:
        """Kill the program. Whether it was killed; it may have come to its end just before."""
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        while not (line := zygote.line()).startswith("ended "):
            said.add(line)
        assert line in {"ended -9", "ended 0"}, f"{line} (seed {self.seed})"
        if line == "ended 0":
            return False
        self.kills += 1
        self.told[last or "started"] += 1
        return True

    def _before(
        self, zygote: Zygote, chance: random.Random, said: set[str], *, crash: bool
    ) -> tuple[str, bool]:
        """Let the program do something; a server crashes in the middle of a batch.

        Returns what it said last, and whether it has ended.
        """
        lines, line = chance.randrange(MOST_LINES + 1), ""
        while crash or lines:
            line = zygote.line()
            said.add(line)
            lines -= 1
            if line.startswith("ended "):
                return line, True
            if line == "finished" or (crash and line.startswith("app of batch")):
                break
        time.sleep(chance.uniform(0.0, 0.03))
        return line, False

    def _look(self, url: str, said: set[str], *, final: bool) -> dict[str, list[str]]:
        """Check that nothing is half done; at the end, return what is there."""
        house = _open(url, self.folder)
        try:
            _check(house, said, f"seed {self.seed}, round {self.rounds}, kill {self.kills}", final=final)
            return rows(house) if final else {}
        finally:
            house.close()


def _check(house: House, said: set[str], when: str, *, final: bool) -> None:
    with house.units.read() as unit:
        (org,) = unit.orgs.list()
    actor = command_line_actor(house.units, org.org_id)
    failed = [check for check in examine(house.units) if not check.ok]
    assert not failed, f"{when}: {failed}"
    with house.units.read() as unit:
        migrated = {
            name
            for name in unit.apps.names(org.org_id)
            if (record := unit.apps.get(org.org_id, name)) and record.state is State.MIGRATED
        }
        told = Counter[tuple[str, str]]()
        for event in (Event.CONNECTED_APP_MIGRATED, Event.EXTERNAL_CLIENT_APP_DELETED):
            page = list_audit(unit, actor, AuditQuery(event=event.value, page_size=500))
            told.update((event.value, row.subject) for row in page.rows)
        outcomes = {
            (batch.kind, one.name): one.result
            for batch in list_batches(unit, actor)
            for one in every_outcome(unit, actor, batch.batch_id)
        }
        everything = tuple(unit.apps.names(org.org_id))
    assert max(told.values()) == 1, f"{when}: told twice: {told}"
    for name in everything:
        was = told[Event.CONNECTED_APP_MIGRATED.value, name]
        gone = told[Event.EXTERNAL_CLIENT_APP_DELETED.value, name]
        assert was - gone == (name in migrated), f"{when}: {name} is not what the audit trail says"
    # What a batch says of an app is so: the outcome and the act are one transaction.
    for name in (*QUEUED, *HERE):
        assert (outcomes.get((BatchKind.MIGRATE, name)) == "migrated") == (name in migrated), (when, name)
    for name in UNDONE:
        assert (outcomes.get((BatchKind.REVERT, name)) == "reverted") == (name not in migrated), (when, name)
    # And what was said to be done is done.
    assert said & {*SINGLE} <= migrated, when
    assert not said & {*BACK} & migrated, when
    assert said & {*HERE} <= migrated, when
    if final:
        assert migrated == {*SINGLE, *QUEUED[:10], *HERE}, when


@contextmanager
def _zygote() -> Iterator[Zygote]:
    made = Zygote()
    try:
        yield made
    finally:
        made.close()


def on_sqlite(kills: int, seed: int, say: Callable[[str], None] = print) -> Campaign:
    """Run a campaign on SQLite."""
    with tempfile.TemporaryDirectory(prefix="changeover-campaign-") as name:
        folder = Path(name)
        campaign = Campaign(OnSqlite(folder), folder, seed, say)
        campaign.run(kills)
    return campaign


def on_postgresql(
    kills: int, seed: int, say: Callable[[str], None] = print, *, crash_every: int = 25
) -> Campaign:
    """Run a campaign on PostgreSQL, with a server of its own that is crashed now and then."""
    server = Server(durable=True)
    server.start()
    try:
        with tempfile.TemporaryDirectory(prefix="changeover-campaign-") as name:
            folder = Path(name)
            campaign = Campaign(OnPostgresql(server, folder), folder, seed, say)
            campaign.run(kills, crash_every=crash_every)
    finally:
        server.remove()
    return campaign
