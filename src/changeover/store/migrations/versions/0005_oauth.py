"""What was issued at the OAuth endpoints.

Revision: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from changeover.store.types import Text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oauth_assertion",
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("digest", Text(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_oauth_assertion_org_id")),
        sa.PrimaryKeyConstraint("org_id", "digest", name=op.f("pk_oauth_assertion")),
    )
    op.create_index(op.f("ix_oauth_assertion_expires_at"), "oauth_assertion", ["expires_at"], unique=False)
    op.create_table(
        "oauth_signing_key",
        sa.Column("key_id", Text(64), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("public_jwk", Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_oauth_signing_key_org_id")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_oauth_signing_key")),
    )
    op.create_index(
        op.f("ix_oauth_signing_key_org_id_created_at"),
        "oauth_signing_key",
        ["org_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "oauth_approval",
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("consumer_key", Text(), nullable=False),
        sa.Column("user_id", Text(18), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_oauth_approval_org_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_oauth_approval_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("org_id", "consumer_key", "user_id", name=op.f("pk_oauth_approval")),
    )
    op.create_index(op.f("ix_oauth_approval_user_id"), "oauth_approval", ["user_id"], unique=False)
    op.create_table(
        "oauth_authorization",
        sa.Column("id", Text(18), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("consumer_key", Text(), nullable=False),
        sa.Column("user_id", Text(18), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("flow", Text(40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("use_count", sa.Integer(), nullable=False),
        sa.Column("refresh_digest", Text(64), nullable=True),
        sa.Column("refresh_issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_oauth_authorization_org_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_oauth_authorization_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_authorization")),
        sa.UniqueConstraint("refresh_digest", name=op.f("uq_oauth_authorization_refresh_digest")),
    )
    op.create_index(
        op.f("ix_oauth_authorization_org_id_consumer_key_user_id"),
        "oauth_authorization",
        ["org_id", "consumer_key", "user_id"],
        unique=False,
    )
    op.create_index(op.f("ix_oauth_authorization_user_id"), "oauth_authorization", ["user_id"], unique=False)
    op.create_table(
        "oauth_device_code",
        sa.Column("digest", Text(64), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("user_code", Text(20), nullable=False),
        sa.Column("consumer_key", Text(), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", Text(10), nullable=False),
        sa.Column("user_id", Text(18), nullable=True),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_oauth_device_code_org_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_oauth_device_code_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oauth_device_code")),
        sa.UniqueConstraint("org_id", "user_code", name=op.f("uq_oauth_device_code_org_id_user_code")),
    )
    op.create_index(
        op.f("ix_oauth_device_code_expires_at"), "oauth_device_code", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_oauth_device_code_user_id"), "oauth_device_code", ["user_id"], unique=False)
    op.create_table(
        "oauth_access_token",
        sa.Column("digest", Text(64), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("consumer_key", Text(), nullable=False),
        sa.Column("user_id", Text(18), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("flow", Text(40), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authorization_id", Text(18), nullable=True),
        sa.ForeignKeyConstraint(
            ["authorization_id"],
            ["oauth_authorization.id"],
            name=op.f("fk_oauth_access_token_authorization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_oauth_access_token_org_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_oauth_access_token_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oauth_access_token")),
    )
    op.create_index(
        op.f("ix_oauth_access_token_authorization_id"),
        "oauth_access_token",
        ["authorization_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_oauth_access_token_expires_at"), "oauth_access_token", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_oauth_access_token_org_id_consumer_key"),
        "oauth_access_token",
        ["org_id", "consumer_key"],
        unique=False,
    )
    op.create_index(op.f("ix_oauth_access_token_user_id"), "oauth_access_token", ["user_id"], unique=False)
    op.create_table(
        "oauth_code",
        sa.Column("digest", Text(64), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("consumer_key", Text(), nullable=False),
        sa.Column("user_id", Text(18), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("callback_url", Text(), nullable=False),
        sa.Column("nonce", Text(), nullable=True),
        sa.Column("challenge", Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authorization_id", Text(18), nullable=True),
        sa.Column("used", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.ForeignKeyConstraint(
            ["authorization_id"],
            ["oauth_authorization.id"],
            name=op.f("fk_oauth_code_authorization_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_oauth_code_org_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_oauth_code_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oauth_code")),
    )
    op.create_index(op.f("ix_oauth_code_authorization_id"), "oauth_code", ["authorization_id"], unique=False)
    op.create_index(op.f("ix_oauth_code_expires_at"), "oauth_code", ["expires_at"], unique=False)
    op.create_index(op.f("ix_oauth_code_user_id"), "oauth_code", ["user_id"], unique=False)
    op.create_table(
        "oauth_spent_refresh",
        sa.Column("digest", Text(64), nullable=False),
        sa.Column("authorization_id", Text(18), nullable=False),
        sa.ForeignKeyConstraint(
            ["authorization_id"],
            ["oauth_authorization.id"],
            name=op.f("fk_oauth_spent_refresh_authorization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oauth_spent_refresh")),
    )
    op.create_index(
        op.f("ix_oauth_spent_refresh_authorization_id"),
        "oauth_spent_refresh",
        ["authorization_id"],
        unique=False,
    )
