"""Retrieve: a zip of the components that a package names.

Source: Metadata API guide, retrieve(); the messages are Salesforce's as its users quote them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from changeover.errors import ChangeoverError
from changeover.metadata.package import PACKAGE, write_manifest
from changeover.metadata.writer import write
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit
from changeover.salesforce.metadata.kinds import BY_NAME, Component, Kind
from changeover.salesforce.metadata.kinds.kind import content_in
from changeover.salesforce.metadata.kinds.profiles import PROFILE, in_package
from changeover.salesforce.metadata.package import ALL, Package
from changeover.salesforce.metadata.properties import People, file_properties
from changeover.salesforce.soap.answers import Value

UNPACKAGED = "unpackaged/"
_WHEN = (1980, 1, 1, 0, 0, 0)
"""Of every file in a zip: two retrieves of the same org are the same bytes."""


@dataclass(frozen=True, kw_only=True)
class Retrieved:
    """What a retrieve brought."""

    archive: bytes
    properties: tuple[Mapping[str, Value], ...]
    messages: tuple[Mapping[str, Value], ...]
    """`fileName` and `problem` of what was asked for and is not there."""


def retrieve(unit: Unit, actor: Actor, package: Package, version: int, *, single: bool) -> Retrieved:
    """Return the components that a package names, as files of metadata format.

    Args:
        unit: one transaction: the zip is one state of the org.
        actor: who retrieves.
        package: what is wanted.
        version: of the API; elements that are newer are left out.
        single: whether the files stand at the root of the zip; else below `unpackaged/`.
    """
    folder = "" if single else UNPACKAGED
    people = People(unit, actor)
    properties: list[Mapping[str, Value]] = []
    messages: list[Mapping[str, Value]] = []
    members: list[tuple[str, str]] = []
    paths: set[str] = set()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for type_name, wanted in package.types.items():
            try:
                for found in _found(unit, actor, type_name, wanted, version):
                    if isinstance(found, str):
                        messages.append(_message(folder, found))
                        continue
                    if found.path in paths:
                        # Names are asked for in any case, and so twice.
                        continue
                    paths.add(found.path)
                    held = in_package(found, package) if type_name == PROFILE else found
                    archive.writestr(_entry(f"{folder}{found.path}"), _file(held, version))
                    properties.append(file_properties(found, people, folder))
                    members.append((type_name, found.full_name))
            except ChangeoverError as error:
                messages.append(_message(folder, f"{type_name}: {error.message}"))
        archive.writestr(_entry(f"{folder}{PACKAGE}"), write_manifest(members, f"{version}.0"))
    return Retrieved(archive=packed.getvalue(), properties=tuple(properties), messages=tuple(messages))


def _found(
    unit: Unit, actor: Actor, type_name: str, wanted: tuple[str, ...], version: int
) -> Iterator[Component | str]:
    """Yield the components of a type, and a sentence for each that is not there."""
    kind: Kind | None = BY_NAME.get(type_name)
    if kind is None:
        yield f"Entity type: '{type_name[:80]}' is unknown"
        return
    if kind.since > version:
        yield f"Entity type: '{type_name}' is not available in this api version"
        return
    if ALL in wanted:
        yield from kind.all(unit, actor)
        return
    for full_name in wanted:
        component = kind.get(unit, actor, full_name)
        yield component or f"Entity of type '{type_name}' named '{full_name[:80]}' cannot be found"


def _file(component: Component, version: int) -> bytes:
    kind = BY_NAME[component.type_name]
    return write(component.type_name, content_in(kind, component, version, unknown=True))


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, _WHEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _message(folder: str, problem: str) -> Mapping[str, Value]:
    return {"fileName": f"{folder}{PACKAGE}", "problem": problem}
