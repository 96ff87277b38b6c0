"""Import and export of apps as Salesforce's files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Annotated, Literal

from litestar import get, post
from litestar.concurrency import sync_to_thread
from litestar.params import QueryParameter
from litestar.response import Stream

from changeover import errors
from changeover.org.exporting import export_apps
from changeover.org.trial import Trial
from changeover.project.archiving import write_archive
from changeover.project.incoming import incoming
from changeover.project.project import Project
from changeover.shapes.imports import FileProblem, ImportReport, imported
from changeover.web.api.bodies import ZIP, received
from changeover.web.api.call import TAKES, AnyRequest, ThisCall
from changeover.web.api.refusals import refusals
from changeover.web.uploads import MAX_BYTES

TAG = ["Import and export"]
_SPOOLED = 4 * 1024 * 1024
_CHUNK = 64 * 1024

Layout = Annotated[
    Literal["metadata", "source"],
    QueryParameter(description="Metadata format with a package.xml, or source format (`-meta.xml`)."),
]
Preview = Annotated[bool, QueryParameter(description="Whether only to say what would become of each app.")]


@post(
    "/import",
    status_code=200,
    tags=TAG,
    opt={TAKES: (ZIP,)},
    request_max_body_size=MAX_BYTES,
    responses=refusals(errors.ZIP_REFUSED, body=True),
)
async def import_files(call: ThisCall, request: AnyRequest, *, preview: Preview = False) -> ImportReport:
    """Import the apps of a zip archive, in source format or metadata format.

    Each app is imported in a transaction of its own: it is created, updated, left as it is, or refused, as
    a migrated connected app is. Users, profiles and permission sets that the files name and the org lacks
    become placeholders.
    """
    units = Trial(call.units) if preview else call.units

    def run() -> ImportReport:
        with Project(path) as project:
            apps = tuple(imported(units, call.actor, incoming(project)))
            return ImportReport(apps=apps, errors=tuple(FileProblem.of(each) for each in project.errors))

    async with received(request, "import.zip") as path:
        return await sync_to_thread(run)


@get(
    "/export",
    sync_to_thread=True,
    media_type=ZIP,
    tags=TAG,
    responses=refusals(),
)
def export_files(call: ThisCall, layout: Layout = "metadata") -> Stream:
    """Return all apps as a zip archive of Salesforce's files. They hold no secrets."""
    # The archive is whole before its first byte is sent: an error is a problem detail, not half a file.
    file = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115 - closed by the one who sends it
    try:
        with call.read() as unit:
            write_archive(file, export_apps(unit, call.actor), source_format=layout == "source")
    except BaseException:
        file.close()
        raise
    headers = {"Content-Disposition": 'attachment; filename="apps.zip"'}
    return Stream(_chunks(file), media_type=ZIP, headers=headers)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


OPERATIONS = (import_files, export_files)
