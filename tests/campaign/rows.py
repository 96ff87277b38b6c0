"""What a database holds, without what differs from run to run: times, ids, sealed bytes, running numbers."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, text

from changeover.wiring import House

ID = re.compile(r"\b0[A-Za-z]{2}[A-Za-z0-9]{15}\b")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[0-9.]*(\+00:00|Z)?")
NUMBERS = frozenset({"number"})
"""Columns that count on, and leave gaps where a transaction was rolled back."""
NOT_COMPARED = ("key_value", "alembic_version", "procrastinate")


def rows(house: House) -> dict[str, list[str]]:
    """Return all rows of all tables of ours, in an order of their own."""
    found: dict[str, list[str]] = {}
    with house.database.read() as connection:
        for table in sorted(inspect(connection).get_table_names()):
            if table.startswith(NOT_COMPARED):
                continue
            selected = connection.execute(text(f'SELECT * FROM "{table}"')).mappings()  # noqa: S608 - our tables
            found[table] = sorted(_told(dict(row)) for row in selected)
    return found


def _told(row: dict[str, Any]) -> str:
    kept = {name: _plain(value) for name, value in row.items() if name not in NUMBERS}
    return json.dumps(kept, sort_keys=True, default=str)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return "sealed"
    if isinstance(value, datetime):
        return "a time"
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, str):
        value = json.dumps(value, sort_keys=True, default=str)
    elif value[:1] in {"{", "["}:
        # SQLite gives JSON as its text.
        value = json.dumps(json.loads(value), sort_keys=True)
    return TIME.sub("a time", ID.sub("an id", value))


def difference(one: dict[str, list[str]], other: dict[str, list[str]]) -> list[str]:
    """Return what one holds and the other does not."""
    told = []
    for table in sorted(one.keys() | other.keys()):
        left, right = Counter(one.get(table, [])), Counter(other.get(table, []))
        told += [f"- {table}: {row}" for row in (left - right).elements()]
        told += [f"+ {table}: {row}" for row in (right - left).elements()]
    return told
