"""Batches that stop, go on and are undone: a row an app, and who is at it.

Revision: 0003
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from changeover.store.types import Text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True)
_TIME = sa.DateTime(timezone=True)

_BEFORE = sa.table(
    "batch",
    *(sa.column(name) for name in ("id", "org_id", "started_by", "door")),
    sa.column("started_at", _TIME),
    sa.column("names", _JSON),
    sa.column("confirmation", _JSON),
)
_OUTCOME = sa.table(
    "batch_outcome",
    *(sa.column(name) for name in ("batch_id", "name", "result", "code", "message", "remedy")),
)
_USER = sa.table("user_account", *(sa.column(name) for name in ("id", "org_id", "username")))


def upgrade() -> None:
    # Taken out and put back: there are few, and SQLite changes no table in place that another one refers to.
    connection = op.get_bind()
    batches = [dict(row) for row in connection.execute(sa.select(_BEFORE)).mappings()]
    outcomes = [dict(row) for row in connection.execute(sa.select(_OUTCOME)).mappings()]
    users = {(row.org_id, row.username): row.id for row in connection.execute(sa.select(_USER))}
    op.drop_table("batch_outcome")
    op.drop_index("ix_batch_org_id_started_at", "batch")
    op.drop_table("batch")
    batch, batch_app = _tables()
    if batches:
        done = {(row["batch_id"], row["name"]): row for row in outcomes}
        op.bulk_insert(batch, [_batch(row, users, done) for row in batches])
        apps = [app for row in batches for app in _apps(row, done)]
        if apps:
            op.bulk_insert(batch_app, apps)


def _batch(row: dict[str, Any], users: dict[Any, str], done: dict[Any, Any]) -> dict[str, Any]:
    whole = all((row["id"], name) in done for name in row["names"])
    said = row["confirmation"]
    return {
        "id": row["id"],
        "org_id": row["org_id"],
        "kind": "migrate",
        # Nobody is at it now, and nobody asked for it to go on by itself.
        "state": "done" if whole else "stopped",
        "started_at": row["started_at"],
        "started_by": row["started_by"],
        "actor_id": users.get((row["org_id"], row["started_by"]), ""),
        "actor": row["started_by"],
        "door": row["door"],
        "confirmation": {name: said[name] for name in ("local", "no_username_password")},
    }


def _apps(row: dict[str, Any], done: dict[Any, Any]) -> list[dict[str, Any]]:
    despite = {name.casefold() for name in row["confirmation"]["despite_evidence"]}
    seen = row["confirmation"]["seen_versions"]
    apps = []
    for position, name in enumerate(row["names"]):
        outcome = done.get((row["id"], name), {"result": None, "code": None, "message": "", "remedy": ""})
        kept = {key: outcome[key] for key in ("result", "code", "message", "remedy")}
        given = {"despite_evidence": name.casefold() in despite, "seen_version": seen.get(name)}
        apps.append({"batch_id": row["id"], "position": position, "name": name, **given, **kept})
    return apps


def _tables() -> tuple[sa.Table, sa.Table]:
    batch = op.create_table(
        "batch",
        sa.Column("id", Text(18), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("kind", Text(10), nullable=False),
        sa.Column("state", Text(10), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("started_by", Text(), nullable=False),
        sa.Column("actor_id", Text(18), nullable=False),
        sa.Column("actor", Text(), nullable=False),
        sa.Column("door", Text(20), nullable=False),
        sa.Column("confirmation", _JSON, nullable=False),
        sa.Column("of_batch", Text(18), nullable=True),
        sa.Column("runner", Text(40), nullable=True),
        sa.Column("alive_until", _TIME, nullable=True),
        sa.Column("halted", Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["of_batch"], ["batch.id"], name=op.f("fk_batch_of_batch")),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_batch_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_of_batch"), "batch", ["of_batch"], unique=False)
    op.create_index(op.f("ix_batch_org_id_started_at"), "batch", ["org_id", "started_at"], unique=False)
    op.create_index(op.f("ix_batch_state"), "batch", ["state"], unique=False)
    batch_app = op.create_table(
        "batch_app",
        sa.Column("batch_id", Text(18), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("despite_evidence", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("seen_version", sa.Integer(), nullable=True),
        sa.Column("external_id", Text(18), nullable=True),
        sa.Column("result", Text(20), nullable=True),
        sa.Column("code", Text(60), nullable=True),
        sa.Column("message", Text(), server_default="", nullable=False),
        sa.Column("remedy", Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_batch_app_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_batch_app")),
    )
    op.create_index(
        op.f("ix_batch_app_batch_id_result_position"),
        "batch_app",
        ["batch_id", "result", "position"],
        unique=False,
    )
    return batch, batch_app
