"""Files that a browser downloads: whole before the first byte is sent, so that an error is an error page."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import IO

from litestar.response import Stream

_SPOOLED = 4 * 1024 * 1024
_CHUNK = 64 * 1024


def download(write: Callable[[IO[bytes]], object], name: str, media_type: str) -> Stream:
    """Return a file as an attachment.

    Args:
        write: writes the file; what it raises is raised here.
        name: under which the browser keeps it.
        media_type: of the file.
    """
    file = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115 - closed by the one who sends it
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Stream(_chunks(file), media_type=media_type, headers=headers)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
