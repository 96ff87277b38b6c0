"""Files and documents: which type a file's name promises, reading it, writing it, and where it belongs.

A file of source format is `folder/Name.suffix-meta.xml`, one of metadata format `folder/Name.suffix`. As
Salesforce's own library does, only the suffix tells the type; the folder may be any.
"""

from __future__ import annotations

from typing import NamedTuple

from changeover.apps.building import from_leaves
from changeover.apps.document import Document, leaves
from changeover.apps.types import BY_DOCUMENT, BY_SUFFIX, TYPES, MetadataType
from changeover.metadata.reader import read
from changeover.metadata.shape import Shape, shape_of
from changeover.metadata.writer import write

SOURCE_SUFFIX = "-meta.xml"

_SHAPES = {entry.name: shape_of(entry.document) for entry in TYPES}


class FileName(NamedTuple):
    """What a file's name says."""

    full_name: str
    suffix: str
    source_format: bool


class ReadDocument(NamedTuple):
    """A document and what of its file it cannot hold."""

    document: Document
    comments: tuple[int, ...]
    """Lines of comments and processing instructions, which a file written anew lacks."""


def shape_named(type_name: str) -> Shape:
    """Return which elements of a type of the registry may repeat."""
    return _SHAPES[type_name]


def split_name(path: str) -> FileName | None:
    """Split a file's name into full name and suffix; None where it has no suffix or no name before it."""
    name = path.rsplit("/", 1)[-1]
    bare = name.removesuffix(SOURCE_SUFFIX)
    full_name, dot, suffix = bare.rpartition(".")
    if not dot or not full_name:
        return None
    return FileName(full_name, suffix, bare != name)


def type_of(path: str) -> MetadataType | None:
    """Return the type of app metadata that a file's name promises, None where it is something else."""
    name = split_name(path)
    return BY_SUFFIX.get(name.suffix) if name is not None else None


def read_document(data: bytes, path: str) -> ReadDocument:
    """Read a file of a connected app or of an external client app.

    Args:
        data: the file's bytes.
        path: its path; the name in it tells type and full name.

    Raises:
        FileError: the file is broken, hostile, or not what its name says.
        ValueError: the name is none of an app (`type_of` is None).
    """
    name, metadata_type = split_name(path), type_of(path)
    if name is None or metadata_type is None:
        message = f"not the name of an app's file: {path}"
        raise ValueError(message)
    source = read(data, path, metadata_type.name, _SHAPES[metadata_type.name])
    document = from_leaves(metadata_type.document, name.full_name, source.leaves)
    return ReadDocument(document, source.comments)


def write_document(document: Document) -> bytes:
    """Return a document's file as Salesforce writes it. Raises ChangeoverError as `writer.write`."""
    return write(BY_DOCUMENT[type(document)].name, leaves(document))


def path_of(document: Document, *, source_format: bool = True) -> str:
    """Return where a document belongs: `connectedApps/Billing.connectedApp-meta.xml`."""
    entry = BY_DOCUMENT[type(document)]
    return f"{entry.folder}/{document.full_name}.{entry.suffix}{SOURCE_SUFFIX if source_format else ''}"
