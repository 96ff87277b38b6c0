"""`changeover secret set`: from the environment, a file or a prompt, and never as an argument."""

from __future__ import annotations

from pathlib import Path

import pytest

from changeover.org.app_manager import view_app
from tests.cli.org_commands import Shell
from tests.org.world import app

SECRET = "A-SECRET-OF-SALESFORCES-0123456789"


@pytest.fixture(autouse=True)
def imported(shell: Shell) -> None:
    """An app as files hold it: without its secret."""
    shell.world.bring(app())


def held(shell: Shell) -> str | None:
    record = shell.world.see(view_app, "Billing")
    with shell.world.read() as unit:
        return unit.apps.secret(record.app_id)


def test_from_the_environment(shell: Shell) -> None:
    shell.environment["BILLING_SECRET"] = SECRET
    said = shell.run("secret", "set", "Billing", "--from-env", "BILLING_SECRET")
    assert (said.code, said.out) == (0, "The consumer secret of Billing was set.\n")
    assert held(shell) == SECRET


def test_from_a_file(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    assert shell.run("secret", "set", "Billing", "--from-file", str(file), "--json").json == {
        "secret_set": True
    }
    assert held(shell) == SECRET


@pytest.mark.parametrize("options", [(), ("--from-file", "-")])
def test_from_a_prompt_or_standard_input(shell: Shell, options: tuple[str, ...]) -> None:
    said = shell.run("secret", "set", "Billing", *options, typed=f"{SECRET}\n")
    assert said.code == 0, said.err
    assert SECRET not in said.out + said.err
    assert held(shell) == SECRET


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ((SECRET,), "unexpected extra argument"),
        (("--from-env", "UNSET"), "there is no environment variable UNSET"),
        (("--from-env", "UNSET", "--from-file", "-"), "say one of"),
        (("--from-file", "no-such-file"), "No such file"),
    ],
)
def test_wrong_use(shell: Shell, options: tuple[str, ...], why: str) -> None:
    said = shell.run("secret", "set", "Billing", *options)
    assert (said.code, why in said.err) == (64, True), said.err
    assert held(shell) is None


def test_what_is_no_secret_is_refused(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    for content in (b"short", b"x" * 5_000, b""):
        file.write_bytes(content)
        said = shell.run("secret", "set", "Billing", "--from-file", str(file), "--json")
        assert (said.code, said.json["error"]["code"]) == (1, "E-VALUE-REFUSED")
    file.write_bytes(b"\xff\xfe\x00")
    assert shell.run("secret", "set", "Billing", "--from-file", str(file)).code == 64
    said = shell.run("secret", "set", "Nobody", "--from-file", "-", "--json", typed=SECRET)
    assert (said.code, said.json["error"]["code"]) == (1, "E-APP-NOT-FOUND")
    assert held(shell) is None


def test_a_migrated_app_takes_none(shell: Shell) -> None:
    shell.world.migrated()
    said = shell.run("secret", "set", "Billing", "--from-file", "-", "--json", typed=SECRET)
    assert (said.code, said.json["error"]["code"]) == (1, "E-APP-READ-ONLY")
