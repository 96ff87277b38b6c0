"""Sessions: their data in our database under a digest of the id, the id in a cookie.

A session exists only for someone who has signed in: who only looks at the sign-in page gets none. The id that
a browser brings is used only where a session is found under it, and it is renewed whenever the user proves
who they are, so that an id which somebody planted beforehand leads nowhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.middleware.base import DefineMiddleware
from litestar.middleware.session.base import SessionMiddleware
from litestar.middleware.session.server_side import ServerSideSessionBackend, ServerSideSessionConfig
from litestar.stores.base import Store
from litestar.types import Empty, Message, ScopeSession
from litestar.utils.empty import value_or_default
from litestar.utils.scope.state import ScopeState

from changeover.org.model import Actor
from changeover.org.proof import Proof

AnyConnection = ASGIConnection[Any, Any, Any, Any]
AnyRequest = Request[Any, Any, Any]

STORE = "sessions"

# Keys of a session's data.
USER = "user"
USERNAME = "username"
ORG = "org"
PASSWORD_STAMP = "password_stamp"  # noqa: S105
"""Not the password: what tells whether it has been changed since (`visit.password_stamp`)."""
SIGNED_IN = "signed_in"
SEEN = "seen"
PROVED = "proved"
NOTICES = "notices"

# Keys of a request's state.
_HELD = "changeover_session_held"
_RENEW = "changeover_session_renew"


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """How long a session lasts. Two hours idle is the default session timeout of an org at Salesforce."""

    idle: timedelta = timedelta(hours=2)
    absolute: timedelta = timedelta(hours=12)
    touch: timedelta = timedelta(minutes=1)
    """How often at most a session that only looks around is written to the database."""


class KeyValues(Protocol):
    """Values under keys that are forgotten when their time is over, shared by all processes."""

    def read(self, key: str) -> bytes | None:
        """Return the value of a key, None where there is none or its time is over."""

    def write(
        self,
        key: str,
        value: bytes,
        lifetime: timedelta,
        *,
        only_existing: bool = False,
        only_first: bool = False,
    ) -> bool:
        """Keep a value. False if only an existing key was to be written and there is none (any more).

        With `only_first` the first one's value stays where two processes write at once.
        """

    def count(self, key: str, lifetime: timedelta) -> int:
        """Count one up, atomically, and return the count. A counter lives for `lifetime` from its first."""

    def remove(self, key: str) -> None:
        """Forget a key."""

    def remove_all(self) -> None:
        """Forget every key."""


class SessionStore(Store):
    """Litestar's store over `KeyValues`. Keys are digests: who reads the database can enter no session.

    Args:
        values: where sessions are kept.
        idle: how long a session lasts without anything happening.
    """

    def __init__(self, values: KeyValues, idle: timedelta) -> None:
        self._values = values
        self._idle = idle

    async def get(self, key: str, renew_for: int | timedelta | None = None) -> bytes | None:
        """Return a session's data. Writing prolongs its time, so `renew_for` does nothing here."""
        del renew_for
        return await sync_to_thread(self._values.read, digest(key))

    async def set(self, key: str, value: str | bytes, expires_in: int | timedelta | None = None) -> None:
        """Keep a session's data, for the idle time where no other is given."""
        time = timedelta(seconds=expires_in) if isinstance(expires_in, int) else expires_in
        data = value.encode() if isinstance(value, str) else value
        await sync_to_thread(self._values.write, digest(key), data, time or self._idle)

    async def replace(self, key: str, value: bytes) -> None:
        """Keep a session's new data, unless the session has ended: no late answer brings it back."""

        def replace() -> None:
            self._values.write(digest(key), value, self._idle, only_existing=True)

        await sync_to_thread(replace)

    async def delete(self, key: str) -> None:
        """End a session."""
        await sync_to_thread(self._values.remove, digest(key))

    async def delete_all(self) -> None:
        """End all sessions: everybody has to sign in again."""
        await sync_to_thread(self._values.remove_all)

    async def exists(self, key: str) -> bool:
        """Whether there is such a session."""
        return await self.get(key) is not None

    async def expires_in(self, key: str) -> int | None:
        """Return the longest time in seconds that a session may still idle, None where there is none."""
        return int(self._idle.total_seconds()) if await self.exists(key) else None


def digest(session_id: str) -> str:
    """Return the digest under which a session is kept: plain SHA-256, since the id has 256 random bits."""
    return hashlib.sha256(session_id.encode()).hexdigest()


class SessionBackend(ServerSideSessionBackend):
    """Litestar's server-side sessions, without trust in the id that a browser brings.

    Args:
        config: Litestar's configuration: the cookie.
        lifetimes: how long sessions last.
        clock: returns the time, aware.
    """

    def __init__(
        self, config: ServerSideSessionConfig, lifetimes: Lifetimes, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(config)
        self._lifetimes = lifetimes
        self._clock = clock

    def get_session_id(self, connection: AnyConnection) -> str:
        """Return the id of the session that was found, or a new one: never one that only the cookie knows."""
        state = ScopeState.from_scope(connection.scope)
        session_id = value_or_default(state.session_id, None)
        if session_id is None:
            session_id = self.generate_session_id()
            state.session_id = session_id
        return session_id

    async def load_from_connection(self, connection: AnyConnection) -> dict[str, Any]:
        """Return the session of the cookie's id, empty where there is none or its time is over."""
        brought = connection.cookies.get(self.config.key)
        if not brought:
            return {}
        store = self._store(connection)
        data = await store.get(brought)
        if data is None:
            return {}
        session = self.deserialize_data(data)
        if self._over(session):
            await store.delete(brought)
            return {}
        ScopeState.from_scope(connection.scope).session_id = brought
        connection.scope["state"][_HELD] = (brought, data)
        return session

    async def store_in_message(
        self, scope_session: ScopeSession, message: Message, connection: AnyConnection
    ) -> None:
        """Write the session if it changed, under a new id if it is to be renewed, and tell the browser."""
        store = self._store(connection)
        held: tuple[str, bytes] | None = connection.scope["state"].get(_HELD)
        session = cast("dict[str, Any]", scope_session) if isinstance(scope_session, Mapping) else {}
        if not session:
            if held is not None:
                await store.delete(held[0])
            if held is not None or self.config.key in connection.cookies:
                self._send_cookie(message, "", max_age=0)
            return
        now = self._clock().timestamp()
        renewed = held is None or bool(connection.scope["state"].get(_RENEW))
        session.setdefault(SIGNED_IN, now)
        before = session.get(SEEN, 0.0)
        data = self.serialize_data(session, connection.scope)
        if held is not None and not renewed:
            looked = now - before < self._lifetimes.touch.total_seconds()
            if data == held[1] and looked:
                return
            data = self.serialize_data({**session, SEEN: now}, connection.scope)
            await store.replace(held[0], data)
            return
        if held is not None:
            await store.delete(held[0])
            ScopeState.from_scope(connection.scope).session_id = Empty
        session_id = self.get_session_id(connection)
        data = self.serialize_data({**session, SEEN: now}, connection.scope)
        await store.set(session_id, data)
        self._send_cookie(message, session_id)

    def _over(self, session: Mapping[str, Any]) -> bool:
        """Whether the absolute time is over. The idle time is the store's: it forgets the row."""
        age = self._clock().timestamp() - float(session.get(SIGNED_IN, 0.0))
        return age > self._lifetimes.absolute.total_seconds()

    def _store(self, connection: AnyConnection) -> SessionStore:
        return cast("SessionStore", self.config.get_store_from_app(connection.scope["litestar_app"]))

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
    config = ServerSideSessionConfig(key=cookie, secure=https, httponly=True, samesite="lax", store=STORE)
    return DefineMiddleware(SessionMiddleware, backend=SessionBackend(config, lifetimes, clock))


def begin(request: AnyRequest, actor: Actor, password_stamp: str, now: datetime) -> None:
    """Start a session for a user who has just signed in. Whatever was there before is forgotten.

    Signing in is no proof for secrets: an admin who walks away from a fresh session leaves none of them open.
    """
    request.scope["session"] = {
        USER: actor.user_id,
        USERNAME: actor.username,
        ORG: actor.org_id,
        PASSWORD_STAMP: password_stamp,
        SIGNED_IN: now.timestamp(),
    }
    request.scope["state"][_RENEW] = True


def prove(request: AnyRequest, now: datetime) -> None:
    """Note that the signed-in user has just given the password again; the session gets a new id."""
    request.session[PROVED] = now.timestamp()
    request.scope["state"][_RENEW] = True


def proof(request: AnyRequest) -> Proof | None:
    """Return the last proof of the signed-in user, however old; acts judge its age."""
    at = request.session.get(PROVED)
    return Proof(user_id=request.session[USER], at=datetime.fromtimestamp(at, UTC)) if at else None


def end(request: AnyRequest) -> None:
    """End the session: the row goes, and the cookie."""
    request.clear_session()
