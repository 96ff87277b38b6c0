"""On PostgreSQL the texts that lists are searched by stay in the row.

Step 0004 lets PostgreSQL put elsewhere what is long. It did so with these too, and to look for each of ten
thousand of them there took four times as long as to read them. Rows that are there keep it as it is until
they are next written.

Revision: 0007
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("connected_app", "external_client_app"):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN search_text SET STORAGE MAIN")
