"""What a client sent: the package and its files, checked against each other before anything is done.

Source: Metadata API guide, deploy() and Deleting Components from an Organization; clients.md section 2 (where
clients put package.xml). The sentences on package.xml are Salesforce's as its users quote them. Limits:
10,000 files are Salesforce's own; 100 MB unpacked are ours (Salesforce takes 400).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from changeover.apps.building import from_leaves
from changeover.apps.types import BY_NAME as APP_TYPES
from changeover.errors import XML_BROKEN
from changeover.metadata.archive import Archive
from changeover.metadata.file_error import FileError
from changeover.metadata.files import shape_named, split_name
from changeover.metadata.package import PACKAGE
from changeover.metadata.reader import read
from changeover.metadata.shape import NOTHING_KNOWN
from changeover.salesforce.metadata.deployment.messages import DeployMessage, failure
from changeover.salesforce.metadata.kinds import BY_NAME, BY_SUFFIX, Item
from changeover.salesforce.metadata.kinds.kind import strange_element
from changeover.salesforce.metadata.package import ALL, Package, package_of_file
from changeover.salesforce.metadata.places import Place, place_of
from changeover.salesforce.versions import NEWEST, version_of

MOST_FILES = 10_000
MOST_UNPACKED = 100 * 1024 * 1024
DESTRUCTIVE_BEFORE = ("destructiveChangesPre.xml", "destructiveChanges.xml")
DESTRUCTIVE_AFTER = "destructiveChangesPost.xml"
_MANIFESTS = frozenset({PACKAGE, *DESTRUCTIVE_BEFORE, DESTRUCTIVE_AFTER})


@dataclass(frozen=True, kw_only=True)
class SentItem:
    """A component that was sent, with its file."""

    item: Item
    file_name: str
    data: bytes

    def place(self, field: str | None) -> Place:
        """Return where in its file a leaf stands."""
        return place_of(self.data, self.file_name, field)


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """A component that is to be deleted."""

    type_name: str
    full_name: str
    file_name: str
    """The manifest that says so."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """A package as it can be deployed."""

    package_file: str
    version: int
    items: tuple[SentItem, ...]
    before: tuple[Deletion, ...]
    after: tuple[Deletion, ...]
    failures: tuple[DeployMessage, ...]
    """What of it cannot be deployed at all."""


def read_contents(sent: bytes, version: int, *, allow_missing: bool) -> Contents:
    """Read a zip that is to be deployed.

    Args:
        sent: the zip, as if it came from an enemy.
        version: of the API that is called, where package.xml names none.
        allow_missing: whether package.xml may name what the zip lacks.

    Returns:
        The package; whatever is wrong with it stands in its `failures`.
    """
    try:
        with Archive(sent, most_entries=MOST_FILES, most_unpacked=MOST_UNPACKED) as archive:
            return _Reading(archive, version).contents(allow_missing=allow_missing)
    except FileError as error:
        return _nothing(version, error.message)


def _nothing(version: int, problem: str) -> Contents:
    failed = failure("", PACKAGE, PACKAGE, problem)
    return Contents(package_file=PACKAGE, version=version, items=(), before=(), after=(), failures=(failed,))


class _Reading:
    """One reading of one archive."""

    def __init__(self, archive: Archive, version: int) -> None:
        self._archive = archive
        self._paths = archive.paths()
        self._version = version
        self._failures: list[DeployMessage] = []

    def contents(self, *, allow_missing: bool) -> Contents:
        found = [path for path in self._paths if path.rsplit("/", 1)[-1] == PACKAGE]
        if not found:
            return _nothing(self._version, "No package.xml found")
        # sf packs a folder as it is, so the package may lie in one (clients.md section 2).
        package_file = min(found, key=lambda path: (path.count("/"), path))
        root = package_file.removesuffix(PACKAGE)
        package = package_of_file(self._archive.read(package_file), package_file)
        if package.version is not None:
            named = version_of(package.version)
            if named is None:
                what = f"Invalid version specified: {package.version[:20]}; the newest is {NEWEST}.0"
                return _nothing(self._version, what)
            self._version = named.number
        self._check_types(package, package_file)
        items = tuple(self._items(root, package))
        if not allow_missing:
            self._check_members(package, root, package_file, {sent.item.key for sent in items})
        before = tuple(one for name in DESTRUCTIVE_BEFORE for one in self._deletions(root + name))
        return Contents(
            package_file=package_file,
            version=self._version,
            items=items,
            before=before,
            after=tuple(self._deletions(root + DESTRUCTIVE_AFTER)),
            failures=tuple(self._failures),
        )

    def _check_types(self, package: Package, package_file: str) -> None:
        for name in package.types:
            problem = self._unusable(name)
            if problem is not None:
                self._failures.append(failure("", PACKAGE, package_file, problem))

    def _unusable(self, type_name: str) -> str | None:
        kind = BY_NAME.get(type_name)
        if kind is None:
            return f"Entity type: '{type_name[:80]}' is unknown"
        if kind.since > self._version:
            return f"Entity type: '{type_name}' is not available in this api version"
        return None

    def _check_members(self, package: Package, root: str, package_file: str, there: set[str]) -> None:
        failed = {f"{one.type_name}/{one.full_name}" for one in self._failures}
        for name, members in package.types.items():
            kind = BY_NAME.get(name)
            for member in members:
                key = f"{name}/{member}"
                if kind is None or member == ALL or key in there or key in failed:
                    continue
                says = (
                    f"An object '{member[:80]}' of type {name} was named in package.xml, but was not found in"
                    " zipped directory"
                )
                path = f"{root}{kind.folder}/{member}.{kind.suffix}"
                self._failures.append(failure(name, member, path or package_file, says))

    def _items(self, root: str, package: Package) -> Iterator[SentItem]:
        manifests = {root + name for name in _MANIFESTS}
        seen: set[str] = set()
        for path in self._paths:
            if path in manifests:
                continue
            name = split_name(path)
            kind = BY_SUFFIX.get(name.suffix) if name is not None and not name.source_format else None
            if name is None or kind is None or not path.startswith(root):
                says = "This is no file of a metadata type that this org has"
                self._failures.append(failure("", path.rsplit("/", 1)[-1], path, says))
                continue
            full_name, key = name.full_name, f"{kind.name}/{name.full_name}".casefold()
            if not package.names(kind.name, full_name):
                self._failures.append(failure(kind.name, full_name, path, "Not in package.xml"))
            elif key in seen:
                says = f"The zip holds {kind.name} {full_name} twice"
                self._failures.append(failure(kind.name, full_name, path, says))
            elif self._unusable(kind.name) is None:
                sent = self._item(kind.name, full_name, path)
                if sent is not None:
                    yield sent
            seen.add(key)

    def _item(self, type_name: str, full_name: str, path: str) -> SentItem | None:
        entry = APP_TYPES.get(type_name)
        try:
            data = self._archive.read(path)
        except FileError as error:
            self._failures.append(failure(type_name, full_name, path, error.message))
            return None
        try:
            shape = shape_named(type_name) if entry is not None else NOTHING_KNOWN
            leaves = read(data, path, type_name, shape).leaves
        except FileError as error:
            place = place_of(data, path, None) if error.kind is XML_BROKEN else Place(error.line, None)
            self._failures.append(failure(type_name, full_name, path, error.message, place))
            return None
        document = from_leaves(entry.document, full_name, leaves) if entry is not None else None
        strange = strange_element(BY_NAME[type_name], leaves, self._version)
        if strange is not None:
            place = place_of(data, path, strange[0])
            self._failures.append(failure(type_name, full_name, path, strange[1], place))
            return None
        item = Item(type_name=type_name, full_name=full_name, content=leaves, document=document)
        return SentItem(item=item, file_name=path, data=data)

    def _deletions(self, path: str) -> Iterator[Deletion]:
        if path not in self._paths:
            return
        try:
            types: Mapping[str, tuple[str, ...]] = package_of_file(self._archive.read(path), path).types
        except FileError as error:
            self._failures.append(failure("", path.rsplit("/", 1)[-1], path, error.message))
            return
        for type_name, members in types.items():
            problem = self._unusable(type_name)
            if problem is not None:
                self._failures.append(failure("", path.rsplit("/", 1)[-1], path, problem))
                continue
            for member in members:
                if member == ALL:
                    says = "A wildcard deletes nothing: name each component"
                    self._failures.append(failure(type_name, member, path, says))
                else:
                    yield Deletion(type_name=type_name, full_name=member, file_name=path)
