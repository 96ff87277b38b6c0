"""A metadata file as a typed document, and the same document as a list of leaves.

Both views hold the same thing. Rules read the typed view (`app.oauth_config.certificate`); the account,
the files and the database speak leaves (`oauthConfig/certificate`). `leaves` and `building.from_leaves` lead
from one to the other without loss: what a class does not know stays in `unknown`, in its place.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, wraps
from typing import Any, NamedTuple, TypeVar

_SEGMENT = re.compile(r"(?P<name>@?[^/\[\]]+)(?:\[(?P<index>[1-9][0-9]*)\])?")


class Leaf(NamedTuple):
    """One value of a document.

    `path` is an XPath relative to the root element, without namespaces: `oauthConfig/scopes[2]`. Elements
    that may repeat always bear their index, counted from 1; others only from their second occurrence on.
    An attribute is `element/@name`. `value` is the element's text exactly as it stands, `""` if it is empty.
    """

    path: str
    value: str


class Segment(NamedTuple):
    """One step of a leaf path: an element name and its position among its namesakes, from 1."""

    name: str
    index: int  # type: ignore[assignment]  # hides tuple.index, which no one needs of a step


PATHS_KEPT = 8192
LONGEST_KEPT = 200
"""Characters of a path; the longest that Salesforce's types have is a third of it."""

K = TypeVar("K")
R = TypeVar("R")


class Kept(dict[Any, R]):
    """Answers by what was asked, looked up without a call of Python: that would cost five times as much."""

    def __init__(self, function: Callable[[Any], R], length: Callable[[Any], int]) -> None:
        super().__init__()
        self._function = function
        self._length = length

    def __missing__(self, asked: Any) -> R:
        answer = self._function(asked)
        if self._length(asked) <= LONGEST_KEPT:
            if len(self) >= PATHS_KEPT:
                self.clear()
            self[asked] = answer
        return answer


def remembered(function: Callable[[str], R]) -> Callable[[str], R]:
    """Keep the answers of a pure function of a leaf path, for the paths that come often.

    Bounded in number and in length: a server reads hostile files, and their paths must not fill its memory.
    """
    return Kept(function, len).__getitem__


def remembered_of(function: Callable[[K, str], R]) -> Callable[[K, str], R]:
    """Keep the answers of a pure function of something and a leaf path, as `remembered` does."""
    kept = Kept[R](lambda asked: function(*asked), lambda asked: len(asked[1]))

    @wraps(function)
    def answer(of: K, path: str) -> R:
        return kept[of, path]

    return answer


@remembered
def segments(path: str) -> tuple[Segment, ...]:
    """Split a leaf path: `a/b[2]` gives `(("a", 1), ("b", 2))`. Raises ValueError for anything else."""
    steps = []
    for text in path.split("/"):
        match = _SEGMENT.fullmatch(text)
        if match is None:
            message = f"not a leaf path: {path!r}"
            raise ValueError(message)
        steps.append(Segment(match["name"], int(match["index"] or 1)))
    return tuple(steps)


class Element(NamedTuple):
    """How one field of a document class stands in its file."""

    name: str
    """Element name as Salesforce spells it."""
    attribute: str
    """Name of the dataclass field."""
    kind: str
    """`text`, `boolean`, `integer`, `many` (repeated text), `one` (a group) or `each` (repeated groups)."""
    group: type | None
    """The dataclass of a `one` or `each`."""
    values: frozenset[str] | None
    """Values that the type definitions allow, None where any text will do."""
    required: bool
    """Required by Salesforce's type definitions."""
    since: int | None
    """API version that brought it, where the Metadata API guide or the type definitions tell."""

    @property
    def repeats(self) -> bool:
        """Whether the element may stand more than once, so that its path always bears an index."""
        return self.kind in {"many", "each"}


def _element(kind: str, name: str, default: Any, **extra: Any) -> Any:
    return field(default=default, metadata={"element": {"kind": kind, "name": name, **extra}})


def text(
    name: str, *, values: frozenset[str] | None = None, required: bool = False, since: int | None = None
) -> Any:
    """Declare a field that holds one text. `values`: what the type definitions allow."""
    return _element("text", name, None, values=values, required=required, since=since)


def boolean(name: str, *, required: bool = False, since: int | None = None) -> Any:
    """Declare a field that holds `true` or `false`; any other text stays among the unknown leaves."""
    return _element("boolean", name, None, required=required, since=since)


def integer(name: str, *, required: bool = False, since: int | None = None) -> Any:
    """Declare a field that holds a whole number; any other text stays among the unknown leaves."""
    return _element("integer", name, None, required=required, since=since)


def many(name: str, *, values: frozenset[str] | None = None, since: int | None = None) -> Any:
    """Declare a field that holds the texts of a repeated element, in order."""
    return _element("many", name, (), values=values, since=since)


def one(name: str, group: type, *, since: int | None = None) -> Any:
    """Declare a field that holds a group of elements."""
    return _element("one", name, None, group=group, since=since)


def each(name: str, group: type, *, since: int | None = None) -> Any:
    """Declare a field that holds the groups of a repeated element, in order."""
    return _element("each", name, (), group=group, since=since)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A metadata component: its full name, its typed fields, and the leaves that the class does not know."""

    full_name: str
    unknown: tuple[Leaf, ...] = ()

    @cached_property
    def _leaves(self) -> tuple[Leaf, ...]:
        """Its leaves; rules, mapping and files all ask for them."""
        known: list[Leaf] = []
        _gather(self, "", known)
        return in_order((*known, *self.unknown)) if self.unknown else tuple(known)


D = TypeVar("D", bound=Document)


def elements(cls: type) -> tuple[Element, ...]:
    """Return the elements of a document or group class, in the order in which Salesforce writes them."""
    return _elements(cls)


@cache
def _elements(cls: type) -> tuple[Element, ...]:
    declared = []
    for item in dataclasses.fields(cls):
        facts = item.metadata.get("element")
        if facts is None:
            continue
        declared.append(
            Element(
                name=facts["name"],
                attribute=item.name,
                kind=facts["kind"],
                group=facts.get("group"),
                values=facts.get("values"),
                required=facts.get("required", False),
                since=facts.get("since"),
            )
        )
    return tuple(sorted(declared, key=lambda element: element.name))


@cache
def elements_by_name(cls: type) -> Mapping[str, Element]:
    """Return the elements of a document or group class by name."""
    return {element.name: element for element in elements(cls)}


@remembered_of
def element_at(cls: type, path: str) -> Element | None:
    """Return the declaration of the element that a path names, or None where the class does not know it."""
    found: Element | None = None
    group: type | None = cls
    for segment in segments(path):
        found = elements_by_name(group).get(segment.name) if group is not None else None
        if found is None:
            return None
        group = found.group
    return found


def leaves(document: Document) -> tuple[Leaf, ...]:
    """Return every leaf of a document in the order in which Salesforce writes elements (by name, ASCII)."""
    return document._leaves  # noqa: SLF001  # a field name would be Salesforce's


def in_order(loose: Iterable[Leaf]) -> tuple[Leaf, ...]:
    """Sort leaves as Salesforce writes elements: by name, repeated ones by index."""
    return tuple(sorted(loose, key=lambda leaf: segments(leaf.path)))


def _gather(holder: Any, prefix: str, found: list[Leaf]) -> None:
    """Add the leaves that a document or group has in its fields."""
    for element in _elements(holder.__class__):
        value = getattr(holder, element.attribute)
        if value is None:
            continue
        path = prefix + element.name
        match element.kind:
            case "text" | "integer":
                found.append(Leaf(path, str(value)))
            case "boolean":
                found.append(Leaf(path, "true" if value else "false"))
            case "many":
                found += [Leaf(f"{path}[{index}]", entry) for index, entry in enumerate(value, 1)]
            case "one":
                _gather(value, f"{path}/", found)
            case _:
                for index, entry in enumerate(value, 1):
                    _gather(entry, f"{path}[{index}]/", found)


def strange_values(document: Document) -> tuple[Leaf, ...]:
    """Return the leaves that are kept but not understood: unknown elements, and values outside their list."""
    cls, unknown = type(document), frozenset(document.unknown)
    strange = []
    for leaf in leaves(document):
        element = element_at(cls, leaf.path)
        values = element.values if element is not None else None
        if (values is not None and leaf.value not in values) or leaf in unknown:
            strange.append(leaf)
    return tuple(strange)
