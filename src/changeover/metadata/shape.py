"""Which elements of a file may repeat, so that their leaf paths always bear an index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from changeover.apps.document import elements


class Known(NamedTuple):
    """What is known of one element."""

    repeats: bool
    inner: Shape


Shape = Mapping[str, Known]
NOTHING_KNOWN: Shape = {}


def shape_of(cls: type) -> Shape:
    """Return the shape of a document class, groups included."""
    return {
        element.name: Known(
            element.repeats, shape_of(element.group) if element.group is not None else NOTHING_KNOWN
        )
        for element in elements(cls)
    }


def shape_of_patterns(patterns: tuple[str, ...]) -> Shape:
    """Return the shape that paths such as `appSettings[]/enabled` imply; `[]` marks what repeats."""
    shape: dict[str, Known] = {}
    for pattern in patterns:
        first, _, rest = pattern.partition("/")
        name = first.removesuffix("[]")
        below = tuple(other.partition("/")[2] for other in patterns if other.startswith(f"{first}/"))
        shape[name] = Known(first.endswith("[]"), shape_of_patterns(below) if rest else NOTHING_KNOWN)
    return shape
