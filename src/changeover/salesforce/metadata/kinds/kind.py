"""What a metadata type of a local org is to the Metadata API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from changeover.apps.document import Document, Leaf, element_at, leaves, segments
from changeover.errors import ChangeoverError
from changeover.org.deploying import Deployed
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit


@dataclass(frozen=True, kw_only=True)
class Component:
    """One component as the org has it, without secrets."""

    type_name: str
    full_name: str
    path: str
    """In metadata format: `connectedApps/Billing.connectedApp`."""
    content: tuple[Leaf, ...]
    document: Document | None = None
    """The app's document that it is, None for a type that only refers to apps."""
    record_id: str = ""
    created_at: datetime | None = None
    created_by: str = ""
    """Username, empty where the org does not know."""
    modified_at: datetime | None = None
    modified_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One component that is to be written."""

    type_name: str
    full_name: str
    content: tuple[Leaf, ...]
    document: Document | None = None
    """The app's document that it is, None for a type that only refers to apps."""

    @property
    def key(self) -> str:
        """What tells it from others: `ConnectedApp/Billing`."""
        return f"{self.type_name}/{self.full_name}"


class ItemRefused(ChangeoverError):  # noqa: N818 - what happened to it
    """A refusal that is about one item of several that are written together.

    Args:
        error: why.
        key: the item's.
        field: path of the leaf that is at fault, None for the item as a whole.
    """

    def __init__(self, error: ChangeoverError, key: str, field: str | None) -> None:
        super().__init__(error.kind, error.message, error.remedy)
        self.key = key
        self.field = field


class Kind(Protocol):
    """A metadata type."""

    @property
    def name(self) -> str:
        """Name of the type: the root element, and the `name` in a package.xml."""

    @property
    def folder(self) -> str:
        """Its folder in metadata format."""

    @property
    def suffix(self) -> str:
        """What its files' names end in."""

    @property
    def since(self) -> int:
        """API version that brought it."""

    def all(self, unit: Unit, actor: Actor) -> Iterator[Component]:
        """Yield every component of the type. Raises E-NOT-PERMITTED."""

    def get(self, unit: Unit, actor: Actor, full_name: str) -> Component | None:
        """Return one component, None where there is none of that name. Raises E-NOT-PERMITTED."""

    def since_of(self, path: str) -> int | None:
        """Return the API version that brought the element of a leaf; None where the type has none such.

        Apps are kept with elements that nobody knows, so of their types it is never None.
        """

    def belongs_to(self, item: Item) -> str:
        """Return what an item must be written together with: items of one such text go in one act."""

    def write(self, unit: Unit, actor: Actor, items: Sequence[Item]) -> Mapping[str, Deployed]:
        """Write items that belong together; returns what became of each, by its key.

        Raises ChangeoverError, or ItemRefused where it is about one of several.
        """

    def delete(self, unit: Unit, actor: Actor, full_name: str) -> bool:
        """Delete a component; False where there is none. Raises ChangeoverError."""


def strange_element(kind: Kind, content: Iterable[Leaf], version: int) -> tuple[str, str] | None:
    """Return the first leaf that cannot stand in an API version, and why; None where all can."""
    for leaf in content:
        since = kind.since_of(leaf.path)
        if since is None:
            return leaf.path, f"Element '{leaf.path}' invalid at this location in type {kind.name}"
        if since > version:
            return leaf.path, f"Property '{leaf.path}' not valid in version {version}.0"
    return None


def content_in(kind: Kind, component: Component, version: int, *, unknown: bool) -> tuple[Leaf, ...]:
    """Return a component's leaves without the elements that are newer than an API version.

    `unknown`: as of `in_version`.
    """
    if component.document is not None:
        return in_version(component.document, version, unknown=unknown)
    known = ((leaf, kind.since_of(leaf.path)) for leaf in component.content)
    return tuple(leaf for leaf, since in known if since is not None and since <= version)


def in_version(document: Document, version: int, *, unknown: bool) -> tuple[Leaf, ...]:
    """Return a document's leaves without the elements that are newer than an API version.

    Args:
        document: the component.
        version: of the API that is asked, `63`.
        unknown: whether what the type does not know stays in. A file may hold it; an answer that is held to
            the WSDL may not.
    """
    strangers = () if unknown else {leaf.path for leaf in document.unknown}
    return tuple(
        leaf
        for leaf in leaves(document)
        if leaf.path not in strangers and newest_on(type(document), leaf.path) <= version
    )


def newest_on(cls: type[Document], path: str) -> int:
    """Return the API version from which a leaf's element can stand: the newest on the way to it."""
    steps = path.split("/")
    newest = 0
    for length in range(1, len(segments(path)) + 1):
        element = element_at(cls, "/".join(steps[:length]))
        newest = max(newest, (element.since or 0) if element is not None else 0)
    return newest
