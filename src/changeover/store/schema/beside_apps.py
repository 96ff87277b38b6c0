"""What an org sets for a connected app outside of it: push, notifications, briefcases."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, LargeBinary, Table, UniqueConstraint

from changeover.store.schema.base import ID, JSON_TEXT, flag, metadata, org_column
from changeover.store.types import Text

push_settings = Table(
    "push_settings",
    metadata,
    Column("app_id", ID, ForeignKey("connected_app.id", ondelete="CASCADE"), primary_key=True),
    Column("service", Text(10), primary_key=True),
    Column("credential", Text(30), nullable=False),
    Column("public", JSON_TEXT, nullable=False),
    Column("certificate_expires", Date),
    flag("full_content"),
    Column("sealed", LargeBinary, nullable=False),
)

notification_type = Table(
    "notification_type",
    metadata,
    Column("id", Integer, primary_key=True),
    org_column(),
    Column("api_name", Text, nullable=False),
    Column("label", Text, nullable=False),
    flag("custom", default=True),
    UniqueConstraint("org_id", "api_name"),
)

notification_delivery = Table(
    "notification_delivery",
    metadata,
    Column("notification_type_id", ForeignKey("notification_type.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "app_id",
        ID,
        ForeignKey("connected_app.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    flag("enabled"),
)

briefcase = Table(
    "briefcase",
    metadata,
    Column("id", Integer, primary_key=True),
    org_column(),
    Column("api_name", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("description", Text, nullable=False),
    flag("active", default=True),
    UniqueConstraint("org_id", "api_name"),
)

briefcase_app = Table(
    "briefcase_app",
    metadata,
    Column("briefcase_id", ForeignKey("briefcase.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "app_id",
        ID,
        ForeignKey("connected_app.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)
