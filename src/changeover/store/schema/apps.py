"""Connected and external client apps."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, UniqueConstraint

from changeover.store.schema.base import ID, JSON_TEXT, flag, list_index, metadata, org_column
from changeover.store.types import Text, UtcDateTime

connected_app = Table(
    "connected_app",
    metadata,
    Column("id", ID, primary_key=True),
    org_column(),
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
    Column("document", JSON_TEXT, nullable=False),
    Column("consumer_key", Text),
    Column("sealed", LargeBinary),
    flag("secret_set"),
    Column("origin", Text(10), nullable=False),
    flag("installed"),
    flag("user_provisioning"),
    flag("dynamic_registration"),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("modified_at", UtcDateTime, nullable=False),
    Column("modified_by", Text, nullable=False),
    Column("source_path", Text),
    UniqueConstraint("org_id", "api_name_folded"),
    UniqueConstraint("org_id", "consumer_key"),
    Index(None, "org_id", "label"),
    Index(None, "consumer_key"),
    *list_index("connected_app", "verdict", "blocked_from", "state", "app_type", "modified_at"),
)

external_client_app = Table(
    "external_client_app",
    metadata,
    Column("id", ID, primary_key=True),
    org_column(),
    Column("api_name", Text, nullable=False),
    Column("api_name_folded", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("label_folded", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("consumer_key", Text),
    Column("documents", JSON_TEXT, nullable=False),
    # An empty list while they are still the same as `documents`.
    Column("documents_at_migration", JSON_TEXT, nullable=False),
    Column("account", JSON_TEXT),
    Column("connected_app_id", ID, ForeignKey("connected_app.id"), unique=True),
    Column("origin", Text(10), nullable=False),
    Column("sealed", LargeBinary),
    flag("secret_set"),
    flag("secret_changed"),
    Column("version", Integer, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("modified_by", Text, nullable=False),
    Column("modified_at", UtcDateTime, nullable=False),
    UniqueConstraint("org_id", "api_name_folded"),
    UniqueConstraint("org_id", "consumer_key"),
    *list_index("external_client_app", "made_at"),
)

staged_credentials = Table(
    "staged_credentials",
    metadata,
    Column("id", ID, primary_key=True),
    org_column(),
    Column(
        "app_id", ID, ForeignKey("external_client_app.id", ondelete="CASCADE"), nullable=False, unique=True
    ),
    Column("consumer_key", Text, nullable=False),
    Column("sealed", LargeBinary),
    flag("secret_set"),
    flag("rotated"),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    UniqueConstraint("org_id", "consumer_key"),
)

# Names of parts that do not follow from their app's: no two parts of a type in an org have one name.
part_name = Table(
    "part_name",
    metadata,
    Column("org_id", ID, ForeignKey("org.id"), primary_key=True),
    Column("name_folded", Text, primary_key=True),
    Column("type_name", Text(80), primary_key=True),
    Column(
        "app_id",
        ID,
        ForeignKey("external_client_app.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
)

app_reference = Table(
    "app_reference",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("app_id", ID, ForeignKey("connected_app.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("app", Text, nullable=False),
    Column("context", JSON_TEXT, nullable=False),
)

# What a component's file holds beyond what an org models: `org.kept_elements`.
kept_elements = Table(
    "kept_elements",
    metadata,
    Column("org_id", ID, ForeignKey("org.id"), primary_key=True),
    Column("type_name", Text(80), primary_key=True),
    Column("name_folded", Text, primary_key=True),
    Column("leaves", JSON_TEXT, nullable=False),
)
