"""The table of acts in docs/architecture.md names every act, and nothing that is not there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from changeover import errors
from tests.org.test_permissions import acts

ROW = re.compile(r"^\| [^|]+ \| `(\w+)` \| (.+?) \|([^|]*)\|$", re.MULTILINE)
CODE = re.compile(r"E-[A-Z0-9-]+")


def _table(root: Path) -> dict[str, str]:
    text = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows: dict[str, str] = {}
    for module, calls, _errors in ROW.findall(text):
        rows[module] = rows.get(module, "") + calls
    return rows


def test_every_act_stands_in_the_table(root: Path) -> None:
    rows = _table(root)
    missing = {
        name
        for name in acts()
        for module, function in [name.split(".")]
        if not function.startswith("_") and function not in rows.get(module, "")
    }
    assert missing == set()


def test_everything_in_the_table_is_there(root: Path) -> None:
    for module, calls in _table(root).items():
        found = importlib.import_module(f"changeover.org.{module}")
        for name in re.findall(r"`([a-z_]+)\(", calls):
            assert hasattr(found, name), f"{module}.{name}"


def test_every_error_in_the_table_is_in_the_catalogue(root: Path) -> None:
    text = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    known = {kind.code for kind in errors.CATALOGUE}
    assert set(CODE.findall(text)) <= known
