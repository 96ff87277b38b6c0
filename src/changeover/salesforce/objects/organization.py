"""Organization: the org itself; one row, which every user of the org may see."""

from __future__ import annotations

from collections.abc import Iterable

from changeover.org.model.orgs import Org
from changeover.salesforce.objects.sobject import (
    FieldType,
    Narrow,
    SObject,
    View,
    attribute,
    computed,
    constant,
    identifier,
)

INSTANCE = "LOCAL"
"""InstanceName of every local org: ours."""


def _rows(view: View, _narrow: Narrow) -> Iterable[Org]:
    return [view.session.org]


ORGANIZATION = SObject(
    name="Organization",
    label="Organization",
    plural="Organizations",
    prefix="00D",
    fields=(
        identifier("org_id"),
        attribute("Name", "name"),
        constant("InstanceName", INSTANCE),
        constant("IsSandbox", value=False, kind=FieldType.BOOLEAN),
        computed("OrganizationType", FieldType.PICKLIST, lambda org: f"{org.edition.value} Edition"),
        constant("NamespacePrefix", None),
        constant("TrialExpirationDate", None, FieldType.DATETIME),
        constant("IsReadOnly", value=False, kind=FieldType.BOOLEAN),
        constant("LanguageLocaleKey", "en_US", FieldType.PICKLIST),
        constant("DefaultLocaleSidKey", "en_US", FieldType.PICKLIST),
        constant("TimeZoneSidKey", "GMT", FieldType.PICKLIST),
    ),
    rows=_rows,
)
