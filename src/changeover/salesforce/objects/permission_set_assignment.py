"""PermissionSetAssignment: who has which permission set. Who may not look at Setup sees only his own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from changeover.org.permissions import SETUP
from changeover.org.record_ids import named
from changeover.salesforce.objects.sobject import Narrow, SObject, View, identifier, reference

PREFIX = "0Pa"


class Assignment(NamedTuple):
    """A row. The store has no ids for assignments; one is made of both ends."""

    assignment_id: str
    user_id: str
    permission_set_id: str


def _rows(view: View, _narrow: Narrow) -> Iterator[Assignment]:
    sets = {one.api_name: one for one in view.unit.users.permission_sets(view.org_id)}
    users = view.users.values() if view.may(SETUP) else [view.session.user]
    for user in users:
        if user.placeholder:
            continue
        for api_name in user.permission_sets:
            held = sets.get(api_name)
            if held is not None and not held.placeholder:
                record_id = named(PREFIX, user.user_id, held.permission_set_id)
                yield Assignment(record_id, user.user_id, held.permission_set_id)


PERMISSION_SET_ASSIGNMENT = SObject(
    name="PermissionSetAssignment",
    label="Permission Set Assignment",
    plural="Permission Set Assignments",
    prefix=PREFIX,
    fields=(
        identifier("assignment_id"),
        reference("AssigneeId", "User", "Assignee", lambda row: row.user_id),
        reference("PermissionSetId", "PermissionSet", "PermissionSet", lambda row: row.permission_set_id),
    ),
    rows=_rows,
)
