"""External Client App Manager."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromQuery

from changeover.org import external_client_apps as acts
from changeover.org.lists import ExternalClientAppQuery
from changeover.org.permissions import EXTERNAL_CLIENT_APP_POLICIES, EXTERNAL_CLIENT_APP_SETTINGS, MIGRATE
from changeover.web import paths
from changeover.web.listing import Listing, order
from changeover.web.visit import ThisVisit


@get(paths.EXTERNAL_CLIENT_APPS, sync_to_thread=True)
def external_client_app_manager(
    visit: ThisVisit, q: FromQuery[str] = "", sort: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    """List the external client apps: searched, sorted, page by page."""
    wanted = order(("label", "api_name", "made_at"), sort=sort, page=page, search=q)
    query = ExternalClientAppQuery(
        search=wanted.search,
        sort=wanted.sort,
        descending=wanted.descending,
        page=wanted.page,
        page_size=wanted.size,
    )
    with visit.read() as unit:
        found = acts.list_external_client_apps(unit, visit.actor, query)
    return visit.page(
        "external_client_apps.html",
        title="External Client App Manager",
        listing=Listing(rows=found.rows, total=found.total, order=wanted, path=paths.EXTERNAL_CLIENT_APPS),
        may_edit_settings=visit.may(EXTERNAL_CLIENT_APP_SETTINGS),
        may_edit_policies=visit.may(EXTERNAL_CLIENT_APP_POLICIES),
        may_delete=visit.may(MIGRATE),
    )


ROUTES = (external_client_app_manager,)
