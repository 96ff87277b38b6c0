"""From the planned external client app to its documents: nothing is computed, only secrets are added."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from changeover.apps.building import from_leaves
from changeover.apps.document import Leaf
from changeover.apps.external_client_app import ExternalClientApp, ExternalClientApplication, Part
from changeover.apps.types import BY_NAME, component
from changeover.migration.plan.document import PlannedComponent, PlannedExternalClientApp


class Built(NamedTuple):
    """A planned external client app as it will be written."""

    app: ExternalClientApp
    left_out: tuple[str, ...]
    """Secrets that were not given, as component and path."""
    secret: frozenset[str]
    """Full names of the documents that hold a secret now."""


def build_planned(planned: PlannedExternalClientApp, secret: Callable[[str, str], str | None]) -> Built:
    """Return a planned external client app as documents.

    Args:
        planned: the app as the plan has it.
        secret: from the secret's path in the result and its place in the source to its value; None leaves it
            out.

    Raises:
        ValueError: the plan was changed by hand and no app can be built of it: an unknown type, a path that
            is none, no header or two, a name that no file can have.
    """
    left_out: list[str] = []
    with_secret: set[str] = set()
    headers: list[ExternalClientApplication] = []
    parts: list[Part] = []
    for one in planned.components:
        kind = BY_NAME[one.type].document if one.type in BY_NAME else None
        if kind is None or not (kind is ExternalClientApplication or issubclass(kind, Part)):
            message = f"“{one.type}” is no part of an external client app"
            raise ValueError(message)
        _refuse_name(one.full_name)
        held, hidden = _leaves(one, secret)
        document = from_leaves(kind, one.full_name, held)
        name = component(document)
        left_out += [f"{name}/{path}" for path, value in hidden.items() if value is None]
        if any(hidden.values()):
            with_secret.add(one.full_name)
        if isinstance(document, ExternalClientApplication):
            headers.append(document)
        elif isinstance(document, Part):
            parts.append(document)
    if len(headers) != 1 or headers[0].full_name != planned.api_name:
        message = f"{planned.api_name} needs one header of this name"
        raise ValueError(message)
    app = ExternalClientApp(header=headers[0], parts=tuple(parts))
    return Built(app, tuple(left_out), frozenset(with_secret))


def _leaves(
    one: PlannedComponent, secret: Callable[[str, str], str | None]
) -> tuple[list[Leaf], dict[str, str | None]]:
    held: list[Leaf] = []
    hidden: dict[str, str | None] = {}
    for leaf in one.leaves:
        value = leaf.value
        if value is None:
            value = hidden[leaf.path] = secret(leaf.path, leaf.secret or "")
        if value is not None:
            held.append(Leaf(leaf.path, value))
    return held, hidden


def _refuse_name(name: str) -> None:
    """Refuse a full name that would lead out of its folder. Names in the wild are odd; these are none."""
    if not name or name.startswith(".") or not name.isprintable() or set(name) & set("/\\"):
        message = f"“{name!r}” is no full name"
        raise ValueError(message)
