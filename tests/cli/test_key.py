"""`changeover key`: another key for everything sealed, and no key is ever shown."""

from __future__ import annotations

import base64

import pytest

from changeover.wiring import House
from tests.cli.org_commands import Shell
from tests.org.world import World
from tests.store.places import sealed_everywhere, secrets_in


def test_a_rotation_from_beginning_to_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed_everywhere(world)
    before = secrets_in(world.house, world.org_id)
    shell, file = Shell(world), world.folder / "changeover.db.key"
    (first,) = shell.run("key", "status").rows
    assert first[1:] == ["seals and opens", "7"]
    told = shell.run("key", "rotate")
    assert told.code == 0
    assert told.out.startswith("7 values sealed anew with the key ")
    second, old = shell.run("key", "status", "--json").json["keys"]
    assert (second["current"], second["sealed"], old["key"], old["sealed"]) == (True, 7, first[0], 0)
    keys = file.read_text().split()
    asked = shell.run("key", "retire")
    assert asked.code == 64
    assert "--yes" in asked.err
    monkeypatch.setattr("changeover.cli.key.at_a_terminal", lambda: True)
    assert shell.run("key", "retire", typed="n\n").code == 130
    assert file.read_text().split() == keys
    assert shell.run("key", "retire", typed="y\n").out.endswith(f"Dropped: {old['key']}.\n")
    assert shell.run("key", "retire").out == "There is no old key.\n"
    assert shell.run("key", "retire", "--yes", "--json").json == {"dropped": []}
    assert file.read_text().split() == keys[:1]
    assert secrets_in(world.house, world.org_id) == before


def test_no_command_shows_a_key(world: World) -> None:
    sealed_everywhere(world)
    shell, file = Shell(world), world.folder / "changeover.db.key"
    seen = file.read_text().split()
    said = "".join(
        f"{one.out}{one.err}"
        for words in ("status", "rotate", "status --json", "rotate --json", "retire --yes --json")
        for one in (shell.run("key", *words.split()),)
    )
    for key in {*seen, *file.read_text().split()}:
        assert key not in said


def test_a_missing_key_is_seen_and_is_an_error(world: World) -> None:
    sealed_everywhere(world)
    shell, file = Shell(world), world.folder / "changeover.db.key"
    shell.run("key", "rotate")
    keys = file.read_text().splitlines()
    file.write_text(f"{keys[1]}\n")
    told = shell.run("key", "status")
    assert told.code == 1
    assert [row[1:] for row in told.rows] == [["seals and opens", "0"], ["missing", "7"]]
    assert shell.run("key", "rotate").code == 1


@pytest.mark.parametrize("command", ["serve --port 0", "worker"])
def test_a_missing_key_is_told_before_somebody_needs_it(
    world: World, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("changeover.cli.serve.serve_here", lambda _make, opened: opened.plain.close())
    monkeypatch.setattr(House, "work", lambda *_, **__: None)
    shell, file = Shell(world), world.folder / "changeover.db.key"
    assert shell.run(*command.split()).err == ""
    sealed_everywhere(world)
    missing = world.house.vault.current.hex()
    file.write_bytes(base64.b64encode(bytes(32)))
    told = shell.run(*command.split())
    assert told.code == 0
    assert told.err.startswith(f"7 stored secrets are sealed with the key {missing}, which is not here")
