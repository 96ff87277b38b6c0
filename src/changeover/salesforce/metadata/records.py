"""Components as records of an answer, in the order of the WSDL, and records of a request as documents.

The WSDL has `fullName` first, then the elements by name, those of a version only. Salesforce writes files in
the same order, so a document's leaves have it already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from changeover.apps.building import from_leaves
from changeover.apps.document import Leaf, segments
from changeover.apps.types import BY_NAME
from changeover.metadata.files import shape_named
from changeover.metadata.shape import NOTHING_KNOWN, Shape
from changeover.salesforce.metadata.kinds import BY_NAME as KINDS_BY_NAME
from changeover.salesforce.metadata.kinds.kind import Component, Item, content_in
from changeover.salesforce.soap.answers import Typed, Value
from changeover.salesforce.soap.envelope import Node


def record_of(component: Component, version: int) -> Typed:
    """Return a component as readMetadata answers with it."""
    kind = KINDS_BY_NAME[component.type_name]
    content = content_in(kind, component, version, unknown=False)
    return Typed(component.type_name, {"fullName": component.full_name, **_tree(content)})


def _tree(content: tuple[Leaf, ...]) -> Mapping[str, Value]:
    """Nest leaves by their paths; what repeats becomes a list."""
    root: dict[str, Any] = {}
    for leaf in content:
        if "@" in leaf.path:
            continue
        steps = segments(leaf.path)
        holder = root
        for step in steps[:-1]:
            entries = holder.setdefault(step.name, [])
            while len(entries) < step.index:
                entries.append({})
            holder = entries[step.index - 1]
        holder.setdefault(steps[-1].name, []).append(leaf.value)
    return root


def item_of(node: Node) -> Item:
    """Return the component that a record of a request is.

    Its `xsi:type` names the type, its `fullName` the component.
    """
    type_name, full_name = node.type or "", node.one("fullName") or ""
    entry = BY_NAME.get(type_name)
    rest = tuple(child for child in node.children if child.name != "fullName")
    shape = shape_named(type_name) if entry is not None else NOTHING_KNOWN
    content = tuple(_leaves(rest, "", shape))
    document = from_leaves(entry.document, full_name, content) if entry is not None else None
    return Item(type_name=type_name, full_name=full_name, content=content, document=document)


def _leaves(children: tuple[Node, ...], prefix: str, shape: Shape) -> Iterator[Leaf]:
    seen: dict[str, int] = {}
    for child in children:
        if child.nil:
            continue
        known = shape.get(child.name)
        seen[child.name] = nth = seen.get(child.name, 0) + 1
        indexed = nth > 1 or (known is not None and known.repeats)
        path = f"{prefix}{child.name}[{nth}]" if indexed else f"{prefix}{child.name}"
        if child.children:
            inner = known.inner if known is not None else NOTHING_KNOWN
            yield from _leaves(child.children, f"{path}/", inner)
        else:
            yield Leaf(path, child.text)
