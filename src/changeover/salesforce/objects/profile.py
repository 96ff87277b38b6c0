"""Profile: what its users may do, one field a permission. Who may not look at Setup sees only his own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from changeover.org.model.people import PermissionSet, Profile
from changeover.org.permissions import SETUP, Permission
from changeover.salesforce.objects.sobject import (
    Field,
    FieldType,
    Narrow,
    SObject,
    View,
    attribute,
    computed,
    constant,
    identifier,
)


def _holds(permission: Permission, row: Profile | PermissionSet) -> bool:
    return permission in row.permissions


PERMISSIONS: tuple[Field, ...] = tuple(
    computed(f"Permissions{one.value}", FieldType.BOOLEAN, partial(_holds, one)) for one in Permission
)
"""Of profiles and permission sets: one field a permission (Object Reference, PermissionSet)."""


def profile_ids(view: View) -> Mapping[str, str]:
    """Return the ids of the org's profiles by name, whoever asks."""
    return {one.name: one.profile_id for one in view.unit.users.profiles(view.org_id)}


def _rows(view: View, _narrow: Narrow) -> Iterator[Profile]:
    all_of_them = view.may(SETUP)
    for one in view.unit.users.profiles(view.org_id):
        if not one.placeholder and (all_of_them or one.name == view.session.user.profile):
            yield one


PROFILE = SObject(
    name="Profile",
    label="Profile",
    plural="Profiles",
    prefix="00e",
    fields=(
        identifier("profile_id"),
        attribute("Name", "name"),
        constant("UserType", "Standard", FieldType.PICKLIST),
        *PERMISSIONS,
    ),
    rows=_rows,
)
