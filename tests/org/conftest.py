"""Fixtures of tests of acts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from changeover.org.installation import NewOrg
from tests.databases import SQLITE
from tests.org.world import DATABASE, World, key_beside, open_world, prepare
from tests.postgresql import Server


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, NewOrg]:
    """A SQLite file with an org in it; copying it is quicker than making one a test."""
    folder = tmp_path_factory.mktemp("prepared")
    return folder, prepare(folder)


@pytest.fixture
def world(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """An org of Developer Edition with an administrator, in a database of its own."""
    if backend == SQLITE:
        folder, made = request.getfixturevalue("prepared")
        shutil.copy2(folder / DATABASE, tmp_path / DATABASE)
        url = None
    else:
        server: Server = request.getfixturevalue("postgresql")
        folder, template, made = request.getfixturevalue("prepared_on_postgresql")
        name = server.new(template)
        url = server.url(name)
        request.addfinalizer(lambda: server.drop(name))  # noqa: PT021 - only where there is one
    shutil.copy2(key_beside(folder), key_beside(tmp_path))
    opened = open_world(tmp_path, made, url)
    yield opened
    opened.house.close()
