"""What goes into the log: no exception as a logger renders it, with the values of local variables."""

from __future__ import annotations

from pathlib import Path

import changeover

SOURCE = Path(changeover.__file__).parent


def test_no_exception_is_given_to_a_logger() -> None:
    found = [
        f"{path.relative_to(SOURCE)}: {word}"
        for path in sorted(SOURCE.rglob("*.py"))
        for word in (".exception(", "exc_info", "stack_info")
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == [], "use `changeover.errors.trace.trace_of`"
