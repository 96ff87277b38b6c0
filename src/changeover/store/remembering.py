"""What was made of a stored text, for as long as that very text is stored.

A login reads the app's row each time, and so sees what was committed last, by whichever process; only what
the row's text means is not worked out anew. What is remembered by the text itself is never out of date.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

R = TypeVar("R")

KEPT = 2_048
LONGEST_KEPT = 64 * 1024
"""Characters. Apps are a page or two; a longer one must not fill the memory of a server."""


def remembered(function: Callable[..., R]) -> Callable[..., R]:
    """Keep the answers of a pure function of texts: of those that came last, unless they are very long."""
    kept = lru_cache(KEPT)(function)

    @wraps(function)
    def answer(*texts: str) -> R:
        return kept(*texts) if sum(map(len, texts)) <= LONGEST_KEPT else function(*texts)

    return answer
