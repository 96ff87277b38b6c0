"""Profiles and permission sets."""

from __future__ import annotations

from collections.abc import Iterable

from changeover.apps.document import Leaf
from changeover.apps.names import is_api_name
from changeover.org import audit
from changeover.org.act import act
from changeover.org.kept_elements import keep
from changeover.org.model.orgs import Actor
from changeover.org.model.people import PermissionSet, Profile
from changeover.org.people import refuse_without_administrator
from changeover.org.permissions import BY_API_NAME, PROFILES, SETUP, Permission
from changeover.org.ports import Unit
from changeover.org.values import one_of, refuse, required


def _checked(names: Iterable[str]) -> frozenset[Permission]:
    return frozenset(BY_API_NAME[one_of("permissions", name, BY_API_NAME)] for name in names)


PROFILE, PERMISSION_SET = "Profile", "PermissionSet"
"""The metadata types, under which is kept what files say beyond permissions."""


def _told(permissions: frozenset[Permission]) -> dict[str, list[str]]:
    return {"permissions": sorted(permission.value for permission in permissions)}


@act(SETUP, "look at profiles")
def list_profiles(unit: Unit, actor: Actor) -> tuple[Profile, ...]:
    """Return the org's profiles, placeholders among them."""
    return unit.users.profiles(actor.org_id)


@act(SETUP, "look at permission sets")
def list_permission_sets(unit: Unit, actor: Actor) -> tuple[PermissionSet, ...]:
    """Return the org's permission sets, placeholders among them."""
    return unit.users.permission_sets(actor.org_id)


@act(PROFILES, "change profiles")
def save_profile(
    unit: Unit, actor: Actor, name: str, permissions: Iterable[str], kept: tuple[Leaf, ...] | None = None
) -> Profile:
    """Create a profile or write its permissions anew, by API name; a placeholder becomes a real one.

    `kept`: what its file holds beyond them (`org.kept_elements`); None leaves it as it is.

    Raises:
        ChangeoverError: E-VALUE-REFUSED, E-LAST-ADMINISTRATOR.
    """
    wanted = required("name", name)
    by_name = {profile.name.casefold(): profile for profile in unit.users.profiles(actor.org_id)}
    there = by_name.get(wanted.casefold())
    saved = Profile(
        profile_id=there.profile_id if there else unit.ids.record("00e"),
        name=there.name if there else wanted,
        permissions=_checked(permissions),
    )
    news = kept is not None and keep(unit, actor, PROFILE, saved.name, kept)
    if saved == there and not news:
        return saved
    unit.users.save_profile(actor.org_id, saved)
    refuse_without_administrator(unit, actor)
    audit.record(
        unit,
        actor,
        audit.Event.PROFILE_SAVED,
        saved.name,
        f"Saved the profile {saved.name}.",
        before=_told(there.permissions) if there else None,
        after=_told(saved.permissions),
    )
    return saved


@act(PROFILES, "change permission sets")
def save_permission_set(
    unit: Unit,
    actor: Actor,
    api_name: str,
    label: str,
    permissions: Iterable[str],
    kept: tuple[Leaf, ...] | None = None,
) -> PermissionSet:
    """Create a permission set or write it anew, by API name; a placeholder becomes a real one.

    `kept`: what its file holds beyond that (`org.kept_elements`); None leaves it as it is.

    Raises:
        ChangeoverError: E-VALUE-REFUSED, E-LAST-ADMINISTRATOR.
    """
    by_name = {found.api_name.casefold(): found for found in unit.users.permission_sets(actor.org_id)}
    there = by_name.get(api_name.casefold())
    if there is None and not is_api_name(api_name):
        raise refuse("API name", "letters, digits and single underscores, a letter first.")
    saved = PermissionSet(
        permission_set_id=there.permission_set_id if there else unit.ids.record("0PS"),
        api_name=there.api_name if there else api_name,
        label=required("label", label),
        permissions=_checked(permissions),
    )
    news = kept is not None and keep(unit, actor, PERMISSION_SET, saved.api_name, kept)
    if saved == there and not news:
        return saved
    unit.users.save_permission_set(actor.org_id, saved)
    refuse_without_administrator(unit, actor)
    audit.record(
        unit,
        actor,
        audit.Event.PERMISSION_SET_SAVED,
        saved.api_name,
        f"Saved the permission set {saved.label}.",
        before=_told(there.permissions) if there else None,
        after=_told(saved.permissions),
    )
    return saved
