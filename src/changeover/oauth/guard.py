"""Who fails or asks too often is let wait: one guard for every door through which logins come.

Two kinds of limits, both per client, per user and per address:

- *Failures.* Only what somebody may be guessing is counted: a wrong consumer secret, a wrong signature, a key
  of nobody's, a wrong password. Codes and tokens have 384 random bits, and what a policy refuses is no guess.
  Failures of a client or a user are counted together with the address that they came from: a stranger
  elsewhere locks nobody out. Each client or user is counted against its address only until it is let wait
  itself, so that one broken integration does not stop its neighbours.
- *Logins an hour*, off unless they are set. Salesforce's own is 3,600 logins an hour and user (Salesforce
  Help 000381578, Login Rate Exceeded).

The counters lie in the database, shared by all processes. A login that is right writes none: whom to let wait
is read once a second, and logins an hour are told to the others by the tenth part of a limit at a time.
RFC 6749 sections 2.3.1 and 10.10, RFC 6585 section 4; `rate_limit_exceeded`: salesforce-reference 7.4.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network
from typing import NamedTuple, Protocol

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.oauth.client import Address
from changeover.oauth.limits import DEFAULT, Kind, Limits
from changeover.oauth.refusals import (
    ASSERTION_INVALID,
    AUTHENTICATION_FAILED,
    CLIENT_ASSERTION_INVALID,
    CLIENT_UNKNOWN,
    CLIENT_UNPROVEN,
    Refusal,
)
from changeover.org.ports import Clock

WINDOW = timedelta(minutes=15)
"""In which failures are counted, and for which who has failed too often is let wait: as for a user's lock."""
HOUR = timedelta(hours=1)
_TENTH = 10
_READ_EVERY = 1.0
_MOST_REMEMBERED = 10_000
_NETWORK = 64
"""Bits of an IPv6 address that a provider gives to one customer: the rest is for the customer to choose."""


class Counters(Protocol):
    """Counters shared by all processes: a namespace of `key_values`."""

    def count(self, key: str, lifetime: timedelta, by: int = 1) -> int:
        """Count up, atomically, and return the count. A counter lives for `lifetime` from its first."""

    def write(self, key: str, value: bytes, lifetime: timedelta) -> bool:
        """Keep a value."""

    def ends(self) -> Mapping[str, datetime]:
        """Return every key whose time is not over, with when it will be."""


class Asking(NamedTuple):
    """Who asks to log in, as far as it says so itself; nothing of it is trusted."""

    client_id: str | None = None
    username: str | None = None
    address: Address | None = None

    def keys(self) -> Mapping[Kind, str]:
        """Return under which key each kind is counted: a digest, since what was sent may be anything."""
        found = {}
        if self.client_id:
            found[Kind.CLIENT] = _digest(Kind.CLIENT, self.client_id, _network(self.address))
        if self.username:
            found[Kind.USER] = _digest(Kind.USER, self.username.strip().casefold(), _network(self.address))
        if self.address is not None:
            found[Kind.ADDRESS] = _digest(Kind.ADDRESS, _network(self.address))
        return found


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode(errors="surrogatepass")).hexdigest()


def _network(address: Address | None) -> str:
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ip_network((address, _NETWORK), strict=False))
    return str(address or "")


COUNTED: Mapping[Refusal, tuple[Kind, ...]] = {
    CLIENT_UNPROVEN: (Kind.CLIENT, Kind.ADDRESS),
    CLIENT_UNKNOWN: (Kind.CLIENT, Kind.ADDRESS),
    ASSERTION_INVALID: (Kind.CLIENT, Kind.ADDRESS),
    CLIENT_ASSERTION_INVALID: (Kind.CLIENT, Kind.ADDRESS),
    AUTHENTICATION_FAILED: (Kind.USER, Kind.ADDRESS),
}
"""Refusals that may be answers to a guess, and under what each is counted."""


class LimitReached(ChangeoverError):  # noqa: N818 - what happened to a login, as `Refused`
    """E-TOO-MANY-REQUESTS, with when to come again.

    Args:
        kind: which limit.
        seconds: until then.
        why: `failures` or `logins`.
    """

    def __init__(self, kind: Kind, seconds: int, why: str) -> None:
        said = {
            "failures": f"Too many logins of this {kind} have failed.",
            "logins": f"This {kind} has logged in too often within an hour.",
        }
        super().__init__(errors.TOO_MANY_REQUESTS, f"{said[why]} Try again in {seconds} seconds.")
        self.limit = kind
        self.seconds = seconds
        self.why = why


class Guard:
    """The limits of one installation, as one process sees them. Safe for threads.

    Args:
        failures: counters of failures.
        waiting: who is let wait, and until when.
        logins: counters of logins.
        clock: the time.
        limits: how often.
    """

    def __init__(
        self, failures: Counters, waiting: Counters, logins: Counters, clock: Clock, limits: Limits = DEFAULT
    ) -> None:
        self._failures = failures
        self._waiting = waiting
        self._logins = logins
        self._clock = clock
        self._limits = limits
        self._limited = any(limits.logins.values())
        self._lock = threading.Lock()
        self._read_at = -math.inf
        self._until: dict[str, datetime] = {}
        self._here: dict[str, _Count] = {}

    def admit(self, asking: Asking) -> None:
        """Let a login try, and count it where logins are limited. Raises LimitReached."""
        until = self._whom_to_let_wait()
        if not until and not self._limited:
            return
        now, keys = self._clock.now(), asking.keys()
        for kind, key in keys.items():
            end = until.get(key)
            # Who sets no limit any more lets everybody go on at once: those too who are waiting.
            if self._limits.failures[kind] and end is not None and end > now:
                raise LimitReached(kind, _seconds(end - now), "failures")
        for kind, key in keys.items():
            limit = self._limits.logins[kind]
            if limit and self._count_login(key, limit, now) > limit:
                raise LimitReached(kind, _seconds(_hour_of(now)[1] - now), "logins")

    @property
    def at_hand(self) -> bool:
        """Whether `admit` would decide by what it knows, without the database."""
        read = time.monotonic() - self._read_at < _READ_EVERY
        return read and not self._limited

    def failed(self, asking: Asking, refusal: Refusal) -> tuple[Kind, ...]:
        """Count a refusal that may be the answer to a guess; outside a transaction.

        Returns:
            Who is let wait from now on: to be told in the audit trail.
        """
        return self.failed_by(asking, COUNTED.get(refusal, ()))

    def failed_by(self, asking: Asking, kinds: Iterable[Kind]) -> tuple[Kind, ...]:
        """Count a failure under these kinds, as `failed` does."""
        keys, now, shut = asking.keys(), self._clock.now(), []
        for kind in kinds:
            key, limit = keys.get(kind), self._limits.failures[kind]
            if key is None or not limit or self._failures.count(key, WINDOW) < limit:
                continue
            self._waiting.write(key, b"", WINDOW)
            with self._lock:
                known = self._until.get(key)
                self._until[key] = now + WINDOW
            if known is None or known <= now:
                shut.append(kind)
        return tuple(shut)

    def _whom_to_let_wait(self) -> Mapping[str, datetime]:
        """Return who is let wait, as of a second ago at most."""
        if time.monotonic() - self._read_at >= _READ_EVERY:
            with self._lock:
                if time.monotonic() - self._read_at >= _READ_EVERY:
                    self._until = dict(self._waiting.ends())
                    self._read_at = time.monotonic()
        return self._until

    def _count_login(self, key: str, limit: int, now: datetime) -> int:
        """Return how many logins there were this hour: all of this process, those of others nearly."""
        hour, _end = _hour_of(now)
        with self._lock:
            count = self._here.get(key)
            if count is None or count.hour != hour:
                if len(self._here) >= _MOST_REMEMBERED:
                    # Keys that nobody has, most likely; what was told of the others is not lost.
                    self._here.clear()
                count = self._here[key] = _Count(hour)
            count.untold += 1
            untold = count.untold
            if untold < math.ceil(limit / _TENTH):
                return count.all + untold
            count.untold = 0
        told = self._logins.count(f"{hour}:{key}", HOUR, by=untold)
        with self._lock:
            count.all = max(count.all, told)
            return count.all + count.untold


@dataclass
class _Count:
    """Logins under one key within one hour."""

    hour: int
    all: int = 0
    """Of all processes, as far as they have told each other."""
    untold: int = 0
    """Of this process, not told yet."""


def _hour_of(now: datetime) -> tuple[int, datetime]:
    """Return the number of an hour and its end."""
    hour = int(now.timestamp() // HOUR.total_seconds())
    return hour, datetime.fromtimestamp((hour + 1) * HOUR.total_seconds(), now.tzinfo)


def _seconds(time_left: timedelta) -> int:
    return max(1, math.ceil(time_left.total_seconds()))
