"""Every field of an app has its label, and a form that nobody touched changes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.datastructures import FormMultiDict

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp, IpRange, OauthConfig, OauthPolicy
from changeover.apps.document import Document, Leaf, elements, leaves
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExternalClientApplication,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
    ExtlClntAppPushSettings,
    Part,
)
from changeover.apps.types import TYPES
from changeover.org.editing import changed
from changeover.web.fields import connected_app, external_client_app
from changeover.web.fields.form import (
    SHOWN,
    Field,
    Fields,
    Offers,
    as_posted,
    changes,
    of_connected_app,
    of_external_client_app,
    sections,
)
from changeover.web.fields.labels import Label, Section
from changeover.web.fields.values import VALUE_LABELS
from changeover.web.forms import Form

ALL_CONNECTED = (*connected_app.SETTINGS, *connected_app.POLICIES)
ALL_EXTERNAL = (*external_client_app.SETTINGS, *external_client_app.POLICIES)


def paths(cls: type[Any], prefix: str = "") -> Iterator[str]:
    """Yield the path of everything that a form may edit: leaves, lists, and groups that repeat."""
    for element in elements(cls):
        path = f"{prefix}{element.name}"
        if element.kind == "one":
            assert element.group is not None
            yield from paths(element.group, f"{path}/")
        else:
            yield path


def labelled(tables: tuple[Section, ...]) -> list[Label]:
    return [label for section in tables for label in section.labels]


def browser(shown: tuple[Fields, ...]) -> list[tuple[str, str]]:
    """Return what a browser sends of a form that nobody touched."""
    sent: list[tuple[str, str]] = []
    for item in (item for section in shown for item in section.fields):
        sent.append((f"{item.path}{SHOWN}", "true"))
        sent.extend(_sent(item))
    return sent


def _sent(item: Field) -> Iterator[tuple[str, str]]:
    match item.control:
        case "check":
            if item.checked:
                yield item.path, "true"
        case "choices":
            offered = [value for value, _label in item.options]
            yield from ((item.path, value) for value in offered if value in item.chosen)
        case "rows":
            for number, row in enumerate((*item.rows, {}), 1):
                for column in item.columns:
                    yield f"{item.path}[{number}]/{column.name}", row.get(column.name, "")
        case "refresh":
            policy, number_of_units, unit = item.refresh
            yield item.path, policy
            yield f"{item.path}.number", number_of_units
            yield f"{item.path}.unit", unit
        case "select":
            offered = [value for value, _label in item.options]
            yield item.path, item.value if item.value in offered else offered[0]
        case "area":
            # A browser ends the lines of a textarea with CR LF, whatever it got.
            yield item.path, "\r\n".join(item.value.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        case _:
            # A browser takes line breaks out of a one-line field.
            yield item.path, item.value.replace("\r", "").replace("\n", "")


def form(sent: list[tuple[str, str]]) -> Form:
    return Form(FormMultiDict(sent))


def test_every_field_of_a_connected_app_has_its_label() -> None:
    names = [label.path for label in labelled(ALL_CONNECTED)]
    assert len(names) == len(set(names))
    assert set(names) | connected_app.ELSEWHERE == set(paths(ConnectedApp))


def test_every_field_of_an_external_client_app_has_its_label() -> None:
    names = [label.path for label in labelled(ALL_EXTERNAL)]
    assert len(names) == len(set(names))
    parts = [entry for entry in TYPES if entry.document is not ConnectedApp]
    known = {
        f"{entry.suffix}/{path}"
        for entry in parts
        for path in paths(entry.document)
        if entry.suffix == "eca" or path not in external_client_app.OF_EVERY_PART
    }
    # Push settings hold credentials: they have a page of their own on the connected app, none here.
    push = {path for path in known if path.startswith("ecaPush/")}
    assert set(names) | external_client_app.ELSEWHERE | push == known


@pytest.mark.parametrize("path", sorted(VALUE_LABELS))
def test_value_labels_belong_to_fields_and_to_values_that_they_may_have(path: str) -> None:
    label = next(label for label in labelled((*ALL_CONNECTED, *ALL_EXTERNAL)) if label.path == path)
    document: Document = ConnectedApp(full_name="A")
    suffix, inner = "", path
    if path.partition("/")[0] in {entry.suffix for entry in TYPES}:
        suffix, _, inner = path.partition("/")
        document = next(e.document for e in TYPES if e.suffix == suffix)(full_name="A")
    del inner
    ((item,),) = [section.fields for section in sections([Section("T", (label,))], {suffix: document})]
    element_values = {value for value, _text in item.options} - {""}
    assert set(VALUE_LABELS[path]) - {"Enforce_RelaxRefresh"} <= element_values


app_leaves = st.lists(
    st.sampled_from(
        [
            Leaf(path, value)
            for path, values in {
                "label": ["Billing", "", " x "],
                "description": ["one\ntwo", "one\r\ntwo", "\nfirst line empty", "tab\there"],
                "contactEmail": ["a@acme.example"],
                "oauthConfig/callbackUrl": ["https://a.example\r\nhttps://b.example", "https://a.example"],
                "oauthConfig/isPkceRequired": ["true", "false", "yes"],
                "oauthConfig/isConsumerSecretOptional": ["true", "false"],
                "oauthConfig/isSecretRequiredForRefreshToken": ["true", "false"],
                "oauthConfig/scopes[1]": ["Api", "Unheard"],
                "oauthConfig/scopes[2]": ["RefreshToken"],
                "oauthConfig/idTokenConfig/idTokenValidity": ["2", "007"],
                "oauthPolicy/ipRelaxation": ["ENFORCE", "ODD"],
                "oauthPolicy/refreshTokenPolicy": ["infinite", "zero", "specific_lifetime:5:DAYS", "odd:1"],
                "ipRanges[1]/start": ["198.51.100.1"],
                "ipRanges[1]/end": ["198.51.100.9"],
                "ipRanges[2]/start": ["198.51.100.20"],
                "permissionSetName[1]": ["Unknown_Set", ""],
                "samlConfig/encryptionType": ["Triple_Des"],
                "somethingNew": ["x"],
            }.items()
            for value in values
        ]
    ),
    unique_by=lambda leaf: leaf.path,
)


@given(app_leaves)
def test_a_form_that_nobody_touched_changes_nothing(given_leaves: list[Leaf]) -> None:
    document = from_leaves(ConnectedApp, "Billing", given_leaves)
    shown = sections(ALL_CONNECTED, of_connected_app(document), Offers(permission_sets=["Sales"]))
    assert changes(shown, form(browser(shown))) == {}


def billing() -> ConnectedApp:
    return ConnectedApp(
        full_name="Billing",
        label="Billing",
        contact_email="a@acme.example",
        oauth_config=OauthConfig(
            callback_url="https://a.example\r\nhttps://b.example",
            scopes=("RefreshToken", "Api"),
            is_consumer_secret_optional=False,
        ),
        oauth_policy=OauthPolicy(ip_relaxation="ENFORCE", refresh_token_policy="infinite"),
        ip_ranges=(IpRange(start="198.51.100.1", end="198.51.100.9", description="A"),),
        unknown=(Leaf("somethingNew", "x"),),
    )


def edited(replaced: dict[str, list[str]]) -> dict[str, Any]:
    """Return the changes that follow from a form in which some fields were given other values."""
    shown = sections(ALL_CONNECTED, of_connected_app(billing()), Offers(permission_sets=["Sales"]))
    sent = [pair for pair in browser(shown) if pair[0] not in replaced]
    sent += [(name, value) for name, values in replaced.items() for value in values]
    return changes(shown, form(sent))


@pytest.mark.parametrize(
    ("replaced", "expected"),
    [
        ({"label": ["Billing 2"]}, {"label": "Billing 2"}),
        ({"startUrl": ["https://s.example"]}, {"startUrl": "https://s.example"}),
        ({"oauthConfig/isPkceRequired": ["true"]}, {"oauthConfig/isPkceRequired": True}),
        # Shown the other way round: unchecking "Require Secret" makes the secret optional.
        ({"oauthConfig/isConsumerSecretOptional": []}, {"oauthConfig/isConsumerSecretOptional": True}),
        # On by default though the element is missing: unchecking writes it out.
        (
            {"oauthConfig/isSecretRequiredForRefreshToken": []},
            {"oauthConfig/isSecretRequiredForRefreshToken": False},
        ),
        (
            {"oauthConfig/scopes": ["Web", "Api", "RefreshToken"]},
            {"oauthConfig/scopes": ["RefreshToken", "Api", "Web"]},
        ),
        ({"oauthConfig/scopes": ["Api"]}, {"oauthConfig/scopes": ["Api"]}),
        ({"permissionSetName": ["Sales"]}, {"permissionSetName": ["Sales"]}),
        (
            {
                "oauthPolicy/refreshTokenPolicy": ["specific_inactivity"],
                "oauthPolicy/refreshTokenPolicy.number": [" 30 "],
                "oauthPolicy/refreshTokenPolicy.unit": ["DAYS"],
            },
            {"oauthPolicy/refreshTokenPolicy": "specific_inactivity:30:DAYS"},
        ),
        (
            {"ipRanges[2]/start": ["198.51.100.20"], "ipRanges[2]/end": ["198.51.100.21"]},
            {
                "ipRanges": (
                    {"start": "198.51.100.1", "end": "198.51.100.9", "description": "A"},
                    {"start": "198.51.100.20", "end": "198.51.100.21"},
                )
            },
        ),
        (
            {"ipRanges[1]/start": [""], "ipRanges[1]/end": [""], "ipRanges[1]/description": [""]},
            {"ipRanges": ()},
        ),
        (
            {"oauthConfig/callbackUrl": ["https://a.example\r\nhttps://c.example"]},
            {"oauthConfig/callbackUrl": "https://a.example\nhttps://c.example"},
        ),
    ],
)
def test_what_somebody_changed_is_all_that_changes(
    replaced: dict[str, list[str]], expected: dict[str, Any]
) -> None:
    made = edited(replaced)
    assert made == expected
    after = changed(billing(), made)
    untouched = {path.partition("[")[0] for path in expected}
    before = [leaf for leaf in leaves(billing()) if leaf.path.partition("[")[0] not in untouched]
    assert [leaf for leaf in leaves(after) if leaf.path.partition("[")[0] not in untouched] == before


def test_a_field_that_was_not_in_the_form_is_not_touched() -> None:
    shown = sections(ALL_CONNECTED, of_connected_app(billing()))
    assert changes(shown, form([("label.shown", "true"), ("label", "New")])) == {"label": "New"}


def test_a_form_that_was_refused_shows_what_was_entered() -> None:
    shown = sections(ALL_CONNECTED, of_connected_app(billing()))
    sent = [pair for pair in browser(shown) if pair[0] not in {"label", "oauthConfig/scopes"}]
    sent += [("label", "Typed"), ("oauthConfig/scopes", "Web"), ("oauthConfig/isPkceRequired", "true")]
    again = {item.path: item for section in as_posted(shown, form(sent)) for item in section.fields}
    assert again["label"].value == "Typed"
    assert again["oauthConfig/scopes"].chosen == ("Web",)
    assert again["oauthConfig/isPkceRequired"].checked
    assert again["ipRanges"].rows == ({"start": "198.51.100.1", "end": "198.51.100.9", "description": "A"},)


def external() -> ExternalClientApp:
    own: dict[str, Any] = {"external_client_application": "Billing"}
    parts: tuple[Part, ...] = (
        ExtlClntAppGlobalOauthSettings(
            full_name="Billing_glbloauth", callback_url="https://a.example", is_pkce_required=False, **own
        ),
        ExtlClntAppOauthSettings(
            full_name="Billing_oauth", comma_separated_oauth_scopes="Api,RefreshToken", **own
        ),
        ExtlClntAppOauthConfigurablePolicies(
            full_name="Billing_oauthPlcy",
            ip_relaxation_policy_type="Enforce_RelaxRefresh",
            permitted_users_policy_type="AllSelfAuthorized",
            comma_separated_permission_set="Old_Set",
            **own,
        ),
        ExtlClntAppPushSettings(full_name="Billing_push", push_service_type="Apple", **own),
    )
    return ExternalClientApp(
        header=ExternalClientApplication(full_name="Billing", label="Billing", distribution_state="Local"),
        parts=parts,
    )


def test_an_external_client_app_nobody_touched_stays_as_it_is() -> None:
    shown = sections(ALL_EXTERNAL, of_external_client_app(external()))
    assert changes(shown, form(browser(shown))) == {}


def test_a_part_that_the_app_does_not_have_has_no_fields() -> None:
    shown = sections(ALL_EXTERNAL, of_external_client_app(external()))
    suffixes = {item.path.partition("/")[0] for section in shown for item in section.fields}
    assert suffixes == {"eca", "ecaGlblOauth", "ecaOauth", "ecaOauthPlcy"}


def test_names_in_one_text_keep_their_order_and_their_commas() -> None:
    shown = sections(ALL_EXTERNAL, of_external_client_app(external()), Offers(permission_sets=["New_Set"]))
    sent = [pair for pair in browser(shown) if not pair[0].endswith("commaSeparatedPermissionSet")]
    sent += [("ecaOauthPlcy/commaSeparatedPermissionSet", name) for name in ("New_Set", "Old_Set")]
    assert changes(shown, form(sent)) == {"ecaOauthPlcy/commaSeparatedPermissionSet": "Old_Set, New_Set"}


def test_what_is_set_is_told_in_setups_words() -> None:
    shown = {
        item.path: item.texts
        for section in sections(ALL_CONNECTED, of_connected_app(billing()))
        for item in section.fields
    }
    assert shown["oauthPolicy/refreshTokenPolicy"] == ("Refresh token is valid until revoked",)
    assert shown["oauthConfig/scopes"][:2] == (
        "Perform requests at any time (refresh_token, offline_access)",
        "Manage user data via APIs (api)",
    )
    timed = dataclasses.replace(
        billing(), oauth_policy=OauthPolicy(refresh_token_policy="specific_lifetime:365:DAYS")
    )
    (policy,) = [
        item.texts
        for section in sections(ALL_CONNECTED, of_connected_app(timed))
        for item in section.fields
        if item.path == "oauthPolicy/refreshTokenPolicy"
    ]
    assert policy == ("Expire refresh token after 365 days",)
