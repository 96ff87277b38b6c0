"""The account of every real connected app, held against source and result by a reader of the tests' own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from changeover.apps.connected_app import ConnectedApp
from changeover.metadata.files import path_of, read_document, write_document
from changeover.migration.mapping import expected_result
from tests.conftest import CORPUS
from tests.corpus.accounts import Books, written_files
from tests.corpus.own_xml import read_file
from tests.corpus.trees import changeover, compose, generations, repositories

REPOSITORIES = repositories(CORPUS) if CORPUS.is_dir() else ["none"]


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_every_leaf_is_accounted_for_by_value(corpus: Path, tmp_path: Path, repository: str) -> None:
    checked: set[str] = set()
    for number, leave_out in enumerate(generations(corpus, repository)):
        tree = compose(corpus, repository, tmp_path / f"source{number}", leave_out)
        out = tmp_path / f"out{number}"
        assessed = changeover("assess", tree, "--json")
        converted = changeover("convert", tree, "-o", out, "--include-secret")
        blocked = [app["path"] for app in assessed.json["apps"] if app["verdict"] == "blocked"]
        assert assessed.json["errors"] == []
        assert converted.code == (2 if blocked else 0), converted.err
        for path in blocked:
            _write_blocked(tree, path, out)
        files = written_files(out)
        faults = [fault for app in assessed.json["apps"] for fault in Books(tree, files, app).faults()]
        assert faults == []
        checked.update(app["path"] for app in assessed.json["apps"])
    there = {file for file in (corpus / "connected-apps" / repository).rglob("*") if file.is_file()}
    assert checked == {file.relative_to(corpus).as_posix() for file in there}


def _write_blocked(tree: Path, path: str, out: Path) -> None:
    """An app without a button is not converted; its account must hold nevertheless."""
    app = read_document((tree / path).read_bytes(), path).document
    assert isinstance(app, ConnectedApp)
    for document in expected_result(app).external_client_app.documents:
        file = out / path_of(document)
        file.parent.mkdir(parents=True, exist_ok=True)
        assert not file.exists(), "convert wrote a blocked app"
        file.write_bytes(write_document(document))


def test_all_are_there(corpus: Path) -> None:
    """The parametrised test above covers every connected app there is."""
    apps = [
        file for name in REPOSITORIES for file in (corpus / "connected-apps" / name).rglob("*.connectedApp*")
    ]
    assert len(apps) == 199
    assert {read_file(file).name for file in apps} == {"ConnectedApp"}


def test_secrets_stay_inside(corpus: Path, tmp_path: Path) -> None:
    """A consumer secret in a source is in no report, and in a written file only on request."""
    repository = "trailheadapps__ready-to-fly"
    tree = compose(corpus, repository, tmp_path / "source")
    secrets = {
        secret
        for file in (tree / "connected-apps").rglob("*.connectedApp*")
        if (secret := read_file(file).value("oauthConfig/consumerSecret"))
    }
    assert len(secrets) == 2
    said = [
        changeover("assess", tree, "--json").out,
        changeover("assess", tree).out,
        changeover("convert", tree, "-o", tmp_path / "out", "--json").out,
    ]
    written = [file.read_text("utf-8") for file in (tmp_path / "out").rglob("*") if file.is_file()]
    for text in (*said, *written):
        assert [secret for secret in secrets if secret in text or json.dumps(secret)[1:-1] in text] == []
    changeover("convert", tree, "-o", tmp_path / "whole", "--include-secret")
    whole = written_files(tmp_path / "whole")
    assert {
        root.value("consumerSecret") for name, root in whole.items() if name.endswith(".ecaGlblOauth")
    } == secrets
