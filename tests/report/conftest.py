"""A project of every readiness, its evidence, and `changeover report` on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from changeover.cli.main import main
from tests.report.made import evidence, project

TOP_LINE = "4 ready, 1 to confirm, 1 blocked, 1 not fully visible, 1 migrated; 2 stop on 20 February 2027"

Report = Callable[..., Result]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project; it is the working folder."""
    root = project(tmp_path / "repository")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def report(tmp_path: Path, made: Path) -> Report:
    """Call `changeover report` on the project with its evidence."""
    logins, tokens = evidence(tmp_path)

    def call(*args: str | Path, path: Path = made) -> Result:
        given = [str(path), "--evidence", str(logins), str(tokens), *map(str, args)]
        result = CliRunner().invoke(main, ["report", *given])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call
