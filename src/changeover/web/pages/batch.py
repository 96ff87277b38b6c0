"""A batch: how far it is, what became of each app, stop and go on, and the undo of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import IO, Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from changeover.errors import ChangeoverError
from changeover.org import batch_undo, batches
from changeover.org.act import require
from changeover.org.lists import OutcomeQuery
from changeover.org.model.batches import Batch, BatchKind, Outcome
from changeover.org.permissions import EXTERNAL_CLIENT_APP_VIEW, MIGRATE
from changeover.org.ports import Unit
from changeover.shapes import outcomes as shapes
from changeover.web import paths
from changeover.web.downloads import download
from changeover.web.forms import ThisForm
from changeover.web.listing import PAGE_SIZE, Listing, order
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

_PAGE = f"{paths.MIGRATIONS}/{{batch_id:str}}"
_RESULTS = ("migrated", "reverted", "skipped", "failed")


@get(_PAGE, sync_to_thread=True)
def view_page(
    visit: ThisVisit, batch_id: FromPath[str], result: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    """Show how far a batch is and what became of its apps, page by page."""
    wanted = result if result in _RESULTS else ""
    shown = order(("position",), sort="position", page=page, filters={"result": wanted})
    query = OutcomeQuery(result=wanted, page=shown.page, page_size=PAGE_SIZE)
    with visit.read() as unit:
        batch = batches.view_batch(unit, visit.actor, batch_id)
        found = batches.batch_outcomes(unit, visit.actor, batch_id, query)
        undos = batches.undos_of(unit, visit.actor, batch_id)
        alive = batch.alive(unit.now)
        faults = batch.done and any(
            batches.batch_outcomes(unit, visit.actor, batch_id, OutcomeQuery(code=code, page_size=1)).total
            for code in batches.AGAIN
        )
    here = paths.migration(batch_id)
    title = "Migration of several apps" if batch.kind is BatchKind.MIGRATE else "Undo of a migration"
    listing = Listing(rows=found.rows, total=found.total, order=shown, path=here)
    return visit.page(
        "batch_progress.html" if visit.in_dialog else "batch.html",
        title=title,
        batch=batch,
        alive=alive,
        listing=listing,
        here=here,
        # What the page asks for again while the batch runs: itself, as it is filtered and paged.
        again=listing.page_url(shown.page),
        result=wanted,
        tabs=_tabs(batch, here),
        faults=faults,
        undos=undos,
        may_run=visit.may(MIGRATE),
        may_open=visit.may(EXTERNAL_CLIENT_APP_VIEW),
        may_undo=batch.kind is BatchKind.MIGRATE and batch.results.get("migrated", 0) > 0,
    )


def _tabs(batch: Batch, here: str) -> list[tuple[str, str, str]]:
    found = [
        (name, f"{name.capitalize()} ({count})", f"{here}?result={name}")
        for name, count in batch.results.items()
    ]
    return [("", f"All ({batch.count})", here), *found]


@post(f"{_PAGE}/stop", sync_to_thread=True)
def stop(visit: ThisVisit, batch_id: FromPath[str]) -> Response[Any]:
    """Stop a batch after the app at hand."""
    with visit.unit() as unit:
        batches.stop_batch(unit, visit.actor, batch_id)
    return visit.go(paths.migration(batch_id))


@post(f"{_PAGE}/go-on", sync_to_thread=True)
def go_on(visit: ThisVisit, batch_id: FromPath[str]) -> Response[Any]:
    """Go on with a batch that was stopped, in the name of who asks."""
    with visit.unit() as unit:
        batches.resume_batch(unit, visit.actor, batch_id)
    return visit.go(paths.migration(batch_id))


@get(f"{_PAGE}/results.csv", sync_to_thread=True)
def results_csv(visit: ThisVisit, batch_id: FromPath[str], result: FromQuery[str] = "") -> Stream:
    """Return what became of each app, as CSV for a spreadsheet."""
    return _download(visit, batch_id, result, "csv", "text/csv", _csv)


@get(f"{_PAGE}/results.json", sync_to_thread=True)
def results_json(visit: ThisVisit, batch_id: FromPath[str], result: FromQuery[str] = "") -> Stream:
    """Return what became of each app, as JSON."""
    return _download(visit, batch_id, result, "json", "application/json", _json)


Lines = Callable[[Iterable[Outcome]], Iterator[bytes]]


def _download(visit: Visit, batch_id: str, result: str, ending: str, media_type: str, lines: Lines) -> Stream:
    wanted = result if result in _RESULTS else ""

    def write(file: IO[bytes]) -> None:
        with visit.read() as unit:
            batches.view_batch(unit, visit.actor, batch_id)
            file.writelines(lines(batches.every_outcome(unit, visit.actor, batch_id, wanted)))

    name = f"{batch_id}{f'-{wanted}' if wanted else ''}.{ending}"
    return download(write, name, media_type)


def _csv(outcomes: Iterable[Outcome]) -> Iterator[bytes]:
    line = io.StringIO()
    writer = csv.writer(line)
    header = ("app", "result", "code", "message", "remedy")
    rows = ((one.name, one.result, one.code or "", one.message, one.remedy) for one in outcomes)
    for row in chain((header,), rows):
        writer.writerow([_harmless(value) for value in row])
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def _harmless(value: str) -> str:
    """Return a value that no spreadsheet takes for a formula."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def _json(outcomes: Iterable[Outcome]) -> Iterator[bytes]:
    yield b'{"outcomes": ['
    for number, one in enumerate(outcomes):
        yield (b",\n" if number else b"\n") + msgspec.json.encode(shapes.Outcome.of(one))
    yield b"\n]}\n"


@get(f"{_PAGE}/undo", sync_to_thread=True)
def undo_page(visit: ThisVisit, batch_id: FromPath[str], page: FromQuery[int] = 1) -> Response[str]:
    """List what the undo of a batch would lose, and ask for the confirmation."""
    with visit.read() as unit:
        return _undo(visit, unit, batch_id, page)


@post(f"{_PAGE}/undo", sync_to_thread=True)
def undo(visit: ThisVisit, batch_id: FromPath[str], form: ThisForm) -> Response[Any]:
    """Start the undo of a batch and lead to the page with its progress."""
    try:
        with visit.unit() as unit:
            started = batch_undo.start_undo(
                unit, visit.actor, batch_id, confirmed=form.checked("confirmed"), stamp=form.text("stamp")
            )
    except ChangeoverError as error:
        with visit.read() as unit:
            return _undo(visit, unit, batch_id, 1, of_error(error))
    return visit.go(
        paths.migration(started.batch_id), Notice("success", "The undo has been recorded, and runs.")
    )


def _undo(visit: Visit, unit: Unit, batch_id: str, page: int, error: Problem | None = None) -> Response[str]:
    require(unit, visit.actor, MIGRATE, "undo a batch")
    shown = order(("position",), sort="position", page=page)
    query = OutcomeQuery(page=shown.page, page_size=PAGE_SIZE)
    planned = batch_undo.plan_undo(unit, visit.actor, batch_id, query)
    found = planned.losses
    here = paths.migration(batch_id, "undo")
    return visit.page(
        "batch_undo.html",
        status=error.status if error else 200,
        title="Undo a migration of several apps",
        undo=planned,
        listing=Listing(rows=found.rows, total=found.total, order=shown, path=here),
        here=here,
        back=paths.migration(batch_id),
        error=error,
    )


ROUTES = (view_page, stop, go_on, results_csv, results_json, undo_page, undo)
