"""Setup Home: what needs attention."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Redirect

from changeover.org import app_manager
from changeover.org.permissions import CONNECTED_APP_EDIT, EXTERNAL_CLIENT_APP_VIEW
from changeover.web import setup
from changeover.web.visit import ThisVisit


@get("/", sync_to_thread=False)
def root() -> Redirect:
    """Lead to Setup."""
    return Redirect("/setup", status_code=303)


@get("/setup", sync_to_thread=True)
def home(visit: ThisVisit) -> Response[str]:
    """Show how many apps have which verdict, and what has a date."""
    with visit.read() as unit:
        overview = app_manager.overview(unit, visit.actor)
        today = unit.today
    ahead = sorted(overview.deadlines, key=lambda deadline: deadline.day)
    return visit.page(
        "home.html",
        title="Home",
        overview=overview,
        deadlines=ahead,
        today=today,
        may_open=visit.may(EXTERNAL_CLIENT_APP_VIEW),
        may_import=visit.may(CONNECTED_APP_EDIT),
    )


@get("/setup/quick-find", sync_to_thread=True)
def quick_find(visit: ThisVisit, q: FromQuery[str] = "") -> Response[str]:
    """List the pages that Quick Find finds, for browsers without script."""
    found = setup.quick_find(q, visit.pages)
    return visit.page("quick_find.html", title="Quick Find", found=found, quick_find_text=q)


ROUTES = (root, home, quick_find)
