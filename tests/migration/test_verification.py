"""What a connected app became, and what may be told of it to others."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf, leaves
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
    Part,
)
from changeover.migration import decisions
from changeover.migration.mapping import expected_result
from changeover.migration.verification import Status, form, observed, upheld, verify
from tests.migration.make import SAML, app
from tests.migration.strategies import apps

RICH = {
    "label": "Very Private Ltd",
    "startUrl": "https://private.example.com/home",
    "oauthConfig/isPkceRequired": "false",
    "oauthConfig/consumerKey": "3MVG9.private_key",
    "oauthConfig/consumerSecret": "s3cr3t-of-private",
    "oauthPolicy/refreshTokenPolicy": "infinite",
    "permissionSetName[1]": "Private_People",
    **{path: value for path, value in SAML.items() if path.startswith("saml")},
}


def made() -> tuple[ConnectedApp, ExternalClientApp]:
    source = app(more=RICH)
    return source, expected_result(source).external_client_app


def edited(found: ExternalClientApp, kind: type[Part], **values: str) -> ExternalClientApp:
    """Set leaves of one part."""
    parts = []
    for part in found.parts:
        if isinstance(part, kind):
            kept = [leaf for leaf in leaves(part) if leaf.path not in values]
            new = [Leaf(path, value) for path, value in values.items()]
            parts.append(from_leaves(kind, part.full_name, [*kept, *new]))
        else:
            parts.append(part)
    return replace(found, parts=tuple(parts))


@given(apps())
def test_what_the_button_should_make_is_verified(made: tuple[object, ConnectedApp]) -> None:
    verified = verify(made[1], expected_result(made[1]).external_client_app)
    assert verified.status is Status.VERIFIED
    assert verified.ticked


def test_nothing_there_is_not_migrated() -> None:
    source, _ = made()
    verified = verify(source, None)
    assert verified.status is Status.NOT_MIGRATED
    assert not verified.ticked
    assert verified.comparison.lines == ()
    assert observed(verified) is None
    assert upheld(verified) == set()


def test_a_field_changed_behind_its_back_is_drift() -> None:
    source, found = made()
    verified = verify(
        source, edited(found, ExtlClntAppOauthConfigurablePolicies, ipRelaxationPolicyType="Bypass")
    )
    assert verified.status is Status.DRIFT
    assert [line.path for line in verified.comparison.drift] == ["ipRelaxationPolicyType"]


def test_a_part_that_was_not_retrieved_is_no_drift() -> None:
    source, found = made()
    parts = tuple(part for part in found.parts if not isinstance(part, ExtlClntAppGlobalOauthSettings))
    assert verify(source, replace(found, parts=parts)).status is Status.VERIFIED


def test_what_salesforce_decides_otherwise_is_no_drift_and_is_told_by_its_id() -> None:
    source, found = made()
    verified = verify(source, edited(found, ExtlClntAppGlobalOauthSettings, consumerKey="3MVG9.another"))
    assert verified.status is Status.VERIFIED
    shown = observed(verified)
    assert shown is not None
    assert shown["decisions"]["overthrown"] == [decisions.KEY_HANDED_OVER.id]
    assert decisions.KEY_HANDED_OVER.id not in shown["decisions"]["upheld"]


def test_a_pair_that_is_as_expected_upholds_what_it_shows() -> None:
    source, found = made()
    confirmed = upheld(verify(source, found))
    assert {
        decisions.KEY_HANDED_OVER.id,
        decisions.PKCE_AS_IT_WAS.id,
        decisions.SAME_API_NAME.id,
        decisions.PART_NAMES.id,
    } <= confirmed
    renamed = replace(found, parts=tuple(replace(part, full_name="X") for part in found.parts))
    assert decisions.PART_NAMES.id not in upheld(verify(source, renamed))
    other = edited(found, ExtlClntAppGlobalOauthSettings, isPkceRequired="true")
    assert decisions.PKCE_AS_IT_WAS.id not in upheld(verify(source, other))


def test_an_observation_names_nobody() -> None:
    source, found = made()
    for kind in (ExtlClntAppOauthSettings, ExtlClntAppOauthConfigurablePolicies):
        found = edited(
            found, kind, label="Very Private Ltd too", commaSeparatedPermissionSet="Private_Others"
        )
    found = edited(found, ExtlClntAppGlobalOauthSettings, callbackUrl="https://private.example.org/\n/b")
    told = json.dumps(observed(verify(source, found)))
    assert "differs" in told
    assert "rivate" not in told
    assert "example" not in told
    assert "s3cr3t" not in told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, None),
        ("true", "true"),
        ("365", "365"),
        ("", "(empty)"),
        (" \n", "(empty)"),
        ("4915112345678", "(text)"),
        ("٣", "(text)"),
        ("Infinite", "(text)"),
        ("https://a\nhttps://b", "(several lines)"),
    ],
)
def test_of_a_value_only_its_form_is_told(value: str | None, told: str | None) -> None:
    assert form(value) == told
