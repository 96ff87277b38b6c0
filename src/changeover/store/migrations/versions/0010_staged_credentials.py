"""Staged credentials: a second consumer key and secret of an external client app.

Revision: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from changeover.store.types import Text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = "staged_credentials"


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", Text(18), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("app_id", Text(18), nullable=False),
        sa.Column("consumer_key", Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        _flag("secret_set"),
        _flag("rotated"),
        sa.Column("created_by", Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_staged_credentials_org_id")),
        sa.ForeignKeyConstraint(
            ["app_id"],
            ["external_client_app.id"],
            name=op.f("fk_staged_credentials_app_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_credentials")),
        sa.UniqueConstraint("app_id", name=op.f("uq_staged_credentials_app_id")),
        sa.UniqueConstraint("org_id", "consumer_key", name=op.f("uq_staged_credentials_org_id_consumer_key")),
    )
    op.create_index(op.f("ix_staged_credentials_expires_at"), TABLE, ["expires_at"], unique=False)
