"""Batches, app by app."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table

from changeover.store.schema.base import ID, JSON_TEXT, flag, metadata, org_column
from changeover.store.types import Text, UtcDateTime

batch = Table(
    "batch",
    metadata,
    Column("id", ID, primary_key=True),
    org_column(),
    Column("kind", Text(10), nullable=False),
    Column("state", Text(10), nullable=False, index=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("started_by", Text, nullable=False),
    # As whom it runs: who started it, or resumed it last.
    Column("actor_id", ID, nullable=False),
    Column("actor", Text, nullable=False),
    Column("door", Text(20), nullable=False),
    Column("confirmation", JSON_TEXT, nullable=False),
    Column("of_batch", ID, ForeignKey("batch.id"), index=True),
    # Which run is at it, and by when that one will have given another sign of life.
    Column("runner", Text(40)),
    Column("alive_until", UtcDateTime),
    Column("halted", Text, nullable=False, server_default=""),
    Index(None, "org_id", "started_at"),
)

batch_app = Table(
    "batch_app",
    metadata,
    Column("batch_id", ID, ForeignKey("batch.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    flag("despite_evidence"),
    Column("seen_version", Integer),
    # The external client app that was made (migrate), or that is to be deleted (revert).
    Column("external_id", ID),
    # Empty until the app is done.
    Column("result", Text(20)),
    Column("code", Text(60)),
    Column("message", Text, nullable=False, server_default=""),
    Column("remedy", Text, nullable=False, server_default=""),
    Index(None, "batch_id", "result", "position"),
)
