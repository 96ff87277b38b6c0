"""Indexes for orgs of ten thousand apps: lists are filtered, searched and sorted without reading their rows.

Revision: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ORDER = ["org_id", "label_folded", "api_name_folded"]
_LISTS = {
    "connected_app": ["verdict", "blocked_from", "state", "app_type", "modified_at"],
    "external_client_app": ["made_at"],
}


def upgrade() -> None:
    for table, columns in _LISTS.items():
        # Labels need not be unique: in the same order, with the name after them.
        op.drop_index(op.f(f"ix_{table}_org_id_label_folded"), table_name=table)
        if op.get_bind().dialect.name == "sqlite":
            op.create_index(f"ix_{table}_list", table, [*_ORDER, "search_text", *columns])
        else:
            # PostgreSQL takes no long texts in an index. Where rows are very long it puts what is long
            # elsewhere, as much as it can: a search then reads less.
            op.create_index(f"ix_{table}_sorted", table, [*_ORDER, *columns])
            op.execute(f"ALTER TABLE {table} SET (toast_tuple_target = 512)")
    # Few verdicts and many apps: whoever counts them reads the index of the list.
    op.drop_index(op.f("ix_connected_app_org_id_verdict"), table_name="connected_app")
