"""The command line as such: exit codes, errors on standard error, and that it starts fast."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from changeover import __version__, errors
from changeover.cli import main as main_module
from changeover.cli.main import COMMANDS, main
from changeover.cli.terminal import printable
from changeover.errors import ChangeoverError


def test_the_version_is_told() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert (result.exit_code, result.output) == (0, f"changeover {__version__}\n")


def test_the_version_is_told_without_loading_anything_heavy() -> None:
    code = (
        "import sys; from changeover.cli.main import main\n"
        "try: main(['--version'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'lxml', 'rich', 'sqlalchemy', 'litestar', 'msgspec', 'cryptography'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_help_lists_every_command_with_what_it_does() -> None:
    result = CliRunner().invoke(main, ["-h"])
    assert result.exit_code == 0
    text = " ".join(result.output.split())
    for name, (_, says) in COMMANDS.items():
        assert name in text
        assert says in text


@pytest.mark.parametrize(
    "args", [[], ["no-such-command"], ["assess"], ["assess", "--no-such-option"], ["--nothing"]]
)
def test_wrong_use_is_64(args: list[str]) -> None:
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 64
    assert "Usage: " in result.stderr


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A command `try` that raises what is put here."""
    raised: list[BaseException] = []

    @click.command("try")
    def trial() -> int:
        for error in raised:
            raise error
        return 2

    module = type(sys)("changeover_cli_trial")
    module.command = trial  # type: ignore[attr-defined]  # what a command module has
    monkeypatch.setitem(sys.modules, "changeover_cli_trial", module)
    monkeypatch.setitem(main_module.COMMANDS, "try", ("changeover_cli_trial", "Try."))
    return raised


def test_a_command_returns_its_exit_code(command: list[BaseException]) -> None:
    assert command == []
    assert CliRunner().invoke(main, ["try"]).exit_code == 2


def test_an_error_for_the_reader_is_one_line_and_1(command: list[BaseException]) -> None:
    command.append(ChangeoverError(errors.APP_NOT_FOUND, "No \x1b[31mapp."))
    result = CliRunner().invoke(main, ["try"])
    assert result.exit_code == 1
    assert result.stderr == "E-APP-NOT-FOUND: No ?[31mapp. Check the API name in App Manager.\n"


def test_stopping_it_is_no_error_of_its_own(command: list[BaseException]) -> None:
    command.append(KeyboardInterrupt())
    result = CliRunner().invoke(main, ["try"])
    assert result.exit_code == 130
    assert "Stopped." in result.stderr


def test_a_reader_that_has_gone_is_no_traceback(tmp_path: Path) -> None:
    from tests.project.files import connected_app, lay  # noqa: PLC0415

    lay(tmp_path, {f"App{nth}.connectedApp": connected_app() for nth in range(100)})
    program = Path(sys.executable).with_name("changeover")
    for options in ([], ["--json"]):
        process = subprocess.Popen(
            [program, "assess", tmp_path, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        process.stderr.close()
        assert process.wait(60) == 1


def test_names_cannot_move_the_cursor() -> None:
    assert printable("a\x1b[2Jb\rc\u202ed\x9be\nf") == "a?[2Jb?c?d?e\nf"
