"""`changeover usage` and `changeover user connection`."""

from __future__ import annotations

import pytest

from tests.cli.org_commands import Shell
from tests.org.authorized import authorized
from tests.org.world import app

DANA = "dana@acme.example"
KEY = "3MVG9.Billing_key"


@pytest.fixture
def token(shell: Shell) -> str:
    """An app that two users have approved; returns the id of one's token."""
    world = shell.world
    world.bring(app())
    world.user(DANA, "Standard User")
    authorized(world.house.units, world.org_id, world.admin.username, KEY, uses=3, days_ago=2)
    return authorized(world.house.units, world.org_id, DANA, KEY)


def test_apps_users_and_tokens_are_listed(shell: Shell, token: str) -> None:
    (row,) = shell.run("usage", "list").rows
    assert row == ["Billing", "Billing", "2", "2", "2026-11-14 12:00", "2026-11-23 12:00", "4", "no"]
    (listed,) = shell.run("usage", "list", "--json").json["apps"]
    assert (listed["kind"], listed["users"], listed["blocked"]) == ("connected-app", 2, False)
    assert shell.run("usage", "list", "--external", "--json").json == {"apps": []}
    assert shell.run("usage", "list", "--search", "other", "--json").json == {"apps": []}
    assert [row[0] for row in shell.run("usage", "users", "Billing").rows] == [
        DANA,
        shell.world.admin.username,
    ]
    assert len(shell.run("usage", "users", "Billing", "--json").json["users"]) == 2
    assert shell.run("usage", "tokens", "Billing", DANA).rows[0][:3] == [
        token,
        "OauthWebServer",
        "api refresh_token",
    ]
    (told,) = shell.run("usage", "tokens", "Billing", DANA, "--json").json["tokens"]
    assert (told["token_id"], told["refresh_token"]) == (token, True)


def test_tokens_are_revoked_at_each_level(shell: Shell, token: str) -> None:
    assert shell.run("usage", "revoke", "Billing", "--token", token).out == "Revoked 1 token of Billing.\n"
    assert shell.run("usage", "revoke", "Billing", "--of", DANA, "--json").json == {"revoked": 0}
    assert shell.run("usage", "revoke", "Billing", "--all", "--json").json == {"revoked": 1}
    assert shell.run("usage", "list", "--json").json == {"apps": []}


@pytest.mark.parametrize("rest", [(), ("--all", "--of", DANA), ("--token", "0CQ", "--all")])
@pytest.mark.usefixtures("token")
def test_what_is_meant_is_said(shell: Shell, rest: tuple[str, ...]) -> None:
    said = shell.run("usage", "revoke", "Billing", *rest)
    assert (said.code, "say one of" in said.err) == (64, True)


@pytest.mark.usefixtures("token")
def test_an_app_is_blocked_and_stays_so_through_a_migration(shell: Shell) -> None:
    assert shell.run("usage", "block", "Billing").code == 0
    assert shell.run("usage", "list").rows[0][-1] == "yes"
    shell.world.migrated()
    assert shell.run("usage", "list", "--external").rows[0][-1] == "yes"
    assert shell.run("usage", "unblock", "Billing", "--external", "--json").json == {"blocked": False}
    said = shell.run("usage", "block", "Billing", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-APP-READ-ONLY")


@pytest.mark.usefixtures("token")
def test_connections_are_listed_and_revoked(shell: Shell) -> None:
    (row,) = shell.run("user", "connection", "list", "--of", DANA).rows
    assert row[:4] == ["Billing", "Billing", "connected app", "api refresh_token"]
    (mine,) = shell.run("user", "connection", "list", "--json").json["connections"]
    assert mine["use_count"] == 3
    said = shell.run("user", "connection", "revoke", "Billing", "--of", DANA)
    assert said.out == "Revoked 1 token of Billing.\n"
    said = shell.run("user", "connection", "revoke", "Billing", "--user", DANA, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-RECORD-NOT-FOUND")
    assert shell.run("user", "connection", "revoke", "Billing", "--json").json == {"revoked": 1}
    assert "E-NOT-PERMITTED" in shell.run("user", "connection", "list", "--of", DANA, "--user", DANA).err
