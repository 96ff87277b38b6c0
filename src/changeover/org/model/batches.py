"""Batches: migrations of several apps, and their undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from changeover.org.model.orgs import Actor, Door


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one app of a batch (migrate several, import)."""

    name: str
    """The app's API name."""
    result: str
    """Migrate: `migrated`, `skipped`, `failed`. Revert: `reverted`, `skipped`, `failed`.
    Import: `created`, `updated`, `unchanged`, `refused`."""
    code: str | None = None
    """Code of the error, where there was one."""
    message: str = ""
    remedy: str = ""


class BatchKind(StrEnum):
    """What a batch does with each of its apps."""

    MIGRATE = "migrate"
    REVERT = "revert"


LONGEST_LEASE = timedelta(minutes=5)
"""No process is at a batch for longer without a sign of life: one that seems to be had a clock that was put
back since, or has another one than we."""


class BatchState(StrEnum):
    """How a batch stands."""

    RUNNING = "running"
    """To be run: some process is at it, or the next one that runs batches takes it up."""
    STOPPED = "stopped"
    """Nobody goes on with it before somebody resumes it."""
    DONE = "done"
    """Every app has its outcome."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A run of migrate several, or of the undo of one. What became of each app is read page by page."""

    batch_id: str
    kind: BatchKind
    state: BatchState
    started_at: datetime
    started_by: str
    """Username of who gave the confirmations."""
    actor: Actor
    """As whom its apps are migrated: who started it, or resumed it last."""
    total: int
    """How many apps it has."""
    results: Mapping[str, int]
    """How many apps have which result so far."""
    alive_until: datetime | None = None
    """While a process is at it: by when that one will have given another sign of life."""
    of_batch: str | None = None
    """The batch that this one undoes."""
    halted: str = ""
    """Why it stopped by itself."""

    @property
    def door(self) -> Door:
        """Through which it was started or resumed last."""
        return self.actor.door

    @property
    def count(self) -> int:
        """How many apps have their outcome."""
        return sum(self.results.values())

    @property
    def done(self) -> bool:
        """Whether every app has its outcome."""
        return self.state is BatchState.DONE

    def alive(self, now: datetime) -> bool:
        """Whether some process is at it."""
        if self.state is not BatchState.RUNNING or self.alive_until is None:
            return False
        return now < self.alive_until <= now + LONGEST_LEASE


@dataclass(frozen=True, kw_only=True)
class BatchApp:
    """An app of a batch as it was chosen, to be done."""

    position: int
    name: str
    despite_evidence: bool = False
    seen_version: int | None = None
    """Version that was seen: of the connected app (migrate), of the external client app (revert)."""
    external_id: str | None = None
    """Revert: id of the external client app that the batch made; another one of its name is left alone."""
