"""A document and its leaves say the same, whatever stood in the file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changeover.apps import building
from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp, IpRange, OauthConfig
from changeover.apps.document import (
    Document,
    Element,
    Leaf,
    element_at,
    elements,
    in_order,
    leaves,
    segments,
    strange_values,
)
from changeover.apps.types import TYPES, component


def test_a_path_is_an_xpath_counted_from_one() -> None:
    assert segments("oauthConfig/scopes[2]") == (("oauthConfig", 1), ("scopes", 2))
    assert segments("enableExternalClientApps/@xsi:nil") == (
        ("enableExternalClientApps", 1),
        ("@xsi:nil", 1),
    )


@pytest.mark.parametrize("path", ["", "a//b", "a[0]", "a[x]", "a[", "a/b[1]c"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not a leaf path"):
        segments(path)


def test_known_leaves_come_back_typed_and_in_salesforce_order() -> None:
    app = from_leaves(
        ConnectedApp,
        "Billing",
        [
            Leaf("oauthConfig/scopes[1]", "Api"),
            Leaf("oauthConfig/scopes[2]", "RefreshToken"),
            Leaf("oauthConfig/isPkceRequired", "false"),
            Leaf("label", "Billing"),
            Leaf("ipRanges[1]/start", "198.18.0.1"),
            Leaf("ipRanges[1]/end", "198.18.0.9"),
        ],
    )
    assert app.label == "Billing"
    assert app.oauth_config == OauthConfig(scopes=("Api", "RefreshToken"), is_pkce_required=False)
    assert app.ip_ranges == (IpRange(start="198.18.0.1", end="198.18.0.9"),)
    assert app.unknown == ()
    assert [leaf.path for leaf in leaves(app)] == [
        "ipRanges[1]/end",
        "ipRanges[1]/start",
        "label",
        "oauthConfig/isPkceRequired",
        "oauthConfig/scopes[1]",
        "oauthConfig/scopes[2]",
    ]


@pytest.mark.parametrize(
    "stranger",
    [
        Leaf("oauthConfig/isPkceRequired", "yes"),
        Leaf("oauthConfig/isPkceRequired", ""),
        Leaf("sessionPolicy/sessionTimeout", "007"),
        Leaf("sessionPolicy/sessionTimeout", "\u0661"),
        Leaf("oauthConfig", ""),
        Leaf("notYetInvented", "x"),
        Leaf("label[2]", "twice"),
        Leaf("label/inner", "nested"),
        Leaf("oauthConfig/scopes[1]/inner", "nested"),
        Leaf("oauthConfig/idTokenConfig/brandNew", "1"),
    ],
)
def test_a_leaf_that_the_class_cannot_hold_is_kept_in_its_place(stranger: Leaf) -> None:
    app = from_leaves(ConnectedApp, "Billing", [Leaf("label", "Billing"), stranger])
    assert app.label == "Billing"
    assert app.unknown == (stranger,)
    assert set(leaves(app)) == {Leaf("label", "Billing"), stranger}
    assert strange_values(app) == (stranger,)


def test_a_repeated_element_with_a_gap_stays_whole_as_it_stood() -> None:
    given_leaves = (Leaf("ipRanges[1]", ""), Leaf("ipRanges[2]/start", "198.18.0.1"))
    app = from_leaves(ConnectedApp, "Billing", given_leaves)
    assert app.ip_ranges == ()
    assert leaves(app) == given_leaves


@pytest.mark.parametrize(
    "given_leaves",
    [
        [Leaf("label[1]", "Billing")],
        [Leaf("oauthConfig[1]/scopes", "Api")],
        [Leaf("ipRanges/start", "198.18.0.1")],
        [Leaf("label", "Billing"), Leaf("label", "Invoices")],
        [Leaf("startUrl", "x"), Leaf("label", "Billing")],
    ],
)
def test_leaves_are_spelled_and_sorted_as_documents_do(given_leaves: list[Leaf]) -> None:
    app = from_leaves(ConnectedApp, "Billing", given_leaves)
    assert app.unknown == ()
    assert leaves(app) == leaves(replace(app))


def test_a_value_outside_its_list_is_held_and_reported() -> None:
    app = from_leaves(ConnectedApp, "Billing", [Leaf("oauthConfig/scopes[1]", "Tomorrow")])
    assert app.oauth_config is not None
    assert app.oauth_config.scopes == ("Tomorrow",)
    assert strange_values(app) == (Leaf("oauthConfig/scopes[1]", "Tomorrow"),)


def test_every_type_names_its_components_by_suffix() -> None:
    names = [component(entry.document(full_name="App" + (entry.part_suffix or ""))) for entry in TYPES]
    assert "App.connectedApp" in names
    assert "App_glbloauth.ecaGlblOauth" in names
    assert len(set(names)) == len(TYPES)


def test_an_element_is_found_by_its_path() -> None:
    found = element_at(ConnectedApp, "oauthConfig/idTokenConfig/idTokenValidity")
    assert found is not None
    assert found.kind == "integer"
    assert element_at(ConnectedApp, "oauthConfig/nothing") is None
    assert element_at(ConnectedApp, "label/inner") is None


def _paths(cls: type, prefix: str = "") -> st.SearchStrategy[Leaf]:
    return st.one_of([_leaf_of(element, prefix) for element in elements(cls)])


def _leaf_of(element: Element, prefix: str) -> st.SearchStrategy[Leaf]:
    index = st.integers(1, 4).map(lambda n: f"[{n}]") if element.repeats else st.just("")
    if element.group is not None:
        group = element.group
        return index.flatmap(lambda i: _paths(group, f"{prefix}{element.name}{i}/"))
    value = st.one_of(st.text(max_size=8), st.sampled_from(["true", "false", "0", "15", "-3", "Api"]))
    return st.builds(lambda i, v: Leaf(f"{prefix}{element.name}{i}", v), index, value)


_STRANGE = st.builds(
    Leaf,
    st.sampled_from(
        ["x", "oauthConfig/x", "oauthConfig/x/y[2]", "label[2]", "ipRanges[3]/x", "oauthConfig", "label/@a"]
    ),
    st.text(max_size=8),
)


@pytest.mark.parametrize("cls", [entry.document for entry in TYPES], ids=lambda cls: cls.__name__)
def test_no_leaf_is_lost_or_changed(cls: type[Document]) -> None:
    @given(st.lists(st.one_of(_paths(cls), _STRANGE), max_size=25, unique_by=lambda leaf: leaf.path))
    def holds(given_leaves: list[Leaf]) -> None:
        document = from_leaves(cls, "App", given_leaves)
        # A document that was not made of leaves has only its fields to tell.
        assert leaves(document) == in_order(given_leaves) == leaves(replace(document))
        assert from_leaves(cls, "App", leaves(document)) == document
        # At last it is planned, and then filled in.
        for _ in range(building.OFTEN + 1):
            again = from_leaves(cls, "App", given_leaves)
            assert again == document
            assert leaves(again) == leaves(document)
            assert replace(again) == document

    holds()


def test_what_is_planned_holds_for_other_values_and_is_given_up_where_they_do_not_fit() -> None:
    paths = ("oauthConfig/scopes[2]", "label", "oauthConfig/scopes[1]", "oauthConfig/isAdminApproved")

    def made(*values: str) -> ConnectedApp:
        return from_leaves(ConnectedApp, "App", map(Leaf, paths, values))

    for label in map(str, range(building.OFTEN + 2)):
        app = made("Web", label, "Api", "false")
        assert app.label == label
        assert app.oauth_config is not None
        assert (app.oauth_config.scopes, app.oauth_config.is_admin_approved) == (("Api", "Web"), False)
        assert leaves(app) == leaves(replace(app))
    odd = made("Web", "Four", "Api", "no")
    assert odd.unknown == (Leaf("oauthConfig/isAdminApproved", "no"),)
    assert len(leaves(odd)) == len(paths)


@pytest.mark.parametrize(
    "strange",
    [
        [Leaf("label", "one"), Leaf("label", "two")],
        [Leaf("ipRanges[2]/start", "198.18.0.1")],
        [Leaf("x", "unknown"), Leaf("label", "known")],
        [Leaf("label[1]", "spelled in another way")],
        [Leaf(f"ipRanges[{number}]/start", "198.18.0.1") for number in range(1, 100)],
        [Leaf(f"x{number}" * 100, "long") for number in range(1, 3)],
    ],
    ids=["twice", "gap", "unknown", "spelled", "many", "long"],
)
def test_what_cannot_be_planned_is_sorted_out_each_time(strange: list[Leaf]) -> None:
    first, *others = (from_leaves(ConnectedApp, "App", strange) for _ in range(building.OFTEN + 2))
    assert all(one == first and leaves(one) == leaves(first) for one in others)


def test_plans_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "_PLANS_KEPT", 2)
    monkeypatch.setattr(building, "_SEEN_KEPT", 2)
    for _ in range(3):
        for number in range(1, 20):
            for _ in range(building.OFTEN):
                from_leaves(ConnectedApp, "App", [Leaf(f"x[{number}]", "")])
    assert len(building._plans) <= 2
    assert len(building._seen) <= 2
