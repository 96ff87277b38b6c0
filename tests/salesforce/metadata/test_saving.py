"""createMetadata, updateMetadata, upsertMetadata, deleteMetadata: each record by itself, or all or none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attack.conftest import stored
from tests.salesforce.metadata.test_deployment import allow_creation, external, label_of
from tests.salesforce.metadata.test_reading import migrated
from tests.salesforce.soap.client import Fault, Soap, many

ALL_OR_NONE = "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>"


def record(name: str, label: str, more: str = "") -> str:
    return (
        f'<metadata xsi:type="ConnectedApp"><fullName>{name}</fullName><label>{label}</label>{more}'
        "<contactEmail>owner@acme.example</contactEmail></metadata>"
    )


def saved(soap: Soap, operation: str, *records: str, headers: str = "") -> list[Any]:
    return many(soap.call(f"<{operation}>{''.join(records)}</{operation}>", headers=headers))


def codes(results: list[Any]) -> list[str]:
    return [one["errors"]["statusCode"] if one["success"] == "false" else "" for one in results]


def test_create_update_upsert_delete(soap: Soap) -> None:
    office = soap.office
    assert codes(saved(soap, "createMetadata", record("Plain", "Plain"))) == ["INSUFFICIENT_ACCESS"]
    assert label_of(office, "Plain") is None
    allow_creation(office)
    assert codes(saved(soap, "updateMetadata", record("Plain", "Two"))) == ["INVALID_CROSS_REFERENCE_KEY"]
    assert codes(saved(soap, "createMetadata", record("Plain", "Plain"))) == [""]
    assert codes(saved(soap, "createMetadata", record("Plain", "Plain"))) == ["DUPLICATE_DEVELOPER_NAME"]
    assert codes(saved(soap, "updateMetadata", record("Plain", "Two"))) == [""]
    both = saved(soap, "upsertMetadata", record("Plain", "Three"), record("Other", "Other"))
    assert [(one["created"], one["success"]) for one in both] == [("false", "true"), ("true", "true")]
    assert (label_of(office, "Plain"), label_of(office, "Other")) == ("Three", "Other")
    gone = "<type>ConnectedApp</type><fullNames>Plain</fullNames><fullNames>Nobody</fullNames>"
    assert codes(saved(soap, "deleteMetadata", gone)) == ["", "INVALID_CROSS_REFERENCE_KEY"]
    assert label_of(office, "Plain") is None


def test_one_refusal_stops_no_other_unless_the_header_says_so(soap: Soap) -> None:
    office = soap.office
    allow_creation(office)
    bad = record("Bad", "Bad", "<startPage>x</startPage>")
    before = stored(office)
    results = saved(soap, "createMetadata", record("Good", "Good"), bad, headers=ALL_OR_NONE)
    assert codes(results) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "FIELD_INTEGRITY_EXCEPTION"]
    assert stored(office) == before
    results = saved(soap, "createMetadata", record("Good", "Good"), bad)
    assert codes(results) == ["", "FIELD_INTEGRITY_EXCEPTION"]
    assert results[1]["errors"]["fields"] == "startPage"
    assert (label_of(office, "Good"), label_of(office, "Bad")) == ("Good", None)


def test_a_migrated_app_is_locked_and_its_external_client_app_deleted_is_the_revert(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing")
    migrated(office)
    assert codes(saved(soap, "updateMetadata", record("Billing", "x"))) == ["ENTITY_IS_LOCKED"]
    gone = "<type>{}</type><fullNames>Billing</fullNames>"
    assert codes(saved(soap, "deleteMetadata", gone.format("ConnectedApp"))) == ["DELETE_FAILED"]
    assert codes(saved(soap, "deleteMetadata", gone.format("ExternalClientApplication"))) == [""]
    assert external(office, "Billing") is None


def test_what_cannot_be_saved(soap: Soap) -> None:
    soap.office.connected_app("Billing")
    newer = record("Billing", "x", "<oauthConfig><isDPopEnabled>true</isDPopEnabled></oauthConfig>")
    (result,) = saved(soap, "updateMetadata", newer)
    assert result["errors"]["message"] == "Property 'oauthConfig/isDPopEnabled' not valid in version 63.0"
    assert codes(saved(soap, "updateMetadata", record("", "x"))) == ["REQUIRED_FIELD_MISSING"]
    with pytest.raises(Fault, match="LIMIT_EXCEEDED"):
        saved(soap, "updateMetadata", *(record(f"A{nth}", "x") for nth in range(11)))
    with pytest.raises(Fault, match="INVALID_TYPE"):
        saved(soap, "createMetadata", record("A", "x").replace("ConnectedApp", "ApexClass"))
