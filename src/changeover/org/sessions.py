"""Browser sessions: who is signed in from where, one's own and, for who manages users, another's.

An ended session is gone: the next request of its browser leads to the sign-in page, whichever process gets
it.
"""

from __future__ import annotations

from changeover.org import audit
from changeover.org.act import act
from changeover.org.ending import Kind, end, end_all, of_user, own
from changeover.org.model.orgs import Actor
from changeover.org.model.people import Session
from changeover.org.own import own_user
from changeover.org.permissions import SIGNED_IN, USERS
from changeover.org.ports import Unit

SESSIONS = Kind(
    a="a session",
    one="session",
    many="sessions",
    done="Ended",
    none="",
    event=audit.Event.SESSION_ENDED,
    alive=lambda unit, user_id: {one.session_id: one.session_id for one in unit.sessions.list(user_id)},
    end=lambda unit, user_id, session_id: unit.sessions.end(user_id, session_id),
    end_all=lambda unit, user_id, keep: unit.sessions.end_all(user_id, keep=keep),
    told="sessions",
)


@act(SIGNED_IN, "look at the own sessions")
def list_sessions(unit: Unit, actor: Actor) -> tuple[Session, ...]:
    """Return one's own browser sessions, the last used first."""
    return unit.sessions.list(actor.user_id)


@act(SIGNED_IN, "end the own sessions")
def end_session(unit: Unit, actor: Actor, session_id: str) -> None:
    """End a browser session of one's own. Raises E-RECORD-NOT-FOUND."""
    end(unit, actor, SESSIONS, own(actor), session_id)


@act(SIGNED_IN, "end the own sessions")
def end_sessions(unit: Unit, actor: Actor, *, keep: str | None = None) -> int:
    """End all browser sessions of one's own but the one to keep, by id; returns how many.

    Raises E-RECORD-NOT-FOUND where there is none to keep: nobody ends more than was meant.
    """
    return end_all(unit, actor, SESSIONS, own(actor), keep)


@act(USERS, "look at the sessions of users")
def sessions_of(unit: Unit, actor: Actor, username: str) -> tuple[Session, ...]:
    """Return the browser sessions of a user, the last used first. Raises E-RECORD-NOT-FOUND."""
    return unit.sessions.list(own_user(unit, actor, username).user_id)


@act(USERS, "end the sessions of users")
def end_session_of(unit: Unit, actor: Actor, username: str, session_id: str) -> None:
    """End a browser session of a user. Raises E-RECORD-NOT-FOUND."""
    end(unit, actor, SESSIONS, of_user(unit, actor, username), session_id)


@act(USERS, "end the sessions of users")
def end_sessions_of(unit: Unit, actor: Actor, username: str) -> int:
    """End all browser sessions of a user; returns how many. Raises E-RECORD-NOT-FOUND."""
    return end_all(unit, actor, SESSIONS, of_user(unit, actor, username))
