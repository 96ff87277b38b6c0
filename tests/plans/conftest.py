"""An org in a database of its own, and a shell beside it."""

from __future__ import annotations

from tests.cli.conftest import shell
from tests.org.conftest import prepared, world

__all__ = ["prepared", "shell", "world"]
