"""Whether a consumer key that stands in a file is one.

Keys in the wild hold `.` and `_`, 64 hex digits or base64, and are chosen by tools; nothing is validated
here. But templates stand in their place too, and equal templates prove nothing.
"""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(r"[{}<>$%*•\s]|\A(?:REDACTED|PLACEHOLDER|CHANGE_?ME|X{4,}\Z)", re.IGNORECASE)


def visible_key(key: str | None) -> str | None:
    """Return a consumer key without the blanks around it, None where it is missing or a placeholder."""
    found = (key or "").strip()
    return found if found and not _PLACEHOLDER.search(found) else None
