"""Paths as arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


class GivenPath(click.Path):
    """A path that was given: an empty word (`-o "$UNSET"`) is wrong use, not the current folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401  # click's own signature
        """Return the path. Raises click.BadParameter for an empty word."""
        if value == "":
            self.fail("The path is empty. To mean the current folder, write a dot.", param, ctx)
        return super().convert(value, param, ctx)
