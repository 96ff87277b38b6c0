"""package.xml: the manifest of metadata format."""

from __future__ import annotations

from collections.abc import Iterable

from changeover.apps.document import Document, Leaf
from changeover.apps.types import BY_DOCUMENT
from changeover.metadata.reader import read
from changeover.metadata.shape import shape_of_patterns
from changeover.metadata.writer import write

PACKAGE = "package.xml"
API_VERSION = "67.0"
"""Summer '26, the newest release that every org runs: all types of the registry exist in it."""
_SHAPE = shape_of_patterns(("types[]/members[]", "types[]/name"))


def read_manifest(data: bytes, path: str) -> frozenset[tuple[str, str]]:
    """Read which components a package.xml names, as metadata type and full name (`*` for all).

    Raises:
        FileError: the file is broken, hostile, or no package.xml.
    """
    names: dict[str, str] = {}
    members: list[tuple[str, str]] = []
    for leaf in read(data, path, "Package", _SHAPE).leaves:
        group, _, last = leaf.path.partition("/")
        if last == "name":
            names[group] = leaf.value.strip()
        elif last.startswith("members["):
            members.append((group, leaf.value.strip()))
    return frozenset((names[group], member) for group, member in members if group in names)


def write_package(documents: Iterable[Document], version: str = API_VERSION) -> bytes:
    """Write a package.xml that names documents.

    Args:
        documents: in any order; members and types are sorted as Salesforce sorts them.
        version: the API version, `67.0`.

    Returns:
        The file's bytes.

    Raises:
        ChangeoverError: XML_UNWRITABLE for a full name that XML cannot hold.
    """
    return write_manifest(((BY_DOCUMENT[type(each)].name, each.full_name) for each in documents), version)


def write_manifest(members: Iterable[tuple[str, str]], version: str = API_VERSION) -> bytes:
    """Write a package.xml that names components.

    Args:
        members: metadata type and full name of each, in any order.
        version: the API version, `67.0`.

    Returns:
        The file's bytes.

    Raises:
        ChangeoverError: XML_UNWRITABLE for a full name that XML cannot hold.
    """
    types: dict[str, set[str]] = {}
    for type_name, full_name in members:
        types.setdefault(type_name, set()).add(full_name)
    leaves = [Leaf("version", version)]
    for nth, name in enumerate(sorted(types), 1):
        leaves.append(Leaf(f"types[{nth}]/name", name))
        leaves += [
            Leaf(f"types[{nth}]/members[{index}]", member)
            for index, member in enumerate(sorted(types[name]), 1)
        ]
    return write("Package", leaves)
