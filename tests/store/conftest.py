"""Fixtures of tests of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from changeover.store.engine import Database
from changeover.wiring import House, database_url, open_house
from tests.databases import SQLITE
from tests.org.conftest import prepared, world
from tests.org.world import DATABASE, FAST, key_beside
from tests.postgresql import Server

__all__ = ["prepared", "world"]


@pytest.fixture
def new_place(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Make databases that hold nothing: the path of no file yet, or a URL."""
    made: list[str] = []

    def make() -> str:
        if backend == SQLITE:
            made.append(DATABASE if not made else f"{len(made)}.db")
            return str(tmp_path / made[-1])
        server: Server = request.getfixturevalue("postgresql")
        made.append(server.new())
        return server.url(made[-1])

    yield make
    if backend != SQLITE:
        for name in made:
            request.getfixturevalue("postgresql").drop(name)


@pytest.fixture
def empty(new_place: Callable[[], str]) -> str:
    """A database that holds nothing."""
    return new_place()


@pytest.fixture
def other(new_place: Callable[[], str]) -> Iterator[Callable[[], Database]]:
    """Open further databases that hold nothing, bare of any installation."""
    opened: list[Database] = []

    def open_it() -> Database:
        opened.append(Database(database_url(new_place())))
        return opened[-1]

    yield open_it
    for database in opened:
        database.dispose()


@pytest.fixture
def opening(empty: str, tmp_path: Path) -> Callable[..., House]:
    """Open the empty database; options are those of `open_house`."""

    def open_it(**more: Any) -> House:
        usual = {"key_file": key_beside(tmp_path), "passwords": FAST, "environment": {}}
        return open_house(empty, **{**usual, **more})

    return open_it
