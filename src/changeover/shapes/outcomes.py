"""What became of each app of a batch or of an import."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct

from changeover.org.batch_undo import Undo
from changeover.org.model import batches
from changeover.org.model.batches import BatchKind, BatchState
from changeover.org.model.orgs import Door
from changeover.shapes.external_client_apps import Losses
from changeover.shapes.pages import Page


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one app."""

    api_name: str
    result: Annotated[
        str,
        Meta(
            description="Migration: `migrated`, `skipped` or `failed`. Undo: `reverted`, `skipped`, `failed`."
            " Import: `created`, `updated`, `unchanged` or `refused`."
        ),
    ]
    code: Annotated[str | None, Meta(description="Code of the error, where there was one.")]
    message: str
    remedy: str

    @classmethod
    def of(cls, outcome: batches.Outcome) -> Self:
        """Return the shape of an outcome."""
        return cls(
            api_name=outcome.name,
            result=outcome.result,
            code=outcome.code,
            message=outcome.message,
            remedy=outcome.remedy,
        )


class Outcomes(Page, frozen=True, kw_only=True):
    """A page of what became of a batch's apps."""

    items: tuple[Outcome, ...]


class Batch(Struct, frozen=True, kw_only=True):
    """A migration of several apps, or the undo of one. What became of each app: `…/outcomes`."""

    batch_id: str
    kind: BatchKind
    state: Annotated[
        BatchState,
        Meta(
            description="`running` until every app has its outcome or somebody stops it; if its process dies,"
            " the next one that runs batches goes on with it."
        ),
    ]
    started_at: datetime
    started_by: Annotated[str, Meta(description="Username of who gave the confirmations.")]
    actor: Annotated[
        str, Meta(description="Username in whose name it runs: who started it, or resumed it last.")
    ]
    door: Door
    total: Annotated[int, Meta(description="How many apps it has.", ge=0)]
    count: Annotated[int, Meta(description="How many of them have their outcome.", ge=0)]
    results: Annotated[
        dict[str, int],
        Meta(description="How many have which result so far.", examples=[{"migrated": 118, "skipped": 2}]),
    ]
    done: Annotated[bool, Meta(description="Whether every app has its outcome.")]
    halted: Annotated[str, Meta(description="Why it stopped by itself, where it did.")]
    of_batch: Annotated[str | None, Meta(description="The batch that this one undoes.")]

    @classmethod
    def of(cls, batch: batches.Batch) -> Self:
        """Return the shape of a batch."""
        return cls(
            batch_id=batch.batch_id,
            kind=batch.kind,
            state=batch.state,
            started_at=batch.started_at,
            started_by=batch.started_by,
            actor=batch.actor.username,
            door=batch.door,
            total=batch.total,
            count=batch.count,
            results=dict(batch.results),
            done=batch.done,
            halted=batch.halted,
            of_batch=batch.of_batch,
        )


class BatchLosses(Page, frozen=True, kw_only=True):
    """What the undo of a batch would lose: a page of the external client apps that were changed since."""

    items: tuple[Losses, ...]
    there: Annotated[
        int,
        Meta(description="External client apps of the batch that would be deleted, changed or not.", ge=0),
    ]
    gone: Annotated[int, Meta(description="Apps of the batch that were reverted since; left alone.", ge=0)]
    stamp: Annotated[str, Meta(description="To be sent with the undo: it is refused if anything changed.")]

    @classmethod
    def of_undo(cls, undo: Undo) -> Self:
        """Return the shape of what an undo would do."""
        rows = undo.losses
        return cls(
            items=tuple(Losses.of(each) for each in rows),
            total=rows.total,
            page=rows.page,
            page_size=rows.page_size,
            pages=rows.pages,
            there=undo.there,
            gone=undo.gone,
            stamp=undo.stamp,
        )
