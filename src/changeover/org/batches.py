"""Migrate several: one transaction an app, one outcome an app, and one failure stops no other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import structlog

from changeover import errors
from changeover.errors import ChangeoverError, ErrorKind
from changeover.org.act import act, require
from changeover.org.migrate import migrate
from changeover.org.model import Actor, Batch, Confirmation, Outcome
from changeover.org.permissions import MIGRATE, SETUP
from changeover.org.ports import Unit, Units
from changeover.org.values import shown

SKIPPED: frozenset[ErrorKind] = frozenset(
    {
        errors.ALREADY_MIGRATED,
        errors.NOT_LOCAL,
        errors.PUSH_INVALID,
        errors.NOT_ELIGIBLE,
        errors.CONFIRM_LOCAL,
        errors.CONFIRM_NO_USERNAME_PASSWORD,
        errors.USERNAME_PASSWORD_SEEN,
        errors.EVIDENCE_AGAINST,
    }
)
"""Refusals of a batch's app that are no failure: what a blanket confirmation does not cover is skipped."""


NOT_FINAL = frozenset({errors.STORE_BUSY.code, errors.INTERNAL.code})
"""Outcomes that are not recorded: the app keeps its place, and the batch can go on with it later."""

_log = structlog.get_logger(__name__)


def migrate_several(
    units: Units,
    actor: Actor,
    names: Sequence[str],
    confirmation: Confirmation,
    despite_evidence: Collection[str] = frozenset(),
    seen_versions: Mapping[str, int] | None = None,
) -> Iterator[Outcome]:
    """Migrate apps one after another, each in a transaction of its own, and yield what became of each.

    Args:
        units: where transactions come from.
        actor: who migrates.
        names: API names.
        confirmation: a blanket one: it covers only apps that nothing speaks against.
        despite_evidence: API names of the apps that were confirmed, one by one, against the evidence shown.
        seen_versions: by API name, the version of the app that the page showed.

    Raises:
        ChangeoverError: E-NOT-PERMITTED, before anything is done. What is refused of a single app stands in
            its outcome.
    """
    with units.unit() as unit:
        batch = start_batch(unit, actor, names, confirmation, despite_evidence, seen_versions)
    yield from run_batch(units, actor, batch.batch_id)


@act(MIGRATE, "migrate connected apps")
def start_batch(
    unit: Unit,
    actor: Actor,
    names: Sequence[str],
    confirmation: Confirmation,
    despite_evidence: Collection[str] = frozenset(),
    seen_versions: Mapping[str, int] | None = None,
) -> Batch:
    """Record which apps are to be migrated and what was confirmed; `run_batch` then does it."""
    batch = Batch(
        batch_id=unit.ids.record("0Bt"),
        started_at=unit.now,
        started_by=actor.username,
        door=actor.door,
        names=tuple(dict.fromkeys(names)),
        outcomes=(),
    )
    said = {
        "local": confirmation.local,
        "no_username_password": confirmation.no_username_password,
        "despite_evidence": sorted(despite_evidence),
        "seen_versions": dict(seen_versions or {}),
    }
    unit.batches.add(actor.org_id, batch, said)
    return batch


def run_batch(units: Units, actor: Actor, batch_id: str) -> Iterator[Outcome]:
    """Migrate the apps of a batch that have no outcome yet, and yield what became of each.

    A batch whose process died goes on where it stopped. Raises E-RECORD-NOT-FOUND, E-NOT-PERMITTED.
    """
    with units.read() as unit:
        require(unit, actor, MIGRATE, "migrate connected apps")
        batch = view_batch(unit, actor, batch_id)
        said = unit.batches.confirmation(batch_id)
    done = {outcome.name for outcome in batch.outcomes}
    despite = {name.casefold() for name in said["despite_evidence"]}
    for name in batch.names:
        if name in done:
            continue
        confirmation = Confirmation(
            local=said["local"],
            no_username_password=said["no_username_password"],
            despite_evidence=name.casefold() in despite,
            seen_version=said["seen_versions"].get(name),
        )
        yield _migrate_one(units, actor, batch_id, name, confirmation)


def _migrate_one(units: Units, actor: Actor, batch_id: str, name: str, confirmation: Confirmation) -> Outcome:
    try:
        # The outcome is recorded with the migration: a killed batch neither forgets nor repeats an app.
        with units.unit() as unit:
            migrate(unit, actor, name, confirmation)
            outcome = Outcome(name=name, result="migrated")
            unit.batches.record(batch_id, outcome)
    except ChangeoverError as error:
        result = "skipped" if error.kind in SKIPPED else "failed"
        outcome = Outcome(
            name=name, result=result, code=error.code, message=error.message, remedy=error.remedy
        )
    except Exception:  # noqa: BLE001 - whatever it is, the other apps go on
        # A fault of ours in one app stops no other; its detail belongs in the log only.
        _log.exception("migration failed", app=name, batch=batch_id)
        kind = errors.INTERNAL
        outcome = Outcome(name=name, result="failed", code=kind.code, message=kind.title, remedy=kind.remedy)
    else:
        return outcome
    if outcome.code not in NOT_FINAL:
        with units.unit() as unit:
            unit.batches.record(batch_id, outcome)
    return outcome


@act(SETUP, "look at migrations")
def view_batch(unit: Unit, actor: Actor, batch_id: str) -> Batch:
    """Return a batch with the outcomes so far. Raises E-RECORD-NOT-FOUND."""
    batch = unit.batches.get(actor.org_id, batch_id)
    if batch is None:
        raise ChangeoverError(errors.RECORD_NOT_FOUND, f"This org has no batch “{shown(batch_id)}”.")
    return batch


@act(SETUP, "look at migrations")
def list_batches(unit: Unit, actor: Actor) -> tuple[Batch, ...]:
    """Return the last batches, the newest first."""
    return unit.batches.list(actor.org_id)
