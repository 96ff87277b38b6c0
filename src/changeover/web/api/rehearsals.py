"""Rehearse the logins of connected apps on a copy, and look at what became of them."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from changeover import errors
from changeover.rehearse.assumptions import BY_NAME
from changeover.rehearse.background import MOST_APPS, KeptRehearsal
from changeover.web.api.call import ThisCall, address
from changeover.web.api.connected_apps import LOCATION
from changeover.web.api.refusals import refusals

TAG = ["Rehearsal"]
REHEARSALS = "/rehearsals"
Name = Annotated[str, Meta(max_length=255)]


class RehearsalRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Connected apps to rehearse."""

    api_names: Annotated[list[Name], Meta(min_length=1, max_length=MOST_APPS)]
    assume: Annotated[
        tuple[Name, ...], Meta(description=f"Decisions to take the other way: {', '.join(BY_NAME)}.")
    ] = ()


@post(
    REHEARSALS,
    sync_to_thread=True,
    status_code=202,
    tags=TAG,
    response_headers=[LOCATION],
    responses=refusals(errors.APP_NOT_FOUND, errors.VALUE_REFUSED, errors.REHEARSAL_RUNNING, body=True),
)
def start_rehearsal(call: ThisCall, data: JSONBody[RehearsalRequest]) -> Response[KeptRehearsal]:
    """Log in as the clients of connected apps do, on a copy: before a migration, after it, after the revert.

    The answer comes at once; `GET` on its Location shows how far it is. The org is only read. It shows what
    Changeover's rules imply, not what Salesforce will do.
    """
    kept = call.rehearsals.start(call.actor, data.api_names, data.assume)
    headers = {"Location": address("rehearsals", kept.rehearsal_id)}
    return Response(kept, status_code=202, headers=headers)


@get(
    REHEARSALS + "/{rehearsal_id:str}",
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.RECORD_NOT_FOUND),
)
def get_rehearsal(call: ThisCall, rehearsal_id: FromPath[str]) -> KeptRehearsal:
    """Return a rehearsal as far as it is. It is kept for seven days."""
    return call.rehearsals.view(call.actor, rehearsal_id)


@get(REHEARSALS, sync_to_thread=True, tags=TAG, responses=refusals())
def list_rehearsals(call: ThisCall) -> list[KeptRehearsal]:
    """Return the rehearsals that are kept, the newest first."""
    return list(call.rehearsals.every(call.actor))


OPERATIONS = (start_rehearsal, list_rehearsals, get_rehearsal)
