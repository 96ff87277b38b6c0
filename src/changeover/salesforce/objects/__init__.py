"""The objects that the APIs show: one module each, and one line in `SOBJECTS`."""

from __future__ import annotations

from changeover.salesforce.objects import (
    app_menu_item,
    connected_application,
    external_client_app_settings,
    external_client_application,
    login_history,
    oauth_token,
    organization,
    permission_set,
    permission_set_assignment,
    profile,
    setup_audit_trail,
    user,
)
from changeover.salesforce.objects.sobject import SObject, View

SOBJECTS: tuple[SObject, ...] = (
    app_menu_item.APP_MENU_ITEM,
    connected_application.CONNECTED_APPLICATION,
    external_client_application.EXTERNAL_CLIENT_APPLICATION,
    *external_client_app_settings.SOBJECTS,
    login_history.LOGIN_HISTORY,
    oauth_token.OAUTH_TOKEN,
    organization.ORGANIZATION,
    permission_set.PERMISSION_SET,
    permission_set_assignment.PERMISSION_SET_ASSIGNMENT,
    profile.PROFILE,
    setup_audit_trail.SETUP_AUDIT_TRAIL,
    user.USER,
)
_BY_NAME = {one.name.lower(): one for one in SOBJECTS}


def find(name: str, view: View | None) -> SObject | None:
    """Return an object by name, without regard to case; None where there is none, or none for the user.

    `view`: who asks; None where only the name matters.
    """
    found = _BY_NAME.get(name.lower())
    return found if found is not None and (view is None or view.may(found.needs)) else None
