"""Login History: the evidence that eligibility hears."""

from __future__ import annotations

from typing import IO, Annotated

from litestar import get, post
from litestar.concurrency import sync_to_thread
from litestar.params import QueryParameter
from litestar.response import Stream
from msgspec import Meta, Struct

from changeover import errors
from changeover.org import logins as acts
from changeover.org.lists import LoginQuery
from changeover.project.exported_evidence import login_history_file
from changeover.project.org_logins import OrgLogins
from changeover.shapes.imports import FileProblem
from changeover.shapes.login_history import Login, LoginPage
from changeover.shapes.pages import page_of
from changeover.web.api.bodies import CSV, GZIP, received
from changeover.web.api.call import JSON, TAKES, AnyRequest, ThisCall
from changeover.web.api.parameters import PageNumber, PageSize, Search
from changeover.web.api.refusals import refusals
from changeover.web.downloads import download
from changeover.web.uploads import MAX_BYTES

TAG = ["Login History"]

Application = Annotated[str, QueryParameter(description="Exactly this label of an app.", max_length=255)]
SubType = Annotated[
    str,
    QueryParameter(name="sub_type", description="Exactly this flow, as the API spells it.", max_length=255),
]


LoginType = Annotated[
    str, QueryParameter(name="login_type", description="Exactly this login type.", max_length=255)
]
Refused = Annotated[
    bool | None,
    QueryParameter(description="Only logins that were refused (true), or that were not (false)."),
]


class LoginImport(Struct, frozen=True, kw_only=True):
    """What an import of Login History brought."""

    read: Annotated[int, Meta(description="Rows that were read.")]
    new: Annotated[int, Meta(description="Rows that were not there before.")]
    errors: Annotated[tuple[FileProblem, ...], Meta(description="Rows that were left out.")]
    notes: Annotated[tuple[str, ...], Meta(description="What had to be assumed.")]


@get("/login-history", sync_to_thread=True, tags=TAG, responses=refusals())
def list_logins(
    call: ThisCall,
    search: Search = "",
    application: Application = "",
    sub_type: SubType = "",
    login_type: LoginType = "",
    refused: Refused = None,
    page: PageNumber = 1,
    page_size: PageSize = 50,
) -> LoginPage:
    """List logins, the newest first."""
    query = LoginQuery(
        search=search,
        application=application,
        sub_type=sub_type,
        login_type=login_type,
        refused=refused,
        page=page,
        page_size=page_size,
    )
    with call.read() as unit:
        rows = acts.list_logins(unit, call.actor, query)
    return page_of(LoginPage, rows, Login.of)


@post(
    "/login-history",
    status_code=200,
    tags=TAG,
    opt={TAKES: (CSV, GZIP, JSON)},
    request_max_body_size=MAX_BYTES,
    responses=refusals(errors.LOGIN_HISTORY_UNREADABLE, body=True),
)
async def import_logins(call: ThisCall, request: AnyRequest) -> LoginImport:
    """Import Login History: Setup's CSV (also packed with gzip), or the CSV or JSON answer of a SOQL query.

    Rows that are there already are not added twice. The verdicts of the apps concerned follow.
    """

    def run() -> LoginImport:
        rows = OrgLogins(path)
        done = acts.import_login_histories(call.units, call.actor, [rows])
        return LoginImport(
            read=done.read,
            new=done.new,
            errors=tuple(FileProblem.of(each) for each in rows.errors),
            notes=rows.notes,
        )

    async with received(request, "login-history") as path:
        return await sync_to_thread(run)


@get("/login-history/export", sync_to_thread=True, media_type=CSV, tags=TAG, responses=refusals())
def export_logins(call: ThisCall) -> Stream:
    """Return the whole Login History, as Setup downloads it."""

    def write(file: IO[bytes]) -> None:
        with call.read() as unit:
            file.writelines(login_history_file(acts.export_logins(unit, call.actor)))

    return download(write, "LoginHistory.csv", CSV)


OPERATIONS = (list_logins, import_logins, export_logins)
