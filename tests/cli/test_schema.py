"""The published schemas: every command has one, and each would notice a change of its answer."""

from __future__ import annotations

import copy
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from changeover import schemas
from changeover.cli.main import main
from changeover.shapes.answers import ANSWERS
from tests.answers import faults, schema_of
from tests.cli.org_commands import Shell
from tests.project.files import connected_app, lay


def run(*args: str) -> Result:
    result = CliRunner().invoke(main, args)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Yield every command below a group with the name of its schema."""
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*words, word))
        else:
            yield "-".join((*words, word)), command


def test_every_command_that_prints_json_has_a_schema_and_no_other() -> None:
    asking = {
        name for name, command in commands(main) if any("--json" in each.opts for each in command.params)
    }
    assert asking == set(ANSWERS) <= set(schemas.names())


@pytest.mark.parametrize("name", schemas.names())
def test_a_schema_is_one_and_closed(name: str) -> None:
    schema = json.loads(run("schema", name).stdout)
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].startswith("urn:changeover:schema:")
    if name in ANSWERS:
        assert schema["$id"] == f"urn:changeover:schema:{name}:1"
    for title, part in schema["$defs"].items():
        if part.get("type") == "object":
            assert part["additionalProperties"] is False, title
            assert part["required"], title


def test_the_list_names_all(shell: Shell) -> None:
    lines = dict(line.split("\t") for line in run("schema").stdout.splitlines())
    assert tuple(lines) == schemas.names()
    listed = shell.run("schema", "--json").json["schemas"]
    assert {each["name"]: each["id"] for each in listed} == lines
    assert run("schema", "nothing").exit_code == 64


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every field of an object, of the first item of each list."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*at, key)
            yield from places(inner, (*at, key))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*at, 0))


def changed(answer: Any, place: tuple[Any, ...], how: str) -> Any:
    """Return the answer with a field gone, renamed, or of another type."""
    made = copy.deepcopy(answer)
    parent = made
    for step in place[:-1]:
        parent = parent[step]
    value = parent.pop(place[-1])
    if how == "renamed":
        parent[f"{place[-1]}_"] = value
    elif how == "retyped":
        parent[place[-1]] = {"another": "type"}
    return made


@pytest.mark.parametrize("command", ["assess", "report"])
def test_a_field_that_goes_is_renamed_or_retyped_is_noticed(tmp_path: Path, command: str) -> None:
    app = connected_app(more="<mobileStartUrl>x</mobileStartUrl>")
    lay(tmp_path, {"Billing.connectedApp": app, "B.connectedApp": "<a>"})
    answer = json.loads(run(command, str(tmp_path), "--json").stdout)
    assert faults(command, answer) == []
    # Of these the keys are data: how many apps are how ready.
    found = [place for place in places(answer) if place[-2:-1] != ("readiness",)]
    assert len(found) > 30
    for place in found:
        for how in ("gone", "renamed", "retyped"):
            assert faults(command, changed(answer, place, how)), (place, how)


@pytest.mark.parametrize(
    ("args", "name"),
    [
        (["assess", "x", "--json"], "assess"),
        (["assess", "x"], None),
        (["user", "token", "create", "x", "--json"], "user-token-create"),
        (["report", "x", "--format", "json"], "report"),
        (["report", "x", "--format", "csv"], None),
        (["report", "x", "--json", "-o", "f"], None),
        (["nothing", "--json"], None),
    ],
)
def test_calls_find_their_schema(args: list[str], name: str | None) -> None:
    assert schema_of(args) == name


def test_an_answer_that_no_schema_knows_fails_a_test(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("changeover.cli.assess_json._finding", lambda finding: {"rule": finding.rule})
    lay(tmp_path, {"Billing.connectedApp": connected_app()})
    with pytest.raises(AssertionError, match="and its schema differ"):
        run("assess", str(tmp_path), "--json")


def test_what_serve_says_before_it_serves(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(_: Any, sockets: list[socket.socket]) -> None:
        for each in sockets:
            each.close()

    monkeypatch.setattr("uvicorn.Server.run", serve)
    said = shell.run("serve", "--port", "0", "--sample", "--json").json
    assert said["address"].startswith("http://127.0.0.1:")
    assert len(said["users"]) > 2
