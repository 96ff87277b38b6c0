"""Killed in the middle: each app is migrated or it is not, and the audit trail says the same."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from changeover.migration.lifecycle import State
from changeover.org import audit
from changeover.org.app_manager import list_apps
from changeover.org.doctor import examine
from changeover.org.external_client_apps import list_external_client_apps
from changeover.org.lists import AppQuery, AuditQuery, ExternalClientAppQuery
from tests.org.world import World, app, key_beside

APPS = 60
ROUNDS = 6
SECONDS = 20.0

MIGRATES = """
import sys
from pathlib import Path
from changeover.org.batches import migrate_several
from changeover.org.installation import command_line_actor
from changeover.org.model import Confirmation
from changeover.wiring import open_house
house = open_house(sys.argv[1], key_file=Path(sys.argv[2]), environment={})
actor = command_line_actor(house.units, sys.argv[3])
yes = Confirmation(local=True, no_username_password=True)
print("ready", flush=True)
for outcome in migrate_several(house.units, actor, sys.argv[4:], yes):
    print(outcome.name, outcome.result, flush=True)
"""


def _look(world: World) -> set[str]:
    """Check that nothing is half done, and return which apps are migrated."""
    rows = world.see(list_apps, AppQuery(state=State.MIGRATED, page_size=500)).rows
    migrated = {row.api_name for row in rows}
    made = world.see(list_external_client_apps, ExternalClientAppQuery(page_size=500)).rows
    assert {row.api_name for row in made} == migrated
    query = AuditQuery(event=audit.Event.CONNECTED_APP_MIGRATED.value, page_size=500)
    told = [row.subject for row in world.see(audit.list_audit, query).rows]
    assert sorted(told) == sorted(migrated)
    assert all(check.ok for check in examine(world.house.units))
    return migrated


@pytest.mark.slow
def test_killed_at_any_moment(world: World, tmp_path: Path) -> None:
    names = [f"App{number}" for number in range(APPS)]
    world.bring(*(app(name, oauth={"consumer_secret": "a-secret-of-its-own"}) for name in names))
    seed = time.time_ns()
    chance = random.Random(seed)  # noqa: S311 - when to kill
    started = time.monotonic()
    before: set[str] = set()
    for number in range(ROUNDS):
        if time.monotonic() - started > SECONDS or len(before) == APPS:
            break
        where = [world.database, str(key_beside(world.folder)), world.org_id]
        command = [sys.executable, "-c", MIGRATES, *where, *names]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            # Counted in migrations, not in seconds: a busy machine is slower, not less likely to be killed.
            done = chance.randrange(1, 9) if number else 0
            lines: list[str] = []
            while len(lines) < done and (line := process.stdout.readline()):
                lines += [line] if line.endswith(" migrated\n") else []
            time.sleep(chance.uniform(0.0, 0.02))
            process.send_signal(signal.SIGKILL)
            lines += [line for line in process.stdout if line.endswith(" migrated\n")]
            said = {line.split()[0] for line in lines}
        migrated = _look(world)
        # What was said to be done is done, and what was done before still is.
        assert said | before <= migrated, f"seed {seed}"
        before = migrated
    assert before, f"nothing was migrated before any kill (seed {seed})"
