"""Where App Manager's search looks.

On SQLite in the index of the list, which holds the texts too. PostgreSQL takes no long texts in an index, and
the rows of apps are long: there the texts stand in a narrow table, which a trigger keeps (step 0013).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    FromClause,
    Index,
    LargeBinary,
    MetaData,
    Select,
    Table,
    func,
    literal,
    select,
)

from changeover.store.rows import containing, folded
from changeover.store.schema import metadata
from changeover.store.schema.apps import connected_app
from changeover.store.types import Text, checked

on_postgresql = MetaData(naming_convention=metadata.naming_convention)
"""What PostgreSQL has beside the tables of both, made of their rows: no backup holds it."""

connected_app_text = Table(
    "connected_app_text",
    on_postgresql,
    Column("org_id", Text(18), primary_key=True),
    Column("api_name_folded", Text, primary_key=True),
    Column("label_folded", Text, nullable=False),
    # In UTF-8: bytes are found in bytes in two thirds of the time that texts are found in texts.
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["org_id", "api_name_folded"],
        [connected_app.c.org_id, connected_app.c.api_name_folded],
        onupdate="CASCADE",
        ondelete="CASCADE",
    ),
    Index(None, "org_id", "label_folded", "api_name_folded"),
)


def holding(connection: Connection, org_id: str, part: str) -> tuple[Any, Select[Any]]:
    """Return how to find the connected apps of an org whose label, API name, description or key holds a text.

    Args:
        connection: the transaction.
        org_id: the org.
        part: the text, without regard to case and whatever wildcards it holds.

    Returns the columns to sort by (`api_name_folded`, `label_folded`), and a query of the API names, which
    may be narrowed down and sorted by columns of `connected_app` too.
    Raises E-VALUE-REFUSED for a text that no app can hold, here or when the query is run.
    """
    if connection.dialect.name == "sqlite":
        names: Any = connected_app.c
        rows: FromClause = connected_app
        holds = containing(connected_app.c.search_text, part)
    else:
        names = connected_app_text.c
        # Left out by PostgreSQL where nobody asks for a column of the app.
        rows = connected_app_text.outerjoin(connected_app)
        wanted = literal((checked(folded(part)) or "").encode(), LargeBinary)
        # What `position(wanted IN content)` stands for.
        holds = func.pg_catalog.position(names.content, wanted) > 0
    query = select(names.api_name_folded).select_from(rows).where(names.org_id == org_id, holds)
    return names, query
