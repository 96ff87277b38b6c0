"""Connected apps: App Manager, settings and policies, eligibility, what a migration would make."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Response, delete, get, patch, post
from litestar.datastructures import ResponseHeader
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType

from changeover import errors
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.org import app_manager
from changeover.org import connected_apps as acts
from changeover.org.lists import AppQuery
from changeover.org.model.apps import AppType, ConnectedAppRecord
from changeover.shapes.accounts import AccountEntry, Added
from changeover.shapes.assessments import Assessment
from changeover.shapes.connected_apps import ConnectedApp, ConnectedAppPage, ConnectedAppRow, Reference
from changeover.shapes.documents import Component
from changeover.shapes.pages import page_of
from changeover.web.api.call import IfMatch, ThisCall, address, etag, seen
from changeover.web.api.parameters import Confirmed, Edit, NewValues, PageNumber, PageSize, Search, given
from changeover.web.api.refusals import refusals

TAG = ["Connected apps"]
PATH = "/connected-apps/{name:str}"
ETAG = ResponseHeader(name="ETag", description="The version.", documentation_only=True)
LOCATION = ResponseHeader(name="Location", description="Address of what was made.", documentation_only=True)

AppState = Annotated[State | None, QueryParameter(name="state", description="In this state only.")]
AppVerdict = Annotated[Verdict | None, QueryParameter(name="verdict", description="With this verdict only.")]
TypeOfApp = Annotated[AppType | None, QueryParameter(name="app_type", description="Of this type only.")]
Sort = Literal[
    "label",
    "-label",
    "api_name",
    "-api_name",
    "verdict",
    "-verdict",
    "state",
    "-state",
    "modified_at",
    "-modified_at",
]

SortBy = Annotated[Sort, QueryParameter(name="sort", description="By what; `-` before it: descending.")]


class NewConnectedApp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A connected app to create."""

    api_name: str
    changes: NewValues


class Switches(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a connected app that stand in no metadata file. What is not named stays."""

    user_provisioning: bool | UnsetType = UNSET
    dynamic_registration: bool | UnsetType = UNSET


class Plan(Struct, frozen=True, kw_only=True):
    """What a migration would make of a connected app."""

    api_name: str
    version: Annotated[int, Meta(description="Version of the connected app that this was made of.")]
    assessment: Assessment
    external_client_app: Annotated[
        tuple[Component, ...], Meta(description="Its components, the header first.")
    ]
    account: Annotated[tuple[AccountEntry, ...], Meta(description="Where each leaf and each reference goes.")]
    added: Annotated[tuple[Added, ...], Meta(description="What comes from no leaf, and why it is there.")]
    lost: Annotated[tuple[AccountEntry, ...], Meta(description="The entries of what it will not have.")]


def shown(record: ConnectedAppRecord, status: int = 200, **headers: str) -> Response[Any]:
    """Return a connected app with its version as the ETag."""
    return Response(
        ConnectedApp.of(record), status_code=status, headers={"ETag": etag(record.version), **headers}
    )


@get("/connected-apps", sync_to_thread=True, tags=TAG, responses=refusals())
def list_connected_apps(
    call: ThisCall,
    search: Search = "",
    verdict: AppVerdict = None,
    app_state: AppState = None,
    app_type: TypeOfApp = None,
    sort: SortBy = "label",
    page: PageNumber = 1,
    page_size: PageSize = 50,
) -> ConnectedAppPage:
    """List connected apps as App Manager does.

    The search looks in label, API name, description and consumer key.
    """
    query = AppQuery(
        search=search,
        verdict=verdict,
        state=app_state,
        app_type=app_type,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        page=page,
        page_size=page_size,
    )
    with call.read() as unit:
        rows = app_manager.list_apps(unit, call.actor, query)
    return page_of(ConnectedAppPage, rows, ConnectedAppRow.of)


@post(
    "/connected-apps",
    sync_to_thread=True,
    tags=TAG,
    response_headers=[ETAG, LOCATION],
    responses=refusals(errors.CREATION_OFF, errors.NAME_TAKEN, errors.VALUE_REFUSED, body=True),
)
def create_connected_app(call: ThisCall, data: JSONBody[NewConnectedApp]) -> Response[ConnectedApp]:
    """Create a connected app.

    Off since Spring '26, unless Salesforce Support has granted the exception that Company Information
    records.
    """
    with call.unit() as unit:
        record = acts.create_app(unit, call.actor, data.api_name, given(data.changes))
    return shown(record, 201, Location=address("connected-apps", record.api_name))


@get(
    PATH,
    sync_to_thread=True,
    tags=TAG,
    response_headers=[ETAG],
    responses=refusals(errors.APP_NOT_FOUND),
)
def get_connected_app(call: ThisCall, name: FromPath[str]) -> Response[ConnectedApp]:
    """Return a connected app with all settings and policies, without its consumer secret."""
    with call.read() as unit:
        return shown(app_manager.view_app(unit, call.actor, name))


@patch(
    PATH,
    sync_to_thread=True,
    tags=TAG,
    response_headers=[ETAG],
    responses=refusals(
        errors.APP_NOT_FOUND, errors.APP_READ_ONLY, errors.VALUE_REFUSED, body=True, version=True
    ),
)
def edit_connected_app(
    call: ThisCall, name: FromPath[str], data: JSONBody[Edit], if_match: IfMatch = None
) -> Response[ConnectedApp]:
    """Edit settings and policies of a connected app. A migrated one is read-only."""
    version = seen(if_match)
    with call.unit() as unit:
        return shown(acts.edit_app(unit, call.actor, name, given(data.changes), seen_version=version))


@patch(
    PATH + "/switches",
    sync_to_thread=True,
    tags=TAG,
    response_headers=[ETAG],
    responses=refusals(errors.APP_NOT_FOUND, errors.APP_READ_ONLY, body=True, version=True),
)
def set_connected_app_switches(
    call: ThisCall, name: FromPath[str], data: JSONBody[Switches], if_match: IfMatch = None
) -> Response[ConnectedApp]:
    """Turn user provisioning and dynamic client registration on or off: no metadata file holds them."""
    version = seen(if_match)
    with call.unit() as unit:
        record = acts.set_switches(
            unit,
            call.actor,
            name,
            user_provisioning=_given(data.user_provisioning),
            dynamic_registration=_given(data.dynamic_registration),
            seen_version=version,
        )
    return shown(record)


def _given(switch: bool | UnsetType) -> bool | None:  # noqa: FBT001 - it is the value of a switch
    return None if isinstance(switch, UnsetType) else switch


@delete(
    PATH,
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(
        errors.APP_NOT_FOUND,
        errors.EXTERNAL_CLIENT_APP_THERE,
        errors.CONFIRM_DELETION,
        version=True,
    ),
)
def delete_connected_app(
    call: ThisCall,
    name: FromPath[str],
    *,
    confirmed: Confirmed = False,
    if_match: IfMatch = None,
) -> None:
    """Delete a connected app with all that hangs on it."""
    version = seen(if_match)
    with call.unit() as unit:
        acts.delete_app(unit, call.actor, name, confirmed=confirmed, seen_version=version)


@get(PATH + "/assessment", sync_to_thread=True, tags=TAG, responses=refusals(errors.APP_NOT_FOUND))
def assess_connected_app(call: ThisCall, name: FromPath[str]) -> Assessment:
    """Return the verdict as of today with every finding, its evidence and its remedy."""
    with call.read() as unit:
        api_name = app_manager.view_app(unit, call.actor, name).api_name
        return Assessment.of(api_name, app_manager.assess_app(unit, call.actor, name))


@get(PATH + "/plan", sync_to_thread=True, tags=TAG, responses=refusals(errors.APP_NOT_FOUND))
def plan_connected_app(call: ThisCall, name: FromPath[str]) -> Plan:
    """Return what a migration would make of a connected app, whether or not it is eligible.

    The account has one entry for every leaf of the connected app and for every reference to it, and what the
    result holds besides.
    """
    with call.read() as unit:
        planned = app_manager.plan_migration(unit, call.actor, name)
    return Plan(
        api_name=planned.app.api_name,
        version=planned.app.version,
        assessment=Assessment.of(planned.app.api_name, planned.assessment),
        external_client_app=Component.all_of(planned.external_client_app),
        account=tuple(AccountEntry.of(each) for each in planned.account.entries),
        added=tuple(Added.of(each) for each in planned.account.added),
        lost=tuple(AccountEntry.of(each) for each in planned.account.lost),
    )


@get(PATH + "/references", sync_to_thread=True, tags=TAG, responses=refusals(errors.APP_NOT_FOUND))
def list_references(call: ThisCall, name: FromPath[str]) -> list[Reference]:
    """Return the places of the org that name a connected app: files, notification deliveries, briefcases."""
    with call.read() as unit:
        return [Reference.of(each) for each in app_manager.references_of(unit, call.actor, name)]


OPERATIONS = (
    list_connected_apps,
    create_connected_app,
    get_connected_app,
    edit_connected_app,
    set_connected_app_switches,
    delete_connected_app,
    assess_connected_app,
    plan_connected_app,
    list_references,
)
