"""The connected app as the mapping reads it: leaves, each with its key, and what kinds of settings it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf, Segment, element_at, leaves, remembered, segments


class Located(NamedTuple):
    """Where a leaf stands in the schema of connected apps."""

    key: str | None
    """Its path with `[]` for indexes, None where the schema knows no such leaf."""
    group: str
    """Key of the innermost known group around it, `""` for the root."""
    indexes: tuple[int, ...]
    """Indexes of the repeated elements on the way, as far as the schema knows it."""
    rest: tuple[Segment, ...]
    """What follows below the group."""


@remembered
def locate(path: str) -> Located:
    """Say where a leaf path stands in the schema of connected apps."""
    cls: type[Any] = ConnectedApp
    group: list[str] = []
    indexes: list[int] = []
    steps = segments(path)
    for position, step in enumerate(steps):
        unknown = Located(None, "/".join(group), tuple(indexes), steps[position:])
        element = element_at(cls, step.name)
        if element is None or (step.index > 1 and not element.repeats):
            return unknown
        last = position == len(steps) - 1
        if element.group is None:
            if not last:
                return unknown
            here = [*group, f"{step.name}[]" if element.repeats else step.name]
            found = (*indexes, step.index) if element.repeats else tuple(indexes)
            return Located("/".join(here), "/".join(group), found, steps[position:])
        if last and not element.repeats:
            return unknown
        group.append(f"{step.name}[]" if element.repeats else step.name)
        if element.repeats:
            indexes.append(step.index)
        cls = element.group
    return Located(None, "/".join(group), tuple(indexes), ())


class Facts(NamedTuple):
    """What kinds of settings an app has; an empty group element is none."""

    oauth: bool
    saml: bool
    canvas: bool
    asset_tokens: bool


def facts_of(found: tuple[Leaf, ...]) -> Facts:
    """Tell from an app's leaves what kinds of settings it has."""
    groups = {leaf.path.partition("/")[0] for leaf in found if "/" in leaf.path}
    return Facts(
        oauth="oauthConfig" in groups,
        saml="samlConfig" in groups,
        canvas=not groups.isdisjoint({"canvas", "canvasConfig"}),
        asset_tokens=any(leaf.path.startswith("oauthConfig/assetTokenConfig/") for leaf in found),
    )


@dataclass(frozen=True, kw_only=True)
class Source:
    """A connected app, its leaves and what follows from them."""

    app: ConnectedApp
    leaves: tuple[Leaf, ...]
    facts: Facts


def read(app: ConnectedApp) -> Source:
    """Read a connected app for the mapping."""
    found = leaves(app)
    return Source(app=app, leaves=found, facts=facts_of(found))
