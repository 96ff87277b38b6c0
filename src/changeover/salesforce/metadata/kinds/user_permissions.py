"""User permissions as profiles and permission sets say them in metadata: `userPermissions`.

Neither type says which apps it gives access to (npm `@salesforce/types` 1.9.0 has no such element): that
stands in the apps (`profileName`, `commaSeparatedPermissionSet`, ...). What touches apps are the permissions
of `org.permissions`. Our decision: everything else is kept as it stands, and has no effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from changeover.org.permissions import BY_API_NAME, Permission
from changeover.org.values import refuse
from changeover.salesforce.metadata.entries import Entry, entry

USER_PERMISSIONS = "userPermissions"


class Said(NamedTuple):
    """What the userPermissions of a file say, by API name."""

    on: frozenset[str]
    off: frozenset[str]


def said_of(given: Iterable[Entry]) -> Said:
    """Return what is switched on and off. Raises E-VALUE-REFUSED where an entry has no name or no switch."""
    on: set[str] = set()
    off: set[str] = set()
    for one in given:
        if one.name != USER_PERMISSIONS:
            continue
        name, enabled = one.value("name"), one.value("enabled")
        if not name:
            raise refuse(one.at("name"), "Required field is missing: name")
        if enabled not in {"true", "false"}:
            raise refuse(one.at("enabled"), "it is true or false.")
        (on if enabled == "true" else off).add(name)
    return Said(frozenset(on), frozenset(off))


def known(names: Iterable[str]) -> frozenset[str]:
    """Return those of the names that are permissions of a local org."""
    return frozenset(name for name in names if name in BY_API_NAME)


def others(names: Iterable[str]) -> Iterator[Entry]:
    """Yield what is kept of permissions that a local org does not have."""
    for name in sorted(set(names) - known(names)):
        yield entry(USER_PERMISSIONS, enabled="true", name=name)


def permissions_of(held: Iterable[Permission]) -> Iterator[Entry]:
    """Yield the entries of the permissions that are held; Salesforce writes no others since API 40."""
    for permission in sorted(held, key=lambda one: one.value):
        yield entry(USER_PERMISSIONS, enabled="true", name=permission.value)


def by_name(given: Iterable[Entry]) -> list[Entry]:
    """Return entries with the userPermissions among them in the order of their names."""
    return sorted(given, key=lambda one: (one.value("name") or "") if one.name == USER_PERMISSIONS else "")
