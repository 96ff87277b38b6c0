"""What the tables have in common."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, MetaData, text

from changeover.store.types import Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = Text(18)
JSON_TEXT = JSON(none_as_null=True)
DIGEST = Text(64)


def org_column() -> Column[str]:
    """Return the column that says to which org a row belongs."""
    return Column("org_id", ID, ForeignKey("org.id"), nullable=False)


def user_column() -> Column[str]:
    """Return the column that says whose a row is; it goes with the user."""
    return Column("user_id", ID, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False)


def flag(name: str, *, default: bool = False) -> Column[bool]:
    """Return a column that is on or off, and never empty."""
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))


def list_index(table: str, *columns: str) -> tuple[Index, Index]:
    """Return the index of a list: in its order, with everything that it filters, searches and sorts by.

    The rows are long, this is short. PostgreSQL takes no long texts in an index: there, what is searched for
    is looked up in the rows.
    """
    order = ("org_id", "label_folded", "api_name_folded")
    return (
        Index(f"ix_{table}_list", *order, "search_text", *columns).ddl_if(dialect="sqlite"),
        Index(f"ix_{table}_sorted", *order, *columns).ddl_if(dialect="postgresql"),
    )
