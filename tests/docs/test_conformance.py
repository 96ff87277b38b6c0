"""docs/oauth-conformance.md: every requirement has a test that is there, and says how we stand."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

STANDARDS = (
    "RFC 6749",
    "RFC 6750",
    "RFC 7636",
    "RFC 7009",
    "RFC 7662",
    "RFC 7523",
    "RFC 8628",
    "RFC 9700",
    "OpenID Connect Core",
)
NODE = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


class Row(NamedTuple):
    section: str
    requirement: str
    stands: str
    test: str


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "oauth-conformance.md").read_text(encoding="utf-8")


def rows_of(page: str) -> list[Row]:
    lines = [line for line in page.splitlines() if line.startswith("|") and not line.startswith("|--")]
    cells = [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines]
    assert {len(row) for row in cells} == {4}, [row for row in cells if len(row) != 4]
    return [Row(*row) for row in cells if row[0] != "Section"]


def wrong(root: Path, row: Row) -> str:
    """Return what is wrong with a row, an empty text where nothing is."""
    if not row.stands.startswith(("met", "deviation: ", "does not apply: ")):
        return "it does not say how we stand"
    if row.stands.startswith("does not apply: "):
        return ""
    found = NODE.fullmatch(row.test)
    if found is None:
        return "it names no test"
    file = root / found[1]
    if not file.is_file():
        return f"there is no {found[1]}"
    tests = {
        node.name
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    return "" if found[2] in tests else f"there is no {found[2]}"


def test_every_requirement_has_a_test_that_is_there(root: Path, page: str) -> None:
    assert {row: said for row in rows_of(page) if (said := wrong(root, row))} == {}


def test_every_standard_has_its_table(page: str) -> None:
    titles = re.findall(r"^## ([^,\n]+)", page, re.MULTILINE)
    assert tuple(titles) == STANDARDS
    assert len(rows_of(page)) > 100


@pytest.mark.parametrize(
    ("stands", "test", "said"),
    [
        ("met", "", "it names no test"),
        ("met", "`tests/docs/test_conformance.py::test_gone`", "there is no test_gone"),
        ("met", "`tests/docs/test_gone.py::test_x`", "there is no tests/docs/test_gone.py"),
        (
            "perhaps",
            "`tests/docs/test_conformance.py::test_a_bad_row_is_seen`",
            "it does not say how we stand",
        ),
        ("deviation: so", "`tests/docs/test_conformance.py::test_a_bad_row_is_seen`", ""),
    ],
)
def test_a_bad_row_is_seen(root: Path, stands: str, test: str, said: str) -> None:
    assert wrong(root, Row("1", "MUST", stands, test)) == said
