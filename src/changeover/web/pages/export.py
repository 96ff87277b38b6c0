"""Export: the org's apps as the files that Salesforce's tools take."""

from __future__ import annotations

from typing import IO

from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Stream

from changeover.org import app_manager, exporting
from changeover.org.act import require
from changeover.org.permissions import EXTERNAL_CLIENT_APP_VIEW
from changeover.project.archiving import write_archive
from changeover.web.downloads import download
from changeover.web.visit import ThisVisit

_PATH = "/setup/export"


@get(_PATH, sync_to_thread=True)
def page(visit: ThisVisit) -> Response[str]:
    """Show what an export holds."""
    with visit.read() as unit:
        require(unit, visit.actor, EXTERNAL_CLIENT_APP_VIEW, "export apps")
        overview = app_manager.overview(unit, visit.actor)
    return visit.page(
        "export.html",
        title="Export",
        connected_apps=sum(overview.verdicts.values()),
        external_client_apps=overview.external_client_apps,
    )


@get(f"{_PATH}/apps.zip", sync_to_thread=True)
def archive(visit: ThisVisit, layout: FromQuery[str] = "metadata") -> Stream:
    """Return a zip archive of all apps, in metadata format with package.xml or in source format."""

    def write(file: IO[bytes]) -> None:
        with visit.read() as unit:
            write_archive(file, exporting.export_apps(unit, visit.actor), source_format=layout == "source")

    return download(write, "apps.zip", "application/zip")


ROUTES = (page, archive)
