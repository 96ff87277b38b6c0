"""One process that migrates all apps of an org as a batch, and in between commits small rows by themselves.

    python -m bench.batch_process DATABASE KEY_FILE BARE TURN

BARE is the database of the small rows, on the same disk or server and set up as ours: a path for SQLite, a
URL for PostgreSQL. Both are taken in turn, TURN apps and TURN commits, so that whatever else the machine does
disturbs them alike. It prints what it took as JSON.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import psycopg

from bench.orgs import ADMIN, Filled
from changeover.org.batch_runs import migrate_several
from changeover.org.installation import command_line_actor, list_orgs
from changeover.org.model.apps import Confirmation
from changeover.serving.rubbish import less_rubbish
from changeover.store.engine import CHECKPOINT_PAGES


def main() -> None:
    """Run the batch."""
    database, key_file, bare, turn = sys.argv[1:]
    at_once = int(turn)
    commit = _on_postgresql(bare) if "://" in bare else _on_sqlite(bare)
    took: dict[str, Any] = {
        "apps": 0,
        "wall": 0.0,
        "processor": 0.0,
        "commits": 0,
        "bare": 0.0,
        "bare_processor": 0.0,
    }
    # Rubbish is looked at as the commands that run a batch have it.
    with Filled(database, Path(key_file), "").opened() as house, less_rubbish():
        [org] = list_orgs(house.units)
        actor = command_line_actor(house.units, org.org_id, ADMIN)
        with house.units.read() as unit:
            names = tuple(unit.apps.names(org.org_id))
        yes = Confirmation(local=True, no_username_password=True)
        start, used = perf_counter(), process_time()
        for number, outcome in enumerate(
            migrate_several(house.units, actor, names, yes, frozenset(names)), 1
        ):
            # Those that may not migrate cost time and are not counted.
            took["apps"] += outcome.result == "migrated"
            if number % at_once == 0 or number == len(names):
                took["wall"] += perf_counter() - start
                took["processor"] += process_time() - used
                start, used = perf_counter(), process_time()
                for _ in range(at_once):
                    commit()
                took["commits"] += at_once
                took["bare"] += perf_counter() - start
                took["bare_processor"] += process_time() - used
                start, used = perf_counter(), process_time()
    took["memory"] = _memory()
    print(json.dumps(took))


def _memory() -> float:
    """Return the most memory that this process has had, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # What the kernel tells whoever waits for a process counts in the memory of the one that started it.
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024


def _on_sqlite(path: str) -> Callable[[], None]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare (text) VALUES (?)", ("a small row",))
        connection.execute("COMMIT")

    return commit


def _on_postgresql(url: str) -> Callable[[], None]:
    connection = psycopg.connect(url)
    connection.execute("SET synchronous_commit = on")
    connection.execute("CREATE TABLE bare (id serial PRIMARY KEY, text text NOT NULL)")
    connection.commit()

    def commit() -> None:
        connection.execute("INSERT INTO bare (text) VALUES (%s)", ("a small row",))
        connection.commit()

    return commit


if __name__ == "__main__":
    main()
