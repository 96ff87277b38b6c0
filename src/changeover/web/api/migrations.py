"""Migrate one connected app, or several in a batch."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from changeover import errors
from changeover.org import batch_runs, batch_undo, batches
from changeover.org.lists import OutcomeQuery
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.ports import Unit
from changeover.shapes.outcomes import Batch, BatchLosses, Outcome, Outcomes
from changeover.shapes.pages import page_of
from changeover.web.api.call import Call, ThisCall, address
from changeover.web.api.connected_apps import LOCATION, PATH
from changeover.web.api.parameters import PageNumber, PageSize
from changeover.web.api.refusals import refusals
from changeover.web.paths import external_client_app

TAG = ["Migration"]
BATCHES = "/migration-batches"
BATCH = BATCHES + "/{batch_id:str}"
MOST_APPS = 10_000
Name = Annotated[str, Meta(max_length=255)]

_WAIT = (
    "Whether to answer when all is done. Otherwise the answer comes at once, and `GET` on its Location shows"
    " how far it is."
)
Waits = Annotated[bool, Meta(description=_WAIT)]
Wait = Annotated[bool, QueryParameter(name="wait", description=_WAIT)]
Result = Annotated[
    Literal["migrated", "reverted", "skipped", "failed"] | None,
    QueryParameter(name="result", description="Only the apps with this result."),
]
_RECORDED = ResponseSpec(Batch, generate_examples=False, description="The batch has been recorded, and runs.")
_EDITION = (errors.EDITION_REFUSED, errors.NOT_OPTED_IN)


class MigrationRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is confirmed of one app. Confirm only what you know: the audit trail names you with it."""

    local: Annotated[bool, Meta(description="That the app is local.")] = False
    no_username_password: Annotated[
        bool, Meta(description="That the app does not use the username-password flow.")
    ] = False
    despite_evidence: Annotated[
        bool, Meta(description="That the app is to be migrated against the evidence in its assessment.")
    ] = False
    version: Annotated[
        int | None,
        Meta(description="Version of the connected app that was looked at; another one there is refused."),
    ] = None


class Migrated(Struct, frozen=True, kw_only=True):
    """A migrated app, with the link to its external client app."""

    connected_app: Annotated[str, Meta(description="API name; the connected app is read-only from now on.")]
    external_client_app: Annotated[str, Meta(description="API name.")]
    href: Annotated[
        str,
        Meta(
            description="Address of the external client app.",
            examples=["/api/v1/external-client-apps/Billing"],
        ),
    ]
    page: Annotated[str, Meta(description="The same in Setup.")]


class BatchRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Connected apps to migrate, and what is confirmed of all of them.

    The confirmation covers only apps that nothing speaks against; the others are skipped unless they are
    named in `despite_evidence`.
    """

    api_names: Annotated[list[Name], Meta(min_length=1, max_length=MOST_APPS)]
    local: Annotated[bool, Meta(description="That all of them are local.")] = False
    no_username_password: Annotated[
        bool, Meta(description="That none of them uses the username-password flow.")
    ] = False
    despite_evidence: Annotated[
        tuple[str, ...], Meta(description="API names confirmed one by one against the evidence.")
    ] = ()
    versions: Annotated[
        dict[str, int], Meta(description="By API name, the version of the app that was looked at.")
    ] = {}
    wait: Waits = True


class UndoRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The undo of a batch, confirmed."""

    confirmed: Annotated[
        bool, Meta(description="That what will be lost was read; nothing is deleted without.")
    ] = False
    stamp: Annotated[
        Annotated[str, Meta(max_length=60)] | None,
        Meta(
            description="The `stamp` of the losses that were read; if anything has changed since, the undo is"
            " refused."
        ),
    ] = None
    wait: Waits = True


@post(
    PATH + "/migration",
    sync_to_thread=True,
    tags=TAG,
    response_headers=[LOCATION],
    responses=refusals(
        *_EDITION,
        errors.APP_NOT_FOUND,
        errors.ALREADY_MIGRATED,
        errors.STALE_PAGE,
        errors.NOT_LOCAL,
        errors.NAME_TAKEN,
        errors.PUSH_INVALID,
        errors.NOT_ELIGIBLE,
        errors.CONFIRM_LOCAL,
        errors.CONFIRM_NO_USERNAME_PASSWORD,
        errors.USERNAME_PASSWORD_SEEN,
        errors.EVIDENCE_AGAINST,
        body=True,
    ),
)
def migrate_connected_app(
    call: ThisCall, name: FromPath[str], data: JSONBody[MigrationRequest]
) -> Response[Migrated]:
    """Create an external client app from a connected app, which stays as a read-only version.

    All of it happens or nothing. Look at the assessment and the plan first.
    """
    confirmation = Confirmation(
        local=data.local,
        no_username_password=data.no_username_password,
        despite_evidence=data.despite_evidence,
        seen_version=data.version,
    )
    with call.unit() as unit:
        record = migrate(unit, call.actor, name, confirmation)
    href = address("external-client-apps", record.api_name)
    made = Migrated(
        connected_app=record.connected_app or record.api_name,
        external_client_app=record.api_name,
        href=href,
        page=external_client_app(record.api_name),
    )
    return Response(made, status_code=201, headers={"Location": href})


@post(
    BATCHES,
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    response_headers=[LOCATION],
    responses={202: _RECORDED, **refusals(body=True)},
)
def migrate_several(call: ThisCall, data: JSONBody[BatchRequest]) -> Response[Batch]:
    """Migrate several connected apps, each in a transaction of its own, with an outcome for each.

    One failure stops no other. With `wait` false the answer is 202 and nothing is done yet. Even if its
    process dies, a batch runs until every app has its outcome or somebody stops it.
    """
    confirmation = Confirmation(local=data.local, no_username_password=data.no_username_password)
    despite = frozenset(data.despite_evidence)
    with call.unit() as unit:
        runner = _runner(unit, wait=data.wait)
        batch = batches.start_batch(
            unit, call.actor, data.api_names, confirmation, despite, data.versions, runner=runner
        )
    return _answer(call, batch.batch_id, runner)


@post(
    BATCH + "/continuation",
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    response_headers=[LOCATION],
    responses={202: _RECORDED, **refusals(errors.RECORD_NOT_FOUND, errors.BATCH_RUNNING)},
)
def resume_batch(call: ThisCall, batch_id: FromPath[str], *, wait: Wait = True) -> Response[Batch]:
    """Go on with a batch that was stopped. It runs in your name; the confirmation stays that of who gave it.

    Apps that failed by a fault of ours are tried again. Nothing happens to a batch that is done.
    """
    with call.unit() as unit:
        runner = _runner(unit, wait=wait)
        batch = batches.resume_batch(unit, call.actor, batch_id, runner=runner)
    return _answer(call, batch.batch_id, runner)


@post(
    BATCH + "/stop",
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    responses=refusals(errors.RECORD_NOT_FOUND),
)
def stop_batch(call: ThisCall, batch_id: FromPath[str]) -> Batch:
    """Stop a batch: the app at hand is finished, the others keep their place. `…/continuation` goes on."""
    with call.unit() as unit:
        return Batch.of(batches.stop_batch(unit, call.actor, batch_id))


@get(BATCH, sync_to_thread=True, tags=TAG, responses=refusals(errors.RECORD_NOT_FOUND))
def get_batch(call: ThisCall, batch_id: FromPath[str]) -> Batch:
    """Return how far a batch is."""
    with call.read() as unit:
        return Batch.of(batches.view_batch(unit, call.actor, batch_id))


@get(BATCH + "/outcomes", sync_to_thread=True, tags=TAG, responses=refusals(errors.RECORD_NOT_FOUND))
def list_outcomes(
    call: ThisCall,
    batch_id: FromPath[str],
    result: Result = None,
    page: PageNumber = 1,
    page_size: PageSize = 50,
) -> Outcomes:
    """Return what became of a batch's apps so far, in the order in which they were named."""
    query = OutcomeQuery(result=result or "", page=page, page_size=page_size)
    with call.read() as unit:
        found = batches.batch_outcomes(unit, call.actor, batch_id, query)
    return page_of(Outcomes, found, Outcome.of)


@get(
    BATCH + "/losses",
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.RECORD_NOT_FOUND, errors.VALUE_REFUSED),
)
def list_batch_losses(
    call: ThisCall, batch_id: FromPath[str], page: PageNumber = 1, page_size: PageSize = 50
) -> BatchLosses:
    """Return what the undo of a batch would lose: the external client apps that were changed since."""
    query = OutcomeQuery(page=page, page_size=page_size)
    with call.read() as unit:
        return BatchLosses.of_undo(batch_undo.plan_undo(unit, call.actor, batch_id, query))


@post(
    BATCH + "/reversal",
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    response_headers=[LOCATION],
    responses={
        202: _RECORDED,
        **refusals(
            errors.RECORD_NOT_FOUND,
            errors.VALUE_REFUSED,
            errors.BATCH_RUNNING,
            errors.STALE_PAGE,
            errors.CONFIRM_DELETION,
            body=True,
        ),
    },
)
def undo_batch(call: ThisCall, batch_id: FromPath[str], data: JSONBody[UndoRequest]) -> Response[Batch]:
    """Revert every app that a batch migrated, each in a transaction of its own.

    The answer is the batch that does it: it is looked at, stopped and gone on with like any other. What is
    changed, deleted or migrated anew before its turn comes is skipped.
    """
    with call.unit() as unit:
        runner = _runner(unit, wait=data.wait)
        batch = batch_undo.start_undo(
            unit, call.actor, batch_id, confirmed=data.confirmed, stamp=data.stamp, runner=runner
        )
    return _answer(call, batch.batch_id, runner)


@get(BATCHES, sync_to_thread=True, tags=TAG, responses=refusals())
def list_batches(call: ThisCall) -> list[Batch]:
    """Return the last batches, the newest first."""
    with call.read() as unit:
        return [Batch.of(each) for each in batches.list_batches(unit, call.actor)]


def _runner(unit: Unit, *, wait: bool) -> str | None:
    """Return the run with which this request goes on, None where the jobs do the work."""
    return batch_runs.new_runner(unit) if wait else None


def _answer(call: Call, batch_id: str, runner: str | None) -> Response[Batch]:
    """Answer with a batch, after it was run where the request waits for it."""
    if runner is not None:
        for _ in batch_runs.run_batch(call.units, batch_id, runner=runner):
            pass
    with call.read() as unit:
        batch = Batch.of(batches.view_batch(unit, call.actor, batch_id))
    headers = {"Location": address("migration-batches", batch_id)}
    return Response(batch, status_code=202 if runner is None else 200, headers=headers)


OPERATIONS = (
    migrate_connected_app,
    migrate_several,
    list_batches,
    get_batch,
    list_outcomes,
    stop_batch,
    resume_batch,
    list_batch_losses,
    undo_batch,
)
