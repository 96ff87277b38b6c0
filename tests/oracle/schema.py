"""Metadata files against npm `@salesforce/types`, which Salesforce makes from the Metadata WSDL.

Parsed with expat and nothing of Changeover, so that the product's reader is not its own witness.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


@dataclass
class Node:
    """An element as it stands in the file."""

    name: str
    line: int
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    text: str = ""

    @property
    def nil(self) -> bool:
        """Whether it says xsi:nil="true"."""
        return self.attributes.get(f"{INSTANCE} nil") == "true"


class NotStrictXmlError(Exception):
    """A file that is not well-formed, or declares a DOCTYPE."""


def parse(content: bytes) -> Node:
    """Return the root element. Raises NotStrictXmlError."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    top = Node("", 0, {})
    stack = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        node = Node(name, parser.CurrentLineNumber, attributes)
        stack[-1].children.append(node)
        stack.append(node)

    def text(data: str) -> None:
        stack[-1].text += data

    def doctype(*_: object) -> None:
        raise NotStrictXmlError(f"line {parser.CurrentLineNumber}: declares a DOCTYPE")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: stack.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(content, True)  # noqa: FBT003  # expat's own signature
    except expat.ExpatError as error:
        raise NotStrictXmlError(f"not well-formed: {error}") from error
    return top.children[0]


class Schema:
    """What the type definitions say.

    Args:
        types: answer of oracle.mjs to `{"ask": "types"}`.
    """

    def __init__(self, types: dict[str, Any]) -> None:
        self._types = types

    def problems(self, content: bytes, type_name: str, full_name: str) -> list[str]:
        """Return what is wrong with the file of one component, each with its line."""
        try:
            root = parse(content)
        except NotStrictXmlError as error:
            return [str(error)]
        return list(self._root(root, type_name, full_name))

    def _root(self, root: Node, type_name: str, full_name: str) -> Iterator[str]:
        # The one type of the registry whose files have roots of their own: settings/ConnectedApp.settings.
        expected = f"{full_name}Settings" if type_name == "Settings" else type_name
        namespace, _, name = root.name.rpartition(" ")
        if namespace != NAMESPACE:
            yield f"line {root.line}: the root is not in the namespace {NAMESPACE}"
        if name != expected:
            yield f"line {root.line}: the root is {name}, not {expected}"
        elif "fields" not in self._types.get(expected, {}):
            yield f"line {root.line}: the type definitions know no {expected}"
        elif namespace == NAMESPACE:
            yield from self._group(root, expected)

    def _fields(self, type_name: str) -> dict[str, Any]:
        declared = self._types[type_name]
        fields = dict(declared["fields"])
        for base in declared.get("extends", ()):
            fields |= self._fields(base)
        return fields

    def _group(self, node: Node, type_name: str) -> Iterator[str]:
        yield from _attributes(node)
        if node.text.strip():
            yield f"line {node.line}: text between the elements of {type_name}: {node.text.strip()!r}"
        fields = self._fields(type_name)
        seen: set[str] = set()
        for child in node.children:
            namespace, _, name = child.name.rpartition(" ")
            if namespace != NAMESPACE or name not in fields:
                yield f"line {child.line}: {type_name} has no element {name}"
                continue
            if name in seen and not fields[name]["repeated"]:
                yield f"line {child.line}: {type_name}/{name} stands twice"
            seen.add(name)
            yield from self._element(child, f"{type_name}/{name}", fields[name]["type"])
        for name, declared in fields.items():
            if declared["required"] and name not in seen:
                yield f"line {node.line}: {type_name} lacks the required element {name}"

    def _element(self, node: Node, path: str, type_name: str) -> Iterator[str]:
        declared = self._types.get(type_name, {})
        while "is" in declared:
            type_name = declared["is"]
            declared = self._types.get(type_name, {})
        if "fields" in declared:
            yield from self._group(node, type_name)
            return
        yield from _attributes(node)
        if node.children:
            yield f"line {node.line}: {path} holds elements, not a value"
        elif not node.nil and not _holds(node.text, type_name, declared.get("values")):
            yield f"line {node.line}: {path} is {node.text!r}, which is no {type_name}"


def _attributes(node: Node) -> Iterator[str]:
    for name in node.attributes:
        if not name.startswith(f"{INSTANCE} "):
            yield f"line {node.line}: metadata has no attribute {name}"


def _holds(text: str, type_name: str, values: list[str] | None) -> bool:
    if values is not None:
        return text in values
    match type_name:
        case "boolean":
            return text in {"true", "false"}
        case "number":
            return _NUMBER.fullmatch(text) is not None
        case "string":
            return True
        case _:
            raise LookupError(f"the type definitions name {type_name} and do not define it")
