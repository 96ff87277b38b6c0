"""`changeover profile` and `changeover permission-set`."""

from __future__ import annotations

from tests.cli.org_commands import Shell


def test_a_profile_is_made_and_changed(shell: Shell) -> None:
    said = shell.run("profile", "save", "Clerks", "--add", "ViewSetup", "--add", "manageusers")
    assert (said.code, said.out) == (0, "The profile Clerks has ViewSetup ManageUsers.\n")
    said = shell.run("profile", "save", "clerks", "--remove", "ManageUsers", "--json")
    assert said.json["profile"] == {"name": "Clerks", "permissions": ["ViewSetup"], "placeholder": False}
    rows = {row[0]: row[1:] for row in shell.run("profile", "list").rows}
    assert rows["Clerks"] == ["ViewSetup", "no"]
    names = [each["name"] for each in shell.run("profile", "list", "--json").json["profiles"]]
    assert names.count("Clerks") == 1


def test_a_permission_set_is_made_and_changed(shell: Shell) -> None:
    said = shell.run("permission-set", "save", "Clerks", "--label", "All Clerks", "--add", "ViewSetup")
    assert (said.code, said.out) == (0, "The permission set Clerks has ViewSetup.\n")
    said = shell.run("permission-set", "save", "CLERKS", "--remove", "ViewSetup", "--json")
    assert said.json["permission_set"] == {
        "api_name": "Clerks",
        "label": "All Clerks",
        "permissions": [],
        "placeholder": False,
    }
    rows = {row[0]: row[1:] for row in shell.run("permission-set", "list").rows}
    assert rows["Clerks"] == ["All Clerks", "", "no"]
    shell.run("permission-set", "save", "Others")
    sets = shell.run("permission-set", "list", "--json").json["permission_sets"]
    assert {each["label"] for each in sets} >= {"All Clerks", "Others"}


def test_what_may_not_be_is_refused(shell: Shell) -> None:
    said = shell.run("profile", "save", "System Administrator", "--remove", "ManageUsers", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-LAST-ADMINISTRATOR")
    assert shell.run("profile", "save", "Clerks", "--add", "Nothing").code == 64
    said = shell.run("permission-set", "save", "no api name", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-VALUE-REFUSED")
    shell.world.user("dana@acme.example", "Standard User")
    said = shell.run("profile", "save", "Clerks", "--user", "dana@acme.example", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-NOT-PERMITTED")
