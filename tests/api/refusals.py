"""What else each operation of the API may answer, and the change of a good request that provokes it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExternalClientApplication,
    ExtlClntAppOauthSettings,
)
from changeover.org.batch_undo import start_undo
from tests.api.operations import Request, all_users, batch_of, done_batch_of
from tests.api.rest import Rest
from tests.org.world import app, other_org

Change = Callable[[Rest, Request], Request]


def _with(**parts: Any) -> Change:
    """Return what changes parts of the good request."""
    return lambda _rest, request: replace(request, **parts)


def _body(**parts: Any) -> Change:
    return lambda _rest, request: replace(request, body={**request.body, **parts})


def _named(**names: str) -> Change:
    return lambda _rest, request: replace(request, names={**request.names, **names})


def _after(prepare: Callable[[Rest], object], change: Change = lambda _, request: request) -> Change:
    """Return what first does something to the org."""

    def changed(rest: Rest, request: Request) -> Request:
        prepare(rest)
        return change(rest, request)

    return changed


def _lock(rest: Rest) -> None:
    for _ in range(10):
        rest.admin.post("/connected-apps/Billing/credentials", {"password": "wrong"})


def _blocked(**leaves: Any) -> Callable[[Rest], object]:
    return lambda rest: rest.world.bring(app("Billing", **leaves))


def _part_of_another(rest: Rest) -> None:
    """Have another app hold the name that a part of `Fresh` is given by its migration."""
    header = ExternalClientApplication(full_name="Ledger", label="Ledger", distribution_state="Local")
    part = ExtlClntAppOauthSettings(full_name="Fresh_oauth", external_client_application="Ledger")
    rest.world.bring(ExternalClientApp(header=header, parts=(part,)), app("Fresh"))


def _placeholder(rest: Rest) -> None:
    rest.world.bring(
        app(
            "Named",
            profile_name=("Ghosts",),
            permission_set_name=("Ghost_Set",),
            oauth={"oauth_client_credential_user": "ghost@acme.example"},
        )
    )


def _set_with_a_comma(rest: Rest) -> None:
    """Make a permission set whose name no new one could have: an import brought it."""
    rest.world.bring(app("Named", permission_set_name=("Sales, West",)))
    rest.admin.put("/permission-sets/Sales%2C%20West", {"label": "Sales, West", "permissions": []})


def _administer_by_permission_set(rest: Rest) -> None:
    """Let the only administrator manage users by a permission set, and no longer by the profile."""
    held = ["ViewSetup", "ManageUsers"]
    rest.admin.put("/permission-sets/Managers", {"label": "Managers", "permissions": held})
    rest.admin.put("/users/admin@acme.example/permission-sets/Managers")
    left = ["ViewSetup", "ManageProfilesPermissionsets"]
    rest.admin.put("/profiles/System%20Administrator", {"permissions": left})


def _edition(rest: Rest) -> None:
    rest.switch(edition="Essentials")


def _run_elsewhere(rest: Rest, request: Request) -> Request:
    """Have another process be at the batch."""
    with rest.world.unit() as unit:
        later = unit.now + timedelta(minutes=1)
        unit.batches.claim(request.names["batch_id"], "another", unit.now, later)
    return request


def _rehearsed_elsewhere(rest: Rest, request: Request) -> Request:
    """Have another process rehearse apps of the org."""
    values = rest.world.house.key_values("rehearsals")
    values.write(f"{rest.world.org_id}.running", b"another", timedelta(minutes=1))
    return request


def _undone(rest: Rest, request: Request) -> Request:
    """Name the undo of a batch."""
    batch_id = done_batch_of(rest) if request.operation != "undo_batch" else request.names["batch_id"]
    undo = rest.world.do(start_undo, batch_id, confirmed=True, stamp=None)
    return replace(request, names={"batch_id": undo.batch_id})


_ONLY_ADMIN = {"username": "admin@acme.example"}
_P12 = {
    "credential": "Apple P12 certificate",
    "p12": base64.b64encode(b"no certificate").decode(),
    "password": "x",
    "environment": "Production",
}

REFUSALS: tuple[tuple[str, str, Change], ...] = (
    (
        "create_connected_app",
        "E-CREATION-OFF",
        _after(lambda r: r.switch(connected_app_creation_allowed=False)),
    ),
    ("create_connected_app", "E-NAME-TAKEN", _body(api_name="Billing")),
    ("create_connected_app", "E-NAME-TAKEN", _body(api_name="portal")),
    ("create_connected_app", "E-VALUE-REFUSED", _body(api_name="../../etc/passwd")),
    ("create_connected_app", "E-VALUE-REFUSED", _body(changes={})),
    ("resume_batch", "E-BATCH-RUNNING", _run_elsewhere),
    ("list_batch_losses", "E-VALUE-REFUSED", _undone),
    ("undo_batch", "E-VALUE-REFUSED", _undone),
    (
        "undo_batch",
        "E-BATCH-RUNNING",
        lambda rest, request: replace(request, names={"batch_id": batch_of(rest)}),
    ),
    ("undo_batch", "E-CONFIRM-DELETION", _body(confirmed=False)),
    ("start_rehearsal", "E-VALUE-REFUSED", _body(assume=["nothing-known"])),
    ("start_rehearsal", "E-REHEARSAL-RUNNING", _rehearsed_elsewhere),
    ("undo_batch", "E-STALE-PAGE", _body(stamp="9.9")),
    ("edit_connected_app", "E-APP-READ-ONLY", _named(name="Portal")),
    ("edit_connected_app", "E-VALUE-REFUSED", _body(changes={"noSuchElement": "x"})),
    ("edit_connected_app", "E-VALUE-REFUSED", _body(changes={"oauthConfig/isPkceRequired": "maybe"})),
    ("edit_connected_app", "E-VALUE-REFUSED", _body(changes={"oauthConfig/scopes": "Api"})),
    ("edit_connected_app", "E-VALUE-REFUSED", _body(changes={"oauthConfig/scopes": ["Api", {"a": "b"}]})),
    ("edit_connected_app", "E-VALUE-REFUSED", _body(changes={"label": None})),
    ("edit_connected_app", "E-VALUE-REFUSED", _body(changes={"oauthConfig/consumerSecret": "x"})),
    (
        "edit_connected_app",
        "E-VALUE-REFUSED",
        _body(changes={"ipRanges": [{"start": "9.9.9.9", "end": "1.1.1.1"}]}),
    ),
    ("edit_connected_app", "E-VALUE-REFUSED", _body(changes={"": "x"})),
    ("edit_connected_app", "E-VALUE-REFUSED", _body(changes={"label": "a\u0001b"})),
    ("set_connected_app_switches", "E-APP-READ-ONLY", _named(name="Portal")),
    ("delete_connected_app", "E-EXTERNAL-CLIENT-APP-THERE", _named(name="Portal")),
    ("delete_connected_app", "E-CONFIRM-DELETION", _with(params={})),
    ("migrate_connected_app", "E-EDITION", _after(_edition)),
    (
        "migrate_connected_app",
        "E-NOT-OPTED-IN",
        _after(lambda r: r.switch(external_client_apps_enabled=False)),
    ),
    ("migrate_connected_app", "E-ALREADY-MIGRATED", _named(name="Portal")),
    ("migrate_connected_app", "E-STALE-PAGE", _body(version=999)),
    ("migrate_connected_app", "E-NAME-TAKEN", _after(_part_of_another, _named(name="Fresh"))),
    (
        "migrate_connected_app",
        "E-NOT-LOCAL",
        _after(lambda r: r.world.bring(app("ns__App")), _named(name="ns__App")),
    ),
    ("migrate_connected_app", "E-PUSH-INVALID", _named(name="Courier")),
    ("migrate_connected_app", "E-NOT-ELIGIBLE", _after(_blocked(plugin="Handler"))),
    ("migrate_connected_app", "E-CONFIRM-LOCAL", _body(local=False)),
    ("migrate_connected_app", "E-CONFIRM-NO-USERNAME-PASSWORD", _body(no_username_password=False)),
    ("migrate_connected_app", "E-USERNAME-PASSWORD-SEEN", _after(lambda r: r.world.log_in("Billing"))),
    (
        "migrate_connected_app",
        "E-EVIDENCE-AGAINST",
        _after(_blocked(oauth={"callback_url": "http://localhost:1717/OauthRedirect", "certificate": "PEM"})),
    ),
    ("edit_settings", "E-VALUE-REFUSED", _body(changes={"ecaPlcy/isEnabled": False})),
    ("edit_settings", "E-VALUE-REFUSED", _body(changes={"eca/distributionState": "Packaged"})),
    ("edit_settings", "E-VALUE-REFUSED", _body(changes={"ecaGlblOauth/consumerSecret": "x"})),
    ("edit_policies", "E-VALUE-REFUSED", _body(changes={"ecaPlcy/isEnabled": None})),
    ("edit_policies", "E-VALUE-REFUSED", _body(changes={"eca/label": "x"})),
    ("delete_external_client_app", "E-CONFIRM-DELETION", _with(params={"confirmed": "false"})),
    ("reveal_connected_app", "E-PASSWORD-WRONG", _body(password="wrong")),
    ("reveal_connected_app", "E-SIGN-IN-LOCKED", _after(_lock)),
    ("rotate_connected_app", "E-APP-READ-ONLY", _named(name="Portal")),
    ("rotate_connected_app", "E-VALUE-REFUSED", _body(secret=False)),
    ("rotate_connected_app", "E-PASSWORD-WRONG", _body(password="wrong")),
    ("rotate_connected_app", "E-SIGN-IN-LOCKED", _after(_lock)),
    ("set_secret", "E-APP-READ-ONLY", _named(name="Portal")),
    ("set_secret", "E-VALUE-REFUSED", _body(secret="short")),
    (
        "reveal_external_client_app",
        "E-SECRETS-OVER-REST",
        _after(lambda r: r.switch(secrets_over_rest=False)),
    ),
    ("reveal_external_client_app", "E-PASSWORD-WRONG", _body(password="wrong")),
    ("reveal_external_client_app", "E-SIGN-IN-LOCKED", _after(_lock)),
    (
        "rotate_external_client_app",
        "E-SECRETS-OVER-REST",
        _after(lambda r: r.switch(secrets_over_rest=False)),
    ),
    ("rotate_external_client_app", "E-VALUE-REFUSED", _body(secret=False, key=False)),
    ("rotate_external_client_app", "E-PASSWORD-WRONG", _body(password="wrong")),
    ("rotate_external_client_app", "E-SIGN-IN-LOCKED", _after(_lock)),
    ("set_push_settings", "E-APP-READ-ONLY", _named(name="Portal")),
    ("set_push_settings", "E-VALUE-REFUSED", _named(service="Apple")),
    (
        "set_push_settings",
        "E-PUSH-CREDENTIAL-UNREADABLE",
        lambda _rest, request: replace(request, names={**request.names, "service": "Apple"}, body=_P12),
    ),
    ("remove_push_settings", "E-APP-READ-ONLY", _named(name="Portal")),
    ("remove_push_settings", "E-RECORD-NOT-FOUND", _named(name="Billing")),
    ("set_delivery", "E-APP-READ-ONLY", _named(app="Portal")),
    ("set_delivery", "E-RECORD-NOT-FOUND", _named(notification_type="Nope")),
    ("save_notification_type", "E-VALUE-REFUSED", _body(label=" ")),
    ("save_briefcase", "E-VALUE-REFUSED", _body(label="")),
    ("assign_to_briefcase", "E-APP-READ-ONLY", _named(app="Portal")),
    ("assign_to_briefcase", "E-RECORD-NOT-FOUND", _named(api_name="Nope")),
    ("unassign_from_briefcase", "E-APP-READ-ONLY", _named(app="Portal")),
    ("unassign_from_briefcase", "E-RECORD-NOT-FOUND", _named(api_name="Nope")),
    ("import_files", "E-ZIP-REFUSED", _with(body=b"PK no archive")),
    ("import_logins", "E-LOGIN-HISTORY-UNREADABLE", _with(body=b"a,b\n1,2\n")),
    ("create_user", "E-NAME-TAKEN", _body(username="temp@acme.example")),
    ("create_user", "E-VALUE-REFUSED", _body(username="no address")),
    ("create_user", "E-RECORD-NOT-FOUND", _body(profile="Nope")),
    ("create_user", "E-PLACEHOLDER", _after(_placeholder, _body(profile="Ghosts"))),
    ("edit_user", "E-LAST-ADMINISTRATOR", _with(names=_ONLY_ADMIN)),
    ("edit_user", "E-PLACEHOLDER", _after(_placeholder, _with(names={"username": "ghost@acme.example"}))),
    ("edit_user", "E-VALUE-REFUSED", _with(body={"name": " "})),
    (
        "reset_password",
        "E-PLACEHOLDER",
        _after(_placeholder, _with(names={"username": "ghost@acme.example"})),
    ),
    ("assign_permission_set", "E-PLACEHOLDER", _after(_placeholder, _named(permission_set="Ghost_Set"))),
    ("assign_permission_set", "E-RECORD-NOT-FOUND", _named(permission_set="Nope")),
    ("unassign_permission_set", "E-PLACEHOLDER", _after(_placeholder, _named(permission_set="Ghost_Set"))),
    (
        "save_profile",
        "E-LAST-ADMINISTRATOR",
        _with(
            names={"name": "System Administrator"},
            body={"permissions": ["ManageProfilesPermissionsets", "ViewSetup"]},
        ),
    ),
    ("give_connected_app_to_profile", "E-APP-READ-ONLY", _named(app="Portal")),
    ("give_connected_app_to_profile", "E-SELF-AUTHORIZED", _named(app="Courier")),
    ("give_connected_app_to_profile", "E-PLACEHOLDER", _after(_placeholder, _named(name="Ghosts"))),
    ("take_connected_app_from_profile", "E-APP-READ-ONLY", _named(app="Portal")),
    ("give_external_client_app_to_profile", "E-SELF-AUTHORIZED", _after(all_users)),
    ("give_external_client_app_to_profile", "E-PLACEHOLDER", _after(_placeholder, _named(name="Ghosts"))),
    ("give_connected_app_to_permission_set", "E-APP-READ-ONLY", _named(app="Portal")),
    ("give_connected_app_to_permission_set", "E-SELF-AUTHORIZED", _named(app="Courier")),
    (
        "give_connected_app_to_permission_set",
        "E-PLACEHOLDER",
        _after(_placeholder, _named(api_name="Ghost_Set")),
    ),
    ("take_connected_app_from_permission_set", "E-APP-READ-ONLY", _named(app="Portal")),
    ("give_external_client_app_to_permission_set", "E-SELF-AUTHORIZED", _after(all_users)),
    (
        "give_external_client_app_to_permission_set",
        "E-PLACEHOLDER",
        _after(_placeholder, _named(api_name="Ghost_Set")),
    ),
    (
        "give_external_client_app_to_permission_set",
        "E-VALUE-REFUSED",
        _after(_set_with_a_comma, _named(api_name="Sales%2C%20West")),
    ),
    (
        "give_external_client_app_to_profile",
        "E-VALUE-REFUSED",
        _after(
            lambda r: r.admin.put("/profiles/Sales%2C%20West", {"permissions": []}),
            _named(name="Sales%2C%20West"),
        ),
    ),
    *(
        (operation, code, _named(kind=kind, app="Nope"))
        for operation in (
            "list_user_usage",
            "list_oauth_tokens_of_user",
            "revoke_oauth_token",
            "revoke_oauth_tokens_of_user",
            "revoke_oauth_tokens",
            "unblock_app",
        )
        for kind, code in (
            ("connected-app", "E-APP-NOT-FOUND"),
            ("external-client-app", "E-EXTERNAL-CLIENT-APP-NOT-FOUND"),
        )
    ),
    *(
        (operation, "E-RECORD-NOT-FOUND", _named(username="nobody@acme.example", token_id="0CQNone"))
        for operation in ("list_oauth_tokens_of_user", "revoke_oauth_token", "revoke_oauth_tokens_of_user")
    ),
    ("block_app", "E-APP-NOT-FOUND", _named(app="Nope")),
    ("block_app", "E-APP-READ-ONLY", _named(app="Portal")),
    ("block_app", "E-VALUE-REFUSED", _named(kind="external-client-app", app="Portal")),
    ("save_profile", "E-VALUE-REFUSED", _with(names={"name": "%20"})),
    (
        "unassign_permission_set",
        "E-LAST-ADMINISTRATOR",
        _after(_administer_by_permission_set, _with(names={**_ONLY_ADMIN, "permission_set": "Managers"})),
    ),
    (
        "save_permission_set",
        "E-LAST-ADMINISTRATOR",
        _after(
            _administer_by_permission_set,
            _with(names={"api_name": "Managers"}, body={"label": "Managers", "permissions": []}),
        ),
    ),
    ("edit_org", "E-NAME-TAKEN", _after(lambda r: other_org(r.world), _with(body={"name": "Globex"}))),
    ("save_permission_set", "E-VALUE-REFUSED", _with(names={"api_name": "no api name"})),
    ("edit_org", "E-VALUE-REFUSED", _with(body={"my_domain": "No Domain!"})),
    ("change_password", "E-PASSWORD-WRONG", _body(old="wrong")),
    ("change_password", "E-PASSWORD-TOO-WEAK", _body(new="short")),
    ("change_password", "E-SIGN-IN-LOCKED", _after(_lock)),
    ("create_token", "E-VALUE-REFUSED", _body(name=" ")),
    ("create_token", "E-VALUE-REFUSED", _body(expires_at="9999-12-31T23:59:59-12:00")),
    ("create_token", "E-VALUE-REFUSED", _body(expires_at="0001-01-01T00:00:00+12:00")),
    ("edit_connected_app", "E-VALUE-REFUSED", _body(changes={"oauthConfig/scopes[7]": "Web"})),
    ("edit_connected_app", "E-VALUE-REFUSED", _body(changes={"ipRanges[9]/start": "1.1.1.1"})),
    ("create_token", "E-VALUE-REFUSED", _body(expires_at="2001-01-01T00:00:00Z")),
)
"""Operation, code, and what of the good request is otherwise."""
