"""The records of batches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from changeover.org.lists import (
    OutcomeQuery,
    Page,
)
from changeover.org.model.batches import Batch, BatchApp, BatchState, Outcome
from changeover.org.model.orgs import Actor


class Task(NamedTuple):
    """An app of a batch, and the run that is about to do it."""

    batch_id: str
    position: int
    runner: str


class Batches(Protocol):
    """Runs of migrate several and of their undo, with a row an app."""

    def add(self, batch: Batch, confirmation: Mapping[str, Any], apps: Iterable[BatchApp]) -> None:
        """Add a batch with its apps, none of them done."""

    def get(self, org_id: str, batch_id: str, *, lock: bool = False) -> Batch | None:
        """Return a batch of an org."""

    def of_any_org(self, batch_id: str, *, lock: bool = False) -> Batch | None:
        """Return a batch, for whoever runs it."""

    def list(self, org_id: str, limit: int = 20) -> tuple[Batch, ...]:
        """Return the last batches, the newest first."""

    def undone_by(self, batch_id: str) -> tuple[str, ...]:
        """Return the ids of the batches that undo a batch, the oldest first."""

    def confirmation(self, batch_id: str) -> Mapping[str, Any]:
        """Return what was confirmed when the batch was started."""

    def claim(self, batch_id: str, runner: str, now: datetime, until: datetime) -> bool:
        """Take a running batch up, unless some other run is at it and alive. Whether it was taken."""

    def renew(self, batch_id: str, runner: str, until: datetime) -> None:
        """Give a sign of life."""

    def leave(self, batch_id: str, runner: str, state: BatchState, halted: str = "") -> bool:
        """End a run; a batch that somebody stopped meanwhile stays stopped. Whether it was this run's."""

    def set_state(self, batch_id: str, state: BatchState, actor: Actor | None = None) -> None:
        """Say how a batch stands from now on, and as whom it runs. Whoever is at it loses it."""

    def waiting(self, now: datetime) -> tuple[str, ...]:
        """Return the batches that are to be run and that nobody is at, the oldest first."""

    def to_do(self, batch_id: str, after: int) -> tuple[BatchApp, ...]:
        """Return the next apps without an outcome, those behind a position."""

    def take(self, task: Task) -> bool:
        """Lock an app that is to be done. Whether it still is, and the batch still this run's to run."""

    def record(self, batch_id: str, position: int, done: Outcome, external_id: str | None = None) -> None:
        """Record what became of an app that was taken."""

    def again(self, batch_id: str, codes: Collection[str]) -> int:
        """Forget the outcomes with some codes, so that these apps are tried again. How many they were."""

    def outcome(self, batch_id: str, position: int) -> Outcome | None:
        """Return what became of an app, None while it is not done."""

    def outcomes(self, batch_id: str, query: OutcomeQuery) -> Page[Outcome]:
        """Return a page of what became of its apps, in the order of the batch."""

    def made(self, batch_id: str) -> tuple[int, int]:
        """Return how many external client apps that a batch made are there, and the sum of their versions."""

    def changed(self, batch_id: str, query: OutcomeQuery) -> Page[str]:
        """Return a page of the names of those that were changed since the batch made them."""

    def to_undo(self, batch_id: str) -> Iterator[BatchApp]:
        """Yield the apps that a batch migrated, each with the version of its external client app now."""
