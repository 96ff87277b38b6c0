"""Files that refer to an app: which types do, where the name stands, and what stands beside it.

Sources: Metadata API guide, one page a type; salesforce-reference 1.1 and 4.5. A new referring type is one
line in `REFERRING_TYPES`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from changeover.apps.document import Leaf
from changeover.apps.reference import Reference
from changeover.metadata.files import split_name
from changeover.metadata.reader import read
from changeover.metadata.shape import Shape, shape_of_patterns


class ReferringType(NamedTuple):
    """A metadata type whose files name connected apps."""

    name: str
    """The type, which is also the root element."""
    folder: str
    suffix: str
    app: str
    """Path of the element that holds an app's name; `[]` marks what repeats."""
    condition: str | None = None
    """A sibling that says what kind of thing is named, None where it is always a connected app."""
    holds: frozenset[str | None] = frozenset({None})
    """Values of the condition for which it is a connected app; None stands for a sibling that is missing."""
    context: tuple[str, ...] = ()
    """Further elements that say what the reference means; siblings always do."""


REFERRING_TYPES: tuple[ReferringType, ...] = (
    ReferringType(
        "NotificationTypeConfig",
        "notificationTypeConfig",
        "config",
        "notificationTypeSettings[]/appSettings[]/connectedAppName",
        condition="appType",
        holds=frozenset({None, "CONNECTED_APP"}),
        context=("notificationTypeSettings[]/notificationType",),
    ),
    ReferringType(
        "AppMenu",
        "appMenus",
        "appMenu",
        "appMenuItems[]/name",
        condition="type",
        holds=frozenset({"ConnectedApp"}),
    ),
    ReferringType(
        "UserProvisioningConfig", "userProvisioningConfigs", "userProvisioningConfig", "connectedApp"
    ),
    ReferringType(
        "OauthCustomScope",
        "oauthcustomscopes",
        "oauthcustomscope",
        "assignedTo[]/connectedApp",
        context=("developerName", "masterLabel"),
    ),
    ReferringType(
        "OauthTokenExchangeHandler",
        "oauthtokenexchangehandlers",
        "oauthtokenexchangehandler",
        "enablements[]/connectedApp",
        context=("isEnabled", "masterLabel"),
    ),
    ReferringType("CustomPermission", "customPermissions", "customPermission", "connectedApp"),
)

_BY_SUFFIX = {entry.suffix: entry for entry in REFERRING_TYPES}
_INDEX = re.compile(r"\[[0-9]+\]")


def referring_type_of(path: str) -> ReferringType | None:
    """Return the referring type that a file's name promises, None where it is something else.

    `.config` is a suffix that other programs use too, so in metadata format its folder must be Salesforce's.
    """
    name = split_name(path)
    found = _BY_SUFFIX.get(name.suffix) if name is not None else None
    if found is None or name is None:
        return None
    if found.suffix == "config" and not name.source_format and found.folder not in path.split("/")[:-1]:
        return None
    return found


def read_references(data: bytes, path: str) -> tuple[Reference, ...]:
    """Read the references to connected apps in a file.

    Args:
        data: the file's bytes.
        path: its path; its name tells the type, and the references bear it as their file.

    Raises:
        FileError: the file is broken, hostile, or not what its name says.
        ValueError: the name is of no referring type.
    """
    kind = referring_type_of(path)
    if kind is None:
        message = f"not the name of a file that refers to apps: {path}"
        raise ValueError(message)
    source = read(data, path, kind.name, _shape(kind))
    return references_in(kind, path, source.leaves)


def references_in(kind: ReferringType, path: str, leaves: tuple[Leaf, ...]) -> tuple[Reference, ...]:
    """Find the references to connected apps among the leaves of a file of a referring type."""
    by_path = {leaf.path: leaf for leaf in leaves}
    beside: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        beside.setdefault(leaf.path.rpartition("/")[0], []).append(leaf)
    found = []
    for leaf in leaves:
        if _INDEX.sub("[]", leaf.path) != kind.app or not leaf.value.strip():
            continue
        parent = leaf.path.rpartition("/")[0]
        siblings = [other for other in beside[parent] if other.path != leaf.path]
        if kind.condition is not None and _value(siblings, parent, kind.condition) not in kind.holds:
            continue
        context = (*_further(kind, leaf.path, by_path), *siblings)
        found.append(
            Reference(kind=kind.name, file=path, path=leaf.path, app=leaf.value.strip(), context=context)
        )
    return tuple(found)


@cache
def _shape(kind: ReferringType) -> Shape:
    return shape_of_patterns((kind.app, *kind.context))


def _value(siblings: list[Leaf], parent: str, name: str) -> str | None:
    path = f"{parent}/{name}" if parent else name
    return next((leaf.value.strip() for leaf in siblings if leaf.path == path), None)


def _further(kind: ReferringType, leaf_path: str, by_path: dict[str, Leaf]) -> list[Leaf]:
    """Return the context leaves that stand in the same groups as the reference."""
    steps = leaf_path.split("/")
    found = []
    for pattern in kind.context:
        *groups, name = pattern.split("/")
        leaf = by_path.get("/".join((*steps[: len(groups)], name)))
        if leaf is not None:
            found.append(leaf)
    return found
