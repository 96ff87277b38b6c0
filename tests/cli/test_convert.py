"""`changeover convert` from the outside; what it writes is tested in tests/project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from changeover.cli.main import main
from tests.project.files import connected_app, found, header, lay

CANVAS = "<canvasConfig><accessMethod>Get</accessMethod><canvasUrl>https://a.example.com</canvasUrl></canvasConfig>"


def run(*args: str | Path) -> Result:
    result = CliRunner().invoke(main, ["convert", *map(str, args)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def source(tmp_path: Path) -> Path:
    secret = "<consumerSecret>TOP.SECRET.4711</consumerSecret>"
    return lay(
        tmp_path / "source",
        {
            "connectedApps/Billing.connectedApp-meta.xml": connected_app(config=secret),
            "connectedApps/Portal.connectedApp-meta.xml": connected_app("Portal", "3MVG9.Portal"),
        },
    )


def test_expected_results_are_written_and_said_not_to_be_deployed(source: Path, tmp_path: Path) -> None:
    result = run(source, "-o", tmp_path / "out")
    assert result.exit_code == 0
    assert "Do not deploy them" in result.stdout
    assert "consumerSecret is a secret and was left out" in result.stdout
    assert "4711" not in result.output
    assert "externalClientApps/Billing.eca-meta.xml" in found(tmp_path / "out")
    again = run(source, "-o", tmp_path / "out")
    assert again.exit_code == 0
    assert "unchanged" in again.stdout


def test_apps_are_named_after_the_path(source: Path, tmp_path: Path) -> None:
    assert run(source, "-o", tmp_path / "out", "Portal").exit_code == 0
    assert run(source, "Portal", "-o", tmp_path / "out2").exit_code == 0
    assert found(tmp_path / "out") == found(tmp_path / "out2")
    assert not [path for path in found(tmp_path / "out") if "Billing" in path]


def test_skipped_apps_are_2(source: Path, tmp_path: Path) -> None:
    lay(source, {"Canvas.connectedApp": connected_app(key="c", more=CANVAS)})
    result = run(source, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "skipped    Canvas (Canvas.connectedApp): " in result.stdout
    assert "1 skipped" in result.stdout


def test_errors_are_1(source: Path, tmp_path: Path) -> None:
    assert run(source, "-o", tmp_path / "out", "Nobody").exit_code == 1
    lay(source, {"Broken.connectedApp": "<"})
    result = run(source, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "E-XML-BROKEN: Broken.connectedApp, line 1" in result.stderr
    assert "externalClientApps/Billing.eca-meta.xml" in found(tmp_path / "out")
    (tmp_path / "out" / "externalClientApps" / "Portal.eca-meta.xml").write_text(header("Mine"))
    result = run(source, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "E-OUTPUT-IN-THE-WAY: externalClientApps/Portal.eca-meta.xml" in result.stderr


def test_side_by_side_says_what_each_integration_must_change(source: Path, tmp_path: Path) -> None:
    result = run(source, "-o", tmp_path / "out", "--side-by-side")
    assert result.exit_code == 0
    assert "What each integration must change" in result.stdout
    assert "consumer key" in result.stdout
    assert "Do not deploy" not in result.stdout


@pytest.mark.parametrize("mode", [(), ("--side-by-side",)])
def test_the_same_as_json(source: Path, tmp_path: Path, mode: tuple[str, ...]) -> None:
    lay(source, {"Canvas.connectedApp": connected_app(key="c", more=CANVAS), "Broken.connectedApp": "<"})
    result = run(source, "-o", tmp_path / "out", *mode, "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert list(answer) == ["directory", "mode", "deploy", "apps", "errors"]
    assert answer["deploy"] is bool(mode)
    by_name = {one["api_name"]: one for one in answer["apps"]}
    assert by_name["Canvas"]["verdict"] == "blocked"
    # Canvas only takes the button away: an app of its own may stand beside it.
    assert bool(by_name["Canvas"]["written"]) is bool(mode)
    assert bool(by_name["Canvas"]["skipped"]) is not bool(mode)
    assert by_name["Portal"]["written"]
    assert bool(by_name["Portal"]["changes"]) is bool(mode)
    assert [error["code"] for error in answer["errors"]] == ["E-XML-BROKEN"]
    assert "4711" not in result.output
    nothing = json.loads(run(source, "-o", tmp_path / "out", *mode, "--json", "Nobody").stdout)
    assert nothing["apps"] == []
    assert [error["code"] for error in nothing["errors"]] == ["E-APP-NOT-FOUND", "E-XML-BROKEN"][::-1]


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert run(tmp_path / "none", "-o", tmp_path / "out").exit_code == 1
    answer = json.loads(run(tmp_path / "none", "-o", tmp_path / "out", "--json").stdout)
    assert answer["errors"][0]["code"] == "E-PATH-MISSING"
    assert not (tmp_path / "out").exists()


def test_wrong_use(source: Path, tmp_path: Path) -> None:
    assert run(source).exit_code == 64
    assert run(source, "-o", tmp_path / "out", "--side-by-side", "--include-secret").exit_code == 64
    assert run(source, "-o", tmp_path / "out", "--format", "other").exit_code == 64
    assert not (tmp_path / "out").exists()
