"""A zip archive of apps, as Salesforce's tools take it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from typing import IO

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Document
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.types import BY_DOCUMENT
from changeover.metadata.files import path_of, write_document
from changeover.metadata.package import PACKAGE, write_manifest

# The same apps make the same archive, byte for byte: zip's earliest day, not the day of the export.
_DAY = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16


def write_archive(
    file: IO[bytes], apps: Iterable[ConnectedApp | ExternalClientApp], *, source_format: bool = False
) -> int:
    """Write apps into a zip archive, one by one.

    Args:
        file: where the archive goes; open for writing, at its start.
        apps: in the order in which their files are to stand.
        source_format: `-meta.xml` files; otherwise metadata format with a package.xml, which comes last.

    Returns:
        How many files of apps were written.

    Raises:
        ChangeoverError: XML_UNWRITABLE for what XML cannot hold; the archive is then not usable.
    """
    members: list[tuple[str, str]] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for app in apps:
            for document in _documents(app):
                path = path_of(document, source_format=source_format)
                _add(archive, path, write_document(document))
                members.append((BY_DOCUMENT[type(document)].name, document.full_name))
        if not source_format:
            _add(archive, PACKAGE, write_manifest(members))
    return len(members)


def _documents(app: ConnectedApp | ExternalClientApp) -> tuple[Document, ...]:
    return (app,) if isinstance(app, ConnectedApp) else app.documents


def _add(archive: zipfile.ZipFile, path: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(path, _DAY)
    entry.external_attr = _MODE
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)
