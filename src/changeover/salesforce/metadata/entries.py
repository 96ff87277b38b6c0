"""The top-level elements of a component one by one, and put together again.

For types that are lists of small things, each known by a name within it: `userPermissions` of a profile by
`name`, `classAccesses` by `apexClass`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from changeover.apps.document import Leaf, in_order, segments


class Entry(NamedTuple):
    """One element with what is in it."""

    name: str
    content: tuple[Leaf, ...]
    """Leaves with paths relative to it; the element's own text has the path `""`."""
    path: str
    """Where it stood in the file it came from, so that a refusal can point at it; empty where in none."""

    def value(self, path: str = "") -> str | None:
        """Return the text of an element in it, without the spaces around it; None where there is none."""
        return next((leaf.value.strip() for leaf in self.content if leaf.path == path), None)

    def at(self, path: str) -> str:
        """Return where an element of it stood."""
        return f"{self.path}/{path}"


def since_of(elements: Mapping[str, int], path: str) -> int | None:
    """Return the API version that brought the element that a leaf is in, 0 for an attribute of the root.

    `elements`: the top-level elements of a type and since when; None for a path in none of them.
    """
    name = path.partition("/")[0].partition("[")[0]
    return 0 if name.startswith("@") else elements.get(name)


def entry(name: str, /, **values: str) -> Entry:
    """Return an element that holds texts."""
    return Entry(name, tuple(Leaf(key, value) for key, value in values.items()), "")


def text_entry(name: str, value: str) -> Entry:
    """Return an element that is a text."""
    return Entry(name, (Leaf("", value),), "")


def entries(content: Iterable[Leaf]) -> tuple[Entry, ...]:
    """Return the top-level elements in their order; attributes of the root are no elements."""
    found: dict[str, list[Leaf]] = {}
    for leaf in content:
        first, _, rest = leaf.path.partition("/")
        if not first.startswith("@"):
            found.setdefault(first, []).append(Leaf(rest, leaf.value))
    return tuple(Entry(segments(at)[0].name, tuple(held), at) for at, held in found.items())


def content_of(given: Iterable[Entry]) -> tuple[Leaf, ...]:
    """Return leaves of elements, numbered anew, in the order in which Salesforce writes them."""
    seen: dict[str, int] = {}
    found: list[Leaf] = []
    for one in given:
        seen[one.name] = nth = seen.get(one.name, 0) + 1
        at = f"{one.name}[{nth}]"
        found += [Leaf(f"{at}/{leaf.path}" if leaf.path else at, leaf.value) for leaf in one.content]
    return in_order(found)
