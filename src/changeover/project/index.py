"""The first pass over a tree: the few facts that rules need of the whole, before apps are read one by one.

Only these stay in memory: a name, a label and a key an app, and the references to it.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import NamedTuple

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApplication
from changeover.apps.reference import Reference
from changeover.apps.types import MetadataType
from changeover.errors import FILE_NOT_AN_APP, PATH_MISSING
from changeover.metadata.file_error import FileError
from changeover.metadata.files import split_name, type_of
from changeover.metadata.org_settings import is_oauth_settings, username_password_blocked
from changeover.metadata.reader import NAMESPACE, Element, parse
from changeover.metadata.references import read_references, referring_type_of
from changeover.project.package_directories import package_directories
from changeover.project.tree import SingleFile, Tree


class AppFile(NamedTuple):
    """A connected app's file, as far as other apps need to know it."""

    path: str
    full_name: str
    label: str
    consumer_key: str
    """`""` where the file does not tell."""


@dataclass(slots=True)
class ExternalClientAppFiles:
    """The files of one external client app; several headers where a name stands in the tree twice."""

    name: str
    """As the header spells it; without a header, as the first part does."""
    headers: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    """Files that name the app in `externalClientApplication`, whatever their own name is."""
    labels: set[str] = field(default_factory=set)
    consumer_keys: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Index:
    """What the first pass found. Names are compared without case, as Salesforce compares them."""

    files: list[str] = field(default_factory=list)
    """Files of connected and external client apps in order of their paths, broken ones included."""
    broken: dict[str, FileError] = field(default_factory=dict)
    """Why a file of `files` cannot be used."""
    errors: list[FileError] = field(default_factory=list)
    """What was wrong with files of any kind."""
    connected_apps: list[AppFile] = field(default_factory=list)
    external_client_apps: dict[str, ExternalClientAppFiles] = field(default_factory=dict)
    references: dict[str, list[Reference]] = field(default_factory=dict)
    username_password_blocked: bool | None = None
    by_name: dict[str, list[AppFile]] = field(default_factory=dict)
    by_label: dict[str, dict[str, None]] = field(default_factory=dict)
    """API names of all apps that bear a label, external client apps too, in the order found."""
    by_key: dict[str, list[AppFile]] = field(default_factory=dict)

    def references_to(self, api_name: str) -> tuple[Reference, ...]:
        """Return the references to a connected app."""
        return tuple(self.references.get(api_name.casefold(), ()))

    def external_client_app(self, api_name: str) -> ExternalClientAppFiles | None:
        """Return the files of an external client app."""
        return self.external_client_apps.get(api_name.casefold())


def build_index(tree: Tree, *, whole: bool = False) -> Index:
    """Make the first pass over a tree.

    A project with an sfdx-project.json is read in its package directories, anything else as a whole. A broken
    file is an entry of `errors`; the others are still read.

    Args:
        tree: the tree.
        whole: read it as a whole even if it holds an sfdx-project.json.

    Raises:
        FileError: PROJECT_BROKEN if sfdx-project.json cannot be used.
    """
    index = Index()
    blocked: set[bool | None] = set()
    for path in tree.paths() if whole else _paths(tree, index):
        metadata_type = type_of(path)
        try:
            if metadata_type is not None:
                index.files.append(path)
                _take_app(index, metadata_type, path, tree.read(path))
            elif referring_type_of(path) is not None:
                for reference in read_references(tree.read(path), path):
                    index.references.setdefault(reference.app.casefold(), []).append(reference)
            elif is_oauth_settings(path):
                blocked.add(username_password_blocked(tree.read(path), path))
        except FileError as error:
            index.errors.append(error)
            index.broken[path] = error
    # Settings of several orgs that contradict each other tell nothing of this one.
    index.username_password_blocked = blocked.pop() if len(blocked) == 1 else None
    index.errors[:0] = tree.refused
    return index


def _paths(tree: Tree, index: Index) -> list[str]:
    paths = tree.paths()
    if isinstance(tree, SingleFile):
        if type_of(paths[0]) is None:
            says = "its name is none of an app's file, such as Billing.connectedApp-meta.xml."
            index.errors.append(FileError(FILE_NOT_AN_APP, paths[0], None, says))
        return paths
    directories = package_directories(tree, paths)
    if directories is None:
        return paths
    chosen = []
    for directory in directories:
        inside = _inside(directory, paths)
        if not inside:
            says = "sfdx-project.json names this package directory, and no file is in it."
            index.errors.append(FileError(PATH_MISSING, directory, None, says))
        chosen += inside
    return chosen


def _inside(directory: str, paths: list[str]) -> list[str]:
    if not directory:
        return paths
    # The paths are sorted, and 0 is the character after the slash.
    return paths[bisect_left(paths, f"{directory}/") : bisect_left(paths, f"{directory}0")]


def _take_app(index: Index, metadata_type: MetadataType, path: str, data: bytes) -> None:
    root = parse(data, path, metadata_type.name)
    name = split_name(path)
    full_name = name.full_name if name is not None else path
    label = _text(root, "label").strip()
    if metadata_type.document is ConnectedApp:
        key = _text(root, "oauthConfig", "consumerKey").strip()
        app = AppFile(path, full_name, label, key)
        index.connected_apps.append(app)
        index.by_name.setdefault(full_name.casefold(), []).append(app)
        index.by_label.setdefault(label, {})[full_name] = None
        if key:
            index.by_key.setdefault(key, []).append(app)
        return
    is_header = metadata_type.document is ExternalClientApplication
    app_name = full_name if is_header else _text(root, "externalClientApplication").strip()
    found = index.external_client_apps.setdefault(app_name.casefold(), ExternalClientAppFiles(app_name))
    if is_header:
        found.name = app_name
        found.headers.append(path)
        found.labels.add(label)
        index.by_label.setdefault(label, {})[app_name] = None
        return
    found.parts.append(path)
    if key := _text(root, "consumerKey").strip():
        found.consumer_keys.append(key)


def _text(root: Element, *steps: str) -> str:
    return root.findtext("/".join(f"{{{NAMESPACE}}}{step}" for step in steps)) or ""
