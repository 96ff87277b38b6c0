"""Every operation of the API against every set of permissions that falls short by one: refused, unchanged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from changeover.org.permissions import ALL_PERMISSIONS
from tests.api.operations import OF_A_BATCH, PLACES, nearly_good
from tests.api.rest import Caller, Rest, refusal

VIEW, DEVELOPER, ADMIN, VIEWER = (
    "ViewSetup",
    "ExternalClientAppDeveloper",
    "ExternalClientAppAdmin",
    "ExternalClientAppViewer",
)
LOOK = ({VIEW},)
ANY = ({VIEW, DEVELOPER}, {VIEW, ADMIN}, {VIEW, VIEWER})
MIGRATE = ({VIEW, DEVELOPER},)
POLICIES = ({VIEW, ADMIN},)
SECRET = ({VIEW, DEVELOPER, "ViewClientSecret"},)
EDIT = ({VIEW, "CustomizeApplication", "ModifyAllData"}, {VIEW, "CustomizeApplication", "ManageRemoteAccess"})
ROTATE = tuple({*one, "ClientSecretRotation"} for one in EDIT)
GRANTS = ({VIEW, "CustomizeApplication", "ModifyAllData", "ManageProfilesPermissionsets"},)
CUSTOMIZE = ({VIEW, "CustomizeApplication"},)
USERS = ({VIEW, "ManageUsers"},)
BLOCK = tuple({*one, "ManageUsers"} for one in EDIT)
PROFILES = ({VIEW, "ManageProfilesPermissionsets"},)
LOGINS = ({VIEW, "ManageUsers"}, {VIEW, "MonitorLoginHistory"})
ONESELF: tuple[set[str], ...] = (set(),)

# Written by hand from the reference, section 6: the smallest sets that suffice.
NEEDED: dict[str, tuple[set[str], ...]] = {
    **dict.fromkeys(
        (
            "list_connected_apps",
            "get_connected_app",
            "assess_connected_app",
            "plan_connected_app",
            "list_references",
            "list_batches",
            "get_batch",
            "list_outcomes",
            "list_push_settings",
            "list_delivery_settings",
            "list_briefcases",
            "list_assignable_apps",
            "list_users",
            "get_user",
            "list_profiles",
            "list_permission_sets",
            "list_apps_of_profile",
            "list_apps_of_permission_set",
            "get_org",
            "get_overview",
            "list_audit_trail",
            "start_rehearsal",
            "list_rehearsals",
            "get_rehearsal",
        ),
        LOOK,
    ),
    **dict.fromkeys(
        (
            "create_connected_app",
            "edit_connected_app",
            "set_connected_app_switches",
            "delete_connected_app",
            "reveal_connected_app",
            "set_secret",
            "set_push_settings",
            "remove_push_settings",
            "import_files",
        ),
        EDIT,
    ),
    "rotate_connected_app": ROTATE,
    **dict.fromkeys(
        (
            "migrate_connected_app",
            "migrate_several",
            "resume_batch",
            "stop_batch",
            "undo_batch",
            "edit_settings",
            "delete_external_client_app",
        ),
        MIGRATE,
    ),
    **dict.fromkeys(
        (
            "edit_policies",
            "give_external_client_app_to_profile",
            "take_external_client_app_from_profile",
            "give_external_client_app_to_permission_set",
            "take_external_client_app_from_permission_set",
        ),
        POLICIES,
    ),
    **dict.fromkeys(
        (
            "give_connected_app_to_profile",
            "take_connected_app_from_profile",
            "give_connected_app_to_permission_set",
            "take_connected_app_from_permission_set",
        ),
        GRANTS,
    ),
    **dict.fromkeys(
        (
            "list_external_client_apps",
            "get_external_client_app",
            "get_account",
            "list_loose_points",
            "tighten",
            "get_losses",
            "list_batch_losses",
            "export_files",
        ),
        ANY,
    ),
    **dict.fromkeys(("reveal_external_client_app", "rotate_external_client_app"), SECRET),
    **dict.fromkeys(
        (
            "set_delivery",
            "save_notification_type",
            "save_briefcase",
            "assign_to_briefcase",
            "unassign_from_briefcase",
            "edit_org",
        ),
        CUSTOMIZE,
    ),
    **dict.fromkeys(
        (
            "create_user",
            "edit_user",
            "reset_password",
            "assign_permission_set",
            "unassign_permission_set",
            "list_sessions_of_user",
            "end_session_of_user",
            "end_sessions_of_user",
            "list_tokens_of_user",
            "revoke_token_of_user",
            "revoke_tokens_of_user",
            "list_app_usage",
            "list_user_usage",
            "list_oauth_tokens_of_user",
            "export_oauth_tokens",
            "revoke_oauth_token",
            "revoke_oauth_tokens_of_user",
            "revoke_oauth_tokens",
            "list_connections_of_user",
            "revoke_connection_of_user",
        ),
        USERS,
    ),
    **dict.fromkeys(("block_app", "unblock_app"), BLOCK),
    **dict.fromkeys(("save_profile", "save_permission_set"), PROFILES),
    **dict.fromkeys(("list_logins", "import_logins", "export_logins"), LOGINS),
    **dict.fromkeys(
        (
            "get_me",
            "change_password",
            "list_tokens",
            "create_token",
            "revoke_token",
            "revoke_tokens",
            "list_sessions",
            "end_session",
            "end_sessions",
            "list_connections",
            "revoke_connection",
        ),
        ONESELF,
    ),
}
EVERY = frozenset(permission.value for permission in ALL_PERMISSIONS)


def _short(needed: tuple[set[str], ...]) -> set[frozenset[str]]:
    """Return sets that do not suffice: nothing, each permission alone, and all but what is needed."""
    some = {
        frozenset[str](),
        *(frozenset({one}) for one in EVERY),
        *(frozenset({VIEW, one}) for one in EVERY),
    }
    some |= {EVERY - {one} for one in EVERY}
    some |= {EVERY - (frozenset().union(*needed) - {VIEW})}
    return {held for held in some if not any(enough <= held for enough in needed)}


def test_the_table_leaves_no_operation_out() -> None:
    assert NEEDED.keys() == PLACES.keys()


def test_whoever_lacks_one_permission_is_refused_and_nothing_changes(org: Rest) -> None:
    callers: dict[frozenset[str], Caller] = {}
    passwords: dict[frozenset[str], str] = {}

    def caller(held: frozenset[str]) -> Caller:
        if held not in callers:
            actor = org.user(f"user{len(callers)}@acme.example", *sorted(held))
            passwords[held] = org.world.passwords[actor.username]
            callers[held] = org.caller(actor)
            callers[held].get("/me")
        return callers[held]

    tried = [
        (operation, held)
        for operation, needed in sorted(NEEDED.items())
        for held in sorted(_short(needed), key=sorted)
    ]
    for _, held in tried:
        caller(held)
    requests = {operation: nearly_good(org, operation) for operation in NEEDED}
    before = org.world.everything()
    for operation, held in tried:
        request = requests[operation]
        if isinstance(request.body, dict) and "password" in request.body:
            request = replace(request, body={**request.body, "password": passwords[held]})
        answer = request.send(caller(held))
        assert answer.status_code in {403, 404}, (operation, sorted(held), answer.text)
        if answer.status_code == 404:
            # Only what has no name of its own: a batch or token that is not there.
            assert operation in OF_A_BATCH, operation
        else:
            assert refusal(answer, "E-NOT-PERMITTED")
    assert len(tried) > 1000
    assert org.world.everything() == before


@pytest.mark.parametrize(
    "operation", [name for name, place in PLACES.items() if place.method == "GET" and name not in OF_A_BATCH]
)
def test_the_smallest_sets_suffice_to_look(org: Rest, operation: str) -> None:
    for number, enough in enumerate(NEEDED[operation]):
        caller = org.caller(org.user(f"least{number}@acme.example", *sorted(enough)))
        assert nearly_good(org, operation).send(caller).status_code == 200
