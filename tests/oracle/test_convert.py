"""What `changeover convert` writes, Salesforce's own library takes for what we mean."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import (
    ACCESS_METHODS,
    SAML_INITIATION_METHODS,
    ConnectedApp,
)
from changeover.apps.document import Element, Leaf, elements
from changeover.cli.main import main
from changeover.metadata.files import write_document
from changeover.migration.mapping import expected_result
from changeover.project.output import OutputFolder
from changeover.project.project import Project
from tests.conftest import ROOT
from tests.oracle.salesforce import IGNORE_LISTS, NOTES, Problem

pytestmark = pytest.mark.oracle

Ask = Callable[[Path], list[Problem]]

SAMPLE = ROOT / "src" / "changeover" / "sample" / "project" / "force-app"


@pytest.fixture
def convert(capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., dict[str, Any]]:
    """Run `changeover convert --json` and return what it prints."""

    def run(*arguments: str | Path) -> dict[str, Any]:
        main.main(["convert", "--json", *map(str, arguments)], standalone_mode=False)
        printed: dict[str, Any] = json.loads(capfdbinary.readouterr().out)
        return printed

    return run


def connected_apps(corpus: Path) -> Iterator[Path]:
    """Yield the files of all connected apps of other people."""
    found = sorted((corpus / "connected-apps").rglob("*.connectedApp*"))
    assert len(found) == 199
    yield from found


@pytest.mark.parametrize("mode", [[], ["--side-by-side"], ["--include-secret"]], ids=" ".join)
def test_other_peoples_apps(
    mode: list[str], corpus: Path, convert: Callable[..., dict[str, Any]], oracle: Ask, tmp_path: Path
) -> None:
    written = 0
    problems: dict[str, list[str]] = {}
    for number, file in enumerate(connected_apps(corpus)):
        source, target = tmp_path / f"{number}" / "connectedApps", tmp_path / f"{number}-out"
        source.mkdir(parents=True)
        shutil.copy(file, source)
        (outcome,) = convert(source.parent, "-o", target, *mode)["apps"]
        if outcome["skipped"]:
            assert outcome["verdict"] == "blocked", file
            assert not list(target.rglob("*-meta.xml"))
            continue
        written += 1
        found = [str(problem) for problem in oracle(target)]
        if found:
            problems[str(file.relative_to(corpus))] = found
    assert problems == {}
    assert written >= 180


def test_apps_that_may_not_migrate_would_be_written_right_all_the_same(
    corpus: Path, oracle: Ask, tmp_path: Path
) -> None:
    """The mapping is total; `convert` leaves blocked apps out, so they are written here without it."""
    problems: dict[str, list[str]] = {}
    for number, file in enumerate(connected_apps(corpus)):
        source = tmp_path / f"{number}" / "connectedApps"
        source.mkdir(parents=True)
        shutil.copy(file, source)
        with Project(source.parent) as project:
            (entry,) = project.connected_apps(date(2026, 11, 23))
        folder = OutputFolder(tmp_path / f"{number}-out")
        folder.write_app(expected_result(entry.app, entry.situation.references).external_client_app)
        found = [str(problem) for problem in oracle(folder.root)]
        if found:
            problems[str(file.relative_to(corpus))] = found
    assert problems == {}


# Characters that XML may hold, line ends of every kind among them.
_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r&<>'\""),
    max_size=12,
)


# What the type definitions call text but Salesforce reads as one of a list.
_LISTS = {
    # Without Triple DES, which external client apps lack: an app that uses it is blocked.
    "samlConfig/encryptionType": {"AES_128", "AES_256"},
    "canvas/canvasOptions": {"HS", "HH", "HS,HH"},
    "canvas/locationOptions": {"VF", "PL", "CT,VF,AR,MP,CF,SD,CTI,MN,PL"},
    "oauthPolicy/refreshTokenPolicy": {
        "infinite",
        "zero",
        "specific_lifetime:12:HOURS",
        "specific_inactivity:30:DAYS",
    },
    "canvas/accessMethod": ACCESS_METHODS,
    "canvas/samlInitiationMethod": SAML_INITIATION_METHODS,
}
_GONE = {"pluginExecutionUser"}  # in the definitions up to 1.7.0 only


def values_of(path: str, element: Element) -> st.SearchStrategy[str]:
    """Values that Salesforce's type definitions allow for an element."""
    if element.kind == "boolean":
        return st.sampled_from(["true", "false"])
    if element.kind == "integer":
        return st.integers(0, 100_000).map(str)
    listed = _LISTS.get(path) or element.values
    return st.sampled_from(sorted(listed)) if listed else _TEXT


@st.composite
def valid_leaves(draw: st.DrawFn, cls: type, prefix: str = "") -> list[Leaf]:
    """Leaves of a document that keeps to the schema: what is required is there, the rest may be."""
    found: list[Leaf] = []
    for element in elements(cls):
        if element.name in _GONE:
            continue
        present = draw(st.integers(0, 2)) if element.repeats else int(element.required or draw(st.booleans()))
        for index in range(1, present + 1):
            path = f"{prefix}{element.name}[{index}]" if element.repeats else f"{prefix}{element.name}"
            if element.group is None:
                found.append(Leaf(path, draw(values_of(path, element))))
            else:
                found += draw(valid_leaves(element.group, f"{path}/"))
    return found


@settings(max_examples=100)
@given(found=valid_leaves(ConnectedApp))
def test_any_app_that_keeps_to_the_schema(
    oracle: Ask, tmp_path_factory: pytest.TempPathFactory, found: list[Leaf]
) -> None:
    """Both what we write of a connected app and what we make of it."""
    # Canvas settings have an older form and a newer one; no file holds both.
    if any(leaf.path.startswith("canvas/") for leaf in found):
        found = [leaf for leaf in found if not leaf.path.startswith("canvasConfig/")]
    app = from_leaves(ConnectedApp, "Any_App", found)
    folder = tmp_path_factory.mktemp("any")
    OutputFolder(folder).write_app(expected_result(app, ()).external_client_app)
    path = folder / "connectedApps" / "Any_App.connectedApp-meta.xml"
    path.parent.mkdir()
    path.write_bytes(write_document(app))
    assert oracle(folder) == []


# The sample has an element that nobody knows, to show what becomes of it: it is kept, and it is all there is.
STRANGE = "no element tileColour"


def test_the_sample_project(oracle: Ask) -> None:
    (problem,) = oracle(SAMPLE)
    assert STRANGE in problem.text


@pytest.mark.parametrize("mode", [[], ["--side-by-side"]], ids=" ".join)
def test_the_sample_project_converted_as_a_whole(
    mode: list[str], convert: Callable[..., dict[str, Any]], oracle: Ask, tmp_path: Path
) -> None:
    outcomes = convert(SAMPLE.parent, "-o", tmp_path / "out", *mode)["apps"]
    assert sum(bool(outcome["written"]) for outcome in outcomes) >= 10
    assert [problem for problem in oracle(tmp_path / "out") if STRANGE not in problem.text] == []


def test_the_sample_project_in_metadata_format(
    convert: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    """Its files are those of source format but for their names, and package.xml names each."""
    convert(SAMPLE.parent, "-o", tmp_path / "source")
    convert(SAMPLE.parent, "-o", tmp_path / "metadata", "--format", "metadata")
    source = {path.name.removesuffix("-meta.xml"): path.read_bytes() for path in files(tmp_path / "source")}
    metadata = {path.name: path.read_bytes() for path in files(tmp_path / "metadata")}
    manifest = metadata.pop("package.xml")
    assert metadata == source
    assert manifest.count(b"<members>") == len(metadata)


def files(folder: Path) -> list[Path]:
    """Return the metadata below a folder."""
    return [path for path in folder.rglob("*") if path.is_file() and path.name not in {*IGNORE_LISTS, *NOTES}]
