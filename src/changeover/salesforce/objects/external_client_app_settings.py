"""The read-only objects behind an external client app's OAuth settings and policies.

Source: salesforce-reference 8.3, which names the objects and some fields. Fields are those of the metadata
type with a capital first letter, which agrees with the fields that are known (`PermittedUsersPolicyType`,
`RefreshTokenPolicyType`, `ClientCredentialsFlowUser`); what else Salesforce has there, and the prefixes of
the ids, nobody has published: ours. There is no object of the global OAuth settings: key and secret stand
nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from typing import Any, NamedTuple

from changeover.apps.external_client_app import (
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
    Part,
)
from changeover.org.permissions import EXTERNAL_CLIENT_APP_VIEW
from changeover.org.record_ids import named
from changeover.salesforce.objects.app_rows import external_client_apps
from changeover.salesforce.objects.sobject import (
    Field,
    FieldType,
    Narrow,
    SObject,
    View,
    computed,
    reference,
)

_TYPES = {"str | None": FieldType.STRING, "bool | None": FieldType.BOOLEAN, "int | None": FieldType.INT}
_OWN = frozenset({"external_client_application", "label", "full_name", "unknown"})


class PartRow(NamedTuple):
    """A row."""

    record_id: str
    app_id: str
    part: Part


def _rows(of: type[Part], prefix: str, view: View, narrow: Narrow) -> Iterator[PartRow]:
    for record in external_client_apps(view, narrow.one_of("ExternalClientApplicationId")):
        for part in record.app.parts:
            if isinstance(part, of):
                yield PartRow(named(prefix, record.app_id, part.full_name), record.app_id, part)


def _read(name: str, kind: FieldType) -> Callable[[PartRow], Any]:
    if kind is FieldType.BOOLEAN:
        return lambda row: bool(getattr(row.part, name))
    return lambda row: getattr(row.part, name)


def _own_fields(of: type[Part]) -> Iterator[Field]:
    for one in fields(of):
        kind = _TYPES.get(str(one.type))
        if kind is not None and "element" in one.metadata and one.name not in _OWN:
            element: str = one.metadata["element"]["name"]
            yield computed(element[0].upper() + element[1:], kind, _read(one.name, kind))


def _sobject(name: str, label: str, prefix: str, of: type[Part]) -> SObject:
    return SObject(
        name=name,
        label=label,
        plural=label,
        prefix=prefix,
        needs=EXTERNAL_CLIENT_APP_VIEW,
        fields=(
            computed("Id", FieldType.ID, lambda row: row.record_id),
            computed("DeveloperName", FieldType.STRING, lambda row: row.part.full_name),
            computed("MasterLabel", FieldType.STRING, lambda row: row.part.label or row.part.full_name),
            reference(
                "ExternalClientApplicationId",
                "ExternalClientApplication",
                "ExternalClientApplication",
                lambda row: row.app_id,
            ),
            *_own_fields(of),
        ),
        rows=partial(_rows, of, prefix),
    )


SOBJECTS: tuple[SObject, ...] = (
    _sobject(
        "ExtlClntAppOauthSettings",
        "External Client App OAuth Settings",
        "1Eo",
        ExtlClntAppOauthSettings,
    ),
    _sobject(
        "ExtlClntAppOauthPlcyCnfg",
        "External Client App OAuth Policies",
        "1Ep",
        ExtlClntAppOauthConfigurablePolicies,
    ),
    _sobject(
        "ExtlClntAppPlcyCnfg",
        "External Client App Policies",
        "1Eq",
        ExtlClntAppConfigurablePolicies,
    ),
)
