"""An address below /setup that is none of ours: a page of Setup that says so."""

from __future__ import annotations

from litestar import Response, get

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.web.application import UNKNOWN
from changeover.web.visit import ThisVisit


@get(UNKNOWN, sync_to_thread=True)
def unknown_page(visit: ThisVisit) -> Response[str]:  # noqa: ARG001 - it is asked for, so that there is one
    """Say that there is no such page, with the tree; who is not signed in is led to the sign-in page.

    Raises E-PAGE-NOT-FOUND.
    """
    raise ChangeoverError(errors.PAGE_NOT_FOUND, errors.PAGE_NOT_FOUND.title)


ROUTES = (unknown_page,)
