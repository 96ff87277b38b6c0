"""The command line says of itself what it does: every command, every option."""

from __future__ import annotations

import click
import pytest

from changeover.cli.main import main
from tools.docs import commands

ALL = dict(commands(main, "changeover"))


@pytest.mark.parametrize("path", ALL)
def test_it_is_described(path: str) -> None:
    command = ALL[path]
    assert command.help, path
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert parameter.help, f"{path} {parameter.opts}"


@pytest.mark.parametrize(
    "path", [path for path, command in ALL.items() if not isinstance(command, click.Group)]
)
def test_its_help_can_be_shown(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*path.split()[1:], "--help"], standalone_mode=False) == 0
    assert capsys.readouterr().out.startswith("Usage: ")


def test_the_commands_are_there() -> None:
    assert {"changeover assess", "changeover convert"} <= ALL.keys()
