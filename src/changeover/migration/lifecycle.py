"""The life of a connected app: active -> migrate -> migrated -> delete its external client app -> active.

Source: the article (read-only after migration, active again after the deletion, where it is not shown); the
decisions NO_DELETE_BEFORE_REVERT, MIGRATE_AGAIN and NOTICES_COME_BACK. Nothing is looked up here: who acts
has the state in hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from changeover import errors
from changeover.errors import ChangeoverError, ErrorKind


class State(StrEnum):
    """State of a connected app."""

    ACTIVE = "active"
    MIGRATED = "migrated"


class Act(StrEnum):
    """What can be done with a connected app, whatever the door."""

    VIEW = "view"
    EDIT = "edit"
    EDIT_POLICIES = "edit policies"
    REIMPORT = "import again"
    ASSIGN = "assign notifications or a briefcase"
    MIGRATE = "migrate"
    REVERT = "delete its external client app"
    DELETE = "delete"


class Place(StrEnum):
    """Where Setup shows connected apps."""

    APP_MANAGER = "App Manager"
    NOTIFICATION_DELIVERY_SETTINGS = "Notification Delivery Settings"
    BRIEFCASE_ASSIGNMENT = "Briefcase connected-app assignment"


# State after each act that is allowed; None: the app is gone.
TRANSITIONS: Mapping[State, Mapping[Act, State | None]] = {
    State.ACTIVE: {
        Act.VIEW: State.ACTIVE,
        Act.EDIT: State.ACTIVE,
        Act.EDIT_POLICIES: State.ACTIVE,
        Act.REIMPORT: State.ACTIVE,
        Act.ASSIGN: State.ACTIVE,
        Act.MIGRATE: State.MIGRATED,
        Act.DELETE: None,
    },
    State.MIGRATED: {Act.VIEW: State.MIGRATED, Act.REVERT: State.ACTIVE},
}

SHOWN_IN: Mapping[State, frozenset[Place]] = {
    State.ACTIVE: frozenset(Place),
    State.MIGRATED: frozenset({Place.APP_MANAGER}),
}

_REFUSALS: Mapping[Act, tuple[ErrorKind, str]] = {
    Act.MIGRATE: (errors.ALREADY_MIGRATED, "{name} has already been migrated."),
    Act.DELETE: (
        errors.EXTERNAL_CLIENT_APP_THERE,
        "{name} cannot be deleted while its external client app is there.",
    ),
    Act.REVERT: (errors.EXTERNAL_CLIENT_APP_NOT_FOUND, "{name} has not been migrated."),
}


def may(state: State, act: Act) -> bool:
    """Whether an act is allowed in a state."""
    return act in TRANSITIONS[state]


def after(state: State, act: Act, name: str) -> State | None:
    """Return the state after an act, None where the app is gone.

    Args:
        state: the app's state.
        act: what is to be done.
        name: the app's label, for the message.

    Raises:
        ChangeoverError: the act is not allowed in this state: E-ALREADY-MIGRATED, E-APP-READ-ONLY,
            E-EXTERNAL-CLIENT-APP-THERE, E-EXTERNAL-CLIENT-APP-NOT-FOUND.
    """
    if may(state, act):
        return TRANSITIONS[state][act]
    kind, message = _REFUSALS.get(
        act, (errors.APP_READ_ONLY, "{name} has been migrated and is read-only: it takes no " + act + ".")
    )
    raise ChangeoverError(kind, message.format(name=name))


def shown_in(state: State, place: Place) -> bool:
    """Whether an app in a state is shown at a place of Setup."""
    return place in SHOWN_IN[state]
