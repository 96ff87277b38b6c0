"""The account holds in both directions, by value, for real connected apps and for any others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import (
    Document,
    Leaf,
    element_at,
    elements,
    in_order,
    leaves,
    segments,
    strange_values,
)
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.reference import Reference
from changeover.apps.types import component
from changeover.metadata.files import path_of, read_document, write_document
from changeover.migration.account import Kind
from changeover.migration.mapping import (
    LOSSES,
    Migration,
    account_of,
    expected_result,
    result_of,
    side_by_side,
)
from changeover.migration.mapping.result import loss_of_leaf
from changeover.migration.mapping.source import locate
from changeover.migration.mapping.table import BY_SOURCE, ROWS
from tests.migration.account_holds import judge
from tests.migration.strategies import apps, leaves_of, references

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"


def write(document: Document) -> ET.Element:
    """Write a document as an XML tree, by its leaves alone."""
    root = ET.Element(type(document).__name__)
    made: dict[str, ET.Element] = {}
    for leaf in leaves(document):
        node = root
        here = ""
        for step in segments(leaf.path):
            if step.name.startswith("@"):
                node.set(step.name[1:], leaf.value)
                break
            here += f"/{step.name}[{step.index}]"
            if here not in made:
                assert step.index == 1 + len(node.findall(step.name)), (leaf.path, "no gaps")
                made[here] = ET.SubElement(node, step.name)
            node = made[here]
        else:
            node.text = leaf.value
    return root


def check(source: list[Leaf], result: Migration, given_refs: tuple[Reference, ...]) -> None:
    """Write the result, read it back from the XML, and let the judge look."""
    written = {}
    for document in result.external_client_app.documents:
        again = leaves_of(write(document), type(document))
        name = component(document)
        assert name not in written
        written[name] = dict(again)
        assert len(written[name]) == len(again)
        assert from_leaves(type(document), document.full_name, again) == document
    judge(
        dict(source),
        {f"{one.file}:{one.path}": one.app for one in given_refs},
        written,
        result.account,
        {one.file: {one.path: one.app} for one in given_refs},
    )
    assert len(source) == len(dict(source))


@given(apps(), references())
def test_the_account_holds_for_any_app(
    made: tuple[ET.Element, ConnectedApp], given_refs: tuple[Reference, ...]
) -> None:
    root, app = made
    result = expected_result(app, given_refs)
    check(leaves_of(root, ConnectedApp), result, given_refs)
    assert expected_result(app, given_refs) == result


@given(apps(), references())
def test_result_and_account_alone_are_the_same(
    made: tuple[ET.Element, ConnectedApp], given_refs: tuple[Reference, ...]
) -> None:
    both = expected_result(made[1], given_refs)
    assert result_of(made[1], given_refs) == both.external_client_app
    assert account_of(made[1], given_refs) == both.account


@given(apps(), references())
def test_the_account_of_the_deployable_variant_holds_but_for_key_and_secret(
    made: tuple[ET.Element, ConnectedApp], given_refs: tuple[Reference, ...]
) -> None:
    root, app = made
    result = side_by_side(app, "Other_App", given_refs)
    apart = {"oauthConfig/consumerKey", "oauthConfig/consumerSecret"}
    # Nothing else may be missing but the one cipher that the target does not have.
    if app.saml_config and app.saml_config.encryption_type == "Triple_Des":
        apart.add("samlConfig/encryptionType")
    kept = [entry for entry in result.account.entries if entry.source not in apart]
    left = [entry for entry in result.account.entries if entry.source in apart]
    assert all(entry.kind is Kind.LOST for entry in left)
    account = type(result.account)(entries=tuple(kept), added=result.account.added)
    source = [leaf for leaf in leaves_of(root, ConnectedApp) if leaf.path not in apart]
    made_app = Migration(external_client_app=result.external_client_app, account=account)
    check(source, made_app, given_refs)
    assert result.external_client_app.consumer_key is None


@given(apps())
def test_what_only_changeover_writes_no_file_can_set(made: tuple[ET.Element, ConnectedApp]) -> None:
    app = made[1]
    result = expected_result(app).external_client_app
    assert result.header.distribution_state == "Local"
    assert result.header.is_protected is False
    assert result.header.org_scoped_external_app is None
    for part in result.parts:
        assert part.external_client_application == app.full_name
        assert part.label == part.full_name


def test_every_element_of_a_connected_app_has_a_row_or_is_a_listed_loss() -> None:
    for path in _simple_paths(ConnectedApp, ""):
        key = locate(path).key
        assert key is not None, path
        assert key in BY_SOURCE or loss_of_leaf(Leaf(path, "")) is not None, path


def test_every_row_leads_to_elements_that_there_are() -> None:
    for row in ROWS:
        for at in row.places:
            part = at.part
            if part.__name__ == "Admins":
                continue
            assert element_at(part, at.path.replace("[]", "[1]")) is not None, row


def test_every_loss_can_be_lost() -> None:
    kinds = {"UserProvisioningConfig", "BriefcaseDefinition", "NotificationTypeConfig"}
    for loss in LOSSES:
        assert loss.consequence.endswith(".")
        path = loss.source.replace("[]", "[1]")
        value = next(iter(loss.values)) if loss.values else "CT"
        assert loss.source in kinds or loss_of_leaf(Leaf(path, value)) is not None


def _simple_paths(cls: type, prefix: str) -> Iterator[str]:
    for element in elements(cls):
        path = f"{prefix}{element.name}[1]" if element.repeats else f"{prefix}{element.name}"
        if element.group is None:
            yield path
        else:
            yield from _simple_paths(element.group, f"{path}/")


def _bare(node: ET.Element) -> ET.Element:
    for each in node.iter():
        each.tag = each.tag.removeprefix(NAMESPACE)
        each.attrib.clear()
    return node


def corpus_files(corpus: Path) -> list[Path]:
    """All connected apps of the corpus."""
    return sorted(path for path in (corpus / "connected-apps").rglob("*.connectedApp*") if path.is_file())


def read(path: Path) -> tuple[list[Leaf], ConnectedApp]:
    """Read a file with ElementTree alone; carriage returns in values become line feeds on both sides."""
    found = leaves_of(_bare(ET.parse(path).getroot()), ConnectedApp)  # noqa: S314 - test input
    return found, from_leaves(ConnectedApp, path.name.partition(".")[0], found)


def test_the_account_holds_for_every_real_app(corpus: Path) -> None:
    files = corpus_files(corpus)
    assert len(files) == 199
    kinds: dict[Kind, int] = {}
    for path in files:
        source, app = read(path)
        result = expected_result(app)
        check(source, result, ())
        for entry in result.account.entries:
            kinds[entry.kind] = kinds.get(entry.kind, 0) + 1
        assert strange_values(app) == (), path
        for document in result.external_client_app.documents:
            assert strange_values(document) == (), (path, document)
    assert set(kinds) == set(Kind)


def test_a_repeated_element_keeps_its_order() -> None:
    given_leaves = in_order(
        [
            Leaf("ipRanges[1]/start", "198.18.0.1"),
            Leaf("ipRanges[1]/end", "198.18.0.2"),
            Leaf("ipRanges[2]/start", "198.18.0.9"),
            Leaf("ipRanges[2]/end", "198.18.0.9"),
            Leaf("oauthConfig/callbackUrl", "https://a.example.com"),
        ]
    )
    app = from_leaves(ConnectedApp, "Billing", given_leaves)
    made: ExternalClientApp = expected_result(app).external_client_app
    found = [leaf for part in made.parts for leaf in leaves(part) if leaf.path.startswith("trusted")]
    assert found == [
        Leaf("trustedIpRanges[1]/endIpAddress", "198.18.0.2"),
        Leaf("trustedIpRanges[1]/startIpAddress", "198.18.0.1"),
        Leaf("trustedIpRanges[2]/endIpAddress", "198.18.0.9"),
        Leaf("trustedIpRanges[2]/startIpAddress", "198.18.0.9"),
    ]


@pytest.mark.parametrize("count", [1, 2, 3000])
def test_long_lists_are_mapped_in_time_that_grows_with_them(count: int) -> None:
    many = [Leaf(f"permissionSetName[{n}]", f"Set {n}") for n in range(1, count + 1)]
    app = from_leaves(ConnectedApp, "Billing", [*many, Leaf("oauthConfig/callbackUrl", "x")])
    result = expected_result(app)
    assert len(result.account.entries) == count + 1


@given(apps())
def test_what_is_written_to_files_is_read_back_the_same(made: tuple[ET.Element, ConnectedApp]) -> None:
    for document in expected_result(made[1]).external_client_app.documents:
        path = path_of(document)
        assert read_document(write_document(document), path).document == document


_ANY_PATH = st.lists(
    st.sampled_from(
        [
            "oauthConfig",
            "oauthConfig[2]",
            "label",
            "label[3]",
            "scopes[1]",
            "scopes[4]",
            "idTokenConfig",
            "x",
            "x[2]",
            "@a",
            "attributes[2]",
            "ipRanges[9]",
            "start",
            "canvas",
            "canvasUrl",
            "mobileAppConfig",
            "connectedApp",
        ]
    ),
    min_size=1,
    max_size=3,
).map("/".join)


@given(st.dictionaries(_ANY_PATH, st.sampled_from(["", "a", "A, B", "infinite", "CT,VF"]), max_size=12))
def test_leaves_that_no_file_could_hold_are_mapped_too(held: dict[str, str]) -> None:
    app = from_leaves(ConnectedApp, "Billing", [Leaf(path, value) for path, value in held.items()])
    account = expected_result(app).account
    assert sorted(entry.source for entry in account.entries) == sorted(leaf.path for leaf in leaves(app))
    for entry in account.entries:
        assert (entry.kind is Kind.LOST) == (not entry.targets)
