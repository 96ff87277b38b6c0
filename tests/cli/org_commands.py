"""The command line on an org, as a person or a script calls it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner

from changeover.cli.main import main
from changeover.cli.places import KEY
from tests.org.world import World, key_beside


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """The lines of a list, split at tabs."""
        return [line.split("\t") for line in self.out.splitlines()]


class Shell:
    """A shell beside an installation."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.environment: dict[str, str | None] = {
            "CHANGEOVER_DATA": str(world.folder),
            "CHANGEOVER_DATABASE": None if world.is_sqlite else world.database,
            "CHANGEOVER_ORG": None,
            "CHANGEOVER_USER": None,
        }
        if not world.is_sqlite:
            shutil.copy2(key_beside(world.folder), world.folder / KEY)

    def run(self, *args: str, typed: str | None = None) -> Said:
        """Run a command."""
        result = CliRunner().invoke(main, args, input=typed, env=self.environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)
