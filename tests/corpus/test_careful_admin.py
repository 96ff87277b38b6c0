"""Ours against a careful admin's: the verdict and the rules of real connected apps, judged by hand."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.trees import changeover, compose

TABLE = tomllib.loads(Path(__file__).with_name("careful_admin.toml").read_text("utf-8"))["app"]
BY_REPOSITORY: dict[str, list[dict[str, Any]]] = defaultdict(list)
for _row in TABLE:
    BY_REPOSITORY[_row["file"].split("/")[1]].append(_row)


def _follows(row: Mapping[str, Any]) -> str:
    if row["blockers"]:
        return "blocked"
    return "confirm" if row["confirms"] else "eligible"


def test_the_table_is_whole() -> None:
    files = [row["file"] for row in TABLE]
    assert len(files) >= 60
    assert len(set(files)) == len(files)
    for row in TABLE:
        assert row["verdict"] == _follows(row), row["file"]
        assert len(row["because"]) > 20, row["file"]


@pytest.mark.parametrize("repository", sorted(BY_REPOSITORY))
def test_assess_agrees_with_a_careful_admin(corpus: Path, tmp_path: Path, repository: str) -> None:
    tree = compose(corpus, repository, tmp_path)
    ran = changeover("assess", tree, "--json")
    assert ran.code in {0, 2}, ran.err
    found = {app["path"]: app for app in ran.json["apps"]}
    assert len(found) == len(list((tree / "connected-apps").rglob("*.connectedApp*")))
    for row in BY_REPOSITORY[repository]:
        ours = found[row["file"]]
        rules = {
            severity: sorted({each["rule"] for each in ours["findings"] if each["severity"] == severity})
            for severity in ("blocker", "confirm", "warning")
        }
        assert {"verdict": ours["verdict"], **rules} == {
            "verdict": row["verdict"],
            "blocker": sorted(row["blockers"]),
            "confirm": sorted(row["confirms"]),
            "warning": sorted(row["warnings"]),
        }, f"{row['file']}: {row['because']}"
