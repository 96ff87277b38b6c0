"""package.xml: which components of which types, in which version; read from a file or from an envelope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from changeover.metadata.reader import read
from changeover.metadata.shape import shape_of_patterns
from changeover.salesforce.soap.envelope import Node

ALL = "*"
_SHAPE = shape_of_patterns(("types[]/members[]", "types[]/name"))


@dataclass(frozen=True, kw_only=True)
class Package:
    """A manifest."""

    types: Mapping[str, tuple[str, ...]]
    """Members by type, in order, each once; `*` stands for all."""
    version: str | None

    def names(self, type_name: str, full_name: str) -> bool:
        """Whether a component is named, by itself or by `*`."""
        members = self.types.get(type_name, ())
        return ALL in members or full_name in members


def package_of_file(data: bytes, path: str) -> Package:
    """Read a package.xml. Raises FileError where it is broken, hostile, or no package.xml."""
    names: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    version = None
    for leaf in read(data, path, "Package", _SHAPE).leaves:
        group, _, last = leaf.path.partition("/")
        if last == "name":
            names[group] = leaf.value.strip()
        elif last.startswith("members["):
            members.setdefault(group, []).append(leaf.value.strip())
        elif leaf.path == "version":
            version = leaf.value.strip()
    return _package(((name, members.get(group, [])) for group, name in names.items()), version)


def package_of_node(node: Node | None, version: str | None = None) -> Package:
    """Read the `unpackaged` of a retrieve; `version` where it names none itself."""
    if node is None:
        return Package(types={}, version=version)
    found = ((one.one("name") or "", list(one.texts("members"))) for one in node.each("types"))
    return _package(found, node.one("version") or version)


def _package(found: Iterable[tuple[str, list[str]]], version: str | None) -> Package:
    types: dict[str, dict[str, None]] = {}
    for name, members in found:
        types.setdefault(name, {}).update(dict.fromkeys(members))
    return Package(types={name: tuple(members) for name, members in types.items()}, version=version)
