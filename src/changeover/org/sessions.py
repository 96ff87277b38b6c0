"""Browser sessions: who is signed in from where, one's own and, for who manages users, another's.

An ended session is gone: the next request of its browser leads to the sign-in page, whichever process gets
it.
"""

from __future__ import annotations

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import audit
from changeover.org.act import act
from changeover.org.model import Actor, Session
from changeover.org.own import own_user
from changeover.org.permissions import SIGNED_IN, USERS
from changeover.org.ports import Unit
from changeover.org.values import shown


@act(SIGNED_IN, "look at the own sessions")
def list_sessions(unit: Unit, actor: Actor) -> tuple[Session, ...]:
    """Return one's own browser sessions, the last used first."""
    return unit.sessions.list(actor.user_id)


@act(SIGNED_IN, "end the own sessions")
def end_session(unit: Unit, actor: Actor, session_id: str) -> None:
    """End a browser session of one's own. Raises E-RECORD-NOT-FOUND."""
    _end(unit, actor, actor.user_id, actor.username, session_id)


@act(SIGNED_IN, "end the own sessions")
def end_sessions(unit: Unit, actor: Actor, *, keep: str | None = None) -> int:
    """End all browser sessions of one's own but the one to keep, by id; returns how many.

    Raises E-RECORD-NOT-FOUND where there is none to keep: nobody ends more than was meant.
    """
    if keep is not None and keep not in {session.session_id for session in unit.sessions.list(actor.user_id)}:
        raise _none(actor.username, keep)
    return _end_all(unit, actor, actor.user_id, actor.username, keep)


@act(USERS, "look at the sessions of users")
def sessions_of(unit: Unit, actor: Actor, username: str) -> tuple[Session, ...]:
    """Return the browser sessions of a user, the last used first. Raises E-RECORD-NOT-FOUND."""
    return unit.sessions.list(own_user(unit, actor, username).user_id)


@act(USERS, "end the sessions of users")
def end_session_of(unit: Unit, actor: Actor, username: str, session_id: str) -> None:
    """End a browser session of a user. Raises E-RECORD-NOT-FOUND."""
    user = own_user(unit, actor, username)
    _end(unit, actor, user.user_id, user.username, session_id)


@act(USERS, "end the sessions of users")
def end_sessions_of(unit: Unit, actor: Actor, username: str) -> int:
    """End all browser sessions of a user; returns how many. Raises E-RECORD-NOT-FOUND."""
    user = own_user(unit, actor, username)
    return _end_all(unit, actor, user.user_id, user.username, None)


def _none(username: str, session_id: str) -> ChangeoverError:
    message = f"{shown(username)} has no session “{shown(session_id)}”."
    return ChangeoverError(errors.RECORD_NOT_FOUND, message)


def _end(unit: Unit, actor: Actor, user_id: str, username: str, session_id: str) -> None:
    if not unit.sessions.end(user_id, session_id):
        raise _none(username, session_id)
    text = f"Ended a session of {username}."
    audit.record(unit, actor, audit.Event.SESSION_ENDED, username, text, before={"session": session_id})


def _end_all(unit: Unit, actor: Actor, user_id: str, username: str, keep: str | None) -> int:
    ended = unit.sessions.end_all(user_id, keep=keep)
    if ended:
        text = f"Ended {ended} {'session' if ended == 1 else 'sessions'} of {username}."
        audit.record(unit, actor, audit.Event.SESSION_ENDED, username, text, before={"sessions": ended})
    return ended
