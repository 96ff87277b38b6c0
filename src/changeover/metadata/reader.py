"""XML to leaves: a hardened parser and a walk that keeps everything a leaf can hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol, cast

from lxml import etree

from changeover.apps.document import Leaf
from changeover.errors import FILE_NOT_AN_APP, XML_BROKEN, XML_DOCTYPE, XML_TOO_LARGE
from changeover.metadata.encoding import prepare
from changeover.metadata.file_error import FileError
from changeover.metadata.shape import NOTHING_KNOWN, Shape

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
ATTRIBUTE_NAMESPACES = {
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
"""Prefixes that a leaf's attribute may bear; Salesforce writes `xsi:nil`."""
MAX_DEPTH = 32
"""Elements within elements; Salesforce's own files have five."""

_IN_NAMESPACE = f"{{{NAMESPACE}}}"
_PREFIXES = {uri: prefix for prefix, uri in ATTRIBUTE_NAMESPACES.items()}
_SPACE = " \t\r\n"


def _parser(*, comments: bool) -> etree.XMLParser:
    # No entity is resolved, nothing is fetched, libxml2's own limits stay on. The encoding is UTF-8 whatever
    # the file declares: encoding.py has made sure of it.
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        encoding="utf-8",
        remove_comments=not comments,
        remove_pis=not comments,
    )


# Reused: building a parser costs as much as reading a file.
_PARSER = _parser(comments=False)
_PARSER_WITH_COMMENTS = _parser(comments=True)

# libxml2's messages quote the file, and what they quote may be a piece of a secret. These do without.
_WORDS = {
    "ERR_TAG_NAME_MISMATCH": "an end tag does not match its start tag.",
    "ERR_TAG_NOT_FINISHED": "an element has no end tag; the file may be cut off.",
    "ERR_GT_REQUIRED": "a tag is not closed with >.",
    "ERR_LTSLASH_REQUIRED": "an element has no end tag; the file may be cut off.",
    "ERR_DOCUMENT_END": "something stands after the end of the root element.",
    "ERR_DOCUMENT_EMPTY": "the file holds no XML.",
    "ERR_INVALID_CHAR": "a character stands there that XML does not allow.",
    "ERR_NAME_REQUIRED": "an & or < stands there that should be written as &amp; or &lt;.",
    "ERR_ENTITYREF_SEMICOL_MISSING": "an & stands there that should be written as &amp;.",
    "ERR_UNDECLARED_ENTITY": "an entity stands there that XML does not know.",
    "ERR_ATTRIBUTE_REDEFINED": "an attribute stands twice on one element.",
    "ERR_ATTRIBUTE_WITHOUT_VALUE": "an attribute has no value.",
    "NS_ERR_UNDEFINED_NAMESPACE": "a prefix is used that no namespace was given to.",
}
_WORDS_BY_CODE = {getattr(etree.ErrorTypes, name): says for name, says in _WORDS.items()}
# What libxml2 says of a file that ends within a tag.
_MID_TAG = frozenset(
    getattr(etree.ErrorTypes, name)
    for name in ("ERR_NAME_REQUIRED", "ERR_GT_REQUIRED", "ERR_ENTITYREF_SEMICOL_MISSING")
)
_RESOURCE_LIMIT = getattr(etree.ErrorTypes, "ERR_RESOURCE_LIMIT", 114)


class Element(Protocol):
    """What the reader uses of lxml's element, in the types that the options above make certain."""

    tag: object
    text: str | None
    tail: str | None
    sourceline: int | None

    def items(self) -> list[tuple[str, str]]:
        """Names and values of the attributes."""

    def findtext(self, path: str) -> str | None:
        """Return the text of the first element at a path, None where there is none."""

    def __iter__(self) -> Iterator[Element]: ...

    def __len__(self) -> int: ...


class Source(NamedTuple):
    """What stood in one file."""

    leaves: tuple[Leaf, ...]
    """In the order of the file."""
    comments: tuple[int, ...]
    """Lines of comments and processing instructions: no leaf holds them, so a file written anew has none."""


def parse(data: bytes, path: str, root_name: str) -> Element:
    """Parse a file with the hardened parser and check its root element.

    Args:
        data: the file's bytes.
        path: its name for messages.
        root_name: the root element that its name promises.

    Raises:
        FileError: the file is broken, hostile, or not what its name says.
    """
    root = _parsed(prepare(data, path), path, _PARSER)
    if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]  # missing in lxml-stubs
        raise _doctype(data, path)
    if root.tag != _IN_NAMESPACE + root_name:
        raise _another_root(root, path, root_name)
    return cast("Element", root)


def read(data: bytes, path: str, root_name: str, shape: Shape = NOTHING_KNOWN) -> Source:
    """Read a file into leaves.

    Text beside child elements is kept as the leaf of the element that holds both. An attribute is the leaf
    `element/@name`; an empty element that has attributes has no leaf of its own beside them.

    Args:
        data: the file's bytes.
        path: its name for messages.
        root_name: the root element that its name promises.
        shape: which elements repeat; any other bears an index from its second occurrence on.

    Raises:
        FileError: as `parse`; also for nesting beyond `MAX_DEPTH`, for names of another namespace, and for
            text right in the root element.
    """
    root = parse(data, path, root_name)
    walk = _Walk(path)
    for name, value in root.items():
        walk.leaves.append(Leaf("@" + walk.attribute(name, root), value))
    if walk.children(root, "", shape, 1).strip(_SPACE):
        raise FileError(XML_BROKEN, path, _line(root), "text stands right in the root element.")
    comments = _comments(data, path) if b"<!--" in data or b"<?" in data[5:] else ()
    return Source(tuple(walk.leaves), comments)


class _Walk:
    """One walk through one file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.leaves: list[Leaf] = []

    def children(self, parent: Element, prefix: str, shape: Shape, depth: int) -> str:
        """Add the leaves of all children; return the text that stands beside them."""
        if depth > MAX_DEPTH:
            says = f"elements are nested more than {MAX_DEPTH} deep."
            raise FileError(XML_TOO_LARGE, self.path, _line(parent), says)
        beside = parent.text or ""
        seen: dict[str, int] = {}
        for child in parent:
            tag = child.tag
            if not isinstance(tag, str) or not tag.startswith(_IN_NAMESPACE):
                says = "an element stands there that is not in Salesforce's namespace."
                raise FileError(FILE_NOT_AN_APP, self.path, _line(child), says)
            name = tag[len(_IN_NAMESPACE) :]
            known = shape.get(name)
            seen[name] = nth = seen.get(name, 0) + 1
            indexed = nth > 1 or (known is not None and known.repeats)
            path = f"{prefix}{name}[{nth}]" if indexed else prefix + name
            attributes = child.items()
            for attribute, value in attributes:
                self.leaves.append(Leaf(f"{path}/@{self.attribute(attribute, child)}", value))
            if len(child):
                inner = known.inner if known is not None else NOTHING_KNOWN
                at = len(self.leaves)
                text = self.children(child, path + "/", inner, depth + 1)
                if text.strip(_SPACE):
                    self.leaves.insert(at, Leaf(path, text))
            elif (text := child.text or "") or not attributes:
                self.leaves.append(Leaf(path, text))
            if (tail := child.tail) and tail.strip(_SPACE):
                beside += tail
        return beside

    def attribute(self, name: str, element: Element) -> str:
        """Return an attribute's name as a leaf path holds it: `xsi:nil`."""
        if not name.startswith("{"):
            return name
        uri, _, local = name[1:].partition("}")
        prefix = _PREFIXES.get(uri)
        if prefix is None:
            says = "an attribute stands there of a namespace that Salesforce does not use."
            raise FileError(FILE_NOT_AN_APP, self.path, _line(element), says)
        return f"{prefix}:{local}"


def _line(element: Element) -> int:
    return element.sourceline or 1


def _parsed(data: bytes, path: str, parser: etree.XMLParser) -> etree._Element:
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if b"<!DOCTYPE" in data:
            raise _doctype(data, path) from None
        code: int = error.code  # type: ignore[attr-defined]  # missing in lxml-stubs
        if code == _RESOURCE_LIMIT:
            says = "the file is nested too deeply, or one value in it is too long."
            raise FileError(XML_TOO_LARGE, path, error.lineno or None, says) from None
        says = _WORDS_BY_CODE.get(code, "the XML is not well-formed.")
        if code in _MID_TAG and not data.rstrip().endswith(b">"):
            says = "the file ends in the middle of a tag; it may be cut off."
        raise FileError(XML_BROKEN, path, error.lineno or None, says) from None


def _doctype(data: bytes, path: str) -> FileError:
    at = data.find(b"<!DOCTYPE")
    return FileError(XML_DOCTYPE, path, data.count(b"\n", 0, max(at, 0)) + 1, "the file declares a DOCTYPE.")


def _another_root(root: etree._Element, path: str, root_name: str) -> FileError:
    name = etree.QName(root)
    line = _line(cast("Element", root))
    if name.localname == root_name:
        says = f"<{root_name}> is not in Salesforce's namespace."
        remedy = f'Write <{root_name} xmlns="{NAMESPACE}">, or retrieve the file again.'
        return FileError(FILE_NOT_AN_APP, path, line, says, remedy)
    says = f"the root element is <{name.localname[:80]}>, and the file's name says {root_name}."
    return FileError(FILE_NOT_AN_APP, path, line, says)


def _comments(data: bytes, path: str) -> tuple[int, ...]:
    root = _parsed(prepare(data, path), path, _PARSER_WITH_COMMENTS)
    around = [*root.itersiblings(preceding=True), *root.itersiblings()]
    inside = root.iter(etree.Comment, etree.ProcessingInstruction)
    return tuple(sorted(_line(cast("Element", node)) for node in (*around, *inside)))
