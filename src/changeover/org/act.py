"""What makes a function an act: it is registered, and refuses a user who lacks what it needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.model.orgs import Actor
from changeover.org.permissions import BY_API_NAME, Needs, Permission
from changeover.org.ports import Unit

P = ParamSpec("P")
R = TypeVar("R")


class Act(NamedTuple):
    """An act as the table of acts lists it."""

    name: str
    """`module.function`."""
    needs: Needs


ACTS: dict[str, Act] = {}
"""All acts by name, filled as their modules are imported."""


def held(unit: Unit, actor: Actor) -> frozenset[Permission]:
    """Return the permissions that the actor holds now.

    Every act asks this first, and so a unit that writes takes its turn in the org here. Raises
    E-USER-NOT-ACTIVE where the user has been deactivated, has gone, or belongs to another org.
    """
    unit.take_turn(actor.org_id)
    standing = unit.users.standing(actor.user_id)
    if standing is None or standing.org_id != actor.org_id:
        raise ChangeoverError(errors.USER_NOT_ACTIVE, f"{actor.username} is not an active user of this org.")
    return frozenset(BY_API_NAME[name] for name in standing.permissions if name in BY_API_NAME)


def require(unit: Unit, actor: Actor, needs: Needs, what: str) -> None:
    """Refuse an actor who lacks what is needed. `what` completes "may not": `migrate an app`.

    Raises E-NOT-PERMITTED, E-USER-NOT-ACTIVE.
    """
    if not needs.met_by(held(unit, actor)):
        message = f"{actor.username} may not {what}: this needs {needs}."
        raise ChangeoverError(errors.NOT_PERMITTED, message)


def act(
    needs: Needs, what: str
) -> Callable[[Callable[Concatenate[Unit, Actor, P], R]], Callable[Concatenate[Unit, Actor, P], R]]:
    """Declare what an act needs. The check comes first, in the act's own transaction.

    Args:
        needs: the permissions.
        what: completes "may not": `migrate an app`.
    """

    def declare(
        function: Callable[Concatenate[Unit, Actor, P], R],
    ) -> Callable[Concatenate[Unit, Actor, P], R]:
        name = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"
        ACTS[name] = Act(name, needs)

        @wraps(function)
        def checked(unit: Unit, actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            require(unit, actor, needs, what)
            return function(unit, actor, *args, **kwargs)

        return checked

    return declare
