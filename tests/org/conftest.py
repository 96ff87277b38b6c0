"""Fixtures of tests of acts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from changeover.org.installation import NewOrg
from tests.org.world import DATABASE, World, open_world, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, NewOrg]:
    """A database with an org in it; copying it is quicker than making one a test."""
    folder = tmp_path_factory.mktemp("prepared")
    return folder, prepare(folder)


@pytest.fixture
def world(tmp_path: Path, prepared: tuple[Path, NewOrg]) -> Iterator[World]:
    """An org of Developer Edition with an administrator, in a database of its own."""
    folder, made = prepared
    for name in (DATABASE, f"{DATABASE}.key"):
        shutil.copy2(folder / name, tmp_path / name)
    opened = open_world(tmp_path, made)
    yield opened
    opened.house.close()
