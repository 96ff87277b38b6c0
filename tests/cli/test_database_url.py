"""--database: the commands on PostgreSQL, and no password of it in what they say."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from changeover.cli.places import KEY, place_as_given, place_options
from tests.cli.org_commands import Shell
from tests.org.world import World, app
from tests.postgresql import Server

pytestmark = pytest.mark.postgresql_only("the file is about it")
PASSWORD = "S3CRET"


def test_the_commands_work_on_a_database_by_its_url(world: World) -> None:
    shell = Shell(world)
    world.bring(app(), app("Second"))
    assert [row[0] for row in shell.run("apps").rows] == ["Billing", "Second"]
    done = shell.run("migrate", "Billing", "--confirm-local", "--confirm-no-username-password")
    assert done.code == 0, done
    assert world.record().read_only
    checks = {check["name"]: check["ok"] for check in shell.run("doctor", "--json").json["checks"]}
    assert checks["audit trail"]
    assert checks["connection"]
    # The tests' server is set up to lose what it has answered.
    assert [name for name, ok in checks.items() if not ok] == ["commits"]


def test_the_first_command_makes_the_key_in_the_folder_of_data(
    postgresql: Server, tmp_path: Path, world: World
) -> None:
    shell = Shell(world)
    name = postgresql.new()
    data = tmp_path / "new"
    shell.environment |= {"CHANGEOVER_DATA": str(data), "CHANGEOVER_DATABASE": postgresql.url(name)}
    made = shell.run("org", "create", "Acme", "--edition", "Developer", "--username", "ada@acme.example")
    assert made.code == 0, made
    assert [file.name for file in data.iterdir()] == [KEY]
    assert (data / KEY).stat().st_mode & 0o777 == 0o600
    (data / KEY).unlink()
    # Nothing is sealed yet, so a new key may be made; with something sealed, `tests/store/test_vault.py`.
    assert shell.run("org", "list").code == 0
    postgresql.drop(name)


def test_what_cannot_be_opened_is_said_without_its_password(world: World) -> None:
    shell = Shell(world)
    said = shell.run("apps", "--database", f"postgresql://ada:{PASSWORD}@127.0.0.1:1/changeover")
    assert said.code != 0
    assert "E-STORE-UNREADABLE" in said.err
    assert "Connection refused" in said.err
    assert PASSWORD not in said.err + said.out


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (f"postgresql://ada:{PASSWORD}@db/x", "postgresql://ada:***@db/x"),
        (f"postgresql://ada:{PASSWORD}@{PASSWORD}@db/x", "postgresql://ada:***@db/x"),
        (
            f"postgresql://db/x?user=ada&password={PASSWORD}&a=b",
            "postgresql://db/x?user=ada&password=***&a=b",
        ),
        ("postgresql://ada@db/x", "postgresql://ada@db/x"),
        ("over:there@home.db", "over:there@home.db"),
    ],
)
def test_a_command_to_type_again_holds_no_password(typed: str, told: str) -> None:
    heard: list[str] = []

    @click.command()
    @place_options
    def command(**_given: object) -> int:
        heard.append(place_as_given())
        return 0

    command.main(["--database", typed], standalone_mode=False)
    assert told in heard[0].replace("'", "")
    assert PASSWORD not in heard[0]
