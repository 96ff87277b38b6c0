"""Names of parts of external client apps that do not follow from their app's name, each once in an org.

Revision: 0012
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from changeover.store.types import Text

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_USUAL = {
    "ExtlClntAppGlobalOauthSettings": "_glbloauth",
    "ExtlClntAppOauthSettings": "_oauth",
    "ExtlClntAppOauthConfigurablePolicies": "_oauthplcy",
    "ExtlClntAppConfigurablePolicies": "_plcy",
    "ExtlClntAppOauthSecuritySettings": "_oauthsecurity",
    "ExtlClntAppSamlConfigurablePolicies": "_samlplcy",
    "ExtlClntAppCanvasSettings": "_canvassettings",
    "ExtlClntAppMobileSettings": "_mobile",
    "ExtlClntAppMobileConfigurablePolicies": "_mobileplcy",
    "ExtlClntAppPushSettings": "_push",
    "ExtlClntAppPushConfigurablePolicies": "_pushplcy",
    "ExtlClntAppNotificationSettings": "_notifications",
}
_APP = sa.table(
    "external_client_app",
    *(sa.column(name) for name in ("id", "org_id", "api_name_folded")),
    sa.column("documents", sa.JSON(none_as_null=True)),
)


def upgrade() -> None:
    connection = op.get_bind()
    table = op.create_table(
        "part_name",
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("name_folded", Text(), nullable=False),
        sa.Column("type_name", Text(80), nullable=False),
        sa.Column("app_id", Text(18), nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id"], ["external_client_app.id"], name=op.f("fk_part_name_app_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_part_name_org_id")),
        sa.PrimaryKeyConstraint("org_id", "name_folded", "type_name", name=op.f("pk_part_name")),
    )
    op.create_index(op.f("ix_part_name_app_id"), "part_name", ["app_id"], unique=False)
    # Two apps may have had a part of one name: the first one keeps it.
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in connection.execute(sa.select(_APP).order_by(_APP.c.id)).mappings():
        for part in row["documents"]:
            usual = _USUAL.get(part["type"])
            name = part["name"].casefold()
            if usual is not None and name != row["api_name_folded"] + usual:
                key: Any = (row["org_id"], name, part["type"])
                values = {"org_id": key[0], "name_folded": name, "type_name": key[2], "app_id": row["id"]}
                found.setdefault(key, values)
    if found:
        op.bulk_insert(table, [*found.values()])
