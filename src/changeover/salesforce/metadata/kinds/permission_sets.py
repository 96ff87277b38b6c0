"""PermissionSet: label, user permissions, and what else its file holds.

Source: Metadata API guide, PermissionSet: since API 40 a file is the whole of it, when it is retrieved and
when it is deployed. Our decision: a local org deletes none, since apps and users name them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from changeover.org.deploying import Deployed
from changeover.org.kept_elements import view_kept_elements
from changeover.org.model.orgs import Actor
from changeover.org.model.people import PermissionSet as Record
from changeover.org.permission_sets import PERMISSION_SET, list_permission_sets, save_permission_set
from changeover.org.ports import Unit
from changeover.org.values import refuse
from changeover.salesforce.metadata.entries import content_of, entries, since_of, text_entry
from changeover.salesforce.metadata.kinds.kind import Component, Item
from changeover.salesforce.metadata.kinds.user_permissions import (
    USER_PERMISSIONS,
    by_name,
    known,
    others,
    permissions_of,
    said_of,
)

LABEL = "label"
ELEMENTS: Mapping[str, int] = {
    "agentAccesses": 64,
    "applicationVisibilities": 22,
    "classAccesses": 22,
    "customMetadataTypeAccesses": 22,
    "customPermissions": 22,
    "customSettingAccesses": 22,
    "description": 22,
    "emailRoutingAddressAccesses": 22,
    "enrichments": 64,
    "externalCredentialPrincipalAccesses": 22,
    "externalDataSourceAccesses": 22,
    "fieldPermissions": 22,
    "flowAccesses": 22,
    "genComputingSummaryDefAccesses": 64,
    "hasActivationRequired": 22,
    LABEL: 22,
    "license": 22,
    "objectPermissions": 22,
    "pageAccesses": 22,
    "recordTypeVisibilities": 22,
    "servicePresenceStatusAccesses": 64,
    "tabSettings": 22,
    USER_PERMISSIONS: 22,
}
"""Elements and since when (npm `@salesforce/types` 1.9.0; 64: not in the WSDL 63 yet). Of older ones the
guide tells no version that matters to clients of today."""


class PermissionSets:
    """The type PermissionSet."""

    name = PERMISSION_SET
    folder = "permissionsets"
    suffix = "permissionset"
    since = 22

    def all(self, unit: Unit, actor: Actor) -> Iterator[Component]:
        """Yield every permission set that is more than a name. Raises E-NOT-PERMITTED."""
        for record in list_permission_sets(unit, actor):
            if not record.placeholder:
                yield self._component(unit, actor, record)

    def get(self, unit: Unit, actor: Actor, full_name: str) -> Component | None:
        """Return one permission set. Raises E-NOT-PERMITTED."""
        found = _named(unit, actor, full_name)
        if found is None or found.placeholder:
            return None
        return self._component(unit, actor, found)

    def since_of(self, path: str) -> int | None:
        """Return the API version that brought the top-level element of a leaf."""
        return since_of(ELEMENTS, path)

    def belongs_to(self, item: Item) -> str:
        """Each permission set is written by itself."""
        return item.key.casefold()

    def write(self, unit: Unit, actor: Actor, items: Sequence[Item]) -> Mapping[str, Deployed]:
        """Create a permission set, or write it anew as a whole: what its file does not say ends.

        Raises E-VALUE-REFUSED, E-LAST-ADMINISTRATOR, E-NOT-PERMITTED.
        """
        return {item.key: self._write(unit, actor, item) for item in items}

    def delete(self, unit: Unit, actor: Actor, full_name: str) -> bool:
        """Refuse to delete a permission set; False where there is none."""
        if self.get(unit, actor, full_name) is None:
            return False
        raise refuse("fullName", "a local org deletes no permission sets.")

    def _write(self, unit: Unit, actor: Actor, item: Item) -> Deployed:
        there = _named(unit, actor, item.full_name)
        given = entries(item.content)
        said = said_of(given)
        label = next((one.value() for one in given if one.name == LABEL), None)
        if not label:
            raise refuse(LABEL, f"Required fields are missing: [{LABEL}]")
        rest = [one for one in given if one.name not in {LABEL, USER_PERMISSIONS}]
        before = view_kept_elements(unit, actor, self.name, item.full_name)
        kept = content_of([*rest, *others(said.on)])
        saved = save_permission_set(unit, actor, item.full_name, label, known(said.on), kept)
        return Deployed(
            created=there is None or there.placeholder,
            changed=saved != there or kept != before,
            record_id=saved.permission_set_id,
        )

    def _component(self, unit: Unit, actor: Actor, record: Record) -> Component:
        kept = view_kept_elements(unit, actor, self.name, record.api_name)
        own = (text_entry(LABEL, record.label), *permissions_of(record.permissions))
        return Component(
            type_name=self.name,
            full_name=record.api_name,
            path=f"{self.folder}/{record.api_name}.{self.suffix}",
            content=content_of(by_name([*entries(kept), *own])),
            record_id=record.permission_set_id,
        )


def _named(unit: Unit, actor: Actor, full_name: str) -> Record | None:
    wanted = full_name.casefold()
    every = list_permission_sets(unit, actor)
    return next((one for one in every if one.api_name.casefold() == wanted), None)
