"""What is counted of logins, for Prometheus; `web.metrics` shows it to whoever may see it.

Labels are few and of our own making: never a consumer key, a username or an address, which anybody could make
up without end, and which are nobody's business who only watches a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from prometheus_client import Counter

from changeover.oauth.refusals import NAMES, Refusal

LOGINS = Counter(
    "changeover_logins",
    "Logins at the OAuth endpoints, by flow and by what became of them: success, or the reason code.",
    ("flow", "outcome"),
)
LIMITED = Counter(
    "changeover_logins_limited",
    "Logins that had to wait, by which limit and why.",
    ("limit", "why"),
)
STOPPED = Counter(
    "changeover_logins_stopped",
    "Clients, users and addresses that were stopped for having failed too often.",
    ("limit",),
)
SUCCESS = "success"
OTHER = "other"
_COUNTED: ContextVar[bool] = ContextVar("counted", default=True)


def count_login(flow: str, outcome: str) -> None:
    """Count a login, unless it is one of a rehearsal."""
    if _COUNTED.get():
        _logins_of(flow, outcome).inc()


@contextmanager
def uncounted() -> Iterator[None]:
    """Count no logins as long as the block runs, in its context: those of a rehearsal are nobody's."""
    before = _COUNTED.set(False)
    try:
        yield
    finally:
        _COUNTED.reset(before)


@cache
def _logins_of(flow: str, outcome: str) -> Counter:
    """Return the counter of a flow and an outcome, of which there are few; to look it up takes a while."""
    return LOGINS.labels(flow, outcome)


def outcome_of(refusal: Refusal | None) -> str:
    """Return what became of a login, as its label: the name of a refusal of ours, one for all others."""
    if refusal is None:
        return SUCCESS
    return NAMES.get(refusal, OTHER)
