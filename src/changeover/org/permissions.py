"""User permissions, by label and API name, and what an act needs of them. Denied by default.

Source: salesforce-reference section 6 (API names: npm `@salesforce/types`, tooling definitions, without the
`Permissions` prefix of the columns, as metadata spells them).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Self


class Permission(Enum):
    """A user permission. The value is its API name, as in `Profile.userPermissions.name`."""

    label: str

    def __new__(cls, api_name: str, label: str) -> Self:
        """Make a member whose value is the API name."""
        member = object.__new__(cls)
        member._value_ = api_name
        member.label = label
        return member

    VIEW_SETUP = ("ViewSetup", "View Setup and Configuration")
    EXTERNAL_CLIENT_APP_DEVELOPER = (
        "ExternalClientAppDeveloper",
        "Create, edit, and delete External Client Apps",
    )
    EXTERNAL_CLIENT_APP_ADMIN = (
        "ExternalClientAppAdmin",
        "View all External Client Apps, view their settings, and edit their policies",
    )
    EXTERNAL_CLIENT_APP_VIEWER = ("ExternalClientAppViewer", "View all External Client Apps")
    VIEW_CLIENT_SECRET = ("ViewClientSecret", "View Client Secret")
    CLIENT_SECRET_ROTATION = ("ClientSecretRotation", "Allow consumer key and secret rotation")
    CUSTOMIZE_APPLICATION = ("CustomizeApplication", "Customize Application")
    MODIFY_ALL_DATA = ("ModifyAllData", "Modify All Data")
    MANAGE_CONNECTED_APPS = ("ManageRemoteAccess", "Manage Connected Apps")
    MANAGE_PROFILES_AND_PERMISSION_SETS = (
        "ManageProfilesPermissionsets",
        "Manage Profiles and Permission Sets",
    )
    MANAGE_USERS = ("ManageUsers", "Manage Users")
    MONITOR_LOGIN_HISTORY = ("MonitorLoginHistory", "Monitor Login History")
    APPROVE_UNINSTALLED_APPS = ("CanApproveUninstalledApps", "Approve Uninstalled Connected Apps")
    USE_ANY_API_CLIENT = ("UseAnyApiClient", "Use Any API Client")


ALL_PERMISSIONS = frozenset(Permission)
BY_API_NAME = {permission.value: permission for permission in Permission}


@dataclass(frozen=True)
class Needs:
    """What an act needs: all of `all_of`, and of each group in `one_of` at least one."""

    all_of: frozenset[Permission] = frozenset()
    one_of: tuple[frozenset[Permission], ...] = ()
    signed_in_is_enough: bool = False
    """Said aloud where an act needs no permission, because it concerns only the user who calls it."""

    def met_by(self, held: frozenset[Permission]) -> bool:
        """Whether a user with these permissions may act."""
        if not self.all_of and not self.one_of:
            return self.signed_in_is_enough
        return self.all_of <= held and all(held & group for group in self.one_of)

    def beyond(self, held: frozenset[Permission]) -> Needs:
        """Return what of it a user with these permissions lacks."""
        return Needs(self.all_of - held, tuple(group for group in self.one_of if not held & group))

    def __str__(self) -> str:
        if not self.all_of and not self.one_of:
            return "being signed in" if self.signed_in_is_enough else "what nobody has"
        parts = [permission.label for permission in Permission if permission in self.all_of]
        parts += [" or ".join(p.label for p in Permission if p in group) for group in self.one_of]
        return "; and ".join(f"“{part}”" for part in parts)


_VIEW = frozenset({Permission.VIEW_SETUP})

SIGNED_IN = Needs(signed_in_is_enough=True)
SETUP = Needs(_VIEW)
MIGRATE = Needs(_VIEW | {Permission.EXTERNAL_CLIENT_APP_DEVELOPER})
EXTERNAL_CLIENT_APP_VIEW = Needs(
    _VIEW,
    (
        frozenset(
            {
                Permission.EXTERNAL_CLIENT_APP_VIEWER,
                Permission.EXTERNAL_CLIENT_APP_ADMIN,
                Permission.EXTERNAL_CLIENT_APP_DEVELOPER,
            }
        ),
    ),
)
EXTERNAL_CLIENT_APP_SETTINGS = MIGRATE
EXTERNAL_CLIENT_APP_POLICIES = Needs(_VIEW | {Permission.EXTERNAL_CLIENT_APP_ADMIN})
EXTERNAL_CLIENT_APP_SECRET = Needs(
    _VIEW | {Permission.EXTERNAL_CLIENT_APP_DEVELOPER, Permission.VIEW_CLIENT_SECRET}
)
CONNECTED_APP_EDIT = Needs(
    _VIEW | {Permission.CUSTOMIZE_APPLICATION},
    (frozenset({Permission.MODIFY_ALL_DATA, Permission.MANAGE_CONNECTED_APPS}),),
)
CONNECTED_APP_GRANTS = Needs(
    _VIEW
    | {
        Permission.CUSTOMIZE_APPLICATION,
        Permission.MODIFY_ALL_DATA,
        Permission.MANAGE_PROFILES_AND_PERMISSION_SETS,
    }
)
"""To change which profiles and permission sets a connected app is granted to, or its custom attributes."""
CONNECTED_APP_ROTATION = Needs(
    CONNECTED_APP_EDIT.all_of | {Permission.CLIENT_SECRET_ROTATION}, CONNECTED_APP_EDIT.one_of
)
CUSTOMIZE = Needs(_VIEW | {Permission.CUSTOMIZE_APPLICATION})
OAUTH_USAGE = Needs(_VIEW | {Permission.MANAGE_USERS})
"""Connected Apps OAuth Usage and External Client Apps OAuth Usage."""
OAUTH_BLOCK = Needs(OAUTH_USAGE.all_of | CONNECTED_APP_EDIT.all_of, CONNECTED_APP_EDIT.one_of)
"""To block an app for all users, or let them in again: who sees the page and may edit connected apps."""
USERS = Needs(_VIEW | {Permission.MANAGE_USERS})
PROFILES = Needs(_VIEW | {Permission.MANAGE_PROFILES_AND_PERMISSION_SETS})
LOGIN_HISTORY = Needs(_VIEW, (frozenset({Permission.MANAGE_USERS, Permission.MONITOR_LOGIN_HISTORY}),))
