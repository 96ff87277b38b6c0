"""External client apps: the manager, settings and policies, what is loose, and deleting one: the revert."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from changeover import errors
from changeover.migration.lifecycle import State
from changeover.org import external_client_app_edits as edits
from changeover.org import external_client_apps as acts
from changeover.org.lists import ExternalClientAppQuery
from changeover.org.model.apps import ExternalClientAppRecord
from changeover.shapes.accounts import Account
from changeover.shapes.external_client_apps import (
    ExternalClientApp,
    ExternalClientAppPage,
    ExternalClientAppRow,
    LoosePoint,
    Losses,
)
from changeover.shapes.pages import page_of
from changeover.web.api.call import IfMatch, ThisCall, etag, seen
from changeover.web.api.connected_apps import ETAG
from changeover.web.api.parameters import Confirmed, Edit, PageNumber, PageSize, Search, given
from changeover.web.api.refusals import refusals

TAG = ["External client apps"]
PATH = "/external-client-apps/{name:str}"

SortBy = Annotated[
    Literal["label", "-label", "api_name", "-api_name", "made_at", "-made_at"],
    QueryParameter(name="sort", description="By what; `-` before it: descending."),
]

_EDIT = (errors.EXTERNAL_CLIENT_APP_NOT_FOUND, errors.VALUE_REFUSED)


class Reverted(Struct, frozen=True, kw_only=True):
    """What deleting an external client app made of its connected app."""

    connected_app: Annotated[
        str | None, Meta(description="API name; null where the app was not made from a connected app.")
    ]
    state: State | None
    version: Annotated[int | None, Meta(description="Version of the connected app, which is active again.")]


def shown(record: ExternalClientAppRecord) -> Response[Any]:
    """Return an external client app with its version as the ETag."""
    return Response(ExternalClientApp.of(record), headers={"ETag": etag(record.version)})


@get("/external-client-apps", sync_to_thread=True, tags=TAG, responses=refusals())
def list_external_client_apps(
    call: ThisCall,
    search: Search = "",
    sort: SortBy = "label",
    page: PageNumber = 1,
    page_size: PageSize = 50,
) -> ExternalClientAppPage:
    """List external client apps as External Client App Manager does."""
    query = ExternalClientAppQuery(
        search=search,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        page=page,
        page_size=page_size,
    )
    with call.read() as unit:
        rows = acts.list_external_client_apps(unit, call.actor, query)
    return page_of(ExternalClientAppPage, rows, ExternalClientAppRow.of)


@get(
    PATH,
    sync_to_thread=True,
    tags=TAG,
    response_headers=[ETAG],
    responses=refusals(errors.EXTERNAL_CLIENT_APP_NOT_FOUND),
)
def get_external_client_app(call: ThisCall, name: FromPath[str]) -> Response[ExternalClientApp]:
    """Return an external client app with its header and all its parts, without secrets."""
    with call.read() as unit:
        return shown(acts.view_external_client_app(unit, call.actor, name))


@get(
    PATH + "/account",
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.EXTERNAL_CLIENT_APP_NOT_FOUND),
)
def get_account(call: ThisCall, name: FromPath[str]) -> Account:
    """Return where each field came from when a migration made the app.

    Both lists are empty for an app that was imported.
    """
    with call.read() as unit:
        record = acts.view_external_client_app(unit, call.actor, name)
    return Account(account=(), added=()) if record.account is None else Account.of(record.account)


@patch(
    PATH + "/settings",
    sync_to_thread=True,
    tags=TAG,
    response_headers=[ETAG],
    responses=refusals(*_EDIT, body=True, version=True),
)
def edit_settings(
    call: ThisCall, name: FromPath[str], data: JSONBody[Edit], if_match: IfMatch = None
) -> Response[ExternalClientApp]:
    """Edit the developer's settings. A path begins with the part's suffix: `ecaGlblOauth/callbackUrl`.

    The connected app from which it was made does not change.
    """
    version = seen(if_match)
    with call.unit() as unit:
        return shown(edits.edit_settings(unit, call.actor, name, given(data.changes), seen_version=version))


@patch(
    PATH + "/policies",
    sync_to_thread=True,
    tags=TAG,
    response_headers=[ETAG],
    responses=refusals(*_EDIT, body=True, version=True),
)
def edit_policies(
    call: ThisCall, name: FromPath[str], data: JSONBody[Edit], if_match: IfMatch = None
) -> Response[ExternalClientApp]:
    """Edit the admin's policies: `ecaOauthPlcy/permittedUsersPolicyType`. None can be taken away."""
    version = seen(if_match)
    with call.unit() as unit:
        return shown(edits.edit_policies(unit, call.actor, name, given(data.changes), seen_version=version))


@get(
    PATH + "/loose-points",
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.EXTERNAL_CLIENT_APP_NOT_FOUND),
)
def list_loose_points(call: ThisCall, name: FromPath[str]) -> list[LoosePoint]:
    """Return what is still loose on an app, and how each point is tightened."""
    with call.read() as unit:
        return [LoosePoint.of(each) for each in edits.loose_points(unit, call.actor, name)]


@post(
    PATH + "/loose-points/{point:str}/tightening",
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    response_headers=[ETAG],
    responses=refusals(errors.EXTERNAL_CLIENT_APP_NOT_FOUND, errors.RECORD_NOT_FOUND, version=True),
)
def tighten(
    call: ThisCall, name: FromPath[str], point: FromPath[str], if_match: IfMatch = None
) -> Response[ExternalClientApp]:
    """Tighten one loose point in one step."""
    version = seen(if_match)
    with call.unit() as unit:
        return shown(edits.tighten(unit, call.actor, name, point, seen_version=version))


@get(
    PATH + "/losses",
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.EXTERNAL_CLIENT_APP_NOT_FOUND),
)
def get_losses(call: ThisCall, name: FromPath[str]) -> Losses:
    """Return what deleting an app loses: all that was changed on it since migration."""
    with call.read() as unit:
        return Losses.of(acts.what_deletion_loses(unit, call.actor, name))


@delete(
    PATH,
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    responses=refusals(errors.EXTERNAL_CLIENT_APP_NOT_FOUND, errors.CONFIRM_DELETION, version=True),
)
def delete_external_client_app(
    call: ThisCall,
    name: FromPath[str],
    *,
    confirmed: Confirmed = False,
    if_match: IfMatch = None,
) -> Reverted:
    """Delete an external client app: its connected app is active again, as it was at migration.

    What was changed on the external client app since is lost; `GET …/losses` lists it.
    """
    version = seen(if_match)
    with call.unit() as unit:
        record = acts.delete_external_client_app(
            unit, call.actor, name, confirmed=confirmed, seen_version=version
        )
    if record is None:
        return Reverted(connected_app=None, state=None, version=None)
    return Reverted(connected_app=record.api_name, state=record.state, version=record.version)


OPERATIONS = (
    list_external_client_apps,
    get_external_client_app,
    get_account,
    edit_settings,
    edit_policies,
    list_loose_points,
    tighten,
    get_losses,
    delete_external_client_app,
)
