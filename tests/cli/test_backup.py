"""`changeover backup` and `changeover restore`, as an operator calls them."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.org_commands import Shell
from tests.org.world import SECRET, World
from tests.store.places import sealed_everywhere

KEY = "changeover.db.key"


def _elsewhere(world: World, folder: Path, *, key: bool = True) -> Shell:
    """A shell beside an empty folder, with the key or without."""
    folder.mkdir()
    if key:
        shutil.copy2(world.folder / KEY, folder / KEY)
    shell = Shell(world)
    shell.environment["CHANGEOVER_DATA"] = str(folder)
    return shell


def test_the_drill(world: World, tmp_path: Path) -> None:
    sealed_everywhere(world)
    shell, file = Shell(world), str(tmp_path / "a.backup")
    taken = shell.run("backup", "-o", file)
    assert taken.code == 0, taken.err
    key = world.house.vault.current.hex()
    assert taken.out.splitlines()[0] == f"Written: {file}"
    assert "1 org, " in taken.out
    assert taken.out.endswith(f"Signed with the key {key}; the key {key} opens 7 secrets.\n")
    again = shell.run("backup", "-o", file)
    assert again.code == 1
    assert again.err.startswith("E-OUTPUT-IN-THE-WAY: ")
    assert shell.run("backup", "-o", file, "--overwrite").code == 0
    assert shell.run("restore", file, "--check").out.startswith(f"In order: {file}\n")
    assert shell.run("restore", file).err.startswith("E-RESTORE-NOT-EMPTY: ")
    other = _elsewhere(world, tmp_path / "other")
    restored = other.run("restore", file)
    assert restored.code == 0, restored.err
    assert restored.out.endswith("Run `changeover doctor` on it before you serve it.\n")
    assert other.run("doctor").code == 0
    assert other.run("apps").rows == shell.run("apps").rows
    assert other.run("audit").rows[0][3] == "org:org:restored"
    assert SECRET not in taken.out + restored.out


def test_both_answer_in_json(world: World, tmp_path: Path) -> None:
    sealed_everywhere(world)
    shell, file = Shell(world), str(tmp_path / "a.backup")
    taken = shell.run("backup", "-o", file, "--json").json
    assert (taken["file"], taken["rows"]["org"], taken["left_out"]) == (file, 1, ["key_value", "web_session"])
    assert taken["size"] == (tmp_path / "a.backup").stat().st_size
    assert shell.run("restore", file, "--check", "--json").json == taken
    other = _elsewhere(world, tmp_path / "other")
    assert other.run("restore", file, "--json").json == {**taken, "secrets_left_out": 0}
    refused = other.run("restore", file, "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "E-RESTORE-NOT-EMPTY")


def test_without_the_key(world: World, tmp_path: Path) -> None:
    sealed_everywhere(world)
    file = str(tmp_path / "a.backup")
    Shell(world).run("backup", "-o", file)
    other = _elsewhere(world, tmp_path / "other", key=False)
    for words in (("restore", file), ("restore", file, "--check")):
        said = other.run(*words)
        assert said.code == 1
        assert said.err.startswith("E-BACKUP-KEY: ")
        assert str(tmp_path / "other" / KEY) in said.err
    assert list((tmp_path / "other").iterdir()) == []
    assert "not checked" in other.run("restore", file, "--check", "--without-key").out
    assert "7 secrets were left out" in other.run("restore", file, "--without-key").out
    assert other.run("doctor").code == 0


def test_wrong_use_and_what_is_not_there(world: World, tmp_path: Path) -> None:
    shell = Shell(world)
    assert shell.run("backup").code == 64
    assert shell.run("backup", "-o", "").code == 64
    assert shell.run("restore").code == 64
    assert shell.run("restore", str(tmp_path / "none")).err.startswith("E-PATH-MISSING: ")
    shell.environment["CHANGEOVER_DATA"] = str(tmp_path / "nowhere")
    file = tmp_path / "a.backup"
    assert shell.run("backup", "-o", str(file)).err.startswith("E-STORE-UNREADABLE: ")
    assert not file.exists()
