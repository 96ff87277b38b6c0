"""Errors that a reader sees: one catalogue, one exception.

Every error has a stable code, says in one sentence what happened, and what to do next. A new one goes into
the room that refuses: `files`, `doors`, `access`, `apps`, `store` or `plans`. `docs/errors.md` is made from
`CATALOGUE`.
"""

from __future__ import annotations

from changeover.errors import access, apps, doors, files, plans, store
from changeover.errors.access import *
from changeover.errors.apps import *
from changeover.errors.doors import *
from changeover.errors.files import *
from changeover.errors.kind import ChangeoverError as ChangeoverError
from changeover.errors.kind import ErrorKind as ErrorKind
from changeover.errors.plans import *
from changeover.errors.store import *

CATALOGUE: tuple[ErrorKind, ...] = tuple(
    entry
    for room in (files, apps, access, doors, store, plans)
    for entry in vars(room).values()
    if isinstance(entry, ErrorKind)
)
