"""What was issued at the OAuth endpoints. It hangs on the consumer key: see `org.oauth_records`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, UniqueConstraint

from changeover.store.schema.base import DIGEST, ID, JSON_TEXT, flag, metadata, org_column, user_column
from changeover.store.types import Text, UtcDateTime

oauth_authorization = Table(
    "oauth_authorization",
    metadata,
    Column("id", ID, primary_key=True),
    org_column(),
    Column("consumer_key", Text, nullable=False),
    user_column(),
    Column("scopes", JSON_TEXT, nullable=False),
    Column("flow", Text(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
    Column("use_count", Integer, nullable=False),
    Column("refresh_digest", DIGEST, unique=True),
    Column("refresh_issued_at", UtcDateTime),
    Index(None, "org_id", "consumer_key", "user_id"),
    Index(None, "user_id"),
)

oauth_spent_refresh = Table(
    "oauth_spent_refresh",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column(
        "authorization_id",
        ID,
        ForeignKey("oauth_authorization.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
)

oauth_access_token = Table(
    "oauth_access_token",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    org_column(),
    Column("consumer_key", Text, nullable=False),
    user_column(),
    Column("scopes", JSON_TEXT, nullable=False),
    Column("flow", Text(40), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("authorization_id", ID, ForeignKey("oauth_authorization.id", ondelete="CASCADE"), index=True),
    Index(None, "org_id", "consumer_key"),
    Index(None, "user_id"),
)

oauth_code = Table(
    "oauth_code",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    org_column(),
    Column("consumer_key", Text, nullable=False),
    user_column(),
    Column("scopes", JSON_TEXT, nullable=False),
    Column("callback_url", Text, nullable=False),
    Column("nonce", Text),
    Column("challenge", Text),
    Column("auth_time", UtcDateTime),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("authorization_id", ID, ForeignKey("oauth_authorization.id", ondelete="SET NULL"), index=True),
    # Kept apart from the authorization, which may have ended: a code is good once.
    flag("used"),
    Index(None, "user_id"),
)

oauth_approval = Table(
    "oauth_approval",
    metadata,
    Column("org_id", ID, ForeignKey("org.id"), primary_key=True),
    Column("consumer_key", Text, primary_key=True),
    Column("user_id", ID, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("scopes", JSON_TEXT, nullable=False),
    Column("approved_at", UtcDateTime, nullable=False),
)

oauth_block = Table(
    "oauth_block",
    metadata,
    Column("org_id", ID, ForeignKey("org.id"), primary_key=True),
    Column("consumer_key", Text, primary_key=True),
    Column("blocked_at", UtcDateTime, nullable=False),
    Column("blocked_by", Text, nullable=False),
)

oauth_device_code = Table(
    "oauth_device_code",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    org_column(),
    Column("user_code", Text(20), nullable=False),
    Column("consumer_key", Text, nullable=False),
    Column("scopes", JSON_TEXT, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("state", Text(10), nullable=False),
    Column("user_id", ID, ForeignKey("user_account.id", ondelete="CASCADE"), index=True),
    Column("polled_at", UtcDateTime),
    UniqueConstraint("org_id", "user_code"),
)

oauth_assertion = Table(
    "oauth_assertion",
    metadata,
    # A digest of the id: clients choose ids of any length.
    Column("org_id", ID, ForeignKey("org.id"), primary_key=True),
    Column("digest", DIGEST, primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

oauth_signing_key = Table(
    "oauth_signing_key",
    metadata,
    Column("key_id", Text(64), primary_key=True),
    org_column(),
    Column("public_jwk", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "org_id", "created_at"),
)
