"""docs/rest.md: how to use the API, and every operation with what it may refuse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from changeover.web.api.openapi import describe
from changeover.web.api.router import OPERATIONS

INTRODUCTION = Path(__file__).with_name("rest.md")

_EVERYWHERE = frozenset({"400", "401", "413", "415", "428", "500", "503"})
_COMMON = "E-NOT-PERMITTED"


def markdown() -> str:
    """Return docs/rest.md."""
    document = describe(OPERATIONS)
    by_tag: dict[str, list[str]] = {}
    for path, method, operation in _operations(document):
        refusals = ", ".join(_refusals(operation))
        summary = operation["summary"].replace("|", "\\|")
        row = f"| `{method} {path.removeprefix('/api/v1')}` | {summary} | {refusals} |"
        by_tag.setdefault(operation["tags"][0], []).append(row)
    lines = [INTRODUCTION.read_text(encoding="utf-8").rstrip()]
    for tag, rows in by_tag.items():
        lines += ["", f"### {tag}", "", "| | | Refusals of its own |", "|---|---|---|", *rows]
    return "\n".join(lines) + "\n"


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method.upper(), operation


def _refusals(operation: dict[str, Any]) -> Iterator[str]:
    for status, response in operation["responses"].items():
        if status >= "400" and status not in _EVERYWHERE:
            for word in response["description"].split():
                code = word.strip("`:")
                if word.startswith("`E-") and code != _COMMON:
                    yield f"`{code}`"
