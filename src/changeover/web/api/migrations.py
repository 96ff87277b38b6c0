"""Migrate one connected app, or several in a batch."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from changeover import errors
from changeover.org import batches
from changeover.org.migrate import migrate
from changeover.org.model import Confirmation
from changeover.shapes.outcomes import Batch
from changeover.web.api.call import Call, ThisCall, address
from changeover.web.api.connected_apps import LOCATION, PATH
from changeover.web.api.refusals import refusals
from changeover.web.paths import external_client_app

TAG = ["Migration"]
BATCH = "/migration-batches/{batch_id:str}"
MOST_APPS = 10_000
Name = Annotated[str, Meta(max_length=255)]

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
    wait: Annotated[
        bool,
        Meta(
            description="Whether to answer when all is done. Otherwise the answer comes at once, and `GET` on"
            " its Location shows how far it is."
        ),
    ] = True


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
    "/migration-batches",
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    response_headers=[LOCATION],
    responses={
        202: ResponseSpec(
            Batch, generate_examples=False, description="The batch has been recorded and runs."
        ),
        **refusals(body=True),
    },
)
def migrate_several(call: ThisCall, data: JSONBody[BatchRequest]) -> Response[Batch]:
    """Migrate several connected apps, each in a transaction of its own, with an outcome for each.

    One failure stops no other. With `wait` false the answer is 202 and holds no outcome yet; a batch whose
    server died goes on with a continuation.
    """
    confirmation = Confirmation(local=data.local, no_username_password=data.no_username_password)
    with call.unit() as unit:
        batch = batches.start_batch(
            unit, call.actor, data.api_names, confirmation, frozenset(data.despite_evidence), data.versions
        )
    return _run(call, batch.batch_id, wait=data.wait)


@post(
    BATCH + "/continuation",
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    responses=refusals(errors.RECORD_NOT_FOUND),
)
def continue_batch(call: ThisCall, batch_id: FromPath[str]) -> Response[Batch]:
    """Migrate the apps of a batch that have no outcome yet: its server died, or it still runs elsewhere."""
    return _run(call, batch_id, wait=True)


@get(BATCH, sync_to_thread=True, tags=TAG, responses=refusals(errors.RECORD_NOT_FOUND))
def get_batch(call: ThisCall, batch_id: FromPath[str]) -> Batch:
    """Return a batch with the outcomes so far."""
    with call.read() as unit:
        return Batch.of(batches.view_batch(unit, call.actor, batch_id))


@get("/migration-batches", sync_to_thread=True, tags=TAG, responses=refusals())
def list_batches(call: ThisCall) -> list[Batch]:
    """Return the last batches, the newest first."""
    with call.read() as unit:
        return [Batch.of(each) for each in batches.list_batches(unit, call.actor)]


def _run(call: Call, batch_id: str, *, wait: bool) -> Response[Batch]:
    """Run a batch before the answer or after it."""
    if wait:
        _finish(call, batch_id)
    with call.read() as unit:
        batch = Batch.of(batches.view_batch(unit, call.actor, batch_id))
    return Response(
        batch,
        status_code=200 if wait else 202,
        headers={"Location": address("migration-batches", batch_id)},
        background=None if wait else BackgroundTask(_finish, call, batch_id),
    )


def _finish(call: Call, batch_id: str) -> None:
    for _ in batches.run_batch(call.units, call.actor, batch_id):
        pass


OPERATIONS = (migrate_connected_app, migrate_several, list_batches, get_batch, continue_batch)
