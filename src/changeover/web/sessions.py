"""Sessions: their data in our database under a digest of the id, the id in a cookie.

A session exists only for someone who has signed in: who only looks at the sign-in page gets none. The id that
a browser brings is used only where a session is found under it, and it is renewed whenever the user proves
who they are, so that an id which somebody planted beforehand leads nowhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    proof: timedelta = timedelta(minutes=5)
    """How long a fresh password check opens what needs one."""
    touch: timedelta = timedelta(minutes=1)
    """How often at most a session that only looks around is written to the database."""


class KeyValues(Protocol):
    """Values under keys that are forgotten when their time is over, shared by all processes."""

    def get(self, key: str) -> bytes | None:
        """Return a value, None where there is none or its time is over."""

    def set(self, key: str, value: bytes, expires_in: timedelta | None = None) -> None:
        """Keep a value, for ever without `expires_in`."""

    def increment(self, key: str, expires_in: timedelta) -> int:
        """Count one more under a key and return the count; the first one starts the time."""

    def delete(self, key: str) -> None:
        """Forget a key."""

    def delete_all(self) -> None:
        """Forget all keys."""

    def exists(self, key: str) -> bool:
        """Whether there is a value whose time is not over."""

    def expires_in(self, key: str) -> int | None:
        """Return for how many more seconds a value is kept, None for ever or where there is none."""


class SessionStore(Store):
    """Litestar's store over `KeyValues`. Keys are digests: who reads the database can enter no session."""

    def __init__(self, values: KeyValues) -> None:
        self._values = values

    async def get(self, key: str, renew_for: int | timedelta | None = None) -> bytes | None:
        """Return a session's data. `set` prolongs its time, so `renew_for` does nothing here."""
        del renew_for
        return await sync_to_thread(self._values.get, digest(key))

    async def set(self, key: str, value: str | bytes, expires_in: int | timedelta | None = None) -> None:
        """Keep a session's data."""
        await sync_to_thread(self._values.set, digest(key), _bytes(value), _time(expires_in))

    async def replace(self, key: str, value: bytes, expires_in: timedelta) -> None:
        """Keep a session's new data, unless the session has ended: no late answer brings it back."""

        def replace() -> None:
            if self._values.exists(digest(key)):
                self._values.set(digest(key), value, expires_in)

        await sync_to_thread(replace)

    async def delete(self, key: str) -> None:
        """End a session."""
        await sync_to_thread(self._values.delete, digest(key))

    async def delete_all(self) -> None:
        """End all sessions: everybody has to sign in again."""
        await sync_to_thread(self._values.delete_all)

    async def exists(self, key: str) -> bool:
        """Whether there is such a session."""
        return await sync_to_thread(self._values.exists, digest(key))

    async def expires_in(self, key: str) -> int | None:
        """Return in how many seconds a session ends if nothing happens."""
        return await sync_to_thread(self._values.expires_in, digest(key))


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _time(given: int | timedelta | None) -> timedelta | None:
    return timedelta(seconds=given) if isinstance(given, int) else given


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
            await store.replace(held[0], data, self._lifetimes.idle)
            return
        if held is not None:
            await store.delete(held[0])
            ScopeState.from_scope(connection.scope).session_id = Empty
        session_id = self.get_session_id(connection)
        data = self.serialize_data({**session, SEEN: now}, connection.scope)
        await store.set(session_id, data, self._lifetimes.idle)
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
    """Start a session for a user who has just proved who they are. Whatever was there before is forgotten."""
    request.scope["session"] = {
        USER: actor.user_id,
        USERNAME: actor.username,
        ORG: actor.org_id,
        PASSWORD_STAMP: password_stamp,
        SIGNED_IN: now.timestamp(),
        PROVED: now.timestamp(),
    }
    request.scope["state"][_RENEW] = True


def prove(request: AnyRequest, now: datetime) -> None:
    """Note that the signed-in user has just given the password again; the session gets a new id."""
    request.session[PROVED] = now.timestamp()
    request.scope["state"][_RENEW] = True


def proved(request: AnyRequest, now: datetime, lifetimes: Lifetimes) -> bool:
    """Whether the password check is fresh enough for what needs one."""
    return now.timestamp() - float(request.session.get(PROVED, 0.0)) <= lifetimes.proof.total_seconds()


def end(request: AnyRequest) -> None:
    """End the session: the row goes, and the cookie."""
    request.clear_session()
