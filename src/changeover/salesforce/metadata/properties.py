"""FileProperties: what listMetadata and a retrieve tell of a component, in the order of the WSDL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit
from changeover.salesforce.metadata.kinds.kind import Component
from changeover.salesforce.soap.answers import Value

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Where the org knows no time, as Salesforce writes it for what it keeps no record of."""


class People:
    """Ids and names of users by username, each asked for once."""

    def __init__(self, unit: Unit, actor: Actor) -> None:
        self._unit = unit
        self._org_id = actor.org_id
        self._known: dict[str, tuple[str, str]] = {"": ("", "")}

    def of(self, username: str) -> tuple[str, str]:
        """Return id and name of a user; of one who has gone, the username alone."""
        if username not in self._known:
            user = self._unit.users.in_org(self._org_id, username)
            self._known[username] = (user.user_id, user.name) if user is not None else ("", username)
        return self._known[username]


def file_properties(component: Component, people: People, folder: str = "") -> Mapping[str, Value]:
    """Return the properties of a component.

    Args:
        component: the component.
        people: who the usernames are.
        folder: what its path begins with in a zip: `unpackaged/`.
    """
    created, created_name = people.of(component.created_by)
    modified, modified_name = people.of(component.modified_by)
    return {
        "createdById": created,
        "createdByName": created_name,
        "createdDate": component.created_at or _NEVER,
        "fileName": f"{folder}{component.path}",
        "fullName": component.full_name,
        "id": component.record_id,
        "lastModifiedById": modified,
        "lastModifiedByName": modified_name,
        "lastModifiedDate": component.modified_at or _NEVER,
        "type": component.type_name,
    }
