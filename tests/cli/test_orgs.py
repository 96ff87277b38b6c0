"""Commands on orgs: what they do, what they print, how they end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from changeover import errors
from changeover.cli.output import table
from changeover.errors import ChangeoverError
from changeover.metadata.files import path_of, write_document
from changeover.org import people
from changeover.org.model.batches import Outcome
from changeover.org.permission_sets import save_profile
from tests.api.rest import archive
from tests.cli.org_commands import Shell
from tests.org.world import app, other_org

BOTH = ("--confirm-local", "--confirm-no-username-password")


def project(folder: Path, *apps: object) -> Path:
    """Write connected apps into a folder."""
    for one in apps:
        file = folder / path_of(one)  # type: ignore[arg-type]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(write_document(one))  # type: ignore[arg-type]
    return folder


# --- where and as whom ---------------------------------------------------------------------------------
def test_without_an_installation_a_command_says_how_to_make_one(shell: Shell, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    said = shell.run("apps", "--data", str(nowhere))
    assert said.code == 1
    assert "E-STORE-UNREADABLE" in said.err
    assert "changeover org create" in said.err
    assert not nowhere.exists(), "a mistyped folder must not be made"


def test_the_first_org_is_made_with_a_password_that_is_shown_once(shell: Shell, tmp_path: Path) -> None:
    data = str(tmp_path / "fresh")
    args = ("org", "create", "Globex Corp.", "--edition", "performance", "--username", "ada@globex.example")
    said = shell.run(*args, "--data", data, "--json")
    assert said.code == 0, said.err
    made = said.json
    assert made["org"]["edition"] == "Performance"
    assert made["org"]["my_domain"] == "globex-corp"
    assert made["username"] == "ada@globex.example"
    again = shell.run(
        "org",
        "create",
        "Other",
        "--edition",
        "Developer",
        "--username",
        "b@x.example",
        "--data",
        data,
        "--json",
    )
    assert again.json["password"] != made["password"]
    for command in (("org", "list"), ("user", "list", "--org", "Other"), ("audit", "--org", "Globex Corp.")):
        assert made["password"] not in shell.run(*command, "--data", data, "--json").out
    assert made["password"].encode() not in b"".join(f.read_bytes() for f in Path(data).iterdir())


def test_the_only_org_needs_no_name_and_several_do(shell: Shell) -> None:
    assert shell.run("apps").code == 0
    other_org(shell.world)
    said = shell.run("apps")
    assert said.code == 64
    assert "Acme, Globex" in said.err
    assert shell.run("apps", "--org", "Globex").code == 0
    assert shell.run("apps", "--org", "globex").code == 0  # its My Domain
    assert shell.run("apps", "--org", shell.world.org_id).code == 0
    said = shell.run("apps", "--org", "Initech")
    assert (said.code, "E-RECORD-NOT-FOUND" in said.err) == (1, True)
    shell.environment["CHANGEOVER_ORG"] = "Acme"
    assert shell.run("apps").code == 0


def test_one_acts_as_the_first_administrator_or_as_whom_one_says(shell: Shell) -> None:
    shell.world.bring(app("Billing"))
    shell.world.user("dana@acme.example", "Standard User", "External_Client_App_Developer")
    assert shell.run("migrate", "Billing", *BOTH, "--user", "dana@acme.example").code == 0
    (entry,) = shell.run("audit", "--event", "connected-app:app:migrated", "--json").json["entries"]
    assert (entry["actor"], entry["door"]) == ("dana@acme.example", "command line")
    shell.environment["CHANGEOVER_USER"] = "dana@acme.example"
    said = shell.run("org", "set", "--edition", "Unlimited")
    assert (said.code, said.out) == (1, "")
    assert "E-NOT-PERMITTED: dana@acme.example may not edit Company Information" in said.err


@pytest.mark.parametrize("username", ["nobody@acme.example", "gone@acme.example"])
def test_nobody_acts_as_a_user_who_is_not_there_or_not_active(shell: Shell, username: str) -> None:
    shell.world.user("gone@acme.example", "Standard User")
    shell.world.do(people.edit_user, "gone@acme.example", active=False)
    said = shell.run("apps", "--user", username)
    assert said.code == 1
    assert ("E-USER-NOT-ACTIVE" if username.startswith("gone") else "E-RECORD-NOT-FOUND") in said.err


def test_another_orgs_user_is_none_here(shell: Shell) -> None:
    other_org(shell.world)
    said = shell.run("apps", "--org", "Acme", "--user", "admin@globex.example")
    assert (said.code, "E-RECORD-NOT-FOUND" in said.err) == (1, True)


def test_a_refusal_under_json_is_json(shell: Shell) -> None:
    said = shell.run("apps", "--user", "nobody@acme.example", "--json")
    assert said.code == 1
    assert said.err == ""
    assert said.json["error"].keys() == {"code", "message", "remedy"}
    assert said.json["error"]["code"] == "E-RECORD-NOT-FOUND"


@pytest.mark.parametrize(
    "args",
    [
        ("migrate",),
        ("migrate", "Billing", "--all"),
        ("migrate", "--nonsense"),
        ("import",),
        ("import", "x", "--preview", "--login-history", "y"),
        ("revert",),
        ("org", "set"),
        ("org", "create", "X", "--username", "a@b.example"),
        ("org", "create", "X", "--edition", "Starter", "--username", "a@b.example"),
        ("apps", "--verdict", "perhaps"),
        ("assess",),
        ("assess", "folder", "--org", "Acme"),
        ("user", "token", "create", "x", "--days", "0"),
        ("serve", "--port", "99999"),
        ("serve", "--certificate", "a.pem", "--https-port", "0"),
        ("serve", "--certificate", "a.pem", "--certificate-key", "a.key"),
        ("serve", "--client-proxy", "0.0.0.0:8080"),
        ("serve", "--client-proxy", "99999"),
        ("serve", "--base-url", "changeover.example"),
        ("serve", "--base-url", "ftp://changeover.example"),
        ("serve", "--base-url", "https://changeover.example/?x=1"),
        ("serve", "--base-url", "https://[::1"),
        ("serve", "--base-url", "https://changeover.example:99999"),
        ("serve", "--base-url", "https://user:password@changeover.example"),
        ("serve", "--allow-host", "bücher.example"),
        ("nonsense",),
    ],
)
def test_wrong_use_ends_with_64_and_changes_nothing(shell: Shell, args: tuple[str, ...]) -> None:
    before = shell.world.everything()
    said = shell.run(*args)
    assert said.code == 64, said.out + said.err
    assert "Usage:" in said.err
    assert shell.world.everything() == before


def test_another_database_is_named_by_path_or_url(shell: Shell, tmp_path: Path) -> None:
    there = shell.world.folder / "changeover.db"
    nowhere = ("--data", str(tmp_path / "nowhere"))
    assert shell.run("org", "list", "--database", str(there), *nowhere).rows[0][0] == "Acme"
    assert shell.run("org", "list", "--database", str(tmp_path / "none.db"), *nowhere).code == 1
    assert not (tmp_path / "none.db").exists()


def test_the_trail_stops_at_a_limit(shell: Shell) -> None:
    shell.world.bring(app("One"), app("Two"), app("Three"))
    assert len(shell.run("audit", "--limit", "2").rows) == 2
    assert len(shell.run("audit", "--limit", "2", "--json").json["entries"]) == 2
    assert [row[4] for row in shell.run("audit", "--subject", "Two").rows] == ["Two"]
    assert shell.run("audit", "--by", "nobody@acme.example").out == ""


# --- files in and out ----------------------------------------------------------------------------------
def test_import_creates_updates_refuses_and_goes_on(shell: Shell, tmp_path: Path) -> None:
    folder = project(tmp_path / "p", app("Alpha"), app("Bravo"))
    first = shell.run("import", str(folder), "--json")
    assert first.code == 0, first.out
    assert [(each["api_name"], each["result"]) for each in first.json["apps"]] == [
        ("Alpha", "created"),
        ("Bravo", "created"),
    ]
    assert shell.run("import", str(folder)).out.splitlines()[-1] == "2 unchanged"
    shell.world.migrated("Alpha")
    project(folder, app("Alpha", description="x"), app("Bravo", description="x"))
    (folder / "connectedApps" / "Broken.connectedApp-meta.xml").write_text("<ConnectedApp")
    said = shell.run("import", str(folder), "--json")
    assert said.code == 1
    results = {each["api_name"]: (each["result"], each["code"]) for each in said.json["apps"]}
    assert results == {"Alpha": ("refused", "E-APP-READ-ONLY"), "Bravo": ("updated", None)}
    assert [each["code"] for each in said.json["errors"]] == ["E-XML-BROKEN"]


def test_a_preview_says_what_would_be_and_does_nothing(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "apps.zip"
    file.write_bytes(archive(app("Alpha")))
    before = shell.world.everything()
    said = shell.run("import", str(file), "--preview")
    assert (said.code, said.out.splitlines()[-1]) == (0, "1 created")
    assert shell.world.everything() == before


def test_login_history_comes_in_as_evidence(shell: Shell, tmp_path: Path) -> None:
    shell.world.bring(app("Billing"))
    file = tmp_path / "LoginHistory.csv"
    file.write_text(
        "Login Time,Application,Login Subtype,Username,Status\n"
        "2026-11-03T12:00:00.000Z,Billing,OauthUsernamePassword,int@acme.example,Success\n"
        "sometime,Billing,OauthUsernamePassword,int@acme.example,Success\n"
    )
    said = shell.run("import", "--login-history", str(file), "--json")
    assert said.code == 1  # one row could not be read; the other was
    assert said.json["login_history"] == [{"file": "LoginHistory.csv", "read": 1, "new": 1, "notes": []}]
    assert [each["code"] for each in said.json["errors"]] == ["E-LOGIN-HISTORY-ROWS"]
    assert shell.run("apps", "--verdict", "confirm").rows[0][0] == "Billing"


def test_export_writes_what_an_import_takes_and_no_secret(shell: Shell, tmp_path: Path) -> None:
    shell.world.bring(app("Alpha", oauth={"consumer_secret": "THE-ALPHA-SECRET"}), app("Bravo"))
    shell.world.migrated("Bravo")
    folder = tmp_path / "out"
    said = shell.run("export", str(folder), "--json")
    assert said.code == 0, said.err
    assert said.json["apps"] == 3
    content = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert b"THE-ALPHA-SECRET" not in content
    assert shell.run("export", str(folder)).out == "3 apps, 0 files written.\n"
    shell.run("org", "create", "Copy", "--edition", "Developer", "--username", "copy@acme.example")
    copied = shell.run("import", str(folder), "--org", "Copy", "--json").json["apps"]
    assert [(each["api_name"], each["result"], each["code"]) for each in copied] == [
        ("Alpha", "created", None),
        ("Bravo", "created", None),
        ("Bravo", "refused", "E-NOT-LOCAL"),  # of no use in another org
    ]


def test_export_overwrites_nothing(shell: Shell, tmp_path: Path) -> None:
    shell.world.bring(app("Alpha"))
    folder = project(tmp_path / "out", app("Alpha", description="Somebody's own"))
    said = shell.run("export", str(folder))
    assert (said.code, "E-OUTPUT-IN-THE-WAY" in said.err) == (1, True)
    assert b"Somebody" in (folder / path_of(app("Alpha"))).read_bytes()


def test_export_in_metadata_format_has_a_manifest(shell: Shell, tmp_path: Path) -> None:
    shell.world.bring(app("Alpha"))
    folder = tmp_path / "out"
    assert shell.run("export", str(folder), "--format", "metadata").code == 0
    assert b"<members>Alpha</members>" in (folder / "package.xml").read_bytes()
    assert shell.run("export", str(folder), "--format", "metadata").code == 0


# --- the article -----------------------------------------------------------------------------------------
def test_migrate_one_by_name(shell: Shell) -> None:
    shell.world.bring(app("Billing"))
    said = shell.run("migrate", "Billing", *BOTH)
    assert (said.code, said.out) == (0, "Billing: migrated\n1 migrated\n")
    assert shell.run("apps").rows[0][3:5] == ["migrated", "migrated"]


def test_a_blanket_confirmation_covers_only_what_nothing_speaks_against(shell: Shell) -> None:
    shell.world.bring(app("Plain"), app("Seen"), app("Named"), app("Blocked", plugin="Handler"))
    shell.world.log_in("Seen")
    shell.world.log_in("Named")
    said = shell.run("migrate", "--all", *BOTH, "--confirm-despite-evidence", "Named", "--json")
    assert said.code == 2
    assert {each["api_name"]: (each["result"], each["code"]) for each in said.json["outcomes"]} == {
        "Blocked": ("skipped", "E-NOT-ELIGIBLE"),
        "Named": ("migrated", None),
        "Plain": ("migrated", None),
        "Seen": ("skipped", "E-USERNAME-PASSWORD-SEEN"),
    }
    assert shell.run("migrate", "--all", *BOTH).code == 2
    assert shell.run("migrate", "Seen", *BOTH, "--confirm-despite-evidence", "seen").code == 0


def test_all_migrated_is_nothing_to_do(shell: Shell) -> None:
    said = shell.run("migrate", "--all", *BOTH)
    assert (said.code, said.out) == (0, "Nothing to migrate.\n")
    shell.world.bring(app("Billing"))
    assert shell.run("migrate", "--all", *BOTH).code == 0
    assert shell.run("migrate", "--all", *BOTH).code == 0
    assert shell.run("migrate", "Billing", *BOTH).code == 2


def test_a_failure_ends_with_1_and_stops_no_other(shell: Shell) -> None:
    shell.world.bring(app("Billing"))
    said = shell.run("migrate", "Nope", "Billing", *BOTH)
    assert said.code == 1
    assert "Nope: failed. E-APP-NOT-FOUND" in said.out
    assert "Billing: migrated" in said.out


def test_a_batch_that_breaks_off_still_prints_json(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(*_: object, **__: object) -> Iterator[Outcome]:
        yield Outcome(name="Billing", result="migrated")
        raise ChangeoverError(errors.STORE_BUSY, "Another process holds the database.")

    shell.world.bring(app("Billing"), app("Other"))
    monkeypatch.setattr("changeover.cli.running.run_batch", breaking)
    said = shell.run("migrate", "Billing", "Other", *BOTH, "--json")
    assert said.code == 1
    assert [each["api_name"] for each in said.json["outcomes"]] == ["Billing"]
    assert said.json["error"]["code"] == "E-STORE-BUSY"


def test_revert_lists_what_is_lost_and_asks(shell: Shell) -> None:
    shell.world.bring(app("Billing"))
    shell.run("migrate", "Billing", *BOTH)
    assert shell.run("revert", "Billing", "--list").out == "Nothing was changed on Billing since migration.\n"
    from changeover.org.external_client_app_edits import edit_settings  # noqa: PLC0415

    shell.world.do(edit_settings, "Billing", {"eca/description": "New"}, seen_version=None)
    listed = shell.run("revert", "Billing", "--list", "--json").json["lost"]
    assert listed["changes"] == [{"target": "Billing.eca/description", "at_migration": None, "now": "New"}]
    said = shell.run("revert", "Billing")
    assert said.code == 1
    assert "Billing.eca/description: (nothing) -> New" in said.out
    assert "E-CONFIRM-DELETION" in said.err
    assert shell.run("revert", "Billing", "--json").json["error"]["code"] == "E-CONFIRM-DELETION"
    said = shell.run("revert", "Billing", "--yes")
    assert said.code == 0
    assert said.out.endswith("The connected app Billing is active again.\n")
    assert shell.run("apps").rows[0][3:5] == ["active", "eligible"]
    assert shell.run("revert", "Billing", "--yes").code == 1


def test_revert_asks_a_person_at_a_terminal(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.world.bring(app("Billing"))
    shell.world.migrated("Billing")
    monkeypatch.setattr("changeover.cli.revert.at_a_terminal", lambda: True)
    said = shell.run("revert", "Billing", typed="n\n")
    assert (said.code, "Delete the external client app Billing?" in said.err) == (1, True)
    assert shell.run("revert", "Billing", typed="y\n").code == 0


def test_assess_an_org(shell: Shell) -> None:
    shell.world.bring(app("Fine"), app("Blocked", plugin="Handler"))
    said = shell.run("assess", "--org", "Acme", "--json")
    assert said.code == 2
    assert {each["api_name"]: each["verdict"] for each in said.json["apps"]} == {
        "Blocked": "blocked",
        "Fine": "eligible",
    }
    assert said.json["apps"][1]["account"]
    table = shell.run("assess", "--org", "Acme")
    assert (table.code, "Handler" in table.out) == (2, True)
    shell.world.user("none@acme.example", "Standard User")
    refused = shell.run("assess", "--org", "Acme", "--user", "none@acme.example", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "E-NOT-PERMITTED")


def test_report_on_an_org(shell: Shell, tmp_path: Path) -> None:
    shell.world.bring(app("Fine"), app("Blocked", plugin="Handler"), app("Done"))
    shell.world.migrated("Done")
    shell.world.log_in("Fine")
    file = tmp_path / "report.html"
    said = shell.run("report", "--org", "Acme", "-o", str(file))
    top_line = "1 to confirm, 1 blocked, 1 migrated; 1 stops on 20 February 2027"
    assert (said.code, top_line in said.err) == (2, True)
    text = file.read_text(encoding="utf-8")
    assert "org Acme" in text
    assert "Look up in Setup before you click" not in text
    assert "own Login History, as far as it was imported" in text
    assert "none was given" not in text
    found = shell.run("report", "--org", "Acme", "--json").json
    assert found["summary"]["top_line"] == top_line
    assert {each["api_name"]: each["last_used"] is not None for each in found["apps"]} == {
        "Blocked": False,
        "Done": False,
        "Fine": True,
    }
    (run,) = shell.run("report", "--org", "Acme", "--format", "sarif").json["runs"]
    assert all("physicalLocation" not in each["locations"][0] for each in run["results"])
    assert shell.run("report", "--org", "Acme", str(tmp_path)).code == 64
    assert shell.run("report").code == 64
    # Who used it when is Login History's: told only to those who may look at it.
    shell.world.do(save_profile, "Setup only", ("ViewSetup",))
    shell.world.user("setup@acme.example", "Setup only")
    found = shell.run("report", "--org", "Acme", "--user", "setup@acme.example", "--json").json
    assert {each["last_used"] for each in found["apps"]} == {None}
    shell.world.user("none@acme.example", "Standard User")
    refused = shell.run("report", "--org", "Acme", "--user", "none@acme.example", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "E-NOT-PERMITTED")
    assert shell.run("report", "--org", "Acme", "--user", "none@acme.example").out == ""


# --- people and the org ------------------------------------------------------------------------------------
def test_users_are_made_changed_and_listed(shell: Shell) -> None:
    args = (
        "user",
        "create",
        "dana@acme.example",
        "--permission-set",
        "External_Client_App_Developer",
        "--json",
    )
    made = shell.run(*args)
    assert made.code == 0, made.out
    assert made.json["user"]["permission_sets"] == ["External_Client_App_Developer"]
    assert len(made.json["password"]) > 20
    assert shell.run("user", "create", "dana@acme.example").code == 1
    said = shell.run("user", "create", "else@acme.example", "--permission-set", "Nope")
    assert (said.code, "E-RECORD-NOT-FOUND" in said.err) == (1, True)
    assert "else@acme.example" not in shell.run("user", "list").out
    reset = shell.run("user", "password", "dana@acme.example", "--json").json
    assert reset["password"] != made.json["password"]
    assert shell.run("user", "assign", "dana@acme.example", "External_Client_App_Admin").code == 0
    assert shell.run("user", "unassign", "dana@acme.example", "External_Client_App_Developer").code == 0
    assert shell.run("user", "deactivate", "dana@acme.example").code == 0
    rows = {row[0]: row for row in shell.run("user", "list").rows}
    assert rows["dana@acme.example"][2:] == ["Standard User", "External_Client_App_Admin", "no", "no"]
    assert shell.run("user", "activate", "dana@acme.example").code == 0
    said = shell.run("user", "deactivate", "admin@acme.example")
    assert (said.code, "E-LAST-ADMINISTRATOR" in said.err) == (1, True)


def test_tokens_are_the_acting_users_own(shell: Shell) -> None:
    shell.world.user("dana@acme.example", "Standard User")
    made = shell.run(
        "user", "token", "create", "ci", "--days", "30", "--user", "dana@acme.example", "--json"
    ).json
    assert made["secret"].startswith("chg_")
    assert made["token"]["expires_at"]
    assert shell.run("user", "token", "list").out == ""
    listed = shell.run("user", "token", "list", "--user", "dana@acme.example")
    assert listed.rows[0][1] == "ci"
    assert made["secret"] not in listed.out
    token_id = made["token"]["token_id"]
    assert shell.run("user", "token", "revoke", token_id).code == 1
    assert shell.run("user", "token", "revoke", token_id, "--user", "dana@acme.example").code == 0


def test_an_org_is_changed_setting_by_setting(shell: Shell) -> None:
    said = shell.run("org", "set", "--edition", "Enterprise", "--enterprise-admitted", "--json")
    assert said.code == 0, said.out
    assert (said.json["org"]["edition"], said.json["org"]["enterprise_admitted"]) == ("Enterprise", True)
    off = shell.run("org", "set", "--no-enterprise-admitted", "--json").json["org"]
    assert (off["edition"], off["enterprise_admitted"]) == ("Enterprise", False)


def test_the_doctor_finds_an_org_in_order(shell: Shell) -> None:
    shell.world.bring(app("Billing"))
    said = shell.run("doctor", "--json")
    assert said.code == 0
    assert all(check["ok"] for check in said.json["checks"])
    assert all(line.startswith("ok") for line in shell.run("doctor").out.splitlines())


def test_the_doctor_says_what_is_not(shell: Shell) -> None:
    shell.world.bring(app("Billing"))
    from sqlalchemy import text  # noqa: PLC0415

    with shell.world.house.database.write() as connection:
        connection.execute(text("UPDATE connected_app SET verdict = 'blocked'"))
    said = shell.run("doctor")
    assert said.code == 1
    assert "FAIL  Acme: verdicts: Not as the rules say: Billing." in said.out


def test_names_do_not_move_the_cursor(shell: Shell) -> None:
    shell.world.bring(app("Billing", label="Bill\x1b[31ming\x07"))
    for command in (("apps",), ("audit",), ("assess", "--org", "Acme"), ("migrate", "--all")):
        said = shell.run(*command)
        assert "\x1b" not in said.out + said.err, command
        assert "\x07" not in said.out + said.err, command


def test_a_terminal_gets_a_table_with_headings_and_whole_names(
    shell: Shell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    table(
        ("API name", "Label"), [("A_rather_long_api_name_of_an_app", "A label that takes several lines here")]
    )
    drawn = capsys.readouterr().out
    assert "API name" in drawn
    assert "A_rather_long_api_name_of_an_app" in drawn
    assert shell.run("apps").code == 0
