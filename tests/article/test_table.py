"""`docs/article.md` names a test for every sentence of the article and every statement of the design."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ARTICLE = ROOT / "docs" / "article.md"
ROW = re.compile(r"^\| (A-\d\d) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
STATEMENTS = range(1, 12)


def _tests_in(path: Path) -> set[str]:
    """The names of the test functions that a file defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_sentence_is_held_by_tests_that_exist() -> None:
    rows = ROW.findall(ARTICLE.read_text(encoding="utf-8"))
    assert [number for number, *_ in rows] == [f"A-{n:02}" for n in range(1, 23)]
    for number, says, does, tests in rows:
        assert says.strip(), number
        assert does.strip(), number
        named = re.findall(r"`([^`]+)::([^`]+)`", tests)
        assert named, f"{number} names no test"
        for file, name in named:
            assert name in _tests_in(ROOT / file), f"{number} names {file}::{name}, which does not exist"


def test_every_statement_has_a_test_in_the_browser_and_one_over_rest() -> None:
    for door in ("browser", "rest"):
        names = _tests_in(ROOT / "tests" / "article" / f"test_{door}.py")
        for statement in STATEMENTS:
            assert any(name.startswith(f"test_statement_{statement:02}_") for name in names), (
                f"statement {statement} has no test in test_{door}.py"
            )


def test_the_table_has_the_words_of_the_article(corpus: Path) -> None:
    seed = next((corpus.parent / "seed").glob("*.txt")).read_text(encoding="utf-8")
    table = ARTICLE.read_text(encoding="utf-8")
    for word in (
        "Quick Find",
        "read-only",
        "username-password",
        "Notification Delivery Settings",
        "Briefcase",
    ):
        assert word in seed
        assert word in table
