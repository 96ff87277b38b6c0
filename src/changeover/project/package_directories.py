"""sfdx-project.json: which folders of a project hold its packages.

Source: Salesforce DX Developer Guide, Salesforce DX Project Configuration, packageDirectories.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from posixpath import normpath

from changeover.errors import PROJECT_BROKEN
from changeover.metadata.file_error import FileError
from changeover.project.tree import Tree

SFDX_PROJECT = "sfdx-project.json"


def package_directories(tree: Tree, paths: list[str]) -> tuple[str, ...] | None:
    """Return the package directories of a project, None where the tree is no SFDX project.

    Args:
        tree: the project.
        paths: all paths of the tree.

    Returns:
        Paths relative to the tree without `/` at the end, `""` for the whole tree, no path inside another.

    Raises:
        FileError: PROJECT_BROKEN if sfdx-project.json cannot be read or a directory leads out of the project.
    """
    if SFDX_PROJECT not in paths:
        return None
    try:
        content = json.loads(tree.read(SFDX_PROJECT).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise FileError(PROJECT_BROKEN, SFDX_PROJECT, line, "it is not JSON.") from None
    listed = content.get("packageDirectories") if isinstance(content, dict) else None
    if not isinstance(listed, list) or not listed:
        raise FileError(PROJECT_BROKEN, SFDX_PROJECT, None, "packageDirectories is missing or empty.")
    found = {_directory(entry) for entry in listed}
    return tuple(sorted(path for path in found if not any(above in found for above in _above(path))))


def _directory(entry: object) -> str:
    path = entry.get("path") if isinstance(entry, dict) else None
    if not isinstance(path, str) or not path.strip():
        raise FileError(PROJECT_BROKEN, SFDX_PROJECT, None, "an entry of packageDirectories has no path.")
    plain = normpath(path.strip().replace("\\", "/"))
    if plain.startswith(("/", "..")) or plain[1:2] == ":":
        raise FileError(PROJECT_BROKEN, SFDX_PROJECT, None, "a package directory leads out of the project.")
    return "" if plain == "." else plain


def _above(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the nearest first."""
    while path:
        path = path.rpartition("/")[0]
        yield path
