"""Whether an org takes login() of the SOAP API.

Revision: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column: sa.Column[bool] = sa.Column(
        "soap_login_blocked", sa.Boolean(), server_default=sa.text("false"), nullable=False
    )
    op.add_column("org", column)
