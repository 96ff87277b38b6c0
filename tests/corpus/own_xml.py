"""A reader of the tests' own, on expat: what it finds in a file owes nothing to the product's reader.

Carriage returns are kept: XML turns CR LF into LF, Salesforce's values hold them, so each CR inside a text
is made a character reference before expat sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

_TEXT = re.compile(rb">([^<>]*)<")
_START = re.compile(rb"<[A-Za-z_]")
_STEP = re.compile(r"(?P<name>[^\[\]/]+)(?:\[(?P<index>\d+)\])?")


@dataclass(eq=False)
class Node:
    """An element: its name without prefix, its text, its elements."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Node] = field(default_factory=list)
    parent: Node | None = None

    def named(self, name: str) -> list[Node]:
        """Its child elements of one name, in order."""
        return [child for child in self.children if child.name == name]

    def value(self, path: str) -> str | None:
        """Text of the first element at a path, None where there is none."""
        found = self.at(path)
        return found.text if found is not None else None

    def values(self, name: str) -> list[str]:
        """Texts of all children of one name."""
        return [child.text for child in self.named(name)]

    def at(self, path: str) -> Node | None:
        """The element at a leaf path such as `oauthConfig/scopes[2]`, counted from 1."""
        here = self
        for step in path.split("/"):
            match = _STEP.fullmatch(step)
            assert match is not None, path
            among = here.named(match["name"])
            index = int(match["index"] or 1)
            if index < 1 or len(among) < index:
                return None
            here = among[index - 1]
        return here

    def leaves(self) -> Iterator[Node]:
        """The elements without elements, in the order of the file."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    @property
    def path(self) -> str:
        """Its full path below the root, every step with its number: `oauthConfig[1]/scopes[2]`."""
        if self.parent is None:
            return ""
        among = self.parent.named(self.name)
        step = f"{self.name}[{next(i for i, one in enumerate(among, 1) if one is self)}]"
        return f"{self.parent.path}/{step}" if self.parent.parent is not None else step


def read(data: bytes) -> Node:
    """Parse a file; the root element comes back."""
    # Before the root element stands no text.
    start_tag = _START.search(data)
    begin = start_tag.start() if start_tag else 0
    kept = data[:begin] + _TEXT.sub(lambda found: found.group(0).replace(b"\r", b"&#13;"), data[begin:])
    root = Node("")
    open_elements = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        node = Node(name.rpartition("|")[2], dict(attributes), parent=open_elements[-1])
        open_elements[-1].children.append(node)
        open_elements.append(node)

    def end(_name: str) -> None:
        open_elements.pop()

    def characters(text: str) -> None:
        open_elements[-1].text += text

    parser = expat.ParserCreate(namespace_separator="|")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.Parse(kept, True)  # noqa: FBT003 - expat takes it by position only
    document = root.children[0]
    document.parent = None
    return document


def read_file(path: Path) -> Node:
    """Parse the file at a path."""
    return read(path.read_bytes())


def meaning(data: bytes) -> list[tuple[str, str]]:
    """Full path and text of each leaf, in the order of the file: what the file says."""
    document = read(data)
    return [
        (document.name, ""),
        *((leaf.path, leaf.text) for leaf in document.leaves() if leaf is not document),
    ]
