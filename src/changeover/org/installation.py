"""What the operator of an installation does: orgs, and who acts on the command line.

The operator has the database in hand, so no permission is asked; what is done still goes to the audit trail.
"""

from __future__ import annotations

from dataclasses import dataclass

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import audit
from changeover.org.assessing import refresh
from changeover.org.company import checked_my_domain
from changeover.org.custody import Backup
from changeover.org.model.orgs import Actor, Door, Edition, Org
from changeover.org.model.people import PermissionSet, Profile, User
from changeover.org.people import checked_username
from changeover.org.permissions import ALL_PERMISSIONS, Permission
from changeover.org.ports import Unit, Units
from changeover.org.values import refuse, required, shown

ADMINISTRATOR = "System Administrator"
STANDARD_PROFILES: dict[str, frozenset[Permission]] = {
    ADMINISTRATOR: ALL_PERMISSIONS,
    "Read Only": frozenset({Permission.VIEW_SETUP, Permission.EXTERNAL_CLIENT_APP_VIEWER}),
    "Standard User": frozenset(),
}
"""Profiles of a new org. The first is as Salesforce has it, the others are as small as their names say."""
STANDARD_PERMISSION_SETS: dict[str, tuple[str, frozenset[Permission]]] = {
    "External_Client_App_Developer": (
        "External Client App Developer",
        frozenset({Permission.VIEW_SETUP, Permission.EXTERNAL_CLIENT_APP_DEVELOPER}),
    ),
    "External_Client_App_Admin": (
        "External Client App Admin",
        frozenset({Permission.VIEW_SETUP, Permission.EXTERNAL_CLIENT_APP_ADMIN}),
    ),
    "External_Client_App_Viewer": (
        "External Client App Viewer",
        frozenset({Permission.VIEW_SETUP, Permission.EXTERNAL_CLIENT_APP_VIEWER}),
    ),
}
OPERATOR = "operator"
_ID_LENGTH = 18


@dataclass(frozen=True, kw_only=True)
class NewOrg:
    """An org as it was created. The password is shown once; `repr` leaves it out."""

    org: Org
    username: str
    password: str

    def __repr__(self) -> str:
        return f"NewOrg(org={self.org!r}, username={self.username!r})"


def create_org(
    units: Units,
    name: str,
    edition: Edition,
    *,
    my_domain: str,
    username: str,
    email: str,
    org_id: str | None = None,
) -> NewOrg:
    """Create an org with its standard profiles and its first administrator, whose password is generated.

    Args:
        units: where transactions come from.
        name: of the org; no two orgs of an installation have one.
        edition: decides whether apps may be migrated.
        my_domain: `acme`, of `acme.my.salesforce.com`.
        username: the administrator's; unique over all orgs.
        email: the administrator's.
        org_id: the id of the org at Salesforce that this one stands for; a made-up one by default.

    Raises:
        ChangeoverError: E-NAME-TAKEN, E-VALUE-REFUSED.
    """
    with units.read() as unit:
        password = unit.ids.password()
    hashed = units.passwords.hash(password)
    with units.unit() as unit:
        org = Org(
            org_id=_org_id(unit, org_id),
            name=required("name", name),
            edition=edition,
            my_domain=checked_my_domain(my_domain),
        )
        unit.orgs.add(org)
        for title, permissions in STANDARD_PROFILES.items():
            profile_id = unit.ids.record("00e")
            profile = Profile(profile_id=profile_id, name=title, permissions=permissions)
            unit.users.save_profile(org.org_id, profile)
        for api_name, (label, permissions) in STANDARD_PERMISSION_SETS.items():
            permission_set = PermissionSet(
                permission_set_id=unit.ids.record("0PS"),
                api_name=api_name,
                label=label,
                permissions=permissions,
            )
            unit.users.save_permission_set(org.org_id, permission_set)
        administrator = User(
            user_id=unit.ids.record("005"),
            org_id=org.org_id,
            username=checked_username(username),
            name="Administrator",
            email=required("email", email),
            profile=ADMINISTRATOR,
            permission_sets=(),
        )
        unit.users.add(administrator, hashed)
        text = f"Created the org {org.name} ({org.edition.value} Edition)."
        after = {"org_id": org.org_id, "edition": org.edition.value, "administrator": administrator.username}
        audit.record(unit, _operator(org), audit.Event.ORG_CREATED, org.name, text, after=after)
    return NewOrg(org=org, username=administrator.username, password=password)


def _org_id(unit: Unit, given: str | None) -> str:
    if given is None:
        return unit.ids.record("00D")
    if len(given) != _ID_LENGTH or not given.isascii() or not given.isalnum() or not given.startswith("00D"):
        raise refuse("org id", "18 characters that begin with 00D, as Setup shows under Company Information.")
    return given


def _operator(org: Org) -> Actor:
    return Actor(org_id=org.org_id, user_id="", username=OPERATOR, door=Door.COMMAND_LINE)


def tell_every_org(unit: Unit, event: audit.Event, text: str) -> None:
    """Write into the audit trail of every org what the operator did to all of them."""
    for org in unit.orgs.list():
        unit.take_turn(org.org_id)
        audit.record(unit, _operator(org), event, org.name, text)


def tell_restored(unit: Unit, backup: Backup, secrets_left_out: int) -> None:
    """Write into the audit trail of every org that it comes from a backup, and ends where that was taken."""
    text = (
        f"Restored from a backup of {backup.taken_at:%Y-%m-%d %H:%M:%S} UTC."
        " What was done after that is not in this audit trail."
    )
    if secrets_left_out:
        text += f" {secrets_left_out} secrets of the installation were left out: their key is missing."
    if not backup.signature_checked:
        text += " Nobody could check who wrote the backup: the key that signed it is missing."
    tell_every_org(unit, audit.Event.ORG_RESTORED, text)


def list_orgs(units: Units) -> tuple[Org, ...]:
    """Return all orgs by name."""
    with units.read() as unit:
        return unit.orgs.list()


def find_org(units: Units, text: str) -> Org:
    """Return the org with an id, a My Domain or a name. Raises E-RECORD-NOT-FOUND."""
    wanted = text.strip()
    orgs = list_orgs(units)
    for org in orgs:
        if wanted in {org.org_id, org.org_id[:15]}:
            return org
    for org in orgs:
        if wanted.casefold() in {org.my_domain.casefold(), org.name.casefold()}:
            return org
    known = ", ".join(org.name for org in orgs[:10]) or "none"
    message = f"This installation has no org “{shown(wanted)}”; it has: {known}."
    raise ChangeoverError(errors.RECORD_NOT_FOUND, message, "Check the name, or create the org first.")


def command_line_actor(units: Units, org_id: str, username: str | None = None) -> Actor:
    """Return who acts in an org on the command line: a user of it, the first administrator by default.

    Raises:
        ChangeoverError: E-RECORD-NOT-FOUND, E-USER-NOT-ACTIVE.
    """
    with units.read() as unit:
        if username is None:
            ids = unit.users.with_permission(org_id, Permission.MANAGE_USERS.value)
            user = unit.users.get(ids[0]) if ids else None
        else:
            user = unit.users.in_org(org_id, username)
    if user is None:
        message = f"This org has no user “{shown(username or 'who may manage users')}”."
        raise ChangeoverError(errors.RECORD_NOT_FOUND, message)
    if not user.active or user.placeholder:
        raise ChangeoverError(errors.USER_NOT_ACTIVE, f"{user.username} is not an active user.")
    return Actor(org_id=org_id, user_id=user.user_id, username=user.username, door=Door.COMMAND_LINE)


def refresh_verdicts(units: Units) -> int:
    """Store every verdict anew, as after an upgrade that changed rules; returns how many changed."""
    return sum(refresh(units, org.org_id) for org in list_orgs(units))
