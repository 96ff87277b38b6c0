"""Before Litestar's routing: HEAD is answered wherever GET is, and a page of Setup that is not there is one.

Litestar routes before any middleware is called, so neither can be a middleware: HEAD would be refused, and
the page about an address that nobody knows would be shown without session and tree.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

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


def with_head(methods: Iterable[str]) -> set[str]:
    """Return the methods that an address takes, HEAD among them where GET is."""
    found = {str(method) for method in methods}
    return found | {"HEAD"} if "GET" in found else found


class Application(Litestar):
    """The pages and the API."""

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
