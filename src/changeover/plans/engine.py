"""Which Changeover this is, as far as it bears on what is made of an app."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from changeover import __version__
from changeover.migration.plan import Engine

_PACKAGES = ("apps", "migration")


@cache
def engine() -> Engine:
    """Return this Changeover's version, and the digest of the code that judges and maps."""
    found = hashlib.sha256()
    root = Path(__file__).parent.parent
    for package in _PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            content = file.read_bytes()
            found.update(f"{file.relative_to(root).as_posix()}\n{len(content)}\n".encode())
            found.update(content)
    return Engine(version=__version__, digest=found.hexdigest())
