"""Bodies that are files: written to disk as they come in, so that no request holds much memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from litestar.concurrency import sync_to_thread

from changeover.web.api.call import AnyRequest

ZIP = "application/zip"
CSV = "text/csv"
GZIP = "application/gzip"


@asynccontextmanager
async def received(request: AnyRequest, name: str) -> AsyncIterator[Path]:
    """Write the body to a file of its own, and take it away again.

    Args:
        request: the request; what is larger than its operation takes is refused while it comes in.
        name: what errors call the file.
    """
    with TemporaryDirectory(prefix="changeover-body-") as folder:
        path = Path(folder, name)
        with path.open("wb") as file:  # noqa: ASYNC230 - opening is quick, writing is done elsewhere
            async for chunk in request.stream():
                await sync_to_thread(file.write, chunk)
        yield path
