"""Batches of the first schema, after the upgrade: whole ones are done, others can be gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from alembic import command
from sqlalchemy import text

from changeover.org.batches import batch_outcomes, resume_batch, view_batch
from changeover.org.installation import command_line_actor
from changeover.org.model.batches import BatchKind, BatchState
from changeover.store.engine import Database
from changeover.store.upgrade import _config
from changeover.wiring import House, database_url

ORG, USER = "00D000000000001AAA", "005000000000001AAA"
WHEN = "2026-11-23 12:00:00+00:00"
SAID = {
    "local": True,
    "no_username_password": True,
    "despite_evidence": ["Seen"],
    "seen_versions": {"Old": 7},
}
BATCHES = {"0Bt000000000001AAA": ["Clean", "Seen"], "0Bt000000000002AAA": ["Clean", "Old", "Seen"]}
OUTCOMES = [
    ("0Bt000000000001AAA", "Clean", "migrated", None, ""),
    ("0Bt000000000001AAA", "Seen", "skipped", "E-NOT-ELIGIBLE", "It cannot."),
    ("0Bt000000000002AAA", "Clean", "migrated", None, ""),
]


def _first_schema(empty: str) -> None:
    database = Database(database_url(empty))
    with database.write() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for table, rows in _rows().items():
            for row in rows:
                names = ", ".join(row)
                values = ", ".join(f":{name}" for name in row)
                statement = f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - our tables
                connection.execute(text(statement), row)
    database.dispose()


def _rows() -> dict[str, list[dict[str, Any]]]:
    org = {
        "id": ORG,
        "name": "Acme",
        "name_folded": "acme",
        "edition": "Developer",
        "my_domain": "acme",
        "version": 1,
        "created_at": WHEN,
    }
    permissions = ["ViewSetup", "ManageUsers", "ExternalClientAppDeveloper"]
    profile = {
        "id": "00e000000000001AAA",
        "org_id": ORG,
        "name": "Admins",
        "name_folded": "admins",
        "permissions": json.dumps(permissions),
    }
    user = {
        "id": USER,
        "org_id": ORG,
        "username": "admin@acme.example",
        "username_folded": "admin@acme.example",
        "name": "Admin",
        "email": "admin@acme.example",
        "profile_id": profile["id"],
        "active": True,
        "created_at": WHEN,
    }
    batches = [
        {
            "id": batch_id,
            "org_id": ORG,
            "started_at": WHEN,
            "started_by": "admin@acme.example",
            "door": "browser",
            "names": json.dumps(names),
            "confirmation": json.dumps(SAID),
        }
        for batch_id, names in BATCHES.items()
    ]
    outcomes = [
        {"batch_id": batch, "name": name, "result": result, "code": code, "message": message, "remedy": ""}
        for batch, name, result, code, message in OUTCOMES
    ]
    return {
        "org": [org],
        "profile": [profile],
        "user_account": [user],
        "batch": batches,
        "batch_outcome": outcomes,
    }


def test_batches_of_the_first_schema_are_kept(empty: str, opening: Callable[..., House]) -> None:
    _first_schema(empty)
    house = opening()
    try:
        actor = command_line_actor(house.units, ORG)
        whole, partly = BATCHES
        with house.units.unit() as unit:
            done, stopped = view_batch(unit, actor, whole), view_batch(unit, actor, partly)
            assert (done.kind, done.state, done.total) == (BatchKind.MIGRATE, BatchState.DONE, 2)
            assert (done.started_by, done.actor.user_id) == ("admin@acme.example", USER)
            outcomes = [(one.name, one.code, one.message) for one in batch_outcomes(unit, actor, whole)]
            assert outcomes == [("Clean", None, ""), ("Seen", "E-NOT-ELIGIBLE", "It cannot.")]
            assert (stopped.state, stopped.count, stopped.total) == (BatchState.STOPPED, 1, 3)
            left = [
                (app.name, app.despite_evidence, app.seen_version) for app in unit.batches.to_do(partly, -1)
            ]
            assert left == [("Old", False, 7), ("Seen", True, None)]
            assert resume_batch(unit, actor, partly).state is BatchState.RUNNING
    finally:
        house.close()
