"""Which test provokes which error: found by reading the tests, so that docs/errors.md can name one for each.

A test counts for an error if it, or a table or helper of its module that it uses, names the code
(`"E-NOT-LOCAL"`) or the kind (`errors.NOT_LOCAL`) anywhere but in an error that it makes itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from changeover import errors

CODE = re.compile(r"E-[A-Z0-9]+(?:-[A-Z0-9]+)*")
_KINDS = {name: kind.code for name, kind in vars(errors).items() if isinstance(kind, errors.ErrorKind)}


def provoking(tests: Path) -> dict[str, list[str]]:
    """Return for each code the tests that provoke it (`tests/org/test_migrate.py::test_...`), sorted."""
    found: dict[str, list[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        tables = _tables(module)
        for test in _tests(module):
            used = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
            codes = set(_codes(test)).union(*(tables[name] for name in used & tables.keys()))
            for code in codes:
                found.setdefault(code, []).append(f"{path.relative_to(tests.parent).as_posix()}::{test.name}")
    return {code: sorted(names) for code, names in found.items()}


def _tests(module: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def _tables(module: ast.Module) -> dict[str, set[str]]:
    """Return the codes in each constant of a module and in each function that is no test."""
    tables: dict[str, set[str]] = {}
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                tables[name] = set(_codes(node))
            case ast.FunctionDef(name=name) if not name.startswith("test_"):
                tables[name] = set(_codes(node))
            case _:
                continue
    return tables


def _codes(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Raise() | ast.Call(func=ast.Name(id="ChangeoverError" | "FileError")):
            return
        case ast.Constant(value=str(text)):
            yield from CODE.findall(text)
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in _KINDS:
            yield _KINDS[name]
        case _:
            pass
    for child in ast.iter_child_nodes(node):
        yield from _codes(child)
