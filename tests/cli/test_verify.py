"""`changeover verify`: files against files, and logins before and after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from changeover.apps.secrets import MASK
from changeover.cli.main import main
from tests.project.files import connected_app, lay

BEFORE = "Username,Login Time,Application,Login Subtype,Status\n" + "".join(
    f"int@a.example,2026-10-{day:02} 08:00:00 UTC,{label},OAuth Refresh Token,Success\n"
    for day in range(1, 30)
    for label in ("Billing", "Orders", "Elsewhere")
)
AFTER = """Username,Login Time,Application,Login Subtype,Status
int@a.example,2026-11-05 08:00:00 UTC,Billing,OAuth Refresh Token,Success
int@a.example,2026-11-05 08:00:00 UTC,Orders,OAuth Refresh Token,Failed: expired
int@a.example,2026-11-20 08:00:00 UTC,Elsewhere,OAuth Refresh Token,Success
"""


def run(*args: str | Path) -> Result:
    result = CliRunner().invoke(main, [*map(str, args)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def document(*args: str | Path) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run("verify", *args, "--json").stdout)
    return answer


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A project with two connected apps."""
    secret = "<consumerSecret>TOP.SECRET.4711</consumerSecret>"
    files: dict[str, str | bytes] = {
        f"connectedApps/{name}.connectedApp-meta.xml": connected_app(
            label=name, key=f"3MVG9.{name}", config=secret
        )
        for name in ("Billing", "Orders")
    }
    return lay(tmp_path / "source", files)


@pytest.fixture
def target(source: Path, tmp_path: Path) -> Path:
    """What Setup's button should have made of them."""
    folder = tmp_path / "target"
    assert run("convert", source, "-o", folder).exit_code == 0
    return folder


def change(folder: Path, name: str, old: str, new: str) -> None:
    (file,) = folder.rglob(name)
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_what_was_expected_is_verified(source: Path, target: Path) -> None:
    result = run("verify", source, target)
    assert result.exit_code == 0, result.output
    assert "2 connected apps: 2 verified." in result.stdout
    answer = document(source, target)
    assert list(answer) == ["apps", "unmatched", "logins", "errors"]
    assert [(one["api_name"], one["status"]) for one in answer["apps"]] == [
        ("Billing", "verified"),
        ("Orders", "verified"),
    ]
    assert answer["logins"] is None
    assert list(answer["apps"][0]) == [
        "api_name",
        "label",
        "path",
        "external_client_app",
        "status",
        "equal",
        "lines",
    ]


def test_the_same_folder_may_hold_both(source: Path, target: Path, tmp_path: Path) -> None:
    both = tmp_path / "both"
    for folder in (source, target):
        for file in folder.rglob("*.xml"):
            place = both / file.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read_bytes())
    assert run("verify", both, both).exit_code == 0


def test_a_field_changed_behind_its_back_is_drift(source: Path, target: Path) -> None:
    change(target, "Billing_glbloauth.ecaGlblOauth-meta.xml", "https://", "https://evil.")
    result = run("verify", source, target)
    assert result.exit_code == 2
    assert "differs  Billing_glbloauth.ecaGlblOauth/callbackUrl: expected 'https://" in result.stdout
    assert "2 connected apps: 1 verified, 1 drift." in result.stdout
    (line,) = [line for line in document(source, target)["apps"][0]["lines"] if line["outcome"] == "differs"]
    assert line["path"] == "callbackUrl"


def test_a_secret_is_never_told(source: Path, target: Path) -> None:
    change(
        target,
        "Billing_glbloauth.ecaGlblOauth-meta.xml",
        "<consumerKey>",
        "<consumerSecret>ANOTHER.SECRET</consumerSecret><consumerKey>",
    )
    for answer in (run("verify", source, target), run("verify", source, target, "--json")):
        assert "SECRET" not in answer.output
    lines = document(source, target)["apps"][0]["lines"]
    assert [line["found"] for line in lines if line["path"] == "consumerSecret"] == [MASK]


def test_what_was_not_retrieved_is_no_drift_and_is_told(source: Path, target: Path) -> None:
    for file in target.rglob("*.ecaGlblOauth-meta.xml"):
        file.unlink()
    result = run("verify", source, target)
    assert result.exit_code == 0
    assert "Not retrieved, so not compared; look in Setup:" in result.stdout
    outcomes = {line["outcome"] for line in document(source, target)["apps"][0]["lines"]}
    assert outcomes == {"not retrieved"}


def test_apps_that_are_not_migrated_yet_and_apps_of_nobody(source: Path, target: Path) -> None:
    for file in target.rglob("Orders*"):
        file.unlink()
    (source / "connectedApps" / "Billing.connectedApp-meta.xml").unlink()
    answer = document(source, target)
    assert [(one["api_name"], one["status"]) for one in answer["apps"]] == [("Orders", "not migrated")]
    assert answer["unmatched"] == ["Billing"]
    assert run("verify", source, target).exit_code == 2


def test_an_app_is_found_by_its_key_where_its_name_is_another(source: Path, target: Path) -> None:
    for file in list(target.rglob("Billing*")):
        text = file.read_text(encoding="utf-8").replace(">Billing</ext", ">Invoices</ext")
        (file.parent / file.name.replace("Billing", "Invoices", 1)).write_text(text, encoding="utf-8")
        file.unlink()
    first = document(source, target)["apps"][0]
    assert (first["external_client_app"], first["status"]) == ("Invoices", "verified")
    assert "D-05" in {line["decision"] for line in first["lines"]}
    assert "Salesforce decided otherwise" in run("verify", source, target).stdout


def test_one_app_may_be_named_and_a_wrong_name_is_told(source: Path, target: Path) -> None:
    answer = document(source, target, "orders")
    assert [one["api_name"] for one in answer["apps"]] == ["Orders"]
    assert answer["unmatched"] == []
    result = run("verify", source, target, "Nobody", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["errors"][0]["code"] == "E-APP-NOT-FOUND"


def test_who_fell_silent_and_who_fails(source: Path, target: Path, tmp_path: Path) -> None:
    before, after = tmp_path / "before.csv", tmp_path / "after.csv"
    before.write_text(BEFORE, encoding="utf-8")
    after.write_text(AFTER.replace("2026-11-05 08:00:00 UTC,Billing", "2026-10-05 08:00:00 UTC,Billing"))
    options = ("--logins", before, after, "--since", "2026-11-01")
    logins = document(source, target, *options)["logins"]
    assert [(one["api_name"], flow["status"]) for one in logins for flow in one["flows"]] == [
        ("Billing", "fell silent"),
        ("Orders", "fails"),
    ]
    result = run("verify", source, target, *options)
    assert result.exit_code == 2
    assert "fell silent        Billing, OauthRefreshToken: last before 2026-10-29" in result.stdout


def test_logins_that_go_on_are_well(source: Path, target: Path, tmp_path: Path) -> None:
    before, after = tmp_path / "before.csv", tmp_path / "after.csv"
    before.write_text(BEFORE, encoding="utf-8")
    after.write_text(AFTER.replace("Failed: expired", "Success"), encoding="utf-8")
    result = run("verify", source, target, "--logins", before, after, "--since", "2026-11-01T00:00+01:00")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("since", ["2027-01-01", "2020-01-01"])
def test_histories_of_one_side_only_are_refused(
    source: Path, target: Path, tmp_path: Path, since: str
) -> None:
    both = tmp_path / "both.csv"
    both.write_text(BEFORE, encoding="utf-8")
    result = run("verify", source, target, "--logins", both, both, "--since", since, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["errors"][0]["code"] == "E-LOGINS-ONE-SIDED"


def test_a_broken_history_is_an_error_of_its_own(source: Path, target: Path, tmp_path: Path) -> None:
    before, after = tmp_path / "before.csv", tmp_path / "after.csv"
    before.write_text(BEFORE, encoding="utf-8")
    after.write_bytes(b"\x00\x01")
    result = run("verify", source, target, "--logins", before, after, "--since", "2026-10-15", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert len(answer["apps"]) == 2
    assert [error["code"] for error in answer["errors"]] == ["E-LOGIN-HISTORY-UNREADABLE"]


def test_wrong_use_is_told(source: Path, target: Path) -> None:
    assert run("verify", source, target, "--since", "2026-11-01").exit_code == 64
    assert run("verify", source, target, "--logins", "a", "b").exit_code == 64
    assert run("verify", source, target, "--logins", "a", "b", "--since", "soon").exit_code == 64


def test_a_missing_folder_is_one_error(source: Path, tmp_path: Path) -> None:
    result = run("verify", source, tmp_path / "nowhere", "--json")
    assert result.exit_code == 1
    assert [error["code"] for error in json.loads(result.stdout)["errors"]] == ["E-PATH-MISSING"]


def test_an_observation_can_be_shared(source: Path, target: Path, tmp_path: Path) -> None:
    change(target, "Billing_glbloauth.ecaGlblOauth-meta.xml", "https://", "https://evil.")
    file = tmp_path / "observed.json"
    assert run("verify", source, target, "--observe", file).exit_code == 2
    text = file.read_text(encoding="utf-8")
    for private in ("Billing", "Orders", "evil", "SECRET", "3MVG9", "example"):
        assert private not in text
    answer = json.loads(text)
    assert answer["format"] == 1
    assert sorted(pair["status"] for pair in answer["pairs"]) == ["drift", "verified"]
    assert "D-01" in answer["pairs"][0]["decisions"]["upheld"]


def test_an_observation_that_cannot_be_written_is_told(source: Path, target: Path, tmp_path: Path) -> None:
    result = run("verify", source, target, "--observe", tmp_path / "no" / "where.json", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["errors"][0]["code"] == "E-OUTPUT-FAILED"
    assert list(tmp_path.glob("**/.where*")) == []
