"""How many statements an act puts to the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from tests.org.world import World


def statements(world: World, act: Callable[..., Any], *args: Any) -> int:
    """Return how many statements an act takes that only reads."""
    asked = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    engine = world.house.database._reader
    event.listen(engine, "before_cursor_execute", note)
    try:
        world.see(act, *args)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(asked)
