"""A SOAP request, read as if it came from an enemy: SOAP 1.1 in any prefixes, without DTD, within limits.

What a client puts into SOAPAction, and which namespace it gives its elements, tells nothing that the name of
the operation does not: both are ignored (clients.md section 4: each client spells them in its own way).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from changeover.salesforce.soap.faults import CLIENT, SoapFault

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
MAX_BYTES = 10 * 1024 * 1024
"""Of a request. Our decision: Salesforce takes 50 MB; ten thousand apps come to a tenth of that."""
MAX_DEPTH = 64
MAX_ELEMENTS = 200_000

_TRUE = frozenset({"true", "1"})
_FALSE = frozenset({"false", "0"})


@dataclass(frozen=True, slots=True)
class Node:
    """One element: its name without prefix, its own text, its child elements."""

    name: str
    text: str = ""
    children: tuple[Node, ...] = ()
    type: str | None = None
    """What `xsi:type` says, without prefix."""
    nil: bool = False

    def first(self, name: str) -> Node | None:
        """Return the first child of a name, None where there is none or it is nil."""
        return next((child for child in self.children if child.name == name and not child.nil), None)

    def each(self, name: str) -> Iterator[Node]:
        """Yield the children of a name that are not nil."""
        return (child for child in self.children if child.name == name and not child.nil)

    def one(self, name: str) -> str | None:
        """Return the text of the first child of a name without spaces around it, None where there is none."""
        found = self.first(name)
        return found.text.strip() if found is not None else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of the children of a name."""
        return tuple(child.text.strip() for child in self.each(name))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean in any case: simple-salesforce sends `True`, which is no boolean of XML Schema."""
        text = (self.one(name) or "").casefold()
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        if text:
            raise SoapFault(CLIENT, f"'{text[:40]}' is not a valid value for the type xsd:boolean ({name})")
        return default


@dataclass(frozen=True, slots=True)
class SoapRequest:
    """What a client asks."""

    operation: Node
    """The first element of the body: its name is the operation's, its children are the arguments."""
    headers: tuple[Node, ...] = field(default=())

    def header(self, name: str, child: str) -> str | None:
        """Return the text of a child of a header: `SessionHeader`, `sessionId`."""
        found = next((one for one in self.headers if one.name == name), None)
        return found.one(child) if found is not None else None

    @property
    def session_id(self) -> str | None:
        """What stands in SessionHeader, None where nothing does."""
        return self.header("SessionHeader", "sessionId") or None


def read_envelope(body: bytes) -> SoapRequest:
    """Read a request.

    Raises:
        SoapFault: `soapenv:Client` for what is no SOAP 1.1 envelope with an operation, for a DTD, and beyond
            the limits.
    """
    if len(body) > MAX_BYTES:
        raise SoapFault(CLIENT, f"the request is larger than {MAX_BYTES // 1024 // 1024} MB")
    # No entity is resolved, nothing is fetched, libxml2's own limits stay on. A parser a request: what one
    # has seen is nothing for another, and threads share none.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        # libxml2's message may quote a piece of a secret.
        raise SoapFault(CLIENT, "the request is no well-formed XML") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # missing in lxml-stubs
        raise SoapFault(CLIENT, "DOCTYPE is not allowed in a SOAP request")
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise SoapFault(CLIENT, "the root element is no Envelope of SOAP 1.1")
    budget = [MAX_ELEMENTS]
    parts = {etree.QName(part).localname: part for part in reversed(root) if isinstance(part.tag, str)}
    header, content = parts.get("Header"), parts.get("Body")
    operations = [one for one in content if isinstance(one.tag, str)] if content is not None else []
    if not operations:
        raise SoapFault(CLIENT, "the Body of the envelope holds no operation")
    headers = tuple(_node(one, 1, budget) for one in header) if header is not None else ()
    return SoapRequest(_node(operations[0], 1, budget), headers)


def _node(element: etree._Element, depth: int, budget: list[int]) -> Node:
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        raise SoapFault(CLIENT, "the request holds too many elements, or nests them too deeply")
    name = etree.QName(element)
    said = element.get(f"{{{XSI}}}type")
    return Node(
        name=name.localname,
        text=element.text or "",
        children=tuple(_node(child, depth + 1, budget) for child in element),
        type=said.rpartition(":")[2].strip() if said else None,
        nil=(element.get(f"{{{XSI}}}nil") or "").strip().casefold() in _TRUE,
    )
