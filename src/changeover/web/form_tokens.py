"""A form that posts was made for this browser by one of our own pages.

Litestar's check compares the token of a form with the one of a cookie. Two things it leaves open:

- Cookies know no ports, so another server on the same machine (`127.0.0.1:3000`) can plant a cookie with a
  token that it got from us, and to a browser it is the same site: the session's cookie goes along. Browsers
  tell where a request comes from (Fetch Metadata, `Sec-Fetch-Site`; before that `Origin`, RFC 6454 section
  7), and what comes from elsewhere is refused, whatever its token.
- A cookie that we did not sign, or signed with a secret that is gone, would be compared for ever and never
  match. Here it counts as none: the next page brings a good one.
"""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import FormMultiDict
from litestar.exceptions import PermissionDeniedException
from litestar.middleware.base import DefineMiddleware
from litestar.middleware.csrf import CSRFMiddleware
from litestar.types import Empty, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from changeover.errors import FORM_STALE, ChangeoverError
from changeover.web.forms import form_of

_OWN_SITES = frozenset({"same-origin", "none"})
"""`none` is a person's own doing: the address bar, a form sent again."""


class FormTokens(CSRFMiddleware):
    """Refuses forms that none of our pages made for this browser."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raise `FORM_STALE` or pass on."""
        if not scope["route_handler"].opt.get(self.config.exclude_from_csrf_key):
            request: Request[Any, Any, Any] = Request(scope)
            posts = request.method not in self.config.safe_methods
            if posts and not _from_here(request):
                raise ChangeoverError(FORM_STALE, "The form was sent from another place than our own pages.")
            cookie = request.cookies.get(self.config.cookie_name)
            if cookie is not None and self._decode_csrf_token(cookie) is None:
                # The same mapping for the whole request.
                cookie = None
                del request.cookies[self.config.cookie_name]
            if posts and cookie is None:
                # Before a byte of the body is read.
                raise ChangeoverError(FORM_STALE, FORM_STALE.title)
            if posts:
                # Remembered for whoever reads it next; an error of ours where it cannot be read.
                await form_of(Request(scope, receive))
        try:
            await super().__call__(scope, receive, send)
        except PermissionDeniedException:
            # No handler comes that would close the files of what was refused.
            form = ScopeState.from_scope(scope).form
            if form is not Empty:
                await FormMultiDict.from_form_data(form).close()
            raise

    def _decode_csrf_token(self, token: object) -> str | None:
        """Return what a token signs, None where we did not sign it; a form may bring even a file."""
        if not isinstance(token, str) or not token.isascii():
            return None
        return super()._decode_csrf_token(token)


def _from_here(request: Request[Any, Any, Any]) -> bool:
    """Whether a browser says that a page of this very origin sent the request; programs say nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in _OWN_SITES
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


def form_tokens(config: CSRFConfig) -> DefineMiddleware:
    """Return the middleware.

    Args:
        config: Litestar's configuration: the cookie, and the secret that signs tokens.
    """
    return DefineMiddleware(FormTokens, config=config)
