"""`changeover manifest`: the package is one that Salesforce's library knows, and the script runs."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from changeover.apps.types import TYPES
from changeover.cli.main import main
from changeover.metadata.package import read_manifest
from changeover.metadata.references import REFERRING_TYPES
from tests.conftest import ROOT

# What sf is called with is kept, an argument a line.
FAKE_SF = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word" >> "$SAID"; done
printf '%s\\n' --- >> "$SAID"
"""


def run(*args: str) -> Result:
    result = CliRunner().invoke(main, ["manifest", *args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_every_type_that_the_reader_knows_is_in_the_package() -> None:
    members = read_manifest(run("--package").stdout.encode(), "package.xml")
    assert {name for name, _ in members} == {
        "Settings",
        *(entry.name for entry in TYPES),
        *(entry.name for entry in REFERRING_TYPES),
    }
    assert ("Settings", "OauthOidc") in members


def test_salesforces_library_knows_every_type() -> None:
    registry = ROOT / "node_modules/@salesforce/source-deploy-retrieve/lib/src/registry/metadataRegistry.json"
    known = {entry["name"] for entry in json.loads(registry.read_text(encoding="utf-8"))["types"].values()}
    members = read_manifest(run("--package").stdout.encode(), "package.xml")
    assert {name for name, _ in members} <= known


def test_an_older_org_is_asked_for_what_it_has() -> None:
    members = read_manifest(run("--package", "--api-version", "60").stdout.encode(), "package.xml")
    names = {name for name, _ in members}
    assert "ExtlClntAppConfigurablePolicies" in names
    assert "ExtlClntAppCanvasSettings" not in names
    assert "<version>60.0</version>" in run("--package", "--api-version", "60").stdout


def test_a_type_that_the_org_refuses_can_be_left_out() -> None:
    answer = run("--package", "--without", "oauthcustomscope").stdout
    assert "OauthCustomScope" not in answer
    result = CliRunner().invoke(main, ["manifest", "--without", "ApexClass"])
    assert result.exit_code == 1
    assert "E-VALUE-REFUSED" in result.stderr
    assert "ConnectedApp" in result.stderr


@pytest.mark.parametrize("folder", ["retrieved", "it's here; rm -rf ~/x", "-rf"])
def test_the_script_runs_and_quotes_what_it_was_given(tmp_path: Path, folder: str) -> None:
    fake = tmp_path / "bin" / "sf"
    fake.parent.mkdir()
    fake.write_text(FAKE_SF, encoding="utf-8")
    fake.chmod(0o755)
    said = tmp_path / "said"
    folder = f"./{folder}"
    script = run("--folder", folder, "--target-org", "prod's").stdout
    environment = {**os.environ, "PATH": f"{fake.parent}:{os.environ['PATH']}", "SAID": str(said)}
    subprocess.run(["sh"], input=script, text=True, cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / folder / "package.xml").read_text(encoding="utf-8") == run("--package").stdout
    calls = [call.splitlines() for call in said.read_text(encoding="utf-8").split("---\n") if call]
    assert [call[:3] for call in calls] == [
        ["project", "retrieve", "start"],
        ["data", "query", "--query"],
        ["data", "query", "--query"],
        ["data", "query", "--query"],
    ]
    assert all(call[-2:] == ["--target-org", "prod's"] for call in calls)
    assert calls[0][4] == f"{folder}/package.xml"


def test_no_query_asks_for_a_token() -> None:
    script = run().stdout
    for secret in ("AccessToken", "RequestToken", "DeleteToken"):
        assert secret not in script


def test_the_document() -> None:
    answer = json.loads(run("--json").stdout)
    assert list(answer) == ["package", "steps"]
    assert list(answer["steps"][0]) == ["brings", "command", "note"]
    assert len(answer["steps"]) == 5
