"""From files to an org: the apps of a project as the import takes them."""

from __future__ import annotations

from collections.abc import Iterator

from changeover.apps.connected_app import ConnectedApp
from changeover.errors import HEADER_MISSING
from changeover.metadata.file_error import FileError
from changeover.org.importing import Incoming
from changeover.project.project import Project


def incoming(project: Project) -> Iterator[Incoming]:
    """Yield every app of a project as the import takes it: connected apps, then external client apps.

    Files that cannot be used are left out, and so are parts of an external client app without its header;
    they stand in `project.errors` once all have been read.
    """
    index = project.index
    for entry in project.entries():
        if isinstance(entry.document, ConnectedApp):
            references = index.references_to(entry.full_name)
            yield Incoming(app=entry.document, path=entry.path, references=references)
    for app in project.external_client_apps():
        files = index.external_client_app(app.api_name)
        yield Incoming(app=app, path=files.headers[0] if files is not None else app.api_name)
    for files in index.external_client_apps.values():
        if not files.headers:
            says = f"this is a part of {files.name}, whose header is in none of the files."
            index.errors.append(FileError(HEADER_MISSING, files.parts[0], None, says))
