"""`changeover logins` and the files that it and `changeover usage` write."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.cli.org_commands import Shell
from tests.org.authorized import authorized
from tests.org.world import app


def test_logins_are_listed_and_filtered(shell: Shell) -> None:
    shell.world.log_in("Billing", times=3)
    shell.world.log_in("Portal", times=2, sub_type="OauthWebServer", status="Failed: no")
    assert len(shell.run("logins", "list").rows) == 5
    row = shell.run("logins", "list", "--application", "Portal").rows[0]
    assert row == [
        "2026-11-03 12:00:00",
        "int@example.com",
        "Portal",
        "Remote Access 2.0",
        "OauthWebServer",
        "Failed: no",
        "203.0.113.7",
    ]
    for options, count in (
        (("--refused",), 2),
        (("--not-refused",), 3),
        (("--sub-type", "OauthWebServer"), 2),
        (("--login-type", "Application"), 0),
        (("--search", "BILL"), 3),
        (("--limit", "1"), 1),
    ):
        assert len(shell.run("logins", "list", *options, "--json").json["logins"]) == count, options


def test_files_are_written_whole_and_assess_reads_them(shell: Shell, tmp_path: Path) -> None:
    world = shell.world
    world.bring(app())
    world.log_in("Billing", times=3)
    authorized(world.house.units, world.org_id, world.admin.username, "3MVG9.Billing_key")
    logins, tokens, apps = (tmp_path / name for name in ("logins.csv", "tokens.csv", "apps"))
    for command, file, count in (("logins", logins, 3), ("usage", tokens, 1)):
        said = shell.run(command, "export", str(file), "--json")
        assert (said.code, said.json) == (0, {"file": str(file), "rows": count})
        assert shell.run(command, "export", str(file)).code == 0
        with file.open(newline="") as stream:
            assert len(list(csv.DictReader(stream))) == count
    assert shell.run("export", str(apps)).code == 0
    read = ("--login-history", str(logins), "--evidence", str(tokens))
    said = shell.run("assess", str(apps), *read, "--json")
    (assessed,) = said.json["apps"]
    assert "username-password-seen" in {finding["rule"] for finding in assessed["findings"]}
    assert said.json["errors"] == []


def test_another_file_is_not_replaced(shell: Shell, tmp_path: Path) -> None:
    other = tmp_path / "diary.csv"
    other.write_text("mine\n", encoding="utf-8")
    for command in ("logins", "usage"):
        said = shell.run(command, "export", str(other), "--json")
        assert (said.code, said.json["error"]["code"]) == (1, "E-OUTPUT-IN-THE-WAY")
    assert other.read_text(encoding="utf-8") == "mine\n"


def test_who_may_not_look_exports_nothing(shell: Shell, tmp_path: Path) -> None:
    shell.world.user("dana@acme.example", "Standard User")
    for command in ("logins", "usage"):
        said = shell.run(command, "export", str(tmp_path / "x.csv"), "--user", "dana@acme.example")
        assert (said.code, "E-NOT-PERMITTED" in said.err) == (1, True)
    assert list(tmp_path.glob("*.csv")) == []
