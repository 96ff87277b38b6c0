"""`changeover user session` and `changeover user token`, of oneself and of others."""

from __future__ import annotations

import pytest

from changeover.org import tokens
from changeover.org.model.orgs import Actor
from tests.cli.org_commands import Shell
from tests.org.signed_in import signed_in

DANA = "dana@acme.example"
YEARS = 100_000
"""The command line has the clock of the machine, whenever the test is run."""


@pytest.fixture
def dana(shell: Shell) -> Actor:
    return shell.world.user(DANA, "Standard User")


def first_column(out: str) -> set[str]:
    return {line.split("\t")[0] for line in out.splitlines()}


def test_sessions_are_listed_and_ended(shell: Shell, dana: Actor) -> None:
    first, second = (signed_in(shell.world, dana, hours=YEARS) for _ in range(2))
    mine = signed_in(shell.world, shell.world.admin, hours=YEARS)
    (listed,) = shell.run("user", "session", "list", "--json").json["sessions"]
    assert listed["session_id"] == mine
    assert listed["browser"] == "Firefox on Linux"
    said = shell.run("user", "session", "list", "--of", DANA)
    assert first_column(said.out) == {first, second}
    assert "Firefox on Linux\t203.0.113.7\t2026-11-23 12:00" in said.out
    said = shell.run("user", "session", "end", first, "--of", DANA)
    assert (said.code, said.out) == (0, "Ended 1 session.\n")
    said = shell.run("user", "session", "end", first, "--of", DANA, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-RECORD-NOT-FOUND")
    assert shell.run("user", "session", "end", "--all", "--of", DANA, "--json").json == {"ended": 1}
    assert shell.run("user", "session", "end", mine).code == 0
    assert shell.run("user", "session", "end", "--all").out == "Ended 0 sessions.\n"


def test_tokens_of_others_are_listed_and_revoked(shell: Shell, dana: Actor) -> None:
    made = [shell.world.do(tokens.create_token, name, actor=dana).token.token_id for name in "abc"]
    assert first_column(shell.run("user", "token", "list", "--of", DANA).out) == {*made}
    assert shell.run("user", "token", "revoke", made[0]).code == 1
    assert shell.run("user", "token", "revoke", made[0], "--of", DANA).out == "Revoked 1 token.\n"
    assert shell.run("user", "token", "revoke", "--all", "--user", DANA, "--json").json == {"revoked": 2}
    assert shell.run("user", "token", "revoke", "--all", "--of", DANA).out == "Revoked 0 tokens.\n"


@pytest.mark.parametrize("kind", ["session", "token"])
def test_who_may_not_manage_users_reaches_only_the_own(shell: Shell, dana: Actor, kind: str) -> None:
    admin = shell.world.admin.username
    end = "end" if kind == "session" else "revoke"
    for command in (("list",), (end, "--all"), (end, "0AkSomething")):
        said = shell.run("user", kind, *command, "--of", admin, "--user", dana.username)
        assert said.code == 1
        assert "E-NOT-PERMITTED" in said.err
    assert shell.run("user", kind, "list", "--user", dana.username).code == 0


@pytest.mark.parametrize("command", [("session", "end"), ("token", "revoke")])
@pytest.mark.parametrize("rest", [(), ("0AkSomething", "--all")])
def test_one_is_named_or_all_are_meant(shell: Shell, command: tuple[str, str], rest: tuple[str, ...]) -> None:
    said = shell.run("user", *command, *rest)
    assert (said.code, "name one, or say --all" in said.err) == (64, True)
