"""Browser sessions: their data in our database under a digest of the id, the id in a cookie.

A session exists only for someone who has signed in: who only looks at the sign-in page gets none. The id that
a browser brings is used only where a session is found under it, and it is renewed whenever the user proves
who they are, so that an id which somebody planted beforehand leads nowhere. Whatever ends a session
(`org.sessions`, a new password, a deactivated user) takes its row away: the next request of any process finds
none, and no late answer brings it back.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.middleware.base import DefineMiddleware
from litestar.middleware.session.base import BaseSessionBackend, SessionMiddleware
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.types import Message, ScopeSession
from litestar.utils.empty import value_or_default
from litestar.utils.scope.state import ScopeState

from changeover.org.model.orgs import Actor
from changeover.org.model.people import Session, StoredSession
from changeover.org.ports import Units
from changeover.org.proof import Proof
from changeover.web import browsers

AnyConnection = ASGIConnection[Any, Any, Any, Any]
AnyRequest = Request[Any, Any, Any]

# Keys of a session's data.
USER = "user"
USERNAME = "username"
ORG = "org"
PASSWORD_STAMP = "password_stamp"  # noqa: S105
"""Not the password: what tells whether it has been changed since (`visit.password_stamp`)."""
PROVED = "proved"
SIGNED_IN_FOR = "signed_in_for"
"""Digest of the address that led to the sign-in page, where one did."""
BY_LINK = "by_link"
"""Where no password began the session, but a link that a program asked for."""
NOTICES = "notices"

# Keys of a request's state.
_HELD = "changeover_session_held"
_RENEW = "changeover_session_renew"
_BEGUN = "changeover_session_begun"

_ID_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """How long a session lasts. Two hours idle is the default session timeout of an org at Salesforce."""

    idle: timedelta = timedelta(hours=2)
    absolute: timedelta = timedelta(hours=12)
    touch: timedelta = timedelta(minutes=1)
    """How often at most a session that only looks around is written to the database."""

    def end(self, created_at: datetime, now: datetime) -> datetime:
        """Return when a session ends that is used now and never again."""
        return min(now + self.idle, created_at + self.absolute)


class Held(NamedTuple):
    """The session that a request came with."""

    digest: str
    stored: StoredSession


class Begun(NamedTuple):
    """A session that begins with the answer to this request."""

    user_id: str
    address: str
    browser: str


def digest(text: str) -> str:
    """Return the digest under which a session is kept: plain SHA-256, since the id has 256 random bits."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def seal(request: AnyRequest, text: str) -> str:
    """Return what shows that a page showed a text in this very session; nobody outside it can make it."""
    session_id = value_or_default(ScopeState.from_scope(request.scope).session_id, None) or ""
    return hmac.digest(session_id.encode(), text.encode(errors="surrogatepass"), "sha256").hex()


class SessionBackend(BaseSessionBackend[ServerSideSessionConfig]):
    """Sessions for Litestar's middleware, without trust in the id that a browser brings.

    Args:
        config: Litestar's configuration: the cookie.
        lifetimes: how long they last.
        clock: returns the time, aware.
    """

    def __init__(
        self,
        config: ServerSideSessionConfig,
        lifetimes: Lifetimes,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(config)
        self._lifetimes = lifetimes
        self._clock = clock

    def get_session_id(self, connection: AnyConnection) -> str:
        """Return the id of the session that was found, or a new one: never one that only the cookie knows."""
        state = ScopeState.from_scope(connection.scope)
        session_id = value_or_default(state.session_id, None)
        if session_id is None:
            session_id = secrets.token_hex(_ID_BYTES)
            state.session_id = session_id
        return session_id

    async def load_from_connection(self, connection: AnyConnection) -> dict[str, Any]:
        """Return the session of the cookie's id, empty where there is none or its time is over."""
        brought = connection.cookies.get(self.config.key)
        if not brought:
            return {}
        name = digest(brought)
        stored = await sync_to_thread(self._find, _units(connection), name)
        if stored is None:
            return {}
        ScopeState.from_scope(connection.scope).session_id = brought
        connection.scope["state"][_HELD] = Held(name, stored)
        return self.deserialize_data(stored.data)

    async def store_in_message(
        self, scope_session: ScopeSession, message: Message, connection: AnyConnection
    ) -> None:
        """Write the session if it changed, under a new id if it is to be renewed, and tell the browser."""
        state = connection.scope["state"]
        held: Held | None = state.get(_HELD)
        session = dict(scope_session) if isinstance(scope_session, Mapping) else {}
        if not session:
            if held is not None:
                await sync_to_thread(self._remove, _units(connection), held.digest)
            if held is not None or self.config.key in connection.cookies:
                self._send_cookie(message, "", max_age=0)
            return
        data = self.serialize_data(session, connection.scope)
        begun: Begun | None = state.get(_BEGUN)
        if begun is not None:
            session_id = secrets.token_hex(_ID_BYTES)
            await sync_to_thread(self._add, _units(connection), begun, held, digest(session_id), data)
            self._send_cookie(message, session_id)
        elif held is not None:
            renewed = secrets.token_hex(_ID_BYTES) if state.get(_RENEW) else None
            idle = self._clock() - held.stored.session.last_used_at
            if renewed is None and data == held.stored.data and idle < self._lifetimes.touch:
                return
            new = digest(renewed) if renewed else None
            alive = await sync_to_thread(self._use, _units(connection), held, data, new)
            # Where it has ended meanwhile, the next request will find none.
            if renewed is not None and alive:
                self._send_cookie(message, renewed)

    @staticmethod
    def _find(units: Units, name: str) -> StoredSession | None:
        with units.read() as unit:
            return unit.sessions.by_digest(name)

    @staticmethod
    def _remove(units: Units, name: str) -> None:
        with units.unit() as unit:
            unit.sessions.remove(name)

    def _add(self, units: Units, begun: Begun, held: Held | None, name: str, data: bytes) -> None:
        with units.unit() as unit:
            if held is not None:
                unit.sessions.remove(held.digest)
            session = Session(
                session_id=unit.ids.record("0Ak"),
                created_at=unit.now,
                last_used_at=unit.now,
                expires_at=self._lifetimes.end(unit.now, unit.now),
                address=begun.address,
                browser=begun.browser,
            )
            unit.sessions.add(begun.user_id, session, name, data)

    def _use(self, units: Units, held: Held, data: bytes, renewed: str | None) -> bool:
        with units.unit() as unit:
            expires_at = self._lifetimes.end(held.stored.session.created_at, unit.now)
            return unit.sessions.use(held.digest, data, expires_at, renewed=renewed)

    def _send_cookie(self, message: Message, value: str, max_age: int | None = None) -> None:
        cookie = Cookie(
            key=self.config.key,
            value=value,
            max_age=max_age,
            path=self.config.path,
            secure=self.config.secure,
            httponly=True,
            samesite=self.config.samesite,
        )
        headers = MutableScopeHeaders.from_message(message)
        headers.add("Set-Cookie", cookie.to_header(header=""))


def _units(connection: AnyConnection) -> Units:
    """Return where sessions are kept: the house that the application serves."""
    units: Units = connection.scope["litestar_app"].state.services.units
    return units


def session_middleware(
    *, cookie: str, https: bool, lifetimes: Lifetimes, clock: Callable[[], datetime]
) -> DefineMiddleware:
    """Return the middleware that loads and keeps sessions.

    Args:
        cookie: name of the cookie.
        https: whether the cookie is sent over https only.
        lifetimes: how long sessions last.
        clock: returns the time, aware.
    """
    config = ServerSideSessionConfig(key=cookie, secure=https, httponly=True, samesite="lax")
    return DefineMiddleware(SessionMiddleware, backend=SessionBackend(config, lifetimes, clock))


def begin(
    request: AnyRequest,
    actor: Actor,
    password_stamp: str,
    *,
    on_the_way_to: str | None = None,
    by_link: bool = False,
) -> None:
    """Start a session for a user who has just signed in. Whatever was there before is forgotten.

    Signing in is no proof for secrets: an admin who walks away from a fresh session leaves none of them open.
    """
    request.scope["session"] = {
        USER: actor.user_id,
        USERNAME: actor.username,
        ORG: actor.org_id,
        PASSWORD_STAMP: password_stamp,
        **({SIGNED_IN_FOR: digest(on_the_way_to)} if on_the_way_to else {}),
        **({BY_LINK: True} if by_link else {}),
    }
    request.scope["state"][_BEGUN] = Begun(
        user_id=actor.user_id,
        address=request.client.host if request.client else "",
        browser=browsers.name_of(request.headers.get("User-Agent", "")),
    )


def restamp(request: AnyRequest, password_stamp: str) -> None:
    """Go on under a new id after the user has changed the password; a proof of the old one is forgotten."""
    request.session[PASSWORD_STAMP] = password_stamp
    request.session.pop(PROVED, None)
    request.scope["state"][_RENEW] = True


def prove(request: AnyRequest, now: datetime) -> None:
    """Note that the signed-in user has just given the password again; the session gets a new id."""
    request.session[PROVED] = now.timestamp()
    request.scope["state"][_RENEW] = True


def proof(request: AnyRequest) -> Proof | None:
    """Return the last proof of the signed-in user, however old; acts judge its age."""
    at = request.session.get(PROVED)
    return Proof(user_id=request.session[USER], at=datetime.fromtimestamp(at, UTC)) if at else None


def authenticated_at(request: AnyRequest) -> datetime | None:
    """Return when the user last gave the password: anew, or to sign in; None where it was not given."""
    proved, held = proof(request), cast("Held | None", request.scope["state"].get(_HELD))
    if proved is not None:
        return proved.at
    if BY_LINK in request.session:
        return None
    return held.stored.session.created_at if held is not None else None


def signed_in_for(request: AnyRequest, address: str | None = None) -> bool:
    """Whether the user signed in because an address asked for it: this one, or any."""
    led = request.session.get(SIGNED_IN_FOR)
    return led is not None if address is None else led == digest(address)


def current(request: AnyRequest) -> str | None:
    """Return which session a request came with: the id that its user sees, not that of the cookie."""
    held = cast("Held | None", request.scope["state"].get(_HELD))
    return None if held is None else held.stored.session.session_id


def end(request: AnyRequest) -> None:
    """End the session: the row goes, and the cookie."""
    request.clear_session()
