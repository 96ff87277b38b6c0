"""Names of users, profiles and permission sets that documents mention: they must be there, or are made up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from changeover.apps.document import Document, Leaf, leaves
from changeover.org.editing import Change
from changeover.org.model.orgs import Actor
from changeover.org.model.people import PermissionSet, Profile, User
from changeover.org.ports import Unit
from changeover.org.values import refuse

PROFILE, PERMISSION_SET, USER = "profile", "permission set", "user"
_BY_ELEMENT = {
    "profileName": PROFILE,
    "commaSeparatedProfile": PROFILE,
    "permissionSetName": PERMISSION_SET,
    "commaSeparatedPermissionSet": PERMISSION_SET,
    "oauthClientCredentialUser": USER,
    "pluginExecutionUser": USER,
    "clientCredentialsFlowUser": USER,
    "executeHandlerAs": USER,
}


def names_in(found: Iterable[Leaf]) -> Iterator[tuple[str, str]]:
    """Yield what leaves mention, as a kind and a name."""
    for leaf in found:
        element = leaf.path.rpartition("/")[2].partition("[")[0]
        kind = _BY_ELEMENT.get(element)
        if kind is None:
            continue
        values = leaf.value.split(",") if element.startswith("commaSeparated") else [leaf.value]
        for value in values:
            if value.strip():
                yield kind, value.strip()


def _is_there(unit: Unit, actor: Actor, kind: str, name: str) -> bool:
    if kind == USER:
        return unit.users.in_org(actor.org_id, name) is not None
    if kind == PROFILE:
        return unit.users.has_profile(actor.org_id, name)
    return unit.users.has_permission_set(actor.org_id, name)


def refuse_unknown_names(unit: Unit, actor: Actor, changes: Iterable[Change]) -> None:
    """Refuse a change that newly names a user, profile or permission set which the org lacks."""
    for change in changes:
        if change.after is None:
            continue
        before = set(names_in([Leaf(change.path, change.before or "")]))
        for kind, name in names_in([Leaf(change.path, change.after)]):
            if (kind, name) not in before and not _is_there(unit, actor, kind, name):
                raise refuse(change.path, f"this org has no {kind} “{name[:80]}”.")


def add_placeholders(unit: Unit, actor: Actor, documents: Iterable[Document]) -> tuple[str, ...]:
    """Make a marked placeholder for each name that imported documents mention and the org lacks.

    A placeholder is listed, assigned to nobody, holds no permission and cannot sign in. Returns what was
    made, as `profile Sales`.
    """
    made = []
    for document in documents:
        for kind, name in dict.fromkeys(names_in(leaves(document))):
            if _is_there(unit, actor, kind, name):
                continue
            if kind == PROFILE:
                profile = Profile(
                    profile_id=unit.ids.record("00e"), name=name, permissions=frozenset(), placeholder=True
                )
                unit.users.save_profile(actor.org_id, profile)
            elif kind == PERMISSION_SET:
                unit.users.save_permission_set(
                    actor.org_id,
                    PermissionSet(
                        permission_set_id=unit.ids.record("0PS"),
                        api_name=name,
                        label=name,
                        permissions=frozenset(),
                        placeholder=True,
                    ),
                )
            else:
                user = User(
                    user_id=unit.ids.record("005"),
                    org_id=actor.org_id,
                    username=name,
                    name=name,
                    email="",
                    profile=None,
                    permission_sets=(),
                    active=False,
                    placeholder=True,
                )
                unit.users.add(user, None)
            made.append(f"{kind} {name}")
    return tuple(made)
