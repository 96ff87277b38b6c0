"""docs/attacks.md: the attacks on the OAuth endpoints that the suite tries, read from the tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

FOLDER = "tests/attack/oauth"


def markdown(root: Path) -> str:
    """Return the page: a table a file, a row an attack."""
    files = [(path, *_read(path)) for path in sorted((root / FOLDER).glob("test_*.py"))]
    number = sum(len(tests) for _path, _title, tests in files)
    lines = [
        "# Attacks on the OAuth endpoints",
        "",
        f"Made from `{FOLDER}` by `python tools/docs.py`.",
        "",
        f"{number} attacks, each a test that fails where it gets through; several try dozens of variants.",
        "What the standards ask, and the tests that show it: [row by row](oauth-conformance.md).",
    ]
    for path, title, tests in files:
        lines += ["", f"## {title}", "", f"`{FOLDER}/{path.name}`", ""]
        lines += [f"- {_words(name)} (`{name}`)" for name in tests]
    return "\n".join(lines) + "\n"


def _read(path: Path) -> tuple[str, list[str]]:
    module = ast.parse(path.read_text(encoding="utf-8"))
    return (ast.get_docstring(module) or path.stem).partition("\n")[0].rstrip("."), [*_tests(module)]


def _tests(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name


def _words(name: str) -> str:
    said = name.removeprefix("test_").replace("_", " ")
    return said[0].upper() + said[1:]
