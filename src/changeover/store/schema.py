"""The tables. Alembic's steps in `migrations/versions` make them; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from changeover.store.types import Text, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID = Text(18)
_JSON = JSON(none_as_null=True)


def _org() -> Column[str]:
    return Column("org_id", _ID, ForeignKey("org.id"), nullable=False)


def _flag(name: str, *, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))


def _list_index(table: str, *columns: str) -> tuple[Index, Index]:
    """Return the index of a list: in its order, with everything that it filters, searches and sorts by.

    The rows are long, this is short. PostgreSQL takes no long texts in an index: there, what is searched for
    is looked up in the rows.
    """
    order = ("org_id", "label_folded", "api_name_folded")
    return (
        Index(f"ix_{table}_list", *order, "search_text", *columns).ddl_if(dialect="sqlite"),
        Index(f"ix_{table}_sorted", *order, *columns).ddl_if(dialect="postgresql"),
    )


installation = Table(
    "installation",
    metadata,
    Column("name", Text(40), primary_key=True),
    Column("value", Text, nullable=False),
)

org = Table(
    "org",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False, unique=True),
    Column("edition", Text(20), nullable=False),
    Column("my_domain", Text, nullable=False, unique=True),
    _flag("enterprise_admitted"),
    _flag("connected_app_creation_allowed"),
    _flag("external_client_apps_enabled", default=True),
    _flag("username_password_blocked"),
    _flag("user_agent_blocked"),
    _flag("secrets_over_rest"),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    _flag("pkce_required"),
    _flag("code_credentials_allowed"),
    _flag("soap_login_blocked"),
)

profile = Table(
    "profile",
    metadata,
    Column("id", _ID, primary_key=True),
    _org(),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False),
    Column("permissions", _JSON, nullable=False),
    _flag("placeholder"),
    UniqueConstraint("org_id", "name_folded"),
)

permission_set = Table(
    "permission_set",
    metadata,
    Column("id", _ID, primary_key=True),
    _org(),
    Column("api_name", Text, nullable=False),
    Column("api_name_folded", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("permissions", _JSON, nullable=False),
    _flag("placeholder"),
    UniqueConstraint("org_id", "api_name_folded"),
)

user = Table(
    "user_account",
    metadata,
    Column("id", _ID, primary_key=True),
    _org(),
    Column("username", Text, nullable=False),
    Column("username_folded", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("profile_id", _ID, ForeignKey("profile.id")),
    _flag("active", default=True),
    _flag("placeholder"),
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
    Column("user_id", _ID, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("permission_set_id", _ID, ForeignKey("permission_set.id", ondelete="CASCADE"), primary_key=True),
)

connected_app = Table(
    "connected_app",
    metadata,
    Column("id", _ID, primary_key=True),
    _org(),
    Column("api_name", Text, nullable=False),
    Column("api_name_folded", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("label_folded", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("app_type", Text(20), nullable=False),
    Column("state", Text(10), nullable=False),
    # As it is on a day on which no certificate has expired; `blocked_from` is the day on which one has.
    Column("verdict", Text(10), nullable=False),
    Column("blocked_from", Date),
    Column("digest", Text(64), nullable=False),
    Column("document", _JSON, nullable=False),
    Column("consumer_key", Text),
    Column("sealed", LargeBinary),
    _flag("secret_set"),
    Column("origin", Text(10), nullable=False),
    _flag("installed"),
    _flag("user_provisioning"),
    _flag("dynamic_registration"),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("modified_at", UtcDateTime, nullable=False),
    Column("modified_by", Text, nullable=False),
    Column("source_path", Text),
    UniqueConstraint("org_id", "api_name_folded"),
    UniqueConstraint("org_id", "consumer_key"),
    Index(None, "org_id", "label"),
    Index(None, "consumer_key"),
    *_list_index("connected_app", "verdict", "blocked_from", "state", "app_type", "modified_at"),
)

external_client_app = Table(
    "external_client_app",
    metadata,
    Column("id", _ID, primary_key=True),
    _org(),
    Column("api_name", Text, nullable=False),
    Column("api_name_folded", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("label_folded", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("consumer_key", Text),
    Column("documents", _JSON, nullable=False),
    # An empty list while they are still the same as `documents`.
    Column("documents_at_migration", _JSON, nullable=False),
    Column("account", _JSON),
    Column("connected_app_id", _ID, ForeignKey("connected_app.id"), unique=True),
    Column("origin", Text(10), nullable=False),
    Column("sealed", LargeBinary),
    _flag("secret_set"),
    _flag("secret_changed"),
    Column("version", Integer, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("modified_by", Text, nullable=False),
    Column("modified_at", UtcDateTime, nullable=False),
    UniqueConstraint("org_id", "api_name_folded"),
    UniqueConstraint("org_id", "consumer_key"),
    *_list_index("external_client_app", "made_at"),
)

staged_credentials = Table(
    "staged_credentials",
    metadata,
    Column("id", _ID, primary_key=True),
    _org(),
    Column(
        "app_id", _ID, ForeignKey("external_client_app.id", ondelete="CASCADE"), nullable=False, unique=True
    ),
    Column("consumer_key", Text, nullable=False),
    Column("sealed", LargeBinary),
    _flag("secret_set"),
    _flag("rotated"),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    UniqueConstraint("org_id", "consumer_key"),
)

# Names of parts that do not follow from their app's: no two parts of a type in an org have one name.
part_name = Table(
    "part_name",
    metadata,
    Column("org_id", _ID, ForeignKey("org.id"), primary_key=True),
    Column("name_folded", Text, primary_key=True),
    Column("type_name", Text(80), primary_key=True),
    Column(
        "app_id",
        _ID,
        ForeignKey("external_client_app.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
)

app_reference = Table(
    "app_reference",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("app_id", _ID, ForeignKey("connected_app.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("app", Text, nullable=False),
    Column("context", _JSON, nullable=False),
)

push_settings = Table(
    "push_settings",
    metadata,
    Column("app_id", _ID, ForeignKey("connected_app.id", ondelete="CASCADE"), primary_key=True),
    Column("service", Text(10), primary_key=True),
    Column("credential", Text(30), nullable=False),
    Column("public", _JSON, nullable=False),
    Column("certificate_expires", Date),
    _flag("full_content"),
    Column("sealed", LargeBinary, nullable=False),
)

login = Table(
    "login",
    metadata,
    Column("id", Integer, primary_key=True),
    _org(),
    Column("at", UtcDateTime, nullable=False),
    Column("username", Text, nullable=False),
    Column("application", Text, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("login_type", Text, nullable=False),
    Column("sub_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    _flag("refused"),
    Column("source_ip", Text, nullable=False),
    Column("login_url", Text, nullable=False),
    Column("digest", Text(64), nullable=False),
    UniqueConstraint("org_id", "digest"),
    Index(None, "org_id", "application", "refused", "sub_type", "at"),
    Index(None, "org_id", "at"),
    Index("ix_login_user", "org_id", "username", "at"),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    _org(),
    Column("at", UtcDateTime, nullable=False),
    Column("event", Text(80), nullable=False),
    Column("subject", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("door", Text(20), nullable=False),
    Column("before", _JSON),
    Column("after", _JSON),
    Column("text", Text, nullable=False),
    Index(None, "org_id", "number"),
    Index(None, "org_id", "subject", "number"),
    sqlite_autoincrement=True,
)

notification_type = Table(
    "notification_type",
    metadata,
    Column("id", Integer, primary_key=True),
    _org(),
    Column("api_name", Text, nullable=False),
    Column("label", Text, nullable=False),
    _flag("custom", default=True),
    UniqueConstraint("org_id", "api_name"),
)

notification_delivery = Table(
    "notification_delivery",
    metadata,
    Column("notification_type_id", ForeignKey("notification_type.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "app_id",
        _ID,
        ForeignKey("connected_app.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    _flag("enabled"),
)

# What a component's file holds beyond what an org models: `org.kept_elements`.
kept_elements = Table(
    "kept_elements",
    metadata,
    Column("org_id", _ID, ForeignKey("org.id"), primary_key=True),
    Column("type_name", Text(80), primary_key=True),
    Column("name_folded", Text, primary_key=True),
    Column("leaves", _JSON, nullable=False),
)

briefcase = Table(
    "briefcase",
    metadata,
    Column("id", Integer, primary_key=True),
    _org(),
    Column("api_name", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("description", Text, nullable=False),
    _flag("active", default=True),
    UniqueConstraint("org_id", "api_name"),
)

briefcase_app = Table(
    "briefcase_app",
    metadata,
    Column("briefcase_id", ForeignKey("briefcase.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "app_id",
        _ID,
        ForeignKey("connected_app.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("user_id", _ID, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("digest", Text(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    _flag("revoked"),
)

web_session = Table(
    "web_session",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("user_id", _ID, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    # Of the id in the cookie, which is nowhere; `id` names the session to people and opens none.
    Column("digest", Text(64), nullable=False, unique=True),
    Column("data", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
)

batch = Table(
    "batch",
    metadata,
    Column("id", _ID, primary_key=True),
    _org(),
    Column("kind", Text(10), nullable=False),
    Column("state", Text(10), nullable=False, index=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("started_by", Text, nullable=False),
    # As whom it runs: who started it, or resumed it last.
    Column("actor_id", _ID, nullable=False),
    Column("actor", Text, nullable=False),
    Column("door", Text(20), nullable=False),
    Column("confirmation", _JSON, nullable=False),
    Column("of_batch", _ID, ForeignKey("batch.id"), index=True),
    # Which run is at it, and by when that one will have given another sign of life.
    Column("runner", Text(40)),
    Column("alive_until", UtcDateTime),
    Column("halted", Text, nullable=False, server_default=""),
    Index(None, "org_id", "started_at"),
)

batch_app = Table(
    "batch_app",
    metadata,
    Column("batch_id", _ID, ForeignKey("batch.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    _flag("despite_evidence"),
    Column("seen_version", Integer),
    # The external client app that was made (migrate), or that is to be deleted (revert).
    Column("external_id", _ID),
    # Empty until the app is done.
    Column("result", Text(20)),
    Column("code", Text(60)),
    Column("message", Text, nullable=False, server_default=""),
    Column("remedy", Text, nullable=False, server_default=""),
    Index(None, "batch_id", "result", "position"),
)

key_value = Table(
    "key_value",
    metadata,
    Column("namespace", Text(40), primary_key=True),
    Column("key", Text(255), primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

# What was issued at the OAuth endpoints hangs on the consumer key: see `org.oauth_records`.
_DIGEST = Text(64)


def _user() -> Column[str]:
    return Column("user_id", _ID, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False)


oauth_authorization = Table(
    "oauth_authorization",
    metadata,
    Column("id", _ID, primary_key=True),
    _org(),
    Column("consumer_key", Text, nullable=False),
    _user(),
    Column("scopes", _JSON, nullable=False),
    Column("flow", Text(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
    Column("use_count", Integer, nullable=False),
    Column("refresh_digest", _DIGEST, unique=True),
    Column("refresh_issued_at", UtcDateTime),
    Index(None, "org_id", "consumer_key", "user_id"),
    Index(None, "user_id"),
)

oauth_spent_refresh = Table(
    "oauth_spent_refresh",
    metadata,
    Column("digest", _DIGEST, primary_key=True),
    Column(
        "authorization_id",
        _ID,
        ForeignKey("oauth_authorization.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
)

oauth_access_token = Table(
    "oauth_access_token",
    metadata,
    Column("digest", _DIGEST, primary_key=True),
    _org(),
    Column("consumer_key", Text, nullable=False),
    _user(),
    Column("scopes", _JSON, nullable=False),
    Column("flow", Text(40), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("authorization_id", _ID, ForeignKey("oauth_authorization.id", ondelete="CASCADE"), index=True),
    Index(None, "org_id", "consumer_key"),
    Index(None, "user_id"),
)

oauth_code = Table(
    "oauth_code",
    metadata,
    Column("digest", _DIGEST, primary_key=True),
    _org(),
    Column("consumer_key", Text, nullable=False),
    _user(),
    Column("scopes", _JSON, nullable=False),
    Column("callback_url", Text, nullable=False),
    Column("nonce", Text),
    Column("challenge", Text),
    Column("auth_time", UtcDateTime),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("authorization_id", _ID, ForeignKey("oauth_authorization.id", ondelete="SET NULL"), index=True),
    # Kept apart from the authorization, which may have ended: a code is good once.
    _flag("used"),
    Index(None, "user_id"),
)

oauth_approval = Table(
    "oauth_approval",
    metadata,
    Column("org_id", _ID, ForeignKey("org.id"), primary_key=True),
    Column("consumer_key", Text, primary_key=True),
    Column("user_id", _ID, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("scopes", _JSON, nullable=False),
    Column("approved_at", UtcDateTime, nullable=False),
)

oauth_block = Table(
    "oauth_block",
    metadata,
    Column("org_id", _ID, ForeignKey("org.id"), primary_key=True),
    Column("consumer_key", Text, primary_key=True),
    Column("blocked_at", UtcDateTime, nullable=False),
    Column("blocked_by", Text, nullable=False),
)

oauth_device_code = Table(
    "oauth_device_code",
    metadata,
    Column("digest", _DIGEST, primary_key=True),
    _org(),
    Column("user_code", Text(20), nullable=False),
    Column("consumer_key", Text, nullable=False),
    Column("scopes", _JSON, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("state", Text(10), nullable=False),
    Column("user_id", _ID, ForeignKey("user_account.id", ondelete="CASCADE"), index=True),
    Column("polled_at", UtcDateTime),
    UniqueConstraint("org_id", "user_code"),
)

oauth_assertion = Table(
    "oauth_assertion",
    metadata,
    # A digest of the id: clients choose ids of any length.
    Column("org_id", _ID, ForeignKey("org.id"), primary_key=True),
    Column("digest", _DIGEST, primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

oauth_signing_key = Table(
    "oauth_signing_key",
    metadata,
    Column("key_id", Text(64), primary_key=True),
    _org(),
    Column("public_jwk", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "org_id", "created_at"),
)
