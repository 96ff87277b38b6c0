"""Leaves to XML, byte for byte as Salesforce writes it.

The form, measured on retrieved files: the declaration, the namespace on the root, four spaces a level,
elements by name, an empty element as `<a></a>` (but `<a xsi:nil="true"/>` and an empty root), the five
characters of XML as entities in text too, LF at every line's end and one at the file's. No XML library
serialises so (lxml leaves quotes as they are and folds empty elements), hence the few lines here; every name
and every character is checked before it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from changeover.apps.document import Leaf, Segment, in_order, segments
from changeover.errors import XML_UNWRITABLE, ChangeoverError
from changeover.metadata.reader import ATTRIBUTE_NAMESPACES, NAMESPACE

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_INDENT = "    "
_SPACE = " \t\r\n"
_NAME = re.compile(r"[^\W\d][\w.\-]*")
_ATTRIBUTE_NAME = re.compile(r"@(?:(?P<prefix>xsi|xml):)?[^\W\d][\w.\-]*")
# XML 1.0, section 2.2; a lone surrogate is no character at all.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})
_ATTRIBUTE = {**_TEXT, **str.maketrans({"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})}
_PLAIN = re.compile(r"[\w.:/ +=\-]*", re.ASCII)


@dataclass(slots=True)
class _Node:
    text: str | None = None
    attributes: list[tuple[str, str]] = field(default_factory=list)
    children: dict[Segment, _Node] = field(default_factory=dict)


def write(root_name: str, leaves: Iterable[Leaf]) -> bytes:
    """Write leaves as a metadata file.

    Args:
        root_name: the root element.
        leaves: in any order; they are written by name.

    Returns:
        The file's bytes.

    Raises:
        ChangeoverError: XML_UNWRITABLE for a character or a name that XML cannot hold, and for leaves that
            contradict each other. The message names the leaf's path, never its value.
    """
    root = _tree(leaves)
    prefixes = sorted({name.partition(":")[0] for name in _attribute_names(root) if ":" in name} - {"xml"})
    head = [f"<{root_name}", f' xmlns="{NAMESPACE}"']
    head += [f' xmlns:{prefix}="{ATTRIBUTE_NAMESPACES[prefix]}"' for prefix in prefixes]
    head += [_attribute(name, value) for name, value in root.attributes]
    out = [_DECLARATION, *head]
    if root.children:
        out.append(">\n")
        for (name, _), child in root.children.items():
            _serialise(name, child, _INDENT, out)
        out.append(f"</{root_name}>\n")
    else:
        out.append("/>\n")
    return "".join(out).encode()


def _tree(leaves: Iterable[Leaf]) -> _Node:
    root = _Node()
    for leaf in in_order(leaves):
        if _FORBIDDEN.search(leaf.value):
            raise _unwritable(leaf.path, "holds a character that XML does not allow")
        node = root
        steps = segments(leaf.path)
        for step in steps[:-1]:
            node = _child(node, step, leaf.path)
        last = steps[-1]
        if last.name.startswith("@"):
            if last.index > 1 or _ATTRIBUTE_NAME.fullmatch(last.name) is None:
                raise _unwritable(leaf.path, "is no attribute of an XML file")
            if any(name == last.name[1:] for name, _ in node.attributes):
                raise _unwritable(leaf.path, "stands twice")
            node.attributes.append((last.name[1:], leaf.value))
            continue
        node = _child(node, last, leaf.path)
        if node.text is not None:
            raise _unwritable(leaf.path, "stands twice")
        node.text = leaf.value
    return root


def _child(node: _Node, step: Segment, path: str) -> _Node:
    if node.text is not None and not node.text.strip(_SPACE):
        raise _unwritable(path, "stands in an element that is said to be empty")
    found = node.children.get(step)
    if found is None:
        if _NAME.fullmatch(step.name) is None:
            raise _unwritable(path, "is no element of an XML file")
        found = node.children[step] = _Node()
    return found


def _serialise(name: str, node: _Node, indent: str | None, out: list[str]) -> None:
    """Write an element; without an indent on no line of its own."""
    before, end = ("", "") if indent is None else (indent, "\n")
    out.append(f"{before}<{name}")
    out += [_attribute(key, value) for key, value in node.attributes]
    if not node.children:
        if not node.text and node.attributes:
            out.append(f"/>{end}")
        else:
            out.append(f">{_escaped(node.text or '')}</{name}>{end}")
        return
    # Beside a text white space would become part of it.
    within = None if indent is None or node.text is not None else indent + _INDENT
    out.append(f">{_escaped(node.text or '')}" if within is None else ">\n")
    for (child_name, _), child in node.children.items():
        _serialise(child_name, child, within, out)
    out.append(f"</{name}>{end}" if within is None else f"{before}</{name}>{end}")


def _escaped(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else value.translate(_TEXT)


def _attribute(name: str, value: str) -> str:
    return f' {name}="{value.translate(_ATTRIBUTE)}"'


def _attribute_names(node: _Node) -> Iterable[str]:
    for name, _ in node.attributes:
        yield name
    for child in node.children.values():
        yield from _attribute_names(child)


def _unwritable(path: str, why: str) -> ChangeoverError:
    shown = _FORBIDDEN.sub("?", path)
    return ChangeoverError(XML_UNWRITABLE, f"{shown} {why}.")
