"""Login History: search, and import of what a live org tells."""

from __future__ import annotations

from typing import IO, Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Stream

from changeover.errors import ChangeoverError
from changeover.org import logins as acts
from changeover.org.lists import LoginQuery
from changeover.org.permissions import LOGIN_HISTORY
from changeover.project.exported_evidence import login_history_file
from changeover.project.login_history import SUB_TYPES
from changeover.project.org_logins import OrgLogins
from changeover.web import uploads
from changeover.web.downloads import download
from changeover.web.forms import ThisForm
from changeover.web.listing import PAGE_SIZE, Listing, order
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

_PATH = "/setup/login-history"
_STATUSES = {"success": False, "failed": True}
"""Whether the logins of a choice were refused; others mean all."""


@get(_PATH, sync_to_thread=True)
def list_page(
    visit: ThisVisit,
    q: FromQuery[str] = "",
    application: FromQuery[str] = "",
    sub_type: FromQuery[str] = "",
    status: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[str]:
    """List logins, the newest first."""
    return _page(visit, q=q, application=application, sub_type=sub_type, status=status, page=page)


@get(f"{_PATH}/LoginHistory.csv", sync_to_thread=True)
def export(visit: ThisVisit) -> Stream:
    """Return the whole Login History, as Salesforce's Setup downloads it."""

    def write(file: IO[bytes]) -> None:
        with visit.read() as unit:
            file.writelines(login_history_file(acts.export_logins(unit, visit.actor)))

    return download(write, "LoginHistory.csv", "text/csv")


@post(f"{_PATH}/import", sync_to_thread=True, request_max_body_size=uploads.MAX_BYTES)
def import_(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Import Login History files, if all of them can be read. No row comes in twice."""
    left_out: list[str] = []
    try:
        given = uploads.read(form.files("files"))
        with uploads.as_single_files(given) as files:
            histories = [OrgLogins(file) for file in files]
            done = acts.import_login_histories(visit.services.units, visit.actor, histories)
        for rows in histories:
            left_out += [str(error.message) for error in rows.errors]
            left_out += [f"{rows.name}: {note}." for note in rows.notes]
    except ChangeoverError as error:
        return _page(visit, error=of_error(error))
    said = f"{done.read} {'login was' if done.read == 1 else 'logins were'} read, {done.new} of them new."
    return visit.go(_PATH, Notice("warning" if left_out else "success", said, more=" ".join(left_out[:10])))


def _page(
    visit: Visit,
    *,
    q: str = "",
    application: str = "",
    sub_type: str = "",
    status: str = "",
    page: int = 1,
    error: Problem | None = None,
) -> Response[str]:
    filters: dict[str, str | None] = {
        "application": application.strip(),
        "sub_type": sub_type,
        "status": status,
    }
    shown = order(("at",), sort="-at", page=page, search=q, filters=filters)
    query = LoginQuery(
        search=shown.search,
        application=application.strip(),
        sub_type=sub_type,
        refused=_STATUSES.get(status),
        page=shown.page,
        page_size=PAGE_SIZE,
    )
    with visit.read() as unit:
        found = acts.list_logins(unit, visit.actor, query)
    return visit.page(
        "login_history.html",
        status=error.status if error else 200,
        title="Login History",
        error=error,
        listing=Listing(
            rows=found.rows, total=found.total, order=shown, path=_PATH, open_ended=found.open_ended
        ),
        application=application,
        sub_type=sub_type,
        sub_types=[("", "All"), *((name, name) for name in SUB_TYPES)],
        outcome=status,
        statuses=[("", "All"), ("success", "Success"), ("failed", "Failed")],
        may_import=visit.may(LOGIN_HISTORY),
    )


ROUTES = (list_page, export, import_)
