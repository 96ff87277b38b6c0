"""Connected apps for Hypothesis: any element, any value, elements that nobody knows, in any combination.

They are made as trees of XML elements, so that what comes out can stand in a file: path and index of each
leaf follow from the tree.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import strategies as st

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf, elements
from changeover.apps.reference import Reference

NAMES = st.sampled_from(["Billing", "A", "Name_With_1", "ns__Packaged", "odd name", "ä"])
TEXT = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    max_size=6,
)
ODD = st.sampled_from(
    [
        "",
        " ",
        "yes",
        "TRUE",
        "0",
        "007",
        "-1",
        "Api",
        "RefreshToken",
        "A2A",
        "A, B",
        ",",
        "infinite",
        "zero",
        "specific_lifetime:90:DAYS",
        "specific_inactivity:007:HOURS",
        "specific_lifetime:x:DAYS",
        "CT,VF",
        "CT",
        "VF,??",
        "HS,HH",
        "None",
        "Custom",
        "true",
        "false",
        "http://localhost:1717/OauthRedirect\nhttps://a.example.com",
    ]
)
# Names that mean something elsewhere: an unknown element must never take their place.
STRANGE_NAMES = st.sampled_from(
    [
        "notYetInvented",
        "connectedApp",
        "externalClientApplication",
        "distributionState",
        "isProtected",
        "orgScopedExternalApp",
        "shouldRotateConsumerKey",
        "isMtlsEnabled",
        "trustedIpRanges",
        "customAttributes",
        "label",
        "startPage",
        "isClientCredentialsFlowEnabled",
        "commaSeparatedOauthScopes",
        "idTokenConfig",
        "clientAssertionCertificate",
        "refreshTokenValidityUnit",
        "canvasUrl",
    ]
)


def _value(values: frozenset[str] | None, kind: str) -> st.SearchStrategy[str]:
    usual: st.SearchStrategy[str]
    if kind == "boolean":
        usual = st.sampled_from(["true", "false"])
    elif kind == "integer":
        usual = st.integers(0, 2000).map(str)
    elif values is not None:
        usual = st.sampled_from(sorted(values))
    else:
        usual = TEXT
    return st.one_of(usual, usual, usual, ODD)


@st.composite
def _leaf(draw: st.DrawFn, name: str, value: st.SearchStrategy[str]) -> ET.Element:
    node = ET.Element(name)
    node.text = draw(value)
    if draw(st.integers(0, 19)) == 0:
        node.set("nil", "true")
    return node


@st.composite
def _stranger(draw: st.DrawFn, depth: int = 2) -> ET.Element:
    node = ET.Element(draw(STRANGE_NAMES))
    if depth and draw(st.booleans()):
        for child in draw(st.lists(_stranger(depth - 1), min_size=1, max_size=3)):
            node.append(child)
    else:
        node.text = draw(st.one_of(TEXT, ODD))
        if draw(st.integers(0, 9)) == 0:
            node.set("nil", "true")
    return node


@st.composite
def _group(draw: st.DrawFn, name: str, cls: type) -> ET.Element:
    node = ET.Element(name)
    known = list(elements(cls))
    for element in draw(st.lists(st.sampled_from(known), max_size=min(len(known), 14))):
        if element.kind in {"one", "each"}:
            assert element.group is not None
            for _ in range(draw(st.integers(1, 3)) if element.repeats else 1):
                node.append(draw(_group(element.name, element.group)))
        else:
            node.append(draw(_leaf(element.name, _value(element.values, element.kind))))
    for stranger in draw(st.lists(_stranger(), max_size=2)):
        node.append(stranger)
    # Text beside elements: no file should have it, a reader keeps it all the same.
    if len(node) and draw(st.integers(0, 19)) == 0:
        node.text = "beside"
    if draw(st.integers(0, 29)) == 0:
        node.set("nil", "false")
    return node


def trees() -> st.SearchStrategy[ET.Element]:
    """Any connected app as an XML tree."""
    return _group("ConnectedApp", ConnectedApp).map(_plain_root)


def _plain_root(root: ET.Element) -> ET.Element:
    root.text = None
    return root


def apps() -> st.SearchStrategy[tuple[ET.Element, ConnectedApp]]:
    """Any connected app, with the tree that it was read from."""
    return st.builds(
        lambda name, root: (root, from_leaves(ConnectedApp, name, leaves_of(root, ConnectedApp))),
        NAMES,
        trees(),
    )


def leaves_of(root: ET.Element, cls: type) -> list[Leaf]:
    """Read a tree into leaves as the path grammar of `Leaf` demands it."""
    return list(_walk(root, cls, ""))


def _walk(node: ET.Element, cls: type | None, prefix: str) -> Any:
    known = {element.name: element for element in elements(cls)} if cls is not None else {}
    if prefix == "":
        yield from (Leaf(f"@{name}", value) for name, value in node.attrib.items())
    seen: dict[str, int] = {}
    for child in node:
        seen[child.tag] = number = seen.get(child.tag, 0) + 1
        element = known.get(child.tag)
        indexed = number > 1 or (element is not None and element.repeats)
        path = f"{prefix}{child.tag}[{number}]" if indexed else f"{prefix}{child.tag}"
        yield from (Leaf(f"{path}/@{name}", value) for name, value in child.attrib.items())
        text = child.text or ""
        if len(child):
            if text.strip():
                yield Leaf(path, text)
            yield from _walk(child, element.group if element is not None else None, f"{path}/")
        elif text or not child.attrib:
            yield Leaf(path, text)


@st.composite
def references(draw: st.DrawFn) -> tuple[Reference, ...]:
    """References of every kind, with and without what should stand beside them."""
    made = []
    for number in range(draw(st.integers(0, 4))):
        kind = draw(
            st.sampled_from(
                [
                    "NotificationTypeConfig",
                    "AppMenu",
                    "UserProvisioningConfig",
                    "OauthCustomScope",
                    "OauthTokenExchangeHandler",
                    "CustomPermission",
                    "BriefcaseDefinition",
                    "SomethingNew",
                ]
            )
        )
        group = f"settings[{number + 1}]"
        context = []
        if draw(st.booleans()):
            context.append(Leaf("developerName", draw(st.sampled_from(["one", "two"]))))
            context.append(Leaf(f"{group}/notificationType", draw(st.sampled_from(["t1", "t2", ""]))))
            context.append(Leaf(f"{group}/enabled", draw(st.sampled_from(["true", "false"]))))
        made.append(
            Reference(
                kind=kind,
                file=f"folder/File{number}.suffix-meta.xml",
                path=f"{group}/connectedApp",
                app="Billing",
                context=tuple(context),
            )
        )
    return tuple(made)
