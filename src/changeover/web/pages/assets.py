"""Static files."""

from __future__ import annotations

from typing import Any, cast

from litestar import Request, Response, get
from litestar.params import FromPath

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.web.assets import Assets

_FOR_EVER = "public, max-age=31536000, immutable"


@get("/static/{version:str}/{name:path}", sync_to_thread=True, opt={"skip_session": True})
def asset(request: Request[Any, Any, Any], version: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Return a static file; under the present version a browser may keep it for ever."""
    assets = cast("Assets", request.app.state.assets)
    found = assets.load(name.removeprefix("/"))
    if found is None:
        raise ChangeoverError(errors.PAGE_NOT_FOUND, f"There is no file {name[:100]}.")
    headers = {
        "Cache-Control": _FOR_EVER if version == assets.version else "no-cache",
        "Vary": "Accept-Encoding",
    }
    content = found.content
    if found.compressed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        content = found.compressed
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=found.media_type, headers=headers)


ROUTES = (asset,)
