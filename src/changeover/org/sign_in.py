"""Sign in, prove oneself anew, change one's password. Hashing is slow on purpose and stays outside units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from changeover import errors
from changeover.errors import ChangeoverError, ErrorKind
from changeover.org import audit
from changeover.org.act import act, held
from changeover.org.model.orgs import Actor, Door, Org
from changeover.org.model.people import User
from changeover.org.own import own_org, own_user
from changeover.org.permissions import SIGNED_IN, Permission
from changeover.org.ports import Unit, Units
from changeover.org.proof import Proof

ATTEMPTS = 10
"""Wrong passwords in a row before the lock: Salesforce's default (Password Policies)."""
LOCK = timedelta(minutes=15)
"""Salesforce's default, too."""
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024


@dataclass(frozen=True, kw_only=True)
class Whoami:
    """The user behind an actor, the org, and what the user may do now."""

    user: User
    org: Org
    permissions: frozenset[Permission]


def sign_in(units: Units, username: str, password: str, door: Door) -> Actor:
    """Return the actor of a username and password.

    A wrong username and a wrong password are told apart neither by the answer nor by its time.

    Raises:
        ChangeoverError: E-SIGN-IN-FAILED, E-SIGN-IN-LOCKED.
    """
    with units.read() as unit:
        user = unit.users.by_username(username.strip())
        stored = unit.users.password_hash(user.user_id) if user is not None and user.active else None
    right = units.passwords.verify(stored, password[: LONGEST_PASSWORD + 1])
    message = "This username and password do not go together."
    if user is None or stored is None:
        raise ChangeoverError(errors.SIGN_IN_FAILED, message)
    actor = Actor(org_id=user.org_id, user_id=user.user_id, username=user.username, door=door)
    _settle(units, actor, right=right, kind=errors.SIGN_IN_FAILED, message=message)
    return actor


def prove(units: Units, actor: Actor, password: str) -> Proof:
    """Return the proof that whoever is at the door knows the actor's password.

    Raises:
        ChangeoverError: E-PASSWORD-WRONG, E-SIGN-IN-LOCKED, E-USER-NOT-ACTIVE.
    """
    with units.read() as unit:
        held(unit, actor)
        stored = unit.users.password_hash(actor.user_id)
    right = units.passwords.verify(stored, password[: LONGEST_PASSWORD + 1])
    message = f"This is not the password of {actor.username}."
    _settle(units, actor, right=right, kind=errors.PASSWORD_WRONG, message=message)
    with units.read() as unit:
        return Proof(user_id=actor.user_id, at=unit.now)


def _settle(units: Units, actor: Actor, *, right: bool, kind: ErrorKind, message: str) -> None:
    """Count a password that was given, and refuse a wrong one or a locked user; the count outlasts that."""
    if right:
        with units.read() as unit:
            user = own_user(unit, actor, actor.username)
            failed = unit.users.failed_sign_ins(actor.user_id, lock=False)
            if not failed and user.locked_until is None:
                # Nothing to count: most logins neither wait for a turn in the org nor take one from others.
                return
    with units.unit() as unit:
        # Many guesses at once are counted one after another.
        unit.take_turn(actor.org_id)
        user = own_user(unit, actor, actor.username)
        locked = user.locked_until is not None and user.locked_until > unit.now
        failed = unit.users.failed_sign_ins(actor.user_id)
        if not locked and right:
            if failed or user.locked_until is not None:
                unit.users.record_sign_in(actor.user_id, 0, None)
            return
        if not locked:
            failed += 1
            lock = unit.now + LOCK if failed >= ATTEMPTS else None
            unit.users.record_sign_in(actor.user_id, 0 if lock else failed, lock)
            if lock is not None:
                text = f"Locked the user {user.username} after {ATTEMPTS} wrong passwords."
                audit.record(unit, actor, audit.Event.USER_LOCKED, user.username, text)
    if locked:
        says = f"After {ATTEMPTS} wrong passwords this user is locked for {LOCK.seconds // 60} minutes."
        raise ChangeoverError(errors.SIGN_IN_LOCKED, says)
    raise ChangeoverError(kind, message)


def refuse_weak(username: str, password: str) -> None:
    """Refuse a password that is too short, too long, or the username. Raises E-PASSWORD-TOO-WEAK."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        message = (
            f"The password has {len(password)} characters; {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} will do."
        )
        raise ChangeoverError(errors.PASSWORD_TOO_WEAK, message)
    if password.casefold() == username.casefold() or len(set(password)) < SHORTEST_PASSWORD // 3:
        raise ChangeoverError(errors.PASSWORD_TOO_WEAK, "The password is too easy to guess.")


def change_password(
    units: Units, actor: Actor, old: str, new: str, *, keep_session: str | None = None
) -> None:
    """Change one's own password. All browser sessions of the user end but the one to keep, by id.

    Raises:
        ChangeoverError: E-PASSWORD-WRONG, E-PASSWORD-TOO-WEAK, E-SIGN-IN-LOCKED, E-USER-NOT-ACTIVE.
    """
    prove(units, actor, old)
    refuse_weak(actor.username, new)
    hashed = units.passwords.hash(new)
    with units.unit() as unit:
        _set_own_password(unit, actor, hashed, keep_session)


@act(SIGNED_IN, "change the password")
def _set_own_password(unit: Unit, actor: Actor, hashed: str, keep_session: str | None) -> None:
    unit.users.set_password(actor.user_id, hashed)
    unit.sessions.end_all(actor.user_id, keep=keep_session)
    text = f"{actor.username} changed the password."
    audit.record(unit, actor, audit.Event.USER_PASSWORD_SET, actor.username, text)


@act(SIGNED_IN, "look at the own user")
def whoami(unit: Unit, actor: Actor) -> Whoami:
    """Return the user behind an actor, the org, and what the user may do now."""
    user = own_user(unit, actor, actor.username)
    return Whoami(user=user, org=own_org(unit, actor), permissions=held(unit, actor))
