"""Ending what a user is signed in with: one of it, or all but one. Sessions and API tokens end alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import audit
from changeover.org.model.orgs import Actor
from changeover.org.own import own_user
from changeover.org.ports import Unit
from changeover.org.values import shown


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of what a user is signed in with."""

    a: str
    """`a session`: what was ended, where it was one."""
    one: str
    many: str
    done: str
    """`Ended`."""
    none: str
    """Completes "has no session “…”"."""
    event: audit.Event
    alive: Callable[[Unit, str], Mapping[str, str]]
    """Of a user's that can be ended: by id, what the audit trail calls it."""
    end: Callable[[Unit, str, str], bool]
    """Ends one of a user's by id; whether there was one."""
    end_all: Callable[[Unit, str, str | None], int]
    """Ends all of a user's but the one to keep; how many."""
    told: str
    """Under which name the audit trail says which ones."""


@dataclass(frozen=True, kw_only=True)
class Whose:
    """The user whose it is."""

    user_id: str
    username: str


def own(actor: Actor) -> Whose:
    """Return the actor: what is ended is one's own."""
    return Whose(user_id=actor.user_id, username=actor.username)


def of_user(unit: Unit, actor: Actor, username: str) -> Whose:
    """Return a user of the actor's org. Raises E-RECORD-NOT-FOUND."""
    user = own_user(unit, actor, username)
    return Whose(user_id=user.user_id, username=user.username)


def end(unit: Unit, actor: Actor, kind: Kind, whose: Whose, which: str) -> None:
    """End one by its id. Raises E-RECORD-NOT-FOUND."""
    name = kind.alive(unit, whose.user_id).get(which)
    if name is None or not kind.end(unit, whose.user_id, which):
        raise _none(kind, whose, which)
    _record(unit, actor, kind, whose, kind.a, [name])


def end_all(unit: Unit, actor: Actor, kind: Kind, whose: Whose, keep: str | None = None) -> int:
    """End all but the one to keep, by id; returns how many.

    Raises E-RECORD-NOT-FOUND where there is none to keep: nobody ends more than was meant.
    """
    alive = kind.alive(unit, whose.user_id)
    if keep is not None and keep not in alive:
        raise _none(kind, whose, keep)
    ended = kind.end_all(unit, whose.user_id, keep)
    if ended:
        what = f"1 {kind.one}" if ended == 1 else f"{ended} {kind.many}"
        names = [name for which, name in alive.items() if which != keep]
        _record(unit, actor, kind, whose, what, names)
    return ended


def _none(kind: Kind, whose: Whose, which: str) -> ChangeoverError:
    message = f"{shown(whose.username)} has no {kind.one} “{shown(which)}”{kind.none}."
    return ChangeoverError(errors.RECORD_NOT_FOUND, message)


def _record(unit: Unit, actor: Actor, kind: Kind, whose: Whose, what: str, names: list[str]) -> None:
    text = f"{kind.done} {what} of {whose.username}."
    before: dict[str, Any] = {kind.told: sorted(names)}
    audit.record(unit, actor, kind.event, whose.username, text, before=before)
