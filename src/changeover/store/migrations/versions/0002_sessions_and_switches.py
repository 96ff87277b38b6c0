"""Sessions in a table of their own, by user; two more switches of the org.

Revision: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from changeover.store.types import Text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "web_session",
        sa.Column("id", Text(18), nullable=False),
        sa.Column("user_id", Text(18), nullable=False),
        sa.Column("digest", Text(64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", Text(), nullable=False),
        sa.Column("browser", Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_web_session_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_web_session_digest")),
    )
    op.create_index(op.f("ix_web_session_user_id"), "web_session", ["user_id"], unique=False)
    op.create_index(op.f("ix_web_session_expires_at"), "web_session", ["expires_at"], unique=False)
    # Where sessions were kept before, nobody could tell whose they are: everybody signs in once more.
    op.execute("DELETE FROM key_value WHERE namespace = 'sessions'")
    for name in ("pkce_required", "code_credentials_allowed"):
        op.add_column("org", sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False))
