"""API names and namespaces.

Source: salesforce-reference section 9, API name rule: letters, digits and underscores, begins with a letter,
ends in none, no two underscores together; two of them part a package's namespace from the name.
"""

from __future__ import annotations

import re

_API_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
_NAMESPACE = re.compile(r"(?P<namespace>[A-Za-z](?:_?[A-Za-z0-9])*)__(?P<name>.+)", re.DOTALL)
MAX_LENGTH = 80


def is_api_name(name: str) -> bool:
    """Whether a name may be given to a new app of one's own."""
    return len(name) <= MAX_LENGTH and _API_NAME.fullmatch(name) is not None


def namespace_of(full_name: str) -> str | None:
    """Return the namespace of a packaged app's full name, None for an app without one."""
    match = _NAMESPACE.fullmatch(full_name)
    return match["namespace"] if match else None
