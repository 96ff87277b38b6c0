"""When Python looks for rubbish: reference cycles that nobody holds any more.

By default it looks at everything there is again and again, up to a fifth of the time of a login. Requests and
migrations leave hardly any cycles.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 10_000
"""Objects after which it looks for some; Python's own is 700."""


def look_at_rubbish_less() -> None:
    """Leave alone what was made so far, and look less often, for as long as the process lives."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)


@contextmanager
def less_rubbish() -> Iterator[None]:
    """Do the same for the length of a batch."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNG)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
