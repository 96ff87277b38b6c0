"""LIKE: `%` is any text, `_` one character, a backslash before either the character; case does not matter.

No regular expression does this: a hostile pattern would have it try for hours. Here a `%` takes as little as
it can, and only the last one is ever tried again, which finds whatever there is to find.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_PARTS = re.compile(r"\\.|[^\\]|\\", re.DOTALL)
_ANY, _ONE = "%", "_"


def like(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a text is like a pattern."""
    wanted = [part if len(part) == 1 else "\\" + part[-1] for part in _PARTS.findall(pattern.lower())]
    return lambda text: _matches(wanted, text.lower())


def _fits(part: str, character: str) -> bool:
    return part == _ONE or part[-1] == character


def _matches(wanted: list[str], text: str) -> bool:
    at = here = 0
    last, tried = -1, 0
    while here < len(text):
        if at < len(wanted) and wanted[at] == _ANY:
            last, tried = at, here
            at += 1
        elif at < len(wanted) and _fits(wanted[at], text[here]):
            at += 1
            here += 1
        elif last >= 0:
            tried += 1
            at, here = last + 1, tried
        else:
            return False
    return all(part == _ANY for part in wanted[at:])
