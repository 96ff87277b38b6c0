"""Rehearsals: begin one for an app or for several, see how far it is, and what became of each login."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from changeover.migration.decisions import BY_ID
from changeover.org.permissions import SETUP
from changeover.rehearse.assumptions import ASSUMPTIONS
from changeover.rehearse.rehearsal import CAVEAT
from changeover.rehearse.told import fails_alike
from changeover.web import paths
from changeover.web.downloads import download
from changeover.web.forms import ThisForm
from changeover.web.listing import order, paged
from changeover.web.visit import ThisVisit

_PAGE = f"{paths.REHEARSALS}/{{rehearsal_id:str}}"
_APPS = 25


@get(paths.REHEARSALS, sync_to_thread=True)
def list_page(visit: ThisVisit) -> Response[str]:
    """List the rehearsals that are kept."""
    return visit.page(
        "rehearsals.html",
        title="Rehearsals",
        kept=visit.services.rehearsals.every(visit.actor),
        caveat=CAVEAT,
    )


@post(paths.REHEARSALS, sync_to_thread=True)
def start(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Begin to rehearse the apps that were chosen, and lead to the page that shows how far it is."""
    kept = visit.services.rehearsals.start(visit.actor, form.texts("app"), form.texts("assume"))
    return visit.go(paths.rehearsal(kept.rehearsal_id))


@get(_PAGE, sync_to_thread=True)
def view_page(visit: ThisVisit, rehearsal_id: FromPath[str], page: FromQuery[int] = 1) -> Response[str]:
    """Show how far a rehearsal is, and its table, some apps a page."""
    kept = visit.services.rehearsals.view(visit.actor, rehearsal_id)
    here = paths.rehearsal(rehearsal_id)
    listing = paged(kept.apps, order(("app",), sort="app", page=page, size=_APPS), here)
    return visit.page(
        "rehearsal_progress.html" if visit.in_dialog else "rehearsal.html",
        title="Rehearsal",
        kept=kept,
        here=here,
        again=listing.page_url(listing.order.page),
        listing=listing,
        caveat=CAVEAT,
        fails_alike=fails_alike,
        decisions=BY_ID,
        assumptions=[(one.name, f"{one.decision.id}: {one.what}") for one in ASSUMPTIONS],
        assumed=[one.name for one in kept.setting.assumed],
        may_start=visit.may(SETUP),
    )


@get(f"{_PAGE}/rehearsal.json", sync_to_thread=True)
def as_json(visit: ThisVisit, rehearsal_id: FromPath[str]) -> Stream:
    """Return the table as the command line prints it with --json, for a report."""
    kept = visit.services.rehearsals.view(visit.actor, rehearsal_id)

    def pieces() -> Iterator[bytes]:
        yield msgspec.json.encode(kept.setting)[:-1]
        rest = {"apps": kept.apps, "summary": kept.summary, "errors": []}
        yield b", " + msgspec.json.encode(rest)[1:] + b"\n"

    def write(file: IO[bytes]) -> None:
        file.writelines(pieces())

    return download(write, f"rehearsal-{kept.rehearsal_id}.json", "application/json")


ROUTES = (list_page, start, view_page, as_json)
