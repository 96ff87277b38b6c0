"""`changeover plan` and `plan show`: of files and of an org; selection, owners, evidence, confirmations."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from changeover.org import push
from tests.cli.org_commands import Shell
from tests.org.world import World, app
from tests.plans.project import BOTH, planned, run, source
from tests.plans.test_file import validator
from tests.project.files import connected_app, lay, pack

LOGINS = (
    "Username,Login Time,Application,Login Subtype,Status\n"
    "int@example.com,2026-11-03T09:30:00.000+0000,Billing,OauthUsernamePassword,Success\n"
    "ida@example.com,2026-11-04T09:30:00.000+0000,Billing,OauthWebServer,Success\n"
)
ACCOUNT = json.dumps(
    {
        "type": "service_account",
        "project_id": "fcm-1",
        "private_key": "-----BEGIN PRIVATE KEY-----\nNOBODYS-KEY\n-----END PRIVATE KEY-----\n",
        "client_email": "push@fcm-1.iam.gserviceaccount.com",
    }
)
OWNERS = "Wave;App;Contact;Owner;Cost\n1;billing;fin@example.com;Finance;7\n2;Portal;;;\n;Gone;;Nobody;\n\n"


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def names(plan: Path) -> list[str]:
    return [one["api_name"] for one in read(plan)["apps"]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source(tmp_path / "src")
    return tmp_path


def test_a_project_is_planned(folder: Path) -> None:
    said = run("plan", folder / "src", "-o", folder / "plan.json", "--json")
    assert said.code == 2, "one app is blocked"
    assert said.json["verdicts"] == {"eligible": 2, "confirm": 0, "blocked": 1, "migrated": 0}
    plan = read(folder / "plan.json")
    validator().validate(plan)
    assert plan["head"]["source"]["kind"] == "folder"
    assert plan["head"]["source"]["path"] == "src"
    billing = plan["apps"][0]
    assert billing["path"] == "connectedApps/Billing.connectedApp-meta.xml"
    assert billing["contact"] == "admin@example.com"
    assert "NobodyMaySeeThis" not in (folder / "plan.json").read_text(encoding="utf-8")


def test_a_zip_and_a_single_file_are_planned(folder: Path) -> None:
    pack(folder / "p.zip", {"connectedApps/A.connectedApp": connected_app("A")})
    assert run("plan", folder / "p.zip", "-o", folder / "z.json").code == 0
    assert read(folder / "z.json")["head"]["source"]["kind"] == "zip"
    single = folder / "src/connectedApps/Portal.connectedApp-meta.xml"
    assert run("plan", single, "-o", folder / "f.json").code == 0
    assert read(folder / "f.json")["head"]["source"]["kind"] == "file"


@pytest.mark.parametrize(
    ("args", "chosen"),
    [
        (("portal",), ["Portal"]),
        (("B*", "T?le"), ["Billing", "Tile"]),
        (("--verdict", "blocked"), ["Tile"]),
        (("--verdict", "blocked", "--verdict", "eligible"), ["Billing", "Portal", "Tile"]),
        (("--wave", "2"), ["Portal"]),
        (("B*", "--wave", "2"), []),
    ],
)
def test_apps_are_chosen_by_name_pattern_verdict_and_wave(
    folder: Path, args: tuple[str, ...], chosen: list[str]
) -> None:
    lay(folder, {"owners.csv": OWNERS})
    assert names(planned(folder, *args, "--owners", folder / "owners.csv")) == chosen


def test_a_name_that_no_app_has_is_refused_and_nothing_is_written(folder: Path) -> None:
    said = run("plan", folder / "src", "Biling", "-o", folder / "plan.json", "--json")
    assert said.code == 1
    assert said.json["error"]["code"] == "E-APP-NOT-FOUND"
    assert sorted(path.name for path in folder.iterdir()) == ["src"]


def test_owners_are_joined_and_those_of_no_app_told(folder: Path) -> None:
    lay(folder, {"owners.csv": OWNERS})
    said = run("plan", folder / "src", "-o", folder / "plan.json", "--owners", folder / "owners.csv")
    assert "names Gone" in said.err
    billing, portal, _ = read(folder / "plan.json")["apps"]
    assert (billing["owner"], billing["contact"], billing["wave"]) == ("Finance", "fin@example.com", "1")
    assert (portal["owner"], portal["contact"], portal["wave"]) == (None, "admin@example.com", "2")
    assert [row["app"] for row in read(folder / "plan.json")["end"]["unknown_owners"]] == ["Gone"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"owner,contact\nx,y\n", "no column app"),
        (b"", "no column app"),
        (b"app,owner\nA,x\na,y\n", "line 3: a stands twice"),
        (b"app,owner\nA,\xff\n", "not UTF-8"),
        (None, "No such file"),
    ],
)
def test_a_list_of_owners_that_cannot_be_read_is_refused(
    folder: Path, content: bytes | None, says: str
) -> None:
    if content is not None:
        lay(folder, {"owners.csv": content})
    said = run("plan", folder / "src", "-o", folder / "p.json", "--owners", folder / "owners.csv", "--json")
    assert said.code == 1
    assert said.json["error"]["code"] == "E-OWNERS-UNREADABLE"
    assert says in said.json["error"]["message"]


def test_login_history_gives_evidence_and_the_last_users(folder: Path) -> None:
    lay(folder, {"logins.csv": LOGINS})
    plan = read(planned(folder, "Billing", "--login-history", folder / "logins.csv"))
    assert plan["head"]["logins"]["start"].startswith("2026-11-03")
    (billing,) = plan["apps"]
    assert billing["verdict"] == "confirm"
    assert [one["user"] for one in billing["last_users"]] == ["ida@example.com", "int@example.com"]
    assert [one["what"] for one in billing["confirmations"]] == [
        "local",
        "no-username-password",
        "despite-evidence",
    ]


def test_confirmations_are_given_while_planning(folder: Path) -> None:
    lay(folder, {"logins.csv": LOGINS})
    plan = planned(
        folder,
        *("Billing", "--login-history", folder / "logins.csv", "--by", "Ida"),
        *("--confirm-local", "--confirm-despite-evidence", "billing"),
    )
    given = {
        one["what"]: one["given"] and one["given"]["by"] for one in read(plan)["apps"][0]["confirmations"]
    }
    assert given == {"local": "Ida", "no-username-password": None, "despite-evidence": "Ida"}


def test_a_broken_file_is_told_and_the_others_are_planned(folder: Path) -> None:
    lay(folder, {"src/connectedApps/Bad.connectedApp-meta.xml": "<ConnectedApp>"})
    said = run("plan", folder / "src", "-o", folder / "plan.json")
    assert said.code == 1
    assert "Bad.connectedApp" in said.err
    assert names(folder / "plan.json") == ["Billing", "Portal", "Tile"]
    assert [error["code"] for error in read(folder / "plan.json")["end"]["errors"]] == ["E-XML-BROKEN"]


def test_wrong_use_is_told(folder: Path) -> None:
    assert run("plan").code == 64
    assert run("plan", folder / "src").code == 64
    assert run("plan", "-o", folder / "plan.json").code == 64
    assert run("plan", "--org", "x", "--login-history", "y", "-o", folder / "plan.json").code == 64


def test_many_processes_plan_the_same(folder: Path) -> None:
    from changeover.plans import making  # noqa: PLC0415
    from changeover.project.project import Project  # noqa: PLC0415
    from tests.plans.test_file import HEAD  # noqa: PLC0415

    choices = making.Choices(made_at=HEAD.made_at, made_by="ida", today=HEAD.today)
    with Project(folder / "src") as project:
        alone = list(making.plan_files(project, choices, processes=1))
        assert list(making.plan_files(project, choices, processes=2)) == alone


# --- show ----------------------------------------------------------------------------------------------
def test_show_tells_of_every_app_in_a_line(folder: Path) -> None:
    lay(folder, {"owners.csv": OWNERS})
    plan = planned(folder, "--owners", folder / "owners.csv", "--confirm-local")
    said = run("plan", "show", plan)
    assert said.code == 0
    assert said.rows == [
        ["Billing", "Billing", "eligible", "1", "Finance", "fin@example.com", "1", "0"],
        ["Portal", "Portal", "eligible", "2", "", "admin@example.com", "1", "0"],
        ["Tile", "Tile", "blocked", "", "", "admin@example.com", "0", "1"],
    ]
    assert [row[0] for row in run("plan", "show", plan, "--wave", "1").rows] == ["Billing"]


def test_show_tells_everything_of_one_app(folder: Path) -> None:
    said = run("plan", "show", planned(folder, "--confirm-local", "--by", "Ida"), "Billing")
    assert said.code == 0
    rows = said.rows
    assert [
        "oauthConfig/scopes[1]",
        "Api",
        "Billing_oauth.ecaOauth/commaSeparatedOauthScopes",
        "Api",
        "carried",
    ] in rows
    secret = next(row for row in rows if row[0] == "oauthConfig/consumerSecret")
    assert (secret[1], secret[3]) == ("••••••", "••••••")
    assert "Confirmed by: Ida" in said.out
    assert "Confirmed by: nobody yet" in said.out
    assert "Nothing is lost." in said.out
    assert "Portal" not in said.out


def test_show_tells_what_is_lost(folder: Path) -> None:
    said = run("plan", "show", planned(folder), "Tile")
    assert "What is lost:" in said.out
    assert "Blocker: " in said.out


def test_show_as_json_gives_the_records(folder: Path) -> None:
    plan = planned(folder)
    assert run("plan", "show", plan, "--json").json["apps"] == read(plan)["apps"]
    assert [one["api_name"] for one in run("plan", "show", plan, "p*", "--json").json["apps"]] == ["Portal"]


def test_show_refuses_what_is_no_plan_and_who_is_not_in_it(folder: Path) -> None:
    lay(folder, {"other.json": "{}"})
    said = run("plan", "show", folder / "other.json", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-PLAN-UNREADABLE")
    said = run("plan", "show", planned(folder), "Nobody", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-APP-NOT-FOUND")


# --- of an org -----------------------------------------------------------------------------------------
def test_an_org_is_planned(world: World, shell: Shell, tmp_path: Path) -> None:
    world.bring(app("Billing", oauth={"consumer_secret": "NobodyMaySeeThis"}), app("Portal"))
    world.server_key("Portal")
    world.do(push.set_push, "Billing", push.AndroidServiceAccount(service_account=ACCOUNT), seen_version=None)
    world.log_in("Billing")
    plan = tmp_path / "plan.json"
    said = shell.run("plan", "--org", "Acme", "-o", str(plan), *BOTH)
    assert said.code == 2, said.err
    whole = read(plan)
    validator().validate(whole)
    source = whole["head"]["source"]
    assert (source["kind"], source["org"]["my_domain"], source["path"]) == ("org", "acme", None)
    assert whole["head"]["made_by"] == world.admin.username
    billing, portal = whole["apps"]
    assert (billing["verdict"], portal["verdict"]) == ("confirm", "blocked")
    assert billing["app_id"] == world.record("Billing").app_id
    assert [one["user"] for one in billing["last_users"]] == ["int@example.com"]
    assert billing["confirmations"][0]["given"]["by"] == world.admin.username
    text = plan.read_text(encoding="utf-8")
    assert "NobodyMaySeeThis" not in text
    assert "AAAA-legacy-server-key" not in text
    assert "NOBODYS-KEY" not in text
    assert base64.b64encode(ACCOUNT.encode()).decode()[20:60] not in text
    secrets = {
        leaf["secret"]
        for one in whole["apps"]
        for part in one["external_client_app"]["components"]
        for leaf in part["leaves"]
        if leaf["value"] is None
    }
    assert secrets == {"oauthConfig/consumerSecret", "Push Settings"}


def test_of_an_org_apps_are_chosen_too(world: World, shell: Shell, tmp_path: Path) -> None:
    world.bring(app("Billing"), app("Portal"))
    plan = str(tmp_path / "plan.json")
    assert shell.run("plan", "--org", "Acme", "-o", plan, "port*").code == 0
    assert names(Path(plan)) == ["Portal"]
    said = shell.run("plan", "--org", "Acme", "-o", plan, "Nobody", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "E-APP-NOT-FOUND")


def test_who_may_not_look_at_login_history_plans_without_it(
    world: World, shell: Shell, tmp_path: Path
) -> None:
    world.bring(app("Billing"))
    world.log_in("Billing", sub_type="OauthWebServer")
    world.user("eve@example.com", "Read Only")
    plan = tmp_path / "plan.json"
    assert shell.run("plan", "--org", "Acme", "-o", str(plan), "--user", "eve@example.com").code == 0
    whole = read(plan)
    assert whole["head"]["logins"] is None
    assert whole["apps"][0]["last_users"] == []
