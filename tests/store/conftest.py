"""Fixtures of tests of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from changeover.wiring import House, open_house
from tests.databases import SQLITE
from tests.org.conftest import prepared, world
from tests.org.world import DATABASE, FAST, key_beside
from tests.postgresql import Server

__all__ = ["prepared", "world"]


@pytest.fixture
def empty(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database that holds nothing: the path of no file yet, or a URL."""
    if backend == SQLITE:
        yield str(tmp_path / DATABASE)
        return
    server: Server = request.getfixturevalue("postgresql")
    name = server.new()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def opening(empty: str, tmp_path: Path) -> Callable[..., House]:
    """Open the empty database; options are those of `open_house`."""

    def open_it(**more: Any) -> House:
        usual = {"key_file": key_beside(tmp_path), "passwords": FAST, "environment": {}}
        return open_house(empty, **{**usual, **more})

    return open_it
