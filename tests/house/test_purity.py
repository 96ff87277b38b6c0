"""`apps/` and `migration/` know no clock; the day comes in from outside (imports are import-linter's)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CLOCKS = {"now", "today", "utcnow"}


@pytest.mark.parametrize("package", ["apps", "migration"])
def test_nothing_asks_the_clock(package: str, root: Path) -> None:
    files = sorted((root / "src" / "changeover" / package).rglob("*.py"))
    assert files
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in CLOCKS, f"{path}:{node.lineno}"
