"""Fixtures of tests of the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.org.world import World, open_world, prepare


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An org in a database of its own."""
    made = prepare(tmp_path)
    opened = open_world(tmp_path, made)
    yield opened
    opened.house.close()
