"""Statements that are put to the database: through SQLAlchemy, and prepared ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Engine, event


class Heard(NamedTuple):
    """A statement."""

    text: str
    values: Any
    many: bool
    """Whether it came with the values of several rows."""


@contextmanager
def heard(*engines: Engine) -> Iterator[list[Heard]]:
    """Give what is put to the database through some engines meanwhile."""
    found: list[Heard] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool) -> None:  # noqa: FBT001 - SQLAlchemy's own
        found.append(Heard(text, values, many))

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
