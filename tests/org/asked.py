"""How many statements an act puts to the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.heard import heard
from tests.org.world import World


def statements(world: World, act: Callable[..., Any], *args: Any) -> int:
    """Return how many statements an act takes that only reads."""
    with heard(world.house.database._reader) as asked:
        world.see(act, *args)
    return len(asked)
