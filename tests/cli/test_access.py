"""`changeover access`: app access of profiles and permission sets."""

from __future__ import annotations

import pytest

from tests.cli.org_commands import Shell
from tests.org.world import app

APPROVED = {"is_admin_approved": True}
CLERKS = ("--profile", "Standard User")
READERS = ("--permission-set", "External_Client_App_Viewer")


@pytest.mark.parametrize("grantee", [CLERKS, READERS])
def test_access_is_listed_given_and_taken(shell: Shell, grantee: tuple[str, str]) -> None:
    shell.world.bring(app(oauth=APPROVED), app("Portal", oauth=APPROVED))
    shell.world.migrated("Portal")
    assert shell.run("access", "list", *grantee).out == ""
    said = shell.run("access", "give", "Billing", *grantee)
    assert (said.code, said.out.endswith(f"{grantee[1]} has access to Billing.\n")) == (0, True)
    given = shell.run("access", "give", "Portal", "--external", *grantee, "--json")
    assert [each["kind"] for each in given.json["apps"]] == ["connected-app", "external-client-app"]
    assert shell.run("access", "list", *grantee).rows == [
        ["Billing", "Billing", "connected app", "yes", "no"],
        ["Portal", "Portal", "external client app", "yes", "no"],
    ]
    said = shell.run("access", "take", "Portal", *grantee)
    assert (said.code, "E-APP-READ-ONLY" in said.err) == (1, True)
    assert shell.run("access", "take", "Portal", "--external", *grantee).code == 0
    assert shell.run("access", "take", "Billing", *grantee, "--json").json == {"apps": []}


@pytest.mark.parametrize("command", [("list",), ("give", "Billing"), ("take", "Billing")])
@pytest.mark.parametrize("grantee", [(), (*CLERKS, *READERS)])
def test_one_profile_or_permission_set_is_named(
    shell: Shell, command: tuple[str, ...], grantee: tuple[str, ...]
) -> None:
    said = shell.run("access", *command, *grantee)
    assert (said.code, "name a --profile or a --permission-set" in said.err) == (64, True)


def test_what_an_act_refuses_is_told(shell: Shell) -> None:
    shell.world.bring(app())
    shell.world.user("dana@acme.example", "Standard User")
    for more, code in (
        ((*CLERKS,), "E-SELF-AUTHORIZED"),
        (("--profile", "Nope"), "E-RECORD-NOT-FOUND"),
        ((*CLERKS, "--external"), "E-EXTERNAL-CLIENT-APP-NOT-FOUND"),
        ((*CLERKS, "--user", "dana@acme.example"), "E-NOT-PERMITTED"),
    ):
        said = shell.run("access", "give", "Billing", *more, "--json")
        assert (said.code, said.json["error"]["code"]) == (1, code)
