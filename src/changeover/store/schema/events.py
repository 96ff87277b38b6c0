"""What happened: Login History and the Setup Audit Trail."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint

from changeover.store.schema.base import JSON_TEXT, flag, metadata, org_column
from changeover.store.types import Text, UtcDateTime

login = Table(
    "login",
    metadata,
    Column("id", Integer, primary_key=True),
    org_column(),
    Column("at", UtcDateTime, nullable=False),
    Column("username", Text, nullable=False),
    Column("application", Text, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("login_type", Text, nullable=False),
    Column("sub_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    flag("refused"),
    Column("source_ip", Text, nullable=False),
    Column("login_url", Text, nullable=False),
    Column("digest", Text(64), nullable=False),
    UniqueConstraint("org_id", "digest"),
    Index(None, "org_id", "application", "refused", "sub_type", "at"),
    Index(None, "org_id", "at"),
    Index("ix_login_user", "org_id", "username", "at"),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    org_column(),
    Column("at", UtcDateTime, nullable=False),
    Column("event", Text(80), nullable=False),
    Column("subject", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("door", Text(20), nullable=False),
    Column("before", JSON_TEXT),
    Column("after", JSON_TEXT),
    Column("text", Text, nullable=False),
    Index(None, "org_id", "number"),
    Index(None, "org_id", "subject", "number"),
    sqlite_autoincrement=True,
)
