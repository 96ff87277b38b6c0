"""Every answer under `--json` that any test gets validates against its published schema.

A plugin of pytest: it stands around click's runner, through which tests call commands.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Any

import click
import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from changeover import schemas
from changeover.cli.exit_codes import WRONG_USE
from changeover.cli.main import main

CHECKED: dict[str, int] = {}
"""How many answers were checked of each schema."""


@functools.cache
def validator(name: str) -> Any:
    """Return the validator of a published schema."""
    return jsonschema_rs.validator_for(json.loads(schemas.text_of(name)), validate_formats=True)


def faults(name: str, answer: Any) -> list[str]:
    """Return what in an answer is not as its schema says, with the place of each."""
    return [
        f"{list(error.instance_path)}: {error.message}"[:500] for error in validator(name).iter_errors(answer)
    ]


def schema_of(args: Sequence[str]) -> str | None:
    """Return the name of the schema of a call that asks for JSON, None for another call."""
    asks = "--json" in args or ("report" in args[:1] and _format(args) == "json")
    if not asks or ("-o" in args and "report" in args[:1]):
        return None
    words: list[str] = []
    command: click.Command | None = main
    for word in args:
        if not isinstance(command, click.Group):
            break
        command = command.get_command(click.Context(command), word)
        if command is None:
            return None
        words.append(word)
    return "-".join(words)


def _format(args: Sequence[str]) -> str | None:
    return args[args.index("--format") + 1] if "--format" in args else None


@pytest.fixture(autouse=True)
def answers_keep_their_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """Validate whatever a command prints with --json in a test."""
    invoke = CliRunner.invoke

    def checked(self: CliRunner, cli: Any, args: Any = None, *more: Any, **options: Any) -> Result:
        result = invoke(self, cli, args, *more, **options)
        words = [str(each) for each in args or ()]
        name = schema_of(words) if cli is main else None
        crashed = result.exception is not None and not isinstance(result.exception, SystemExit)
        if name is not None and not crashed and result.exit_code != WRONG_USE and result.stdout:
            assert name in schemas.names(), f"{name} has no published schema: see changeover.shapes.answers"
            assert faults(name, json.loads(result.stdout)) == [], (
                f"the answer of {words} and its schema differ"
            )
            CHECKED[name] = CHECKED.get(name, 0) + 1
        return result

    monkeypatch.setattr(CliRunner, "invoke", checked)
