"""Before Litestar's routing: HEAD, pages of Setup that are not there, and the endpoints for programs.

HEAD is answered wherever GET is, and an address below /setup that nobody knows is a page as well. Litestar
routes before any middleware is called, so neither can be a middleware: HEAD would be refused, and the page
about such an address would be shown without session and tree. Of programs: `web.oauth.programs`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Protocol, cast

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, NotFoundException
from litestar.types import (
    HTTPScope,
    LifeSpanReceive,
    LifeSpanScope,
    LifeSpanSend,
    Message,
    Receive,
    Scope,
    Send,
)
from litestar.utils import normalize_path

SETUP = "/setup/"
UNKNOWN = "/setup/-/unknown"
"""Where every unknown address below /setup leads."""
_GLUED = re.compile(r"(/org/[^/]+?)(services/(?:oauth2|data|Soap)/.*)", re.DOTALL)
"""An org's address to which `sf` has added the rest without a slash (authInfo.js, retrieveUserInfo)."""


def with_head(methods: Iterable[str]) -> set[str]:
    """Return the methods that an address takes, HEAD among them where GET is."""
    found = {str(method) for method in methods}
    return found | {"HEAD"} if "GET" in found else found


class InFront(Protocol):
    """What answers in front of Litestar."""

    async def answered(self, scope: HTTPScope, receive: Receive, send: Send) -> bool:
        """Answer a request that is for it; False, and nothing done, where it is not."""


class Application(Litestar):
    """The pages and the API.

    Args:
        in_front: the endpoints for programs.
        given: Litestar's own arguments.
    """

    def __init__(self, *, in_front: InFront, **given: Any) -> None:  # noqa: ANN401 - Litestar's
        super().__init__(**given)
        self._in_front = in_front

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        """Answer a request. RFC 9110, section 9.3.2: HEAD is GET without the body."""
        if scope["type"] != ScopeType.HTTP:
            await super().__call__(scope, receive, send)
            return
        request, answer = cast("HTTPScope", {**scope}), cast("Send", send)
        if request["method"] == "HEAD":
            request["method"] = "GET"
            answer = _without_body(answer)
        request["litestar_app"] = self
        if (glued := _GLUED.fullmatch(request["path"])) is not None:
            request["path"] = f"{glued[1]}/{glued[2]}"
        if await self._in_front.answered(request, cast("Receive", receive), answer):
            return
        if request["method"] == "GET" and self._is_unknown(request["path"]):
            request["path"] = UNKNOWN
        await super().__call__(request, receive, answer)

    def _is_unknown(self, path: str) -> bool:
        """Whether an address below /setup is none of ours."""
        if not path.startswith(SETUP):
            return False
        try:
            self.asgi_router.handle_routing(path=normalize_path(path), method="GET")
        except NotFoundException:
            return True
        except HTTPException:
            pass
        return False


def _without_body(send: Send) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return answer
