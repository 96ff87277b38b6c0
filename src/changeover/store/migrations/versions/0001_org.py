"""The org and all that hangs on it; the audit trail that cannot be rewritten.

Revision: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from changeover.store.types import Text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_REFUSAL = "the audit trail is append only"


def upgrade() -> None:
    op.create_table(
        "key_value",
        sa.Column("namespace", Text(40), nullable=False),
        sa.Column("key", Text(255), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("namespace", "key", name=op.f("pk_key_value")),
    )
    op.create_index(op.f("ix_key_value_expires_at"), "key_value", ["expires_at"], unique=False)
    op.create_table(
        "installation",
        sa.Column("name", Text(40), nullable=False),
        sa.Column("value", Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation")),
    )
    op.create_table(
        "org",
        sa.Column("id", Text(18), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("name_folded", Text(), nullable=False),
        sa.Column("edition", Text(20), nullable=False),
        sa.Column("my_domain", Text(), nullable=False),
        sa.Column("enterprise_admitted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "connected_app_creation_allowed", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column(
            "external_client_apps_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False
        ),
        sa.Column("username_password_blocked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("user_agent_blocked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("secrets_over_rest", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org")),
        sa.UniqueConstraint("my_domain", name=op.f("uq_org_my_domain")),
        sa.UniqueConstraint("name_folded", name=op.f("uq_org_name_folded")),
    )
    op.create_table(
        "audit_event",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", Text(80), nullable=False),
        sa.Column("subject", Text(), nullable=False),
        sa.Column("actor", Text(), nullable=False),
        sa.Column("door", Text(20), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("text", Text(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_audit_event_org_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_event_org_id_number"), "audit_event", ["org_id", "number"], unique=False)
    op.create_index(
        op.f("ix_audit_event_org_id_subject_number"),
        "audit_event",
        ["org_id", "subject", "number"],
        unique=False,
    )
    op.create_table(
        "batch",
        sa.Column("id", Text(18), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", Text(), nullable=False),
        sa.Column("door", Text(20), nullable=False),
        sa.Column("names", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("confirmation", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_batch_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_org_id_started_at"), "batch", ["org_id", "started_at"], unique=False)
    op.create_table(
        "briefcase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("api_name", Text(), nullable=False),
        sa.Column("label", Text(), nullable=False),
        sa.Column("description", Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_briefcase_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefcase")),
        sa.UniqueConstraint("org_id", "api_name", name=op.f("uq_briefcase_org_id_api_name")),
    )
    op.create_table(
        "connected_app",
        sa.Column("id", Text(18), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("api_name", Text(), nullable=False),
        sa.Column("api_name_folded", Text(), nullable=False),
        sa.Column("label", Text(), nullable=False),
        sa.Column("label_folded", Text(), nullable=False),
        sa.Column("description", Text(), nullable=False),
        sa.Column("search_text", Text(), nullable=False),
        sa.Column("app_type", Text(20), nullable=False),
        sa.Column("state", Text(10), nullable=False),
        sa.Column("verdict", Text(10), nullable=False),
        sa.Column("blocked_from", sa.Date(), nullable=True),
        sa.Column("digest", Text(64), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("consumer_key", Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("secret_set", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("origin", Text(10), nullable=False),
        sa.Column("installed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("user_provisioning", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("dynamic_registration", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_by", Text(), nullable=False),
        sa.Column("source_path", Text(), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_connected_app_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connected_app")),
        sa.UniqueConstraint(
            "org_id", "api_name_folded", name=op.f("uq_connected_app_org_id_api_name_folded")
        ),
        sa.UniqueConstraint("org_id", "consumer_key", name=op.f("uq_connected_app_org_id_consumer_key")),
    )
    op.create_index(op.f("ix_connected_app_consumer_key"), "connected_app", ["consumer_key"], unique=False)
    op.create_index(op.f("ix_connected_app_org_id_label"), "connected_app", ["org_id", "label"], unique=False)
    op.create_index(
        op.f("ix_connected_app_org_id_label_folded"),
        "connected_app",
        ["org_id", "label_folded"],
        unique=False,
    )
    op.create_index(
        op.f("ix_connected_app_org_id_verdict"), "connected_app", ["org_id", "verdict"], unique=False
    )
    op.create_table(
        "login",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("username", Text(), nullable=False),
        sa.Column("application", Text(), nullable=False),
        sa.Column("search_text", Text(), nullable=False),
        sa.Column("login_type", Text(), nullable=False),
        sa.Column("sub_type", Text(), nullable=False),
        sa.Column("status", Text(), nullable=False),
        sa.Column("refused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("source_ip", Text(), nullable=False),
        sa.Column("login_url", Text(), nullable=False),
        sa.Column("digest", Text(64), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_login_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login")),
        sa.UniqueConstraint("org_id", "digest", name=op.f("uq_login_org_id_digest")),
    )
    op.create_index(
        op.f("ix_login_org_id_application_refused_sub_type_at"),
        "login",
        ["org_id", "application", "refused", "sub_type", "at"],
        unique=False,
    )
    op.create_index(op.f("ix_login_org_id_at"), "login", ["org_id", "at"], unique=False)
    op.create_table(
        "notification_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("api_name", Text(), nullable=False),
        sa.Column("label", Text(), nullable=False),
        sa.Column("custom", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_notification_type_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_type")),
        sa.UniqueConstraint("org_id", "api_name", name=op.f("uq_notification_type_org_id_api_name")),
    )
    op.create_table(
        "permission_set",
        sa.Column("id", Text(18), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("api_name", Text(), nullable=False),
        sa.Column("api_name_folded", Text(), nullable=False),
        sa.Column("label", Text(), nullable=False),
        sa.Column("permissions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("placeholder", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_permission_set_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permission_set")),
        sa.UniqueConstraint(
            "org_id", "api_name_folded", name=op.f("uq_permission_set_org_id_api_name_folded")
        ),
    )
    op.create_table(
        "profile",
        sa.Column("id", Text(18), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("name_folded", Text(), nullable=False),
        sa.Column("permissions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("placeholder", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_profile_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile")),
        sa.UniqueConstraint("org_id", "name_folded", name=op.f("uq_profile_org_id_name_folded")),
    )
    op.create_table(
        "app_reference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_id", Text(18), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("file", Text(), nullable=False),
        sa.Column("path", Text(), nullable=False),
        sa.Column("app", Text(), nullable=False),
        sa.Column("context", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id"], ["connected_app.id"], name=op.f("fk_app_reference_app_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_reference")),
    )
    op.create_index(op.f("ix_app_reference_app_id"), "app_reference", ["app_id"], unique=False)
    op.create_table(
        "batch_outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", Text(18), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("result", Text(20), nullable=False),
        sa.Column("code", Text(60), nullable=True),
        sa.Column("message", Text(), nullable=False),
        sa.Column("remedy", Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_batch_outcome_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_outcome")),
        sa.UniqueConstraint("batch_id", "name", name=op.f("uq_batch_outcome_batch_id_name")),
    )
    op.create_table(
        "briefcase_app",
        sa.Column("briefcase_id", sa.Integer(), nullable=False),
        sa.Column("app_id", Text(18), nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id"], ["connected_app.id"], name=op.f("fk_briefcase_app_app_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["briefcase_id"], ["briefcase.id"], name=op.f("fk_briefcase_app_briefcase_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("briefcase_id", "app_id", name=op.f("pk_briefcase_app")),
    )
    op.create_index(op.f("ix_briefcase_app_app_id"), "briefcase_app", ["app_id"], unique=False)
    op.create_table(
        "external_client_app",
        sa.Column("id", Text(18), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("api_name", Text(), nullable=False),
        sa.Column("api_name_folded", Text(), nullable=False),
        sa.Column("label", Text(), nullable=False),
        sa.Column("label_folded", Text(), nullable=False),
        sa.Column("description", Text(), nullable=False),
        sa.Column("search_text", Text(), nullable=False),
        sa.Column("consumer_key", Text(), nullable=True),
        sa.Column("documents", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("documents_at_migration", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("account", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("connected_app_id", Text(18), nullable=True),
        sa.Column("origin", Text(10), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("secret_set", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("secret_changed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_by", Text(), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connected_app_id"], ["connected_app.id"], name=op.f("fk_external_client_app_connected_app_id")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_external_client_app_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_client_app")),
        sa.UniqueConstraint("connected_app_id", name=op.f("uq_external_client_app_connected_app_id")),
        sa.UniqueConstraint(
            "org_id", "api_name_folded", name=op.f("uq_external_client_app_org_id_api_name_folded")
        ),
        sa.UniqueConstraint(
            "org_id", "consumer_key", name=op.f("uq_external_client_app_org_id_consumer_key")
        ),
    )
    op.create_index(
        op.f("ix_external_client_app_org_id_label_folded"),
        "external_client_app",
        ["org_id", "label_folded"],
        unique=False,
    )
    op.create_table(
        "notification_delivery",
        sa.Column("notification_type_id", sa.Integer(), nullable=False),
        sa.Column("app_id", Text(18), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id"], ["connected_app.id"], name=op.f("fk_notification_delivery_app_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notification_type_id"],
            ["notification_type.id"],
            name=op.f("fk_notification_delivery_notification_type_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("notification_type_id", "app_id", name=op.f("pk_notification_delivery")),
    )
    op.create_index(
        op.f("ix_notification_delivery_app_id"), "notification_delivery", ["app_id"], unique=False
    )
    op.create_table(
        "push_settings",
        sa.Column("app_id", Text(18), nullable=False),
        sa.Column("service", Text(10), nullable=False),
        sa.Column("credential", Text(30), nullable=False),
        sa.Column("public", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("certificate_expires", sa.Date(), nullable=True),
        sa.Column("full_content", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id"], ["connected_app.id"], name=op.f("fk_push_settings_app_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("app_id", "service", name=op.f("pk_push_settings")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", Text(18), nullable=False),
        sa.Column("org_id", Text(18), nullable=False),
        sa.Column("username", Text(), nullable=False),
        sa.Column("username_folded", Text(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("email", Text(), nullable=False),
        sa.Column("profile_id", Text(18), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("placeholder", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("password_hash", Text(), nullable=True),
        sa.Column("failed_sign_ins", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_user_account_org_id")),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_user_account_profile_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("org_id", "username_folded", name=op.f("uq_user_account_org_id_username_folded")),
    )
    op.create_index(
        "uq_user_account_username",
        "user_account",
        ["username_folded"],
        unique=True,
        sqlite_where=sa.text("NOT placeholder"),
        postgresql_where=sa.text("NOT placeholder"),
    )
    op.create_table(
        "api_token",
        sa.Column("id", Text(18), nullable=False),
        sa.Column("user_id", Text(18), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("digest", Text(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_api_token_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
    )
    op.create_index(op.f("ix_api_token_user_id"), "api_token", ["user_id"], unique=False)
    op.create_table(
        "permission_set_assignment",
        sa.Column("user_id", Text(18), nullable=False),
        sa.Column("permission_set_id", Text(18), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_set_id"],
            ["permission_set.id"],
            name=op.f("fk_permission_set_assignment_permission_set_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_permission_set_assignment_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "permission_set_id", name=op.f("pk_permission_set_assignment")),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _guard_on_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    op.execute(f"CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event {refuse}")
    op.execute(f"CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event {refuse}")
    # INSERT OR REPLACE deletes without asking the trigger above.
    there = "EXISTS (SELECT 1 FROM audit_event WHERE number = NEW.number)"
    op.execute(f"CREATE TRIGGER audit_event_no_replace BEFORE INSERT ON audit_event WHEN {there} {refuse}")


def _guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
    )
    # Also for a session that applies changes as a replica would.
    op.execute("ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_append_only")
