"""What the pages need from outside: `wiring` hands it in, so that `web` knows no store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from changeover.oauth.forgetting import Forgetting
from changeover.oauth.guard import Guard
from changeover.oauth.limits import DEFAULT, Limits
from changeover.org.ports import Clock, Gathering
from changeover.rehearse.background import Background
from changeover.rehearse.copy import Copies, Copy
from changeover.web.sessions import Lifetimes


class KeyValues(Protocol):
    """Values under keys that are forgotten when their time is over, shared by all processes."""

    def read(self, key: str) -> bytes | None:
        """Return the value of a key, None where there is none or its time is over."""

    def write(
        self,
        key: str,
        value: bytes,
        lifetime: timedelta,
        *,
        only_existing: bool = False,
        only_first: bool = False,
    ) -> bool:
        """Keep a value. False if only an existing key was to be written and there is none (any more).

        With `only_first` the first one's value stays where two processes write at once.
        """

    def count(self, key: str, lifetime: timedelta, by: int = 1) -> int:
        """Count up, atomically, and return the count. A counter lives for `lifetime` from its first."""

    def ends(self) -> Mapping[str, datetime]:
        """Return every key whose time is not over, with when it will be."""

    def remove(self, key: str) -> None:
        """Forget a key."""

    def remove_all(self) -> None:
        """Forget every key."""


def _no_copies(start: datetime | None = None) -> AbstractContextManager[Copy]:
    del start
    message = "nobody has said where copies for rehearsals come from"
    raise RuntimeError(message)


@dataclass(frozen=True, kw_only=True)
class Services:
    """The house as the pages see it."""

    units: Gathering
    key_values: Callable[[str], KeyValues]
    """Returns the values of a namespace: uploads, counters."""
    clock: Clock
    https: bool = False
    """Whether browsers reach us over https: cookies are then sent over https only."""
    strict: bool = False
    """Whether they do so over nothing else, on any port of this host: browsers are told to hold to it."""
    hosts: frozenset[str] = frozenset()
    """Host names that we answer to beside the orgs' own, without port; empty for any."""
    base_url: str = ""
    """Under which clients reach us where no org is named by its host; by default what the request says."""
    beside: Callable[[], AbstractContextManager[None]] = nullcontext
    """Runs batches as long as the application runs, where they run in the process that serves."""
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    forgetting: Forgetting = field(default_factory=Forgetting)
    """Forgets tokens and codes that have expired."""
    limits: Limits = DEFAULT
    """How often logins may fail, and how many there may be."""
    copies: Copies = _no_copies
    """Where copies for rehearsals come from."""

    running: Background | None = None
    """What runs rehearsals, where several applications of a process share it; by default one of its own."""

    @cached_property
    def rehearsals(self) -> Background:
        """What runs rehearsals beside the pages, and keeps them."""
        return self.running or Background(self.units, self.key_values("rehearsals"), self.copies, self.clock)

    metrics_token: str | None = None
    """What whoever asks for metrics must bring; None: there are none to be asked for."""

    @cached_property
    def guard(self) -> Guard:
        """What lets those wait who fail or ask too often, at whichever door."""
        failures, waiting, logins = map(self.key_values, ("login-failures", "login-waiting", "logins"))
        return Guard(failures, waiting, logins, self.clock, self.limits)
