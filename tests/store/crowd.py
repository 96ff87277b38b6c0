"""A crowd of orgs: copies of the one that a test has made, so that tables are as large as they become."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Integer, String, Table, UniqueConstraint, insert, select
from sqlalchemy.types import TypeEngine

from changeover.store.schema import metadata

_STEP = 100_000
_CHUNK = 2_000


def add_copies(connection: Connection, copies: int) -> None:
    """Copy every row of every table a number of times, each copy as an org of its own."""
    for table in metadata.sorted_tables:
        rows = [dict(row) for row in connection.execute(select(table)).mappings()]
        own = _telling_apart(table)
        made = [
            {
                name: _copied(table.c[name].type, value, copy) if name in own else value
                for name, value in row.items()
            }
            for copy in range(1, copies + 1)
            for row in rows
        ]
        for start in range(0, len(made), _CHUNK):
            connection.execute(insert(table), made[start : start + _CHUNK])


def _telling_apart(table: Table) -> set[str]:
    """Return the columns whose values must be others in each copy: keys, references, unique ones."""
    found = {column.name for column in table.columns if column.primary_key or column.foreign_keys}
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            found |= {column.name for column in constraint.columns}
    for index in table.indexes:
        if index.unique:
            found |= {column.name for column in index.columns}
    return found


def _copied(kind: TypeEngine[Any], value: Any, copy: int) -> Any:
    if isinstance(kind, Integer) and value is not None:
        return value + copy * _STEP
    if not isinstance(value, str):
        return value
    tail = f"{copy:04}"
    length = kind.length if isinstance(kind, String) else getattr(kind, "length", None)
    return value[: length - len(tail)] + tail if length and len(value) + len(tail) > length else value + tail
