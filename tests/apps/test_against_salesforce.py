"""The registry and the fields of every type agree with what Salesforce publishes on npm."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from changeover.apps.document import Element, elements
from changeover.apps.types import TYPES, MetadataType

PACKAGES = Path(__file__).resolve().parents[2] / "node_modules" / "@salesforce"

# What we hold beyond the type definitions 1.9.0, and why.
BEYOND = {
    # In the definitions up to 1.7.0; files in the wild may still hold it.
    ("ConnectedApp", "pluginExecutionUser"),
    # Deprecated, so gone from the definitions; retrieved files still hold it.
    ("ExtlClntAppOauthConfigurablePolicies", "isNamedUserJwtEnabled"),
    # Deprecated in the Metadata API guide, gone from the definitions.
    ("ExtlClntAppSamlConfigurablePolicies", "startUrl"),
}
# The definitions type these as plain strings; the Metadata API guide lists their values.
VALUES_FROM_THE_GUIDE = {
    "ipRelaxation",
    "ipRelaxationPolicyType",
    "policyAction",
    "sessionLevel",
    "refreshTokenValidityUnit",
}


@cache
def _definitions() -> dict[str, str]:
    text = (PACKAGES / "types" / "lib" / "metadata.d.ts").read_text(encoding="utf-8")
    return dict(
        re.findall(r"^(?:export )?type (\w+) = (.*?);\n(?=export |type |\Z)", text, re.MULTILINE | re.DOTALL)
    )


def _members(name: str) -> dict[str, tuple[str, bool]]:
    """Member name -> (TypeScript type, required), arrays never required."""
    body = _definitions()[name]
    found = re.findall(r"^\s+(\w+)(\??): ([\w\[\]]+);", body, re.MULTILINE)
    return {member: (kind, not optional and not kind.endswith("[]")) for member, optional, kind in found}


def _choices(name: str) -> frozenset[str] | None:
    body = _definitions().get(name, "")
    return frozenset(re.findall(r"'([^']+)'", body)) if "'" in body and "{" not in body else None


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry.name)
def test_every_field_is_there_with_its_kind_and_its_values(entry: MetadataType) -> None:
    _same(entry.name, entry.document, entry.name)


def _same(type_name: str, cls: type[Any], definition: str) -> None:
    theirs = _members(definition)
    ours = {element.name: element for element in elements(cls)}
    beyond = {name for name in ours if (type_name, name) in BEYOND}
    assert set(ours) - beyond == set(theirs), definition
    for name, (kind, required) in theirs.items():
        element = ours[name]
        assert element.kind == _kind(kind), f"{definition}.{name}"
        assert element.required == required, f"{definition}.{name}"
        base = kind.removesuffix("[]")
        if element.group is not None:
            _same(type_name, element.group, base)
        else:
            _same_values(element, _choices(base), definition)


def _same_values(element: Element, choices: frozenset[str] | None, definition: str) -> None:
    if choices is None:
        assert element.values is None or element.name in VALUES_FROM_THE_GUIDE, (definition, element.name)
    else:
        assert element.values == choices, (definition, element.name)


def _kind(kind: str) -> str:
    base = kind.removesuffix("[]")
    if "{" in _definitions().get(base, ""):
        return "each" if kind.endswith("[]") else "one"
    if kind.endswith("[]"):
        return "many"
    return {"boolean": "boolean", "number": "integer"}.get(base, "text")


def test_folders_and_suffixes_are_those_of_the_registry() -> None:
    path = PACKAGES / "source-deploy-retrieve" / "lib" / "src" / "registry" / "metadataRegistry.json"
    registry = json.loads(path.read_text(encoding="utf-8"))["types"]
    for entry in TYPES:
        theirs = registry[entry.name.lower()]
        assert (entry.name, entry.folder, entry.suffix) == (
            theirs["name"],
            theirs["directoryName"],
            theirs["suffix"],
        )
