"""App Manager and Manage Connected Apps: the connected apps of the org in tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.org import app_manager as acts
from changeover.org.lists import AppQuery, AppRow
from changeover.org.model.apps import AppType
from changeover.org.permissions import CONNECTED_APP_EDIT, EXTERNAL_CLIENT_APP_VIEW, MIGRATE
from changeover.web import paths
from changeover.web.listing import Listing, Order, order
from changeover.web.visit import ThisVisit

_COLUMNS = ("label", "api_name", "state", "verdict", "modified_at")
_MANAGE = "/setup/connected-apps"
Member = TypeVar("Member", bound=StrEnum)
# Litestar keeps the name `state` of a handler's argument to itself.
StateParameter = Annotated[str, QueryParameter(name="state")]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a table of connected apps is asked to show."""

    order: Order
    query: AppQuery


def shown(q: str, sort: str, page: int, verdict: str = "", state: str = "", app_type: str = "") -> Shown:
    """Read the parameters of a table; values that are none are as good as missing."""
    kept = {"verdict": verdict, "state": state, "app_type": app_type}
    wanted = order(_COLUMNS, sort=sort, page=page, search=q, filters=kept)
    query = AppQuery(
        search=wanted.search,
        verdict=_member(Verdict, verdict),
        state=_member(State, state),
        app_type=_member(AppType, app_type),
        sort=wanted.sort,
        descending=wanted.descending,
        page=wanted.page,
        page_size=wanted.size,
    )
    return Shown(order=wanted, query=query)


def _member(kind: type[Member], value: str) -> Member | None:
    return kind(value) if value in set(kind) else None


@get(paths.APP_MANAGER, sync_to_thread=True)
def app_manager(
    visit: ThisVisit,
    q: FromQuery[str] = "",
    sort: FromQuery[str] = "",
    page: FromQuery[int] = 1,
    verdict: FromQuery[str] = "",
    app_state: StateParameter = "",
    app_type: FromQuery[str] = "",
) -> Response[str]:
    """List the connected apps: searched, filtered, sorted, page by page."""
    wanted = shown(q, sort, page, verdict, app_state, app_type)
    with visit.read() as unit:
        found = acts.list_apps(unit, visit.actor, wanted.query)
    return visit.page(
        "app_manager.html",
        title="App Manager",
        listing=_listing(found.rows, found.total, wanted.order, paths.APP_MANAGER),
        filters=dict(wanted.order.filters),
        may_migrate=visit.may(MIGRATE),
        may_edit=visit.may(CONNECTED_APP_EDIT),
        may_open=visit.may(EXTERNAL_CLIENT_APP_VIEW),
    )


@get(_MANAGE, sync_to_thread=True)
def manage(
    visit: ThisVisit, q: FromQuery[str] = "", sort: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    """List the connected apps with the way to their policies."""
    wanted = shown(q, sort, page)
    with visit.read() as unit:
        found = acts.list_apps(unit, visit.actor, wanted.query)
    return visit.page(
        "manage_connected_apps.html",
        title="Manage Connected Apps",
        listing=_listing(found.rows, found.total, wanted.order, _MANAGE),
        may_edit=visit.may(CONNECTED_APP_EDIT),
        may_open=visit.may(EXTERNAL_CLIENT_APP_VIEW),
    )


def _listing(rows: tuple[AppRow, ...], total: int, wanted: Order, path: str) -> Listing[AppRow]:
    return Listing(rows=rows, total=total, order=wanted, path=path)


ROUTES = (app_manager, manage)
