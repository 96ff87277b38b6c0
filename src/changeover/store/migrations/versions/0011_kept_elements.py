"""What components' files hold beyond what an org models; and Login History of a user through an index.

Revision: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from changeover.store.types import Text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_elements",
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("type_name", Text(80), nullable=False),
        sa.Column("name_folded", Text(), nullable=False),
        sa.Column("leaves", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_kept_elements_org_id")),
        sa.PrimaryKeyConstraint("org_id", "type_name", "name_folded", name=op.f("pk_kept_elements")),
    )
    op.create_index("ix_login_user", "login", ["org_id", "username", "at"])
