"""A real installation on SQLite with one org, and the application over it as programs reach it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An org of Developer Edition with an administrator, empty otherwise."""
    made = Installation(tmp_path)
    yield made
    made.close()
