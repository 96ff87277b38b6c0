"""Other people's apps, planned: the schema holds, no secret stands in it, and what is applied goes back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from changeover.apps.document import leaves
from changeover.apps.secrets import is_secret
from changeover.plans.file import PlanFile
from changeover.project.project import Project
from tests.plans.project import BOTH, files, run, tree
from tests.plans.test_file import validator


@pytest.fixture(scope="module")
def plan(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "plan.json"
    assert run("plan", corpus / "connected-apps", "-o", path).code in {1, 2}
    return path


def test_the_schema_holds(plan: Path) -> None:
    validator().validate(json.loads(plan.read_text(encoding="utf-8")))


def test_no_secret_stands_in_it(corpus: Path, plan: Path) -> None:
    text = plan.read_text(encoding="utf-8")
    found = 0
    with Project(corpus / "connected-apps") as project:
        for entry in project.entries():
            for leaf in leaves(entry.document) if entry.document is not None else ():
                if is_secret(leaf.path) and len(leaf.value) > 3:
                    found += 1
                    assert json.dumps(leaf.value)[1:-1] not in text, leaf.path
    assert "PRIVATE KEY-----" not in text
    assert found, "the corpus has secrets"


def test_what_convert_writes_is_what_is_applied_and_goes_back(
    corpus: Path, plan: Path, tmp_path: Path
) -> None:
    despite = [
        word
        for app in PlanFile(plan).apps()
        for word in ("--confirm-despite-evidence", app.api_name)
        if app.verdict == "confirm"
    ]
    said = run("apply", plan, "-o", tmp_path / "out", *BOTH, *despite, "--json")
    assert said.code == 2
    assert {one["outcome"] for one in said.json["outcomes"]} == {"applied", "skipped"}
    run("convert", corpus / "connected-apps", "-o", tmp_path / "converted")
    assert files(tmp_path / "out") == files(tmp_path / "converted")
    before = tree(corpus)
    assert run("revert", "--plan", plan, "--yes").code == 0
    assert not (tmp_path / "out").exists()
    assert tree(corpus) == before
