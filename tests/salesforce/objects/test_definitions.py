"""Objects of apps have the fields that Salesforce publishes on npm (`@salesforce/types`), and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from changeover.apps.scopes import EXTERNAL_CLIENT_APP_VALUES
from changeover.salesforce.objects import find
from changeover.salesforce.objects.external_client_app_settings import SCOPES, SOBJECTS
from changeover.salesforce.objects.sobject import FieldType

TYPES = Path(__file__).resolve().parents[3] / "node_modules/@salesforce/types/lib/tooling.d.ts"
DEFINITIONS = TYPES.read_text(encoding="utf-8")
KINDS = {"boolean": {FieldType.BOOLEAN}, "number": {FieldType.INT}, "Date": {FieldType.DATETIME}}
# Nothing of a local org bears on them: it has no attestation of mobile apps.
WITHOUT = {
    "ExtlClntAppAndroidAttestConfig",
    "ExtlClntAppAppleAttestConfig",
    "ExtlClntAppAttestPolicy",
    "ExtlClntAppAttestSettings",
}


def members(name: str) -> dict[str, str]:
    found = re.search(rf"^export type {name} = sObject & {{(.*?)^}};", DEFINITIONS, re.MULTILINE | re.DOTALL)
    assert found is not None, name
    return dict(re.findall(r"^    (\w+)\?: ([\w\[\]]+);", found[1], re.MULTILINE))


@pytest.mark.parametrize(
    "name",
    ["ConnectedApplication", "ExternalClientApplication", *(one.name for one in SOBJECTS)],
)
def test_the_fields_are_those_of_the_definitions(name: str) -> None:
    theirs = members(name)
    sobject = find(name, None)
    assert sobject is not None
    ours = {one.name: one for one in sobject.fields}
    plain = {field: kind for field, kind in theirs.items() if kind in {"ID", "string", *KINDS}}
    assert set(ours) == {"Id", *plain}
    for field, kind in plain.items():
        if kind in KINDS:
            assert ours[field].type in KINDS[kind], field
        else:
            assert ours[field].type not in set().union(*KINDS.values()), field
    for reference in (one for one in ours.values() if one.relationship):
        assert theirs[reference.relationship] == reference.refers_to


def test_no_object_of_external_client_apps_is_missing() -> None:
    theirs = set(re.findall(r"^export type (ExtlClntApp\w+) = sObject", DEFINITIONS, re.MULTILINE))
    assert theirs - WITHOUT == {one.name for one in SOBJECTS}
    assert len({one.prefix for one in SOBJECTS}) == len(SOBJECTS)


def test_every_token_of_a_scope_has_its_boolean() -> None:
    assert set(SCOPES) >= EXTERNAL_CLIENT_APP_VALUES
