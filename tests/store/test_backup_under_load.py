"""A restore of a backup taken under load passes the same checks as the original, and equals its moment."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from changeover.migration.lifecycle import State
from changeover.org import audit
from changeover.org.app_manager import list_apps
from changeover.org.external_client_apps import list_external_client_apps
from changeover.org.lists import AppQuery, AuditQuery, ExternalClientAppQuery
from changeover.store.backup.take import take
from changeover.store.whole_file import whole_file
from tests.org.world import World
from tests.store.places import (
    KINDS,
    Place,
    Rows,
    not_in_order,
    restore,
    rows_of,
    same_but_for_the_entry,
    sealed_everywhere,
    with_key_of,
)
from tests.store.places import all_rows as rows_in

APPS = 12
BACKUPS = 3
BETWEEN = 25
"""Acts of one process between two backups."""

WORKS = """
import random, sys
from pathlib import Path
from changeover.errors import ChangeoverError
from changeover.org.connected_apps import edit_app
from changeover.org.consumer_details import set_secret
from changeover.org.external_client_app_edits import edit_settings
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.installation import command_line_actor
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.wiring import open_house

house = open_house(sys.argv[1], key_file=Path(sys.argv[2]), environment={})
actor = command_line_actor(house.units, sys.argv[3])
chance = random.Random(int(sys.argv[4]))
yes = Confirmation(local=True, no_username_password=True)
print("ready", flush=True)
while True:
    name = f"App{chance.randrange(int(sys.argv[5]))}"
    text = f"text {chance.random()}"
    act, given, more = chance.choice((
        (migrate, (yes,), {}),
        (migrate, (yes,), {}),
        (delete_external_client_app, (), {"confirmed": True, "seen_version": None}),
        (edit_app, ({"description": text},), {"seen_version": None}),
        (edit_settings, ({"eca/description": text},), {"seen_version": None}),
        (set_secret, (text,), {"seen_version": None}),
    ))
    try:
        with house.units.unit() as unit:
            act(unit, actor, name, *given, **more)
    except ChangeoverError as error:
        if error.kind.status >= 500:
            print(f"failed: {error}", flush=True)
    else:
        print("done", flush=True)
"""


def _backup_with_its_rows(world: World, file: Path) -> Rows:
    """Take a backup, and return the rows as of the very same moment."""
    with whole_file(file, overwrite=False) as stream, world.house.database.read() as connection:
        before = rows_of(connection)
        take(connection, world.house.vault, stream, datetime.now(UTC))
    return before


def _passes_the_checks(world: World) -> None:
    """No app is half migrated, and the audit trail tells of every one what its state says."""
    assert not_in_order(world.house) == []
    states = {row.api_name: row.state for row in world.see(list_apps, AppQuery(page_size=500)).rows}
    made = world.see(list_external_client_apps, ExternalClientAppQuery(page_size=500)).rows
    assert {row.api_name for row in made} == {name for name, at in states.items() if at is State.MIGRATED}
    told: dict[str, Counter[str]] = {}
    numbers: list[int] = []
    page = 1
    while rows := world.see(audit.list_audit, AuditQuery(page=page, page_size=500)).rows:
        page += 1
        numbers += [row.number for row in rows]
        for row in rows:
            told.setdefault(row.event, Counter())[row.subject] += 1
    assert len(set(numbers)) == len(numbers)
    there = told.get(audit.Event.CONNECTED_APP_MIGRATED.value, Counter())
    back = told.get(audit.Event.EXTERNAL_CLIENT_APP_DELETED.value, Counter())
    for name, state in states.items():
        assert there[name] - back[name] == (state is State.MIGRATED), name


@pytest.mark.slow
def test_backups_of_a_busy_installation(
    place: Place, another: Callable[[str], Place], tmp_path: Path, root: Path
) -> None:
    world = place.world()
    sealed_everywhere(world, APPS)
    taken: list[Rows] = []
    with ExitStack() as stack:
        working = []
        for seed in range(2):
            words = [place.database, str(place.key_file), world.org_id, str(seed), str(APPS)]
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", WORKS, *words], cwd=root, stdout=subprocess.PIPE, text=True
                )
            )
            stack.callback(process.kill)
            working.append(process)
        for process in working:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        # The key is rotated too: what is sealed anew just now is in a backup with one key or the other.
        rotating = threading.Thread(target=world.house.rotate_key)
        for number in range(BACKUPS):
            for process in working:
                assert process.stdout is not None
                assert {process.stdout.readline() for _ in range(BETWEEN)} == {"done\n"}
            if number == 1:
                rotating.start()
            taken.append(_backup_with_its_rows(world, tmp_path / f"{number}.backup"))
        rotating.join()
    sizes = [len(rows["audit_event"]) for rows in taken]
    assert sizes == sorted(set(sizes)), "nobody was working"
    _passes_the_checks(world)
    world.house.close()
    for number, before in enumerate(taken):
        for kind in KINDS if number == 1 else (KINDS[number % 2],):
            target = with_key_of(place, another(kind))
            restore(target, tmp_path / f"{number}.backup")
            world.house = target.open()
            same_but_for_the_entry(rows_in(world.house), before)
            _passes_the_checks(world)
            world.house.close()
