"""An org in a database of its own, and the API over it, as the API's own tests have it."""

from __future__ import annotations

from tests.api.conftest import prepared, rest, world

__all__ = ["prepared", "rest", "world"]
