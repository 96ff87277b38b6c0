"""Sample orgs to look at, and the mark of tests that need the browser of `tests/chromium.py`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from changeover.sample.fill import Sample, fill
from changeover.wiring import open_house, web_application
from tests.browser.place import Place
from tests.chromium import serving


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, so that `-m "not browser"` leaves them out."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sample]:
    """The folder of a sample org, for each place to copy: filling one takes longer than most tests."""
    folder = tmp_path_factory.mktemp("filled")
    house = open_house(folder / "changeover.db")
    sample = fill(house.units)
    house.close()
    return folder, sample


@pytest.fixture(scope="module")
def place(filled: tuple[Path, Sample], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The sample org, for tests that change nothing."""
    with _served(filled, tmp_path_factory.mktemp("place")) as served:
        yield served


@pytest.fixture
def own_place(filled: tuple[Path, Sample], tmp_path: Path) -> Iterator[Place]:
    """A sample org of this test alone."""
    with _served(filled, tmp_path / "own-place") as served:
        yield served


@contextmanager
def _served(filled: tuple[Path, Sample], folder: Path) -> Iterator[Place]:
    original, sample = filled
    shutil.copytree(original, folder, dirs_exist_ok=True)
    house = open_house(folder / "changeover.db")
    try:
        with serving(web_application(house)) as address:
            yield Place(address, sample, house)
    finally:
        house.close()
