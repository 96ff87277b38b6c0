"""Orgs, users, their sessions and tokens; and what belongs to no org."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, UniqueConstraint, text

from changeover.store.schema.base import ID, JSON_TEXT, flag, metadata, org_column
from changeover.store.types import Text, UtcDateTime

installation = Table(
    "installation",
    metadata,
    Column("name", Text(40), primary_key=True),
    Column("value", Text, nullable=False),
)

org = Table(
    "org",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False, unique=True),
    Column("edition", Text(20), nullable=False),
    Column("my_domain", Text, nullable=False, unique=True),
    flag("enterprise_admitted"),
    flag("connected_app_creation_allowed"),
    flag("external_client_apps_enabled", default=True),
    flag("username_password_blocked"),
    flag("user_agent_blocked"),
    flag("secrets_over_rest"),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    flag("pkce_required"),
    flag("code_credentials_allowed"),
    flag("soap_login_blocked"),
)

profile = Table(
    "profile",
    metadata,
    Column("id", ID, primary_key=True),
    org_column(),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False),
    Column("permissions", JSON_TEXT, nullable=False),
    flag("placeholder"),
    UniqueConstraint("org_id", "name_folded"),
)

permission_set = Table(
    "permission_set",
    metadata,
    Column("id", ID, primary_key=True),
    org_column(),
    Column("api_name", Text, nullable=False),
    Column("api_name_folded", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("permissions", JSON_TEXT, nullable=False),
    flag("placeholder"),
    UniqueConstraint("org_id", "api_name_folded"),
)

user = Table(
    "user_account",
    metadata,
    Column("id", ID, primary_key=True),
    org_column(),
    Column("username", Text, nullable=False),
    Column("username_folded", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("profile_id", ID, ForeignKey("profile.id")),
    flag("active", default=True),
    flag("placeholder"),
    Column("password_hash", Text),
    Column("failed_sign_ins", Integer, nullable=False, server_default=text("0")),
    Column("locked_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("org_id", "username_folded"),
    # A username signs in to one org only; two orgs may each have a placeholder of one name.
    Index(
        "uq_user_account_username",
        "username_folded",
        unique=True,
        sqlite_where=text("NOT placeholder"),
        postgresql_where=text("NOT placeholder"),
    ),
)

permission_set_assignment = Table(
    "permission_set_assignment",
    metadata,
    Column("user_id", ID, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("permission_set_id", ID, ForeignKey("permission_set.id", ondelete="CASCADE"), primary_key=True),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("digest", Text(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    flag("revoked"),
)

web_session = Table(
    "web_session",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    # Of the id in the cookie, which is nowhere; `id` names the session to people and opens none.
    Column("digest", Text(64), nullable=False, unique=True),
    Column("data", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
)

key_value = Table(
    "key_value",
    metadata,
    Column("namespace", Text(40), primary_key=True),
    Column("key", Text(255), primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
