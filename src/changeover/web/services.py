"""What the pages need from outside: `wiring.py` hands it in, so that `web` knows no store."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from changeover.org.ports import Clock, Units
from changeover.web.sessions import KeyValues, Lifetimes


@dataclass(frozen=True, kw_only=True)
class Services:
    """The house as the pages see it."""

    units: Units
    key_values: Callable[[str], KeyValues]
    """Returns the values of a namespace: sessions, counters."""
    clock: Clock
    https: bool = False
    """Whether browsers reach us over https: cookies are then sent over https only."""
    hosts: frozenset[str] = frozenset()
    """Host names that we answer to, without port; empty for any."""
    beside: Callable[[], AbstractContextManager[None]] = nullcontext
    """Runs batches as long as the application runs, where they run in the process that serves."""
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
