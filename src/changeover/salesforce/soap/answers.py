"""Answers as envelopes. What an operation returns is data: a mapping in the order of the WSDL.

Clients that hold to the WSDL (zeep) refuse an element out of its order, so the order of a mapping's keys is
the order of the elements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

from changeover.salesforce.soap.envelope import ENVELOPE, XSI
from changeover.salesforce.soap.faults import CLIENT, INVALID_LOGIN, SoapFault


@dataclass(frozen=True, slots=True)
class Typed:
    """A value of which `xsi:type` says what it is."""

    type: str
    fields: Mapping[str, Value]


class Nil:
    """An element that says that nothing is there."""


NIL: Final = Nil()

Value = str | bool | int | datetime | None | Nil | Typed | Mapping[str, "Value"] | Sequence["Value"]
"""None leaves the element out; a sequence repeats it."""

# XML 1.0, section 2.2.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def time_text(at: datetime) -> str:
    """Return a time as Salesforce writes it: `2026-11-25T21:40:30.000Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def answer_envelope(namespace: str, operation: str, result: Value) -> bytes:
    """Return the answer of an operation: `<operation>Response` with one `result`, or one for each of several.

    Args:
        namespace: that of the API.
        operation: its name.
        result: its result; None for an operation that has none.
    """
    root, body = _envelope({None: namespace, "xsi": XSI})
    response = etree.SubElement(body, f"{{{namespace}}}{operation}Response")
    _put(response, namespace, "result", result)
    return _written(root)


def fault_envelope(namespace: str, fault: SoapFault) -> bytes:
    """Return a fault: `faultcode`, `faultstring`, and the detail that a refused login has."""
    root, body = _envelope({"sf": namespace, "xsi": XSI})
    element = etree.SubElement(body, f"{{{ENVELOPE}}}Fault")
    ours = fault.code != CLIENT
    etree.SubElement(element, "faultcode").text = f"sf:{fault.code}" if ours else fault.code
    text = f"{fault.code}: {fault.message}" if ours else fault.message
    etree.SubElement(element, "faultstring").text = _clean(text)
    if fault.code == INVALID_LOGIN:
        detail = etree.SubElement(etree.SubElement(element, "detail"), f"{{{namespace}}}LoginFault")
        detail.set(f"{{{XSI}}}type", "sf:LoginFault")
        etree.SubElement(detail, f"{{{namespace}}}exceptionCode").text = fault.code
        etree.SubElement(detail, f"{{{namespace}}}exceptionMessage").text = _clean(fault.message)
    return _written(root)


def _envelope(prefixes: Mapping[Any, str]) -> tuple[etree._Element, etree._Element]:
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={**prefixes, "soapenv": ENVELOPE})
    return root, etree.SubElement(root, f"{{{ENVELOPE}}}Body")


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def _put(parent: etree._Element, namespace: str, name: str, value: Value) -> None:
    if value is None:
        return
    if isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            _put(parent, namespace, name, each)
        return
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    match value:
        case Nil():
            element.set(f"{{{XSI}}}nil", "true")
        case bool():
            element.text = "true" if value else "false"
        case datetime():
            element.text = time_text(value)
        case Typed():
            element.set(f"{{{XSI}}}type", value.type)
            _fields(element, namespace, value.fields)
        case Mapping():
            _fields(element, namespace, value)
        case _:
            element.text = _clean(str(value))


def _fields(element: etree._Element, namespace: str, fields: Mapping[str, Value]) -> None:
    for name, value in fields.items():
        _put(element, namespace, name, value)
