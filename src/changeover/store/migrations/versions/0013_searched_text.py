"""On PostgreSQL the texts that connected apps are searched by stand in a narrow table of their own.

SQLite has them in the index of the list. PostgreSQL takes no long texts in an index, and reads ten thousand
rows of apps for a search. A trigger keeps the table, so that whoever writes an app need not know of it; what
a migration writes does not wake it.

Revision: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from changeover.store.types import Text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_FILL = """
INSERT INTO connected_app_text (org_id, api_name_folded, label_folded, content)
SELECT org_id, api_name_folded, label_folded, convert_to(search_text, 'UTF8') FROM connected_app
"""
_KEEP = """
CREATE FUNCTION keep_connected_app_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO connected_app_text (org_id, api_name_folded, label_folded, content)
    VALUES (NEW.org_id, NEW.api_name_folded, NEW.label_folded, convert_to(NEW.search_text, 'UTF8'))
    ON CONFLICT (org_id, api_name_folded) DO UPDATE
    SET label_folded = EXCLUDED.label_folded, content = EXCLUDED.content;
    RETURN NULL;
END $$
"""
_WAKE = """
CREATE TRIGGER connected_app_text_kept
AFTER INSERT OR UPDATE OF api_name_folded, label_folded, search_text ON connected_app
FOR EACH ROW EXECUTE FUNCTION keep_connected_app_text()
"""
_ORDER = ["org_id", "label_folded", "api_name_folded"]


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    op.create_table(
        "connected_app_text",
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("api_name_folded", Text(), nullable=False),
        sa.Column("label_folded", Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "api_name_folded"],
            ["connected_app.org_id", "connected_app.api_name_folded"],
            name=op.f("fk_connected_app_text_org_id_api_name_folded"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "api_name_folded", name=op.f("pk_connected_app_text")),
    )
    op.execute(_FILL)
    index = op.f("ix_connected_app_text_org_id_label_folded_api_name_folded")
    op.create_index(index, "connected_app_text", _ORDER)
    op.execute(_KEEP)
    op.execute(_WAKE)
