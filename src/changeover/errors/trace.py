"""What a fault of ours leaves in the log."""

from __future__ import annotations

import traceback


def trace_of(error: BaseException) -> str:
    """Return where an exception comes from, as text for the log: the values of local variables not among it.

    A logger's own rendering of an exception shows them, and so secrets in clear.
    """
    return "".join(traceback.format_exception(error))
