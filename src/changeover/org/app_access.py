"""Which apps a profile or permission set gives access to.

One truth: the app's own documents (`profileName` and `permissionSetName` of a connected app, the policies of
an external client app). What is given or taken here is an edit of the app, with its permissions, its
read-only rule, its version and its audit row. It decides something only where Permitted Users says “Admin
approved users are pre-authorized”, or for SAML (Metadata API guide, ConnectedApp: profileName needs
isAdminApproved; salesforce-reference sections 1.1 and 6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from changeover import errors
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppSamlConfigurablePolicies,
)
from changeover.apps.types import BY_DOCUMENT
from changeover.errors import ChangeoverError
from changeover.org.act import act, held
from changeover.org.connected_apps import edit_app
from changeover.org.external_client_app_edits import edit_policies
from changeover.org.granting import PERMISSION_SET, PROFILE
from changeover.org.lists import AppAccess, AppKind
from changeover.org.model.apps import ConnectedAppRecord, ExternalClientAppRecord
from changeover.org.model.orgs import Actor
from changeover.org.model.people import PermissionSet, Profile
from changeover.org.own import own_app, own_external_client_app
from changeover.org.permissions import (
    CONNECTED_APP_GRANTS,
    EXTERNAL_CLIENT_APP_POLICIES,
    EXTERNAL_CLIENT_APP_VIEW,
    SETUP,
)
from changeover.org.ports import Unit
from changeover.org.values import refuse, shown

PARTS = (ExtlClntAppOauthConfigurablePolicies, ExtlClntAppSamlConfigurablePolicies)
"""Where an external client app names profiles and permission sets; both parts say the same."""


@dataclass(frozen=True, kw_only=True)
class Grantee:
    """A profile or a permission set."""

    kind: str
    """`granting.PROFILE` or `granting.PERMISSION_SET`."""
    name: str
    """Name of the profile, API name of the permission set."""


def profile(name: str) -> Grantee:
    """Return a profile as one gives it access."""
    return Grantee(kind=PROFILE, name=name)


def permission_set(api_name: str) -> Grantee:
    """Return a permission set as one gives it access."""
    return Grantee(kind=PERMISSION_SET, name=api_name)


@act(SETUP, "look at app access")
def list_app_access(unit: Unit, actor: Actor, grantee: Grantee) -> tuple[AppAccess, ...]:
    """Return the apps that name a profile or permission set: connected apps, then external client apps.

    External client apps are there only for who may view them. Raises E-RECORD-NOT-FOUND.
    """
    wanted = _own(unit, actor, grantee).casefold()
    return tuple(
        found.access
        for apps in _visible(unit, actor)
        for found in unit.app_access.naming(actor.org_id, grantee.kind, apps)
        if wanted in {name.casefold() for name in found.names}
    )


@act(SETUP, "look at app access")
def list_assignable(unit: Unit, actor: Actor) -> tuple[AppAccess, ...]:
    """Return the apps to which a profile or permission set may be given access, as `list_app_access` does.

    Those that let all users authorize themselves are not among them, nor migrated connected apps.
    """
    return tuple(
        found for apps in _visible(unit, actor) for found in unit.app_access.in_force(actor.org_id, apps)
    )


@act(CONNECTED_APP_GRANTS, "give access to connected apps")
def give_connected_app(unit: Unit, actor: Actor, api_name: str, grantee: Grantee) -> ConnectedAppRecord:
    """Let a profile or permission set use a connected app.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-RECORD-NOT-FOUND, E-PLACEHOLDER, E-APP-READ-ONLY,
            E-SELF-AUTHORIZED.
    """
    record = own_app(unit, actor, api_name, lock=True)
    name = _own(unit, actor, grantee, real=True)
    names = _with(_of_connected(record, grantee), name)
    oauth = record.document.oauth_config
    decides = record.document.saml_config is not None or (
        oauth is not None and oauth.is_admin_approved is True
    )
    if not record.read_only and not decides:
        raise _self_authorized(record.label)
    return _write_connected(unit, actor, record, grantee, names)


@act(CONNECTED_APP_GRANTS, "take access to connected apps back")
def take_connected_app(unit: Unit, actor: Actor, api_name: str, grantee: Grantee) -> ConnectedAppRecord:
    """Take the access to a connected app back from a profile or permission set.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-RECORD-NOT-FOUND, E-APP-READ-ONLY.
    """
    record = own_app(unit, actor, api_name, lock=True)
    name = _own(unit, actor, grantee)
    return _write_connected(unit, actor, record, grantee, _without(_of_connected(record, grantee), name))


@act(EXTERNAL_CLIENT_APP_POLICIES, "give access to external client apps")
def give_external_client_app(
    unit: Unit, actor: Actor, api_name: str, grantee: Grantee
) -> ExternalClientAppRecord:
    """Let a profile or permission set use an external client app.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-RECORD-NOT-FOUND, E-PLACEHOLDER,
            E-SELF-AUTHORIZED, E-VALUE-REFUSED for a name with a comma, which separates names there.
    """
    record = own_external_client_app(unit, actor, api_name, lock=True)
    name = _own(unit, actor, grantee, real=True)
    if "," in name:
        raise refuse(
            grantee.kind, f"{name} has a comma in its name, which separates names in the app's policies."
        )
    oauth = record.app.part(ExtlClntAppOauthConfigurablePolicies)
    saml = record.app.part(ExtlClntAppSamlConfigurablePolicies)
    pre_authorized = oauth is not None and oauth.permitted_users_policy_type == "AdminApprovedPreAuthorized"
    if saml is None and not pre_authorized:
        raise _self_authorized(record.label)
    return _write_external(unit, actor, record, grantee, _with(_of_external(record.app, grantee), name))


@act(EXTERNAL_CLIENT_APP_POLICIES, "take access to external client apps back")
def take_external_client_app(
    unit: Unit, actor: Actor, api_name: str, grantee: Grantee
) -> ExternalClientAppRecord:
    """Take the access to an external client app back from a profile or permission set.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-RECORD-NOT-FOUND.
    """
    record = own_external_client_app(unit, actor, api_name, lock=True)
    name = _own(unit, actor, grantee)
    return _write_external(unit, actor, record, grantee, _without(_of_external(record.app, grantee), name))


def _visible(unit: Unit, actor: Actor) -> tuple[AppKind, ...]:
    may_view = EXTERNAL_CLIENT_APP_VIEW.met_by(held(unit, actor))
    return (AppKind.CONNECTED, AppKind.EXTERNAL) if may_view else (AppKind.CONNECTED,)


def _own(unit: Unit, actor: Actor, grantee: Grantee, *, real: bool = False) -> str:
    """Return the name of a profile or permission set of the org as it is written there.

    Raises E-RECORD-NOT-FOUND, and E-PLACEHOLDER where a real one is needed.
    """
    found: Iterable[tuple[str, Profile | PermissionSet]]
    if grantee.kind == PROFILE:
        found = ((one.name, one) for one in unit.users.profiles(actor.org_id))
    else:
        found = ((one.api_name, one) for one in unit.users.permission_sets(actor.org_id))
    for name, record in found:
        if name.casefold() == grantee.name.casefold():
            if real and record.placeholder:
                message = f"The {grantee.kind} “{shown(name)}” is a placeholder: it can be given nothing."
                raise ChangeoverError(errors.PLACEHOLDER, message)
            return name
    message = f"This org has no {grantee.kind} “{shown(grantee.name)}”."
    raise ChangeoverError(errors.RECORD_NOT_FOUND, message)


def _self_authorized(label: str) -> ChangeoverError:
    message = f"{shown(label)} lets all users authorize themselves: it asks for no profile or permission set."
    return ChangeoverError(errors.SELF_AUTHORIZED, message)


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    there = name.casefold() in {one.casefold() for one in names}
    return names if there else (*names, name)


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(one for one in names if one.strip().casefold() != name.casefold())


def _of_connected(record: ConnectedAppRecord, grantee: Grantee) -> tuple[str, ...]:
    document = record.document
    return document.profile_name if grantee.kind == PROFILE else document.permission_set_name


def _write_connected(
    unit: Unit, actor: Actor, record: ConnectedAppRecord, grantee: Grantee, names: tuple[str, ...]
) -> ConnectedAppRecord:
    element = "profileName" if grantee.kind == PROFILE else "permissionSetName"
    return edit_app(unit, actor, record.api_name, {element: list(names)}, seen_version=None)


def _of_external(app: ExternalClientApp, grantee: Grantee) -> tuple[str, ...]:
    """Return what the parts name together, in their order."""
    names: dict[str, str] = {}
    oauth = app.part(ExtlClntAppOauthConfigurablePolicies)
    saml = app.part(ExtlClntAppSamlConfigurablePolicies)
    for part in (one for one in (oauth, saml) if one is not None):
        profiles = grantee.kind == PROFILE
        listed = part.comma_separated_profile if profiles else part.comma_separated_permission_set
        for name in (listed or "").split(","):
            if name.strip():
                names.setdefault(name.strip().casefold(), name.strip())
    return tuple(names.values())


def _write_external(
    unit: Unit, actor: Actor, record: ExternalClientAppRecord, grantee: Grantee, names: tuple[str, ...]
) -> ExternalClientAppRecord:
    element = "commaSeparatedProfile" if grantee.kind == PROFILE else "commaSeparatedPermissionSet"
    changes = {
        f"{BY_DOCUMENT[cls].suffix}/{element}": ", ".join(names) or None
        for cls in PARTS
        if record.app.part(cls) is not None
    }
    return edit_policies(unit, actor, record.api_name, changes, seen_version=None)
