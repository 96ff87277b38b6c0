"""What became of each app of a batch or of an import."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct

from changeover.org import model
from changeover.org.model import Door


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one app."""

    api_name: str
    result: Annotated[
        str,
        Meta(
            description="Migration: `migrated`, `skipped` or `failed`."
            " Import: `created`, `updated`, `unchanged` or `refused`."
        ),
    ]
    code: Annotated[str | None, Meta(description="Code of the error, where there was one.")]
    message: str
    remedy: str

    @classmethod
    def of(cls, outcome: model.Outcome) -> Self:
        """Return the shape of an outcome."""
        return cls(
            api_name=outcome.name,
            result=outcome.result,
            code=outcome.code,
            message=outcome.message,
            remedy=outcome.remedy,
        )


class Batch(Struct, frozen=True, kw_only=True):
    """A migration of several apps."""

    batch_id: str
    started_at: datetime
    started_by: Annotated[str, Meta(description="Username.")]
    door: Door
    api_names: tuple[str, ...]
    outcomes: Annotated[
        tuple[Outcome, ...], Meta(description="In the order in which they were done; fewer while it runs.")
    ]
    done: Annotated[bool, Meta(description="Whether every app has its outcome.")]

    @classmethod
    def of(cls, batch: model.Batch) -> Self:
        """Return the shape of a batch."""
        return cls(
            batch_id=batch.batch_id,
            started_at=batch.started_at,
            started_by=batch.started_by,
            door=batch.door,
            api_names=batch.names,
            outcomes=tuple(Outcome.of(each) for each in batch.outcomes),
            done=batch.done,
        )
