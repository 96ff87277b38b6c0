"""Each decision says all that it must, and the pages are what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from changeover.migration import decisions
from changeover.migration.decisions import DECISIONS
from changeover.migration.rules import RULES, page


def test_ids_are_given_in_order() -> None:
    assert [one.id for one in DECISIONS] == [f"D-{n:02}" for n in range(1, len(DECISIONS) + 1)]


def test_every_decision_says_what_why_what_else_and_what_one_would_see() -> None:
    for one in DECISIONS:
        for text in (one.decided, one.why, one.otherwise, one.visible):
            assert text.endswith("."), one
            assert not re.search(r"  |\n", text), one


def test_the_document_of_decisions_is_what_the_code_says(root: Path) -> None:
    assert (root / "docs" / "decisions.md").read_text(encoding="utf-8") == decisions.markdown()


def test_the_document_of_eligibility_is_what_the_code_says(root: Path) -> None:
    written = (root / "docs" / "eligibility.md").read_text(encoding="utf-8")
    assert written == page.markdown()
    for rule in RULES:
        assert f"| `{rule.id}` |" in written


def test_decisions_that_the_code_names_exist(root: Path) -> None:
    for path in (root / "src").rglob("*.py"):
        for name in re.findall(r"\bD-\d\d\b", path.read_text(encoding="utf-8")):
            assert name in decisions.BY_ID or path.name == "decisions.py", (path, name)
