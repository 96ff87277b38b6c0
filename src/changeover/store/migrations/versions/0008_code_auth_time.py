"""When the user who approved a code had signed in: `auth_time` of its ID token.

Revision: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("oauth_code", sa.Column("auth_time", sa.DateTime(timezone=True)))
