"""The pages of the protocol, as Litestar takes them: each has two addresses, with a handler each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple

from litestar import Response, route
from litestar.handlers import HTTPRouteHandler

from changeover.web.oauth.place import PREFIXES


class Page(NamedTuple):
    """One page."""

    method: Literal["GET", "POST"]
    path: str
    answer: Callable[..., Response[Any]]
    """Waits for the database in a thread of its own."""


def handlers(pages: Iterable[Page]) -> tuple[HTTPRouteHandler, ...]:
    """Return the handlers of pages, at both addresses of each."""
    return tuple(
        route(f"{prefix}{one.path}", http_method=one.method, status_code=200, sync_to_thread=True)(one.answer)
        for one in pages
        for prefix in PREFIXES
    )
