"""PermissionSet: what it adds to a profile, one field a permission.

Salesforce keeps a permission set behind each profile too (`IsOwnedByProfile`); a local org has none of those.
Who may not look at Setup sees only those that he was given.
"""

from __future__ import annotations

from collections.abc import Iterator

from changeover.org.model.people import PermissionSet
from changeover.org.permissions import SETUP
from changeover.salesforce.objects.profile import PERMISSIONS
from changeover.salesforce.objects.sobject import (
    FieldType,
    Narrow,
    SObject,
    View,
    attribute,
    constant,
    identifier,
)


def _rows(view: View, _narrow: Narrow) -> Iterator[PermissionSet]:
    all_of_them = view.may(SETUP)
    for one in view.unit.users.permission_sets(view.org_id):
        if not one.placeholder and (all_of_them or one.api_name in view.session.user.permission_sets):
            yield one


PERMISSION_SET = SObject(
    name="PermissionSet",
    label="Permission Set",
    plural="Permission Sets",
    prefix="0PS",
    fields=(
        identifier("permission_set_id"),
        attribute("Name", "api_name"),
        attribute("Label", "label"),
        constant("NamespacePrefix", None),
        constant("IsCustom", value=True, kind=FieldType.BOOLEAN),
        constant("IsOwnedByProfile", value=False, kind=FieldType.BOOLEAN),
        *PERMISSIONS,
    ),
    rows=_rows,
)
