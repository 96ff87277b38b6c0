"""An org in a database of its own, and the API over it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from changeover.org.installation import NewOrg
from tests.api.operations import furnish
from tests.api.rest import Rest
from tests.org.conftest import prepared, world
from tests.org.world import DATABASE, World, open_world

__all__ = ["prepared", "world"]


def _copied(source: Path, target: Path) -> None:
    for name in (DATABASE, f"{DATABASE}.key"):
        shutil.copy2(source / name, target / name)


@pytest.fixture
def rest(world: World) -> Rest:
    """The API over an org with an administrator and nothing else."""
    return Rest(world)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, prepared: tuple[Path, NewOrg]) -> Path:
    """A database in which everything is that the requests of `operations` name."""
    folder, made = prepared
    copy = tmp_path_factory.mktemp("furnished")
    _copied(folder, copy)
    opened = open_world(copy, made)
    furnish(Rest(opened))
    opened.house.close()
    return copy


@pytest.fixture
def org(tmp_path: Path, furnished: Path, prepared: tuple[Path, NewOrg]) -> Iterator[Rest]:
    """The API over an org of the test's own, with what the requests of `operations` name."""
    _copied(furnished, tmp_path)
    opened = open_world(tmp_path, prepared[1])
    yield Rest(opened)
    opened.house.close()


@pytest.fixture(scope="session")
def _shared(
    tmp_path_factory: pytest.TempPathFactory, furnished: Path, prepared: tuple[Path, NewOrg]
) -> Iterator[Rest]:
    copy = tmp_path_factory.mktemp("shared")
    _copied(furnished, copy)
    opened = open_world(copy, prepared[1])
    yield Rest(opened)
    opened.house.close()


@pytest.fixture
def still(_shared: Rest) -> Iterator[Rest]:
    """The API over an org that many tests look at and none may change."""
    _shared.serve()
    _shared.admin.get("/me")
    before = _shared.world.everything()
    yield _shared
    _shared.serve()
    assert _shared.world.everything() == before
