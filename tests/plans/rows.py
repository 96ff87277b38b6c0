"""The rows of a database, but for what only counts and remembers: what there is, not what happened."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, text

from tests.org.world import World

REMEMBERS = frozenset({"audit_event", "key_value"})
COUNTS = frozenset({("connected_app", "version")})


def rows(world: World) -> dict[str, list[str]]:
    """Return every row of every table as text, without the audit trail and the counts of changes."""
    found: dict[str, list[str]] = {}
    with world.house.database.read() as connection:
        for table in set(inspect(connection).get_table_names()) - REMEMBERS:
            query = text(f'SELECT * FROM "{table}"')  # noqa: S608 - our tables
            told = (_row(table, dict(row)) for row in connection.execute(query).mappings())
            found[table] = sorted(told)
    return found


def _row(table: str, row: dict[str, Any]) -> str:
    return repr({name: value for name, value in row.items() if (table, name) not in COUNTS})
