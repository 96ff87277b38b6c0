"""Export: the org's apps as the files that Salesforce's tools take."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Any

from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Stream

from changeover.org import app_manager, exporting
from changeover.org.act import require
from changeover.org.permissions import EXTERNAL_CLIENT_APP_VIEW
from changeover.project.archiving import write_archive
from changeover.web.visit import ThisVisit

_PATH = "/setup/export"
_SPOOLED = 4 * 1024 * 1024
_CHUNK = 64 * 1024


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
def download(visit: ThisVisit, layout: FromQuery[str] = "metadata") -> Response[Any]:
    """Return a zip archive of all apps, in metadata format with package.xml or in source format."""
    # The archive is whole before its first byte is sent: an error is an error page, not half a file.
    file = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115 - closed by the one who sends it
    try:
        with visit.read() as unit:
            write_archive(file, exporting.export_apps(unit, visit.actor), source_format=layout == "source")
    except BaseException:
        file.close()
        raise
    headers = {"Content-Disposition": 'attachment; filename="apps.zip"'}
    return Stream(_chunks(file), media_type="application/zip", headers=headers)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


ROUTES = (page, download)
