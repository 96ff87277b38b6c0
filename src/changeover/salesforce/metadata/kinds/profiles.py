"""Profile: user permissions, and what else its file holds.

Source: Metadata API guide, Profile: what a retrieve brings of a profile depends on what else the package
names, and a deployment overlays the profile that is there (what its file does not name stays). Salesforce's
own profiles have other names in metadata than in Setup. Our decision: a local org deletes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import quote, unquote

from changeover.org.deploying import Deployed
from changeover.org.kept_elements import view_kept_elements
from changeover.org.model.orgs import Actor
from changeover.org.model.people import Profile as Record
from changeover.org.permission_sets import PROFILE, list_profiles, save_profile
from changeover.org.ports import Unit
from changeover.org.values import refuse
from changeover.salesforce.metadata.entries import Entry, content_of, entries, since_of, text_entry
from changeover.salesforce.metadata.kinds.kind import Component, Item
from changeover.salesforce.metadata.kinds.user_permissions import (
    USER_PERMISSIONS,
    by_name,
    known,
    others,
    permissions_of,
    said_of,
)
from changeover.salesforce.metadata.package import ALL, Package

__all__ = ["PROFILE", "Profiles", "in_package"]

CUSTOM = "custom"
STANDARD: Mapping[str, str] = {
    "Admin": "System Administrator",
    "ContractManager": "Contract Manager",
    "MarketingProfile": "Marketing User",
    "MinimumAccess": "Minimum Access - Salesforce",
    "ReadOnly": "Read Only",
    "SolutionManager": "Solution Manager",
    "Standard": "Standard User",
    "StandardAul": "Standard Platform User",
}
"""Names of Salesforce's own profiles: in metadata, and in Setup."""
_IN_METADATA = {name: full_name for full_name, name in STANDARD.items()}


class Access(NamedTuple):
    """An element of a profile that says something of another component."""

    element: str
    names: tuple[str, ...]
    """What tells one entry from others; the first one names the component."""
    types: tuple[str, ...]
    """Types; the package must name the component, or the object of a field, for it to be retrieved."""


ACCESSES = (
    Access("applicationVisibilities", ("application",), ("CustomApplication",)),
    Access("classAccesses", ("apexClass",), ("ApexClass",)),
    Access("customMetadataTypeAccesses", ("name",), ("CustomObject",)),
    Access("customPermissions", ("name",), ("CustomPermission",)),
    Access("customSettingAccesses", ("name",), ("CustomObject",)),
    Access("externalDataSourceAccesses", ("externalDataSource",), ("ExternalDataSource",)),
    Access("fieldPermissions", ("field",), ("CustomField", "CustomObject")),
    Access("flowAccesses", ("flow",), ("Flow",)),
    Access("layoutAssignments", ("layout", "recordType"), ("Layout",)),
    Access("objectPermissions", ("object",), ("CustomObject",)),
    Access("pageAccesses", ("apexPage",), ("ApexPage",)),
    Access("recordTypeVisibilities", ("recordType",), ("RecordType", "CustomObject")),
    Access("tabVisibilities", ("tab",), ("CustomTab",)),
)
_BY_ELEMENT = {access.element: access for access in ACCESSES}
ELEMENTS: Mapping[str, int] = {
    **dict.fromkeys(_BY_ELEMENT, 10),
    "agentAccesses": 64,
    "categoryGroupVisibilities": 10,
    CUSTOM: 10,
    "description": 10,
    "genComputingSummaryDefAccesses": 64,
    "loginFlows": 51,
    "loginHours": 10,
    "loginIpRanges": 10,
    "profileActionOverrides": 10,
    "servicePresenceStatusAccesses": 64,
    "userLicense": 10,
    USER_PERMISSIONS: 10,
}
"""Elements and since when, as of `permission_sets.ELEMENTS`."""


class Profiles:
    """The type Profile."""

    name = PROFILE
    folder = "profiles"
    suffix = "profile"
    since = 10

    def all(self, unit: Unit, actor: Actor) -> Iterator[Component]:
        """Yield every profile that is more than a name. Raises E-NOT-PERMITTED."""
        for record in list_profiles(unit, actor):
            if not record.placeholder:
                yield self._component(unit, actor, record)

    def get(self, unit: Unit, actor: Actor, full_name: str) -> Component | None:
        """Return one profile. Raises E-NOT-PERMITTED."""
        found = _named(unit, actor, name_of(full_name))
        if found is None or found.placeholder:
            return None
        return self._component(unit, actor, found)

    def since_of(self, path: str) -> int | None:
        """Return the API version that brought the top-level element of a leaf."""
        return since_of(ELEMENTS, path)

    def belongs_to(self, item: Item) -> str:
        """Each profile is written by itself."""
        return f"{PROFILE}/{name_of(item.full_name)}".casefold()

    def write(self, unit: Unit, actor: Actor, items: Sequence[Item]) -> Mapping[str, Deployed]:
        """Create a profile, or overlay the one that is there: what a file does not name stays.

        Raises E-VALUE-REFUSED, E-LAST-ADMINISTRATOR, E-NOT-PERMITTED.
        """
        return {item.key: self._write(unit, actor, item) for item in items}

    def delete(self, unit: Unit, actor: Actor, full_name: str) -> bool:
        """Refuse to delete a profile; False where there is none."""
        if self.get(unit, actor, full_name) is None:
            return False
        raise refuse("fullName", "a local org deletes no profiles.")

    def _write(self, unit: Unit, actor: Actor, item: Item) -> Deployed:
        name = name_of(item.full_name)
        there = _named(unit, actor, name)
        # Whether it is one of Salesforce's own, its name says.
        given = [one for one in entries(item.content) if one.name != CUSTOM]
        said = said_of(given)
        before = view_kept_elements(unit, actor, PROFILE, name)
        held = {one.value for one in there.permissions} if there is not None else set()
        strange = {one.value("name") or "" for one in entries(before) if one.name == USER_PERMISSIONS}
        kept = content_of(
            by_name([*_overlaid(entries(before), given), *others((strange | said.on) - said.off)])
        )
        saved = save_profile(unit, actor, name, (held | known(said.on)) - said.off, kept)
        return Deployed(
            created=there is None or there.placeholder,
            changed=saved != there or kept != before,
            record_id=saved.profile_id,
        )

    def _component(self, unit: Unit, actor: Actor, record: Record) -> Component:
        kept = entries(view_kept_elements(unit, actor, PROFILE, record.name))
        full_name = full_name_of(record.name)
        custom = "false" if record.name in _IN_METADATA else "true"
        own = (text_entry(CUSTOM, custom), *permissions_of(record.permissions))
        return Component(
            type_name=PROFILE,
            full_name=full_name,
            path=f"{self.folder}/{full_name}.{self.suffix}",
            content=content_of(by_name([*kept, *own])),
            record_id=record.profile_id,
        )


def full_name_of(name: str) -> str:
    """Return the name of a profile in metadata: what is no letter, digit or space is percent-encoded."""
    return _IN_METADATA.get(name) or quote(name, safe=" -_.")


def name_of(full_name: str) -> str:
    """Return the name of a profile in Setup."""
    return STANDARD.get(full_name) or unquote(full_name)


def in_package(component: Component, package: Package) -> Component:
    """Return what a retrieve brings of a profile: of other components only what the package names too.

    User permissions, login hours, addresses and the like always come.
    """
    held = [one for one in entries(component.content) if _wanted(one, package)]
    return replace(component, content=content_of(held))


def _wanted(one: Entry, package: Package) -> bool:
    access = _BY_ELEMENT.get(one.name)
    if access is None:
        return True
    named = one.value(access.names[0]) or ""
    of = {named, named.partition(".")[0]}
    return any(
        ALL in members or of & set(members) for members in map(package.types.get, access.types) if members
    )


def _overlaid(before: Iterable[Entry], given: Iterable[Entry]) -> Iterator[Entry]:
    """Yield what is kept beside user permissions: what is given takes its namesake's place."""
    new = {_key(one): one for one in given if one.name != USER_PERMISSIONS}
    whole = {one.name for one in new.values() if one.name not in _BY_ELEMENT}
    for one in before:
        if one.name != USER_PERMISSIONS and one.name not in whole and _key(one) not in new:
            yield one
    yield from new.values()


def _key(one: Entry) -> tuple[str, ...]:
    access = _BY_ELEMENT.get(one.name)
    # Elements without a name of their own (addresses, login hours) are replaced together.
    names = [one.value(name) or "" for name in access.names] if access is not None else [one.path]
    return (one.name, *names)


def _named(unit: Unit, actor: Actor, name: str) -> Record | None:
    wanted = name.casefold()
    return next((one for one in list_profiles(unit, actor) if one.name.casefold() == wanted), None)
