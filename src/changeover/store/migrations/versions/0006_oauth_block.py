"""Blocked consumers: apps that an admin has blocked in Connected Apps OAuth Usage.

Revision: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from changeover.store.types import Text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oauth_block",
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("consumer_key", Text(), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_by", Text(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_oauth_block_org_id")),
        sa.PrimaryKeyConstraint("org_id", "consumer_key", name=op.f("pk_oauth_block")),
    )
