"""Write the documents that are made from the code.

    python tools/docs.py

tests/docs fails if one of them is not what this writes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from changeover.errors import CATALOGUE  # noqa: E402  # the path comes first
from changeover.migration import decisions  # noqa: E402
from tools.provoked import provoking  # noqa: E402

NO_TEST = "no test"


def errors() -> str:
    """Return docs/errors.md: every entry of the catalogue, with a test that provokes it."""
    written = _read(ROOT / "docs" / "errors.md")
    named = dict(re.findall(r"^## (E-\S+)$.*?^Provoked by `([^`]+)`", written, re.MULTILINE | re.DOTALL))
    tests = provoking(ROOT / "tests")
    lines = [
        "# Errors",
        "",
        "Made from `changeover.errors` by `python tools/docs.py`; change it there.",
        "",
        "Whatever Changeover refuses, it refuses with one of these, the same in the browser, over REST and",
        "on the command line. The code is stable; the sentence that you saw names the case. Over REST",
        "the answer is [problem details](https://www.rfc-editor.org/rfc/rfc9457) with the status given here.",
    ]
    for kind in sorted(CATALOGUE, key=lambda kind: kind.code):
        candidates = tests.get(kind.code, [])
        # The test that was named stays named as long as it is one: new tests do not change the page.
        kept = named.get(kind.code)
        test = kept if kept in candidates else next(iter(candidates), NO_TEST)
        lines += ["", f"## {kind.code}", "", f"{kind.title} (HTTP {kind.status})", "", kind.remedy, ""]
        lines += [f"Provoked by `{test}`."]
    return "\n".join(lines) + "\n"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


PAGES: dict[str, Callable[[], str]] = {
    "docs/decisions.md": decisions.markdown,
    "docs/errors.md": errors,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        written = page()
        if _read(ROOT / name) != written:
            (ROOT / name).write_text(written, encoding="utf-8")
            print(f"written: {name}")
