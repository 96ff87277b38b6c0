"""From leaves to the typed document: what a class knows in its fields, all else as it stood.

Most documents are external client apps' parts that Changeover wrote itself, and have their leaves in few
combinations. What was found out about a combination is kept: a document of a known one is only filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, NamedTuple, TypeVar

from changeover.apps.document import (
    LONGEST_KEPT,
    D,
    Element,
    Kept,
    Leaf,
    Segment,
    elements_by_name,
    in_order,
    segments,
)

T = TypeVar("T")

_PLANS_KEPT = 512
_SEEN_KEPT = 4096
_LONGEST_PLAN = 64
OFTEN = 8
"""Times that a combination comes before there is a plan for it."""


def from_leaves(cls: type[D], full_name: str, given: Iterable[Leaf]) -> D:
    """Build a document from its leaves. What the class cannot hold goes to `unknown` with its path.

    Raises ValueError if a leaf's path is not one (see `Leaf`).
    """
    held = list(given)
    plan = _plan_of(cls, [path for path, _ in held])
    document = plan.document(cls, full_name, held) if plan is not None else None
    return _sorted_out(cls, full_name, held) if document is None else document


def _sorted_out(cls: type[D], full_name: str, held: list[Leaf]) -> D:
    """Build a document of any leaves, one by one."""
    unknown: list[Leaf] = []
    of: type = cls
    routes = _routes(of)
    while True:
        groups: dict[_Keys, dict[Any, int]] = {}
        values: list[Any] = []
        placed: list[Leaf] = []
        repeated, usual = False, True
        for leaf in held:
            path, text = leaf
            around, key, read, below_repeated, own_path = routes[path]
            # The groups around it are there in any case, so that an unknown leaf in one leaves no gap.
            group = groups.get(around)
            if group is None:
                group = groups[around] = {}
            value = text if read is None else read(text)
            if value is None:
                unknown.append(leaf)
            else:
                group[key] = len(values)
                values.append(value)
                placed.append(leaf)
            if below_repeated:
                repeated = True
            if not own_path:
                usual = False
        tree = _tree(groups)
        # A tuple has no gaps. Where a repeated element has one, all of it stays as it stood.
        gaps = tuple(_gaps(of, tree, "")) if repeated else ()
        if not gaps:
            break
        unknown.extend(leaf for leaf in placed if leaf.path.startswith(gaps))
        held = [leaf for leaf in placed if not leaf.path.startswith(gaps)]
    document = _new(
        cls, {"full_name": full_name, "unknown": in_order(unknown), **_filling(cls, tree).fields(values)}
    )
    if usual and not unknown and len(dict(placed)) == len(placed):
        # Each once and under its usual path: these are the leaves that the document has.
        document.__dict__["_leaves"] = in_order(placed)
    return document


@cache
def _defaults(cls: type) -> Mapping[str, Any]:
    return {field.name: field.default for field in fields(cls) if field.default is not MISSING}


def _new(cls: type[T], values: Mapping[str, Any]) -> T:
    """Return a document or group with these fields and defaults for the others.

    A frozen dataclass sets each field by a call of its own; most of them are not given.
    """
    of: type = cls
    made = object.__new__(cls)
    made.__dict__.update(_defaults(of))
    made.__dict__.update(values)
    return made


class _Inner(NamedTuple):
    """Groups of a planned group."""

    attribute: str
    group: type
    repeats: bool
    plans: list[_Filling]


class _Filling(NamedTuple):
    """Which leaf goes where in a document or group, by the leaf's place in the list."""

    single: dict[str, int]
    several: list[tuple[str, list[int]]]
    inner: list[_Inner]

    def fields(self, values: list[Any]) -> dict[str, Any]:
        """Return the fields of a document or group."""
        found: dict[str, Any] = {attribute: values[at] for attribute, at in self.single.items()}
        for attribute, places in self.several:
            found[attribute] = tuple([values[at] for at in places])
        for attribute, group, repeats, plans in self.inner:
            if repeats:
                found[attribute] = tuple([_new(group, plan.fields(values)) for plan in plans])
            else:
                inside = plans[0].fields(values)
                # Where a class has no place for anything in a group, the document has no such group.
                found[attribute] = _new(group, inside) if inside else None
        return found


class _Plan(NamedTuple):
    """How to build a document of leaves that stand at certain paths, in a certain order."""

    reads: tuple[tuple[int, Callable[[str], Any]], ...]
    """Which values are read, and how."""
    filling: _Filling
    order: tuple[int, ...]
    """In which order the leaves are a document's own."""

    def document(self, cls: type[D], full_name: str, held: list[Leaf]) -> D | None:
        """Return the document, None where the class cannot hold one of the values."""
        values: list[Any] = [value for _, value in held]
        for at, read in self.reads:
            values[at] = read(values[at])
            if values[at] is None:
                return None
        document = _new(cls, {"full_name": full_name, **self.filling.fields(values)})
        document.__dict__["_leaves"] = tuple([held[at] for at in self.order])
        return document


_plans: dict[tuple[type, tuple[str, ...]], _Plan | None] = {}
_seen: dict[int, int] = {}
"""How often a combination has come, by its number alone: what comes seldom takes no room."""
_NEW: Any = object()


def _plan_of(cls: type, paths: list[str]) -> _Plan | None:
    """Return the plan for some paths, made once they come often; None for what has none."""
    if len(paths) > _LONGEST_PLAN:
        return None
    key = cls, tuple(paths)
    plan: _Plan | None = _plans.get(key, _NEW)
    if plan is not _NEW:
        return plan
    number = hash(key)
    times = _seen.get(number, 0) + 1
    # A plan takes longer to make than a document, and hardly two connected apps have the same paths.
    if times < OFTEN:
        if len(_seen) >= _SEEN_KEPT:
            _seen.clear()
        _seen[number] = times
        return None
    # Bounded in length too: a server reads hostile files.
    if any(len(path) > LONGEST_KEPT for path in paths):
        return None
    if len(_plans) >= _PLANS_KEPT:
        _plans.clear()
    plan = _plans[key] = _planned(cls, paths)
    return plan


def _planned(cls: type, paths: list[str]) -> _Plan | None:
    """Plan a document; None where a leaf is unknown, stands twice or leaves a gap: they are sorted out."""
    routes = [_routes(cls)[path] for path in paths]
    if len(set(paths)) < len(paths) or not all(route.usual for route in routes):
        return None
    groups: dict[_Keys, dict[Any, int]] = {}
    for at, route in enumerate(routes):
        groups.setdefault(route.groups, {})[route.key] = at
    tree = _tree(groups)
    if any(_gaps(cls, tree, "")):
        return None
    return _Plan(
        reads=tuple((at, route.read) for at, route in enumerate(routes) if route.read is not None),
        filling=_filling(cls, tree),
        order=tuple(sorted(range(len(paths)), key=lambda at: segments(paths[at]))),
    )


def _filling(cls: type, group: _Group) -> _Filling:
    several: list[tuple[str, list[int]]] = []
    inner: list[_Inner] = []
    if group.inner:
        declared = elements_by_name(cls)
        for name, found in group.inner.items():
            element = declared[name]
            ordered = [found[index] for index in sorted(found)] if len(found) > 1 else [*found.values()]
            of = element.group
            if of is None:
                several.append((element.attribute, ordered))
            else:
                plans = [_filling(of, each) for each in ordered]
                inner.append(_Inner(element.attribute, of, element.repeats, plans))
    return _Filling(group.fields, several, inner)


class _Group(NamedTuple):
    """What stands in a group of elements."""

    fields: dict[str, Any]
    """Single values by attribute."""
    inner: dict[str, dict[int, Any]]
    """Groups, and texts of repeated elements, by element and index."""


def _gaps(cls: type, group: _Group, prefix: str) -> Iterator[str]:
    declared = elements_by_name(cls)
    for name, found in group.inner.items():
        element = declared[name]
        # Indexes count from 1 and each stands once.
        if element.repeats and max(found) != len(found):
            yield f"{prefix}{name}["
        elif element.group is not None:
            for index, inner in found.items():
                step = f"{name}[{index}]" if element.repeats else name
                yield from _gaps(element.group, inner, f"{prefix}{step}/")


_Keys = tuple[Any, ...]
"""Names and indexes in turn."""


class _Route(NamedTuple):
    """Where a class holds a leaf."""

    groups: _Keys
    """Element and index of each known group around it; then, of a repeated element, its name."""
    key: str | int
    """What it stands under there: its attribute, or its index among its namesakes."""
    read: Callable[[str], Any] | None
    """Reads its text, and gives None where the class cannot hold it. None where it is held as it stands."""
    repeated: bool = False
    """Whether a repeated element stands on the way."""
    usual: bool = False
    """Whether the path is spelled as that of a document's own leaf is."""


@cache
def _routes(cls: type) -> Mapping[str, _Route]:
    """Return where a class holds which leaf path, as it is asked."""
    return Kept[_Route](lambda path: _route(cls, path), len)


def _route(cls: type, path: str) -> _Route:
    keys: list[str | int] = []
    usual: list[str] = []
    repeated = False
    group = cls
    steps = segments(path)
    for left, step in enumerate(steps, 1 - len(steps)):
        element = elements_by_name(group).get(step.name)
        if element is None or (step.index > 1 and not element.repeats):
            break
        if element.group is None:
            if left:
                break
            own = "/".join((*usual, _step(step, element))) == path
            if element.repeats:
                return _Route((*keys, step.name), step.index, None, repeated=True, usual=own)
            return _Route(tuple(keys), element.attribute, _READS.get(element.kind), repeated, own)
        if not left:
            break
        keys += (step.name, step.index)
        usual.append(_step(step, element))
        repeated = repeated or element.repeats
        group = element.group
    return _Route(tuple(keys), "", _nowhere, repeated)


def _step(step: Segment, element: Element) -> str:
    return f"{step.name}[{step.index}]" if element.repeats else step.name


def _nowhere(text: str) -> None:
    """Read a leaf that a class has no place for."""
    del text


def _integer(text: str) -> int | None:
    # Only what is written back as it stood: "007" or "+7" would change.
    return int(text) if re.fullmatch(r"0|-?[1-9][0-9]{0,17}", text) else None


_READS: Mapping[str, Callable[[str], Any]] = {
    "boolean": {"true": True, "false": False}.get,
    "integer": _integer,
}
"""How the texts of a kind of element are read, where they are not held as they stand."""


def _tree(groups: Mapping[_Keys, dict[Any, Any]]) -> _Group:
    """Put each group into the one around it."""
    tree = _Group({}, {})
    for keys, found in groups.items():
        group = tree
        for name, index in zip(keys[::2], keys[1::2], strict=False):
            namesakes = group.inner.setdefault(name, {})
            if index not in namesakes:
                namesakes[index] = _Group({}, {})
            group = namesakes[index]
        if len(keys) % 2:
            group.inner[keys[-1]] = found
        else:
            group.fields.update(found)
    return tree
