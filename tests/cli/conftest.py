"""An org in a database of its own, and a shell beside it."""

from __future__ import annotations

import pytest

from tests.cli.org_commands import Shell
from tests.org.conftest import prepared, world
from tests.org.world import World

__all__ = ["prepared", "world"]


@pytest.fixture
def shell(world: World) -> Shell:
    """A shell beside the org of the test."""
    return Shell(world)
