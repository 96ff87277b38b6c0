"""A file is written as Salesforce writes it, and read back it says the same: to us and to another parser."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changeover import errors
from changeover.apps.document import Leaf, in_order, segments
from changeover.errors import ChangeoverError
from changeover.metadata.reader import NAMESPACE, read
from changeover.metadata.writer import write


def test_a_file_looks_as_salesforce_writes_it() -> None:
    given_leaves = [
        Leaf("oauthConfig/scopes[2]", "Web"),
        Leaf("oauthConfig/scopes[1]", "Api"),
        Leaf("oauthConfig/consumerKey", ""),
        Leaf("oauthConfig/callbackUrl", "https://example.com/a\r\nhttps://example.com/b?x=1&y=2"),
        Leaf("oauthConfig/isDeviceFlowEnabled", "true"),
        Leaf("oauthConfig/isDPopEnabled", "true"),
        Leaf("label", 'Tom\'s "App" <1>'),
    ]
    assert write("ConnectedApp", given_leaves).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        "    <label>Tom&apos;s &quot;App&quot; &lt;1&gt;</label>\n"
        "    <oauthConfig>\n"
        "        <callbackUrl>https://example.com/a\r\nhttps://example.com/b?x=1&amp;y=2</callbackUrl>\n"
        "        <consumerKey></consumerKey>\n"
        "        <isDPopEnabled>true</isDPopEnabled>\n"
        "        <isDeviceFlowEnabled>true</isDeviceFlowEnabled>\n"
        "        <scopes>Api</scopes>\n"
        "        <scopes>Web</scopes>\n"
        "    </oauthConfig>\n"
        "</ConnectedApp>\n"
    )


def test_nil_and_an_empty_root_look_as_salesforce_writes_them() -> None:
    assert write("ConnectedAppSettings", []).endswith(
        b'\n<ConnectedAppSettings xmlns="http://soap.sforce.com/2006/04/metadata"/>\n'
    )
    assert write(
        "ExternalClientAppSettings", [Leaf("enableExternalClientApps/@xsi:nil", "true")]
    ).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ExternalClientAppSettings xmlns="http://soap.sforce.com/2006/04/metadata"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        '    <enableExternalClientApps xsi:nil="true"/>\n'
        "</ExternalClientAppSettings>\n"
    )


@pytest.mark.parametrize(
    "leaf",
    [
        Leaf("label", "a\0b"),
        Leaf("label", "\x1b[31m"),
        Leaf("label", "\ud800"),
        Leaf("label", "\uffff"),
        Leaf("a b", "x"),
        Leaf("1a", "x"),
        Leaf("a><b", "x"),
        Leaf("a:b", "x"),
        Leaf("label/@a b", "x"),
        Leaf("label/@x:y", "x"),
        Leaf("label/@a[2]", "x"),
    ],
)
def test_what_xml_cannot_hold_is_refused_without_its_value(leaf: Leaf) -> None:
    with pytest.raises(ChangeoverError) as caught:
        write("ConnectedApp", [leaf])
    assert caught.value.kind is errors.XML_UNWRITABLE
    assert leaf.value not in caught.value.message or leaf.value == "x"


@pytest.mark.parametrize(
    "contradiction",
    [
        [Leaf("label", "x"), Leaf("label[1]", "y")],
        [Leaf("label/@a", "x"), Leaf("label/@a", "y")],
        [Leaf("label/@a", "x"), Leaf("label/@b", "y"), Leaf("label/@a", "x")],
        [Leaf("oauthConfig", ""), Leaf("oauthConfig/scopes[1]", "Api")],
        [Leaf("oauthConfig", " \n"), Leaf("oauthConfig/scopes[1]", "Api")],
    ],
)
def test_leaves_that_contradict_each_other_are_refused(contradiction: list[Leaf]) -> None:
    with pytest.raises(ChangeoverError) as caught:
        write("ConnectedApp", contradiction)
    assert caught.value.kind is errors.XML_UNWRITABLE


NAMES = st.sampled_from(["label", "a", "B", "scopes", "isDPopEnabled", "\u00fcml\u00e4ut", "x.y-z_1"])
ATTRIBUTES = st.lists(st.sampled_from(["@a", "@xsi:nil", "@xml:lang"]), unique=True, max_size=2)
VALUES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\x0b\x0c\ufffe\uffff").filter(
        lambda char: char >= " " or char in "\t\n\r"
    ),
    max_size=12,
)


@st.composite
def trees(draw: st.DrawFn) -> list[Leaf]:
    """Leaves that one file can hold, as the reader would name them."""
    return list(draw_children(draw, "", 2))


def draw_children(draw: st.DrawFn, prefix: str, depth: int) -> list[Leaf]:
    found: list[Leaf] = []
    for name in draw(st.lists(NAMES, unique=True, max_size=3, min_size=0 if not prefix else 1)):
        for nth in range(1, draw(st.integers(1, 2)) + 1):
            path = f"{prefix}{name}" + (f"[{nth}]" if nth > 1 else "")
            attributes = draw(
                st.lists(st.sampled_from(["@a", "@xsi:nil", "@xml:lang"]), unique=True, max_size=2)
            )
            found += [Leaf(f"{path}/{attribute}", draw(VALUES)) for attribute in attributes]
            inner = draw_children(draw, f"{path}/", depth - 1) if depth and draw(st.booleans()) else []
            text = draw(VALUES)
            # Beside elements only a text that says something is one; with attributes an empty one is none.
            if text.strip(" \t\r\n") if inner else text or not attributes:
                found.append(Leaf(path, text))
            found += inner
    return found


@given(trees())
def test_any_leaves_come_back(leaves: list[Leaf]) -> None:
    written = write("Thing", leaves)
    assert in_order(read(written, "Thing.xml", "Thing").leaves) == in_order(leaves)
    assert write("Thing", read(written, "Thing.xml", "Thing").leaves) == written


@given(trees())
def test_another_parser_reads_the_same(leaves: list[Leaf]) -> None:
    root = ET.fromstring(write("Thing", leaves))  # noqa: S314  # our own bytes
    for path, value in leaves:
        *steps, last = segments(path)
        element = root
        for name, index in steps if last.name.startswith("@") else (*steps, last):
            element = element.findall(f"{{{NAMESPACE}}}{name}")[index - 1]
        if last.name.startswith("@"):
            assert value in element.attrib.values()
        else:
            text = (element.text or "") if not len(element) else (element.text or "").strip(" \t\n")
            expected = value.replace("\r\n", "\n").replace("\r", "\n")
            assert text == (expected if not len(element) else expected.strip(" \t\n"))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    from changeover.metadata.file_error import FileError  # noqa: PLC0415

    for start in (b"", b'<Thing xmlns="' + NAMESPACE.encode() + b'">'):
        try:
            read(start + data, "Thing.xml", "Thing")
        except FileError as error:
            assert error.path == "Thing.xml"  # noqa: PT017
