"""Fixtures for rehearsals: an org in a database of its own, and a shell beside it."""

from tests.cli.conftest import shell
from tests.org.conftest import prepared, world

__all__ = ["prepared", "shell", "world"]
