"""Every operation of the API with one request that goes well, and what else each of them may answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any

import msgspec
from httpx import Response

from changeover.org import batches, briefcases, notifications, push
from changeover.org.batch_runs import run_batch
from changeover.org.model.apps import Confirmation
from changeover.org.model.beside_apps import NotificationType
from changeover.rehearse.background import KeptRehearsal, RehearsalState
from changeover.rehearse.told import Tally, setting_told
from changeover.web.api.openapi import describe
from changeover.web.api.router import OPERATIONS
from tests.api.rest import CONFIRMED, V1, Caller, Rest, archive
from tests.org.authorized import authorized
from tests.org.signed_in import signed_in
from tests.org.world import actor_named, app

LOGINS = (
    "Login Time,Application,Login Subtype,Username,Status\n"
    "2026-11-03T12:00:00.000Z,Billing,OauthWebServer,int@acme.example,Success\n"
)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request of one operation."""

    operation: str
    names: dict[str, str] = field(default_factory=dict)
    """Values of the names in the path."""
    params: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """JSON, or bytes."""
    kind: str = "application/json"
    version: str | None = None
    """If-Match, where the operation takes it."""
    headers: dict[str, str] = field(default_factory=dict)

    def of(self, name: str) -> Request:
        """Return the same request of what has another name; the kind of app is no name."""
        names = {each: value if each == "kind" else name for each, value in self.names.items()}
        return replace(self, names=names)

    def send(self, caller: Caller) -> Response:
        """Send it."""
        place = PLACES[self.operation]
        path = place.path
        for name, value in self.names.items():
            path = path.replace("{" + name + "}", value)
        more: dict[str, Any] = {"headers": dict(self.headers), "params": self.params}
        if isinstance(self.body, bytes):
            more["content"] = self.body
            more["headers"].setdefault("Content-Type", self.kind)
        elif self.body is not None:
            more["json"] = self.body
        if self.version is not None:
            more["version"] = self.version
        return caller.request(place.method, path, **more)


@dataclass(frozen=True)
class Place:
    """Where an operation is, and what its description says that it may answer."""

    operation: str
    method: str
    path: str
    """Below `/api/v1`."""
    described: dict[str, Any]

    @property
    def statuses(self) -> set[int]:
        """The documented statuses."""
        return {int(status) for status in self.described["responses"]}

    @property
    def takes_version(self) -> bool:
        return any(each["name"] == "If-Match" for each in self.described.get("parameters", ()))

    @property
    def takes_body(self) -> bool:
        return "requestBody" in self.described

    def codes(self, status: int) -> set[str]:
        """The documented codes of a status."""
        words = self.described["responses"].get(str(status), {}).get("description", "")
        return {word.strip("`:") for word in words.split() if word.startswith("`E-")}


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return describe(OPERATIONS)


def _places() -> dict[str, Place]:
    found = {}
    for path, item in document()["paths"].items():
        for method, described in item.items():
            operation = described["operationId"]
            found[operation] = Place(operation, method.upper(), path.removeprefix(V1), described)
    return found


PLACES = _places()

_EDIT = {"changes": {"description": "Edited."}}
_P8 = {
    "credential": "Android server key",
    "server_key": "AAAA-legacy-server-key",
}


def furnish(rest: Rest) -> None:
    """Put into the org what the requests below name."""
    world = rest.world
    world.bring(app("Billing"), app("Courier"), app("Portal"))
    world.migrated("Portal")
    world.do(
        notifications.save_notification_type, NotificationType(api_name="Case", label="Case", custom=True)
    )
    world.do(briefcases.save_briefcase, "Field_Kit", "Field Kit")
    world.do(briefcases.assign, "Field_Kit", "Billing")
    given = push.AndroidServerKey(server_key="AAAA-legacy-server-key")
    world.do(push.set_push, "Courier", given, seen_version=None)
    rest.user("temp@acme.example", "ViewSetup")
    rest.switch(connected_app_creation_allowed=True, secrets_over_rest=True)


OF_A_BATCH = frozenset(
    {"get_batch", "list_outcomes", "stop_batch", "resume_batch", "list_batch_losses", "undo_batch"}
)
_UNDO = {"confirmed": True}


def batch_of(rest: Rest) -> str:
    """Return the id of a batch that has not run."""
    batch = rest.world.do(batches.start_batch, ["Billing"], Confirmation())
    return str(batch.batch_id)


def done_batch_of(rest: Rest) -> str:
    """Return the id of a batch that has migrated an app."""
    yes = Confirmation(local=True, no_username_password=True)
    batch = rest.world.do(batches.start_batch, ["Billing"], yes)
    list(run_batch(rest.world.house.units, batch.batch_id))
    return str(batch.batch_id)


def rehearsal_of(rest: Rest) -> str:
    """Return the id of a rehearsal that is kept."""
    world = rest.world
    kept = KeptRehearsal(
        rehearsal_id="kept",
        state=RehearsalState.DONE,
        started_at=world.clock.now(),
        started_by=world.admin.username,
        total=0,
        setting=setting_told("Acme", world.clock.now().date(), ()),
        summary=Tally().figures,
    )
    values = world.house.key_values("rehearsals")
    values.write(f"{world.org_id}.kept", msgspec.json.encode(kept), timedelta(days=1))
    return kept.rehearsal_id


def token_of(rest: Rest) -> str:
    """Return the id of a token of the administrator."""
    return str(rest.admin.post("/me/tokens", {"name": "x"}).json()["token"]["token_id"])


_POLICY = "ecaOauthPlcy/permittedUsersPolicyType"


def _pre_authorized(rest: Rest, name: str) -> str:
    """Let only pre-authorized users use Billing, or Portal's external client app; returns the name."""
    if name == "Portal":
        changes, path = {_POLICY: "AdminApprovedPreAuthorized"}, "/external-client-apps/Portal/policies"
    else:
        changes, path = {"oauthConfig/isAdminApproved": "true"}, "/connected-apps/Billing"
    rest.admin.patch(path, {"changes": changes}, version="*")
    return name


def all_users(rest: Rest) -> None:
    """Let all users use Portal's external client app again."""
    changes = {_POLICY: "AllSelfAuthorized"}
    rest.admin.patch("/external-client-apps/Portal/policies", {"changes": changes}, version="*")


def _clerks(rest: Rest) -> str:
    """Make a profile and a permission set that no other org has."""
    rest.admin.put("/profiles/Clerks", {"permissions": []})
    rest.admin.put("/permission-sets/Clerks", {"label": "Clerks", "permissions": []})
    return "Clerks"


def good(rest: Rest, operation: str) -> Request:
    """Return a request that goes well in a furnished org."""
    made = _GOOD[operation]
    request = made(rest) if callable(made) else made
    return replace(request, operation=operation)


def nearly_good(rest: Rest, operation: str) -> Request:
    """Return the same, where making it would change the org with names of what is not there."""
    if operation in OF_A_BATCH or operation in {"revoke_token", "end_session"}:
        body = _UNDO if operation == "undo_batch" else None
        names = {"batch_id": "0BtNone", "token_id": "0AtNone", "session_id": "0AkNone"}
        return Request(operation=operation, names=names, body=body)
    if operation in {"revoke_oauth_token", "revoke_connection", "revoke_connection_of_user"}:
        return Request(operation=operation, names={**_OF_BILLING, **_USER, "token_id": "0CQNone"})
    if operation in {"revoke_tokens", "end_sessions"}:
        return Request(operation=operation)
    if operation in {"revoke_token_of_user", "end_session_of_user"}:
        names = {**_USER, "token_id": "0AtNone", "session_id": "0AkNone"}
        return Request(operation=operation, names=names)
    if operation.startswith(("give_", "list_apps_of_")):
        names = {"name": "Read Only", "api_name": "External_Client_App_Viewer"}
        app_name = "Portal" if "external" in operation else "Billing"
        return Request(operation=operation, names={**names, "app": app_name})
    return good(rest, operation)


def session_of(rest: Rest, username: str) -> str:
    """Give a user a session, and return its id."""
    return signed_in(rest.world, actor_named(rest.world.house, username))


def oauth_token_of(rest: Rest) -> str:
    """Have the administrator authorize Billing; returns the id of the authorization."""
    world = rest.world
    return authorized(world.house.units, world.org_id, world.admin.username, "3MVG9.Billing_key")


def _connected(rest: Rest, username: str) -> dict[str, str]:
    """Have a user authorize Billing; returns what names it."""
    world = rest.world
    authorized(world.house.units, world.org_id, username, "3MVG9.Billing_key")
    return _OF_BILLING


def _r(**parts: Any) -> Request:
    return Request(operation="", **parts)


_BILLING = {"name": "Billing"}
_PORTAL = {"name": "Portal"}
_USER = {"username": "temp@acme.example"}
_OURS = {"kind": "connected-app"}
_OF_BILLING = {**_OURS, "app": "Billing"}
_NEW_USER = {
    "username": "new@acme.example",
    "name": "New",
    "email": "new@acme.example",
    "profile": "Read Only",
}

_GOOD: dict[str, Request | Callable[[Rest], Request]] = {
    "list_connected_apps": _r(
        params={"q": "bill", "sort": "-label", "page_size": "5", "verdict": "eligible"}
    ),
    "create_connected_app": _r(
        body={"api_name": "Fresh", "changes": {"label": "Fresh", "contactEmail": "it@acme.example"}}
    ),
    "get_connected_app": _r(names=_BILLING),
    "edit_connected_app": _r(names=_BILLING, body=_EDIT, version="*"),
    "set_connected_app_switches": _r(names=_BILLING, body={"user_provisioning": True}, version="*"),
    "delete_connected_app": _r(names=_BILLING, params={"confirmed": "true"}, version="*"),
    "assess_connected_app": _r(names=_BILLING),
    "plan_connected_app": _r(names=_BILLING),
    "list_references": _r(names=_BILLING),
    "migrate_connected_app": _r(names=_BILLING, body=CONFIRMED),
    "migrate_several": _r(body={"api_names": ["Billing", "Courier"], **CONFIRMED}),
    "list_batches": _r(),
    "get_batch": lambda rest: _r(names={"batch_id": batch_of(rest)}),
    "list_outcomes": lambda rest: _r(names={"batch_id": batch_of(rest)}, params={"result": "failed"}),
    "stop_batch": lambda rest: _r(names={"batch_id": batch_of(rest)}),
    "resume_batch": lambda rest: _r(names={"batch_id": batch_of(rest)}),
    "list_batch_losses": lambda rest: _r(names={"batch_id": batch_of(rest)}),
    "undo_batch": lambda rest: _r(names={"batch_id": done_batch_of(rest)}, body=_UNDO),
    "start_rehearsal": _r(body={"api_names": ["Billing"], "assume": ["pkce-forced"]}),
    "list_rehearsals": _r(),
    "get_rehearsal": lambda rest: _r(names={"rehearsal_id": rehearsal_of(rest)}),
    "list_external_client_apps": _r(params={"q": "portal", "sort": "-made_at"}),
    "get_external_client_app": _r(names=_PORTAL),
    "get_account": _r(names=_PORTAL),
    "edit_settings": _r(names=_PORTAL, body={"changes": {"eca/description": "Edited."}}, version="*"),
    "edit_policies": _r(
        names=_PORTAL,
        body={"changes": {"ecaOauthPlcy/permittedUsersPolicyType": "AdminApprovedPreAuthorized"}},
        version="*",
    ),
    "list_loose_points": _r(names=_PORTAL),
    "tighten": lambda rest: _r(
        names={
            **_PORTAL,
            "point": rest.admin.get("/external-client-apps/Portal/loose-points").json()[0]["id"],
        },
        version="*",
    ),
    "get_losses": _r(names=_PORTAL),
    "delete_external_client_app": _r(names=_PORTAL, params={"confirmed": "true"}, version="*"),
    "reveal_connected_app": lambda rest: _r(names=_BILLING, body={"password": rest.world.password}),
    "rotate_connected_app": lambda rest: _r(
        names=_BILLING, body={"password": rest.world.password}, version="*"
    ),
    "set_secret": _r(names=_BILLING, body={"secret": "THE-BILLING-SECRET"}, version="*"),
    "reveal_external_client_app": lambda rest: _r(names=_PORTAL, body={"password": rest.world.password}),
    "rotate_external_client_app": lambda rest: _r(
        names=_PORTAL, body={"password": rest.world.password, "key": True}, version="*"
    ),
    "list_push_settings": _r(names={"name": "Courier"}),
    "set_push_settings": _r(names={**_BILLING, "service": "Android"}, body=_P8, version="*"),
    "remove_push_settings": _r(names={"name": "Courier", "service": "Android"}, version="*"),
    "list_delivery_settings": _r(),
    "set_delivery": _r(names={"notification_type": "Case", "app": "Billing"}, body={"enabled": True}),
    "save_notification_type": _r(names={"api_name": "Order"}, body={"label": "Order"}),
    "list_briefcases": _r(),
    "save_briefcase": _r(names={"api_name": "Office_Kit"}, body={"label": "Office Kit"}),
    "list_assignable_apps": _r(),
    "assign_to_briefcase": _r(names={"api_name": "Field_Kit", "app": "Courier"}),
    "unassign_from_briefcase": _r(names={"api_name": "Field_Kit", "app": "Billing"}),
    "import_files": _r(body=archive(app("Imported")), kind="application/zip"),
    "export_files": _r(params={"layout": "source"}),
    "list_app_usage": _r(names=_OURS, params={"q": "bill", "sort": "-users", "page_size": "5"}),
    "list_user_usage": _r(names=_OF_BILLING, params={"sort": "username"}),
    "list_oauth_tokens_of_user": _r(names={**_OF_BILLING, **_USER}),
    "revoke_oauth_token": lambda rest: _r(names={**_OF_BILLING, "token_id": oauth_token_of(rest)}),
    "revoke_oauth_tokens_of_user": _r(names={**_OF_BILLING, **_USER}),
    "revoke_oauth_tokens": _r(names=_OF_BILLING),
    "block_app": _r(names=_OF_BILLING),
    "unblock_app": _r(names=_OF_BILLING),
    "list_connections": _r(),
    "revoke_connection": lambda rest: _r(names=_connected(rest, rest.world.admin.username)),
    "list_connections_of_user": _r(names=_USER),
    "revoke_connection_of_user": lambda rest: _r(names={**_connected(rest, _USER["username"]), **_USER}),
    "export_oauth_tokens": _r(),
    "export_logins": _r(),
    "list_logins": _r(params={"q": "int@", "refused": "false", "login_type": "Oauth2"}),
    "import_logins": _r(body=LOGINS.encode(), kind="text/csv"),
    "list_users": _r(),
    "create_user": _r(body=_NEW_USER),
    "get_user": _r(names=_USER),
    "edit_user": _r(names=_USER, body={"active": False}),
    "reset_password": _r(names=_USER),
    "assign_permission_set": _r(names={**_USER, "permission_set": "External_Client_App_Admin"}),
    "unassign_permission_set": _r(names={**_USER, "permission_set": "External_Client_App_Admin"}),
    "list_profiles": _r(),
    "save_profile": _r(names={"name": "Sales"}, body={"permissions": ["ViewSetup"]}),
    "list_permission_sets": _r(),
    "save_permission_set": _r(
        names={"api_name": "Sales"}, body={"label": "Sales", "permissions": ["ViewSetup"]}
    ),
    "list_apps_of_profile": lambda rest: _r(names={"name": _clerks(rest)}),
    "list_apps_of_permission_set": lambda rest: _r(names={"api_name": _clerks(rest)}),
    "give_connected_app_to_profile": lambda rest: _r(
        names={"name": "Read Only", "app": _pre_authorized(rest, "Billing")}
    ),
    "take_connected_app_from_profile": _r(names={"name": "Read Only", "app": "Billing"}),
    "give_external_client_app_to_profile": lambda rest: _r(
        names={"name": "Read Only", "app": _pre_authorized(rest, "Portal")}
    ),
    "take_external_client_app_from_profile": _r(names={"name": "Read Only", "app": "Portal"}),
    "give_connected_app_to_permission_set": lambda rest: _r(
        names={"api_name": "External_Client_App_Viewer", "app": _pre_authorized(rest, "Billing")}
    ),
    "take_connected_app_from_permission_set": _r(
        names={"api_name": "External_Client_App_Viewer", "app": "Billing"}
    ),
    "give_external_client_app_to_permission_set": lambda rest: _r(
        names={"api_name": "External_Client_App_Viewer", "app": _pre_authorized(rest, "Portal")}
    ),
    "take_external_client_app_from_permission_set": _r(
        names={"api_name": "External_Client_App_Viewer", "app": "Portal"}
    ),
    "get_org": _r(),
    "edit_org": _r(body={"user_agent_blocked": True}, version="*"),
    "get_overview": _r(),
    "list_audit_trail": _r(params={"subject": "Billing"}),
    "get_me": _r(),
    "change_password": lambda rest: _r(body={"old": rest.world.password, "new": "another long password"}),
    "list_tokens": _r(),
    "create_token": _r(body={"name": "ci"}),
    "revoke_token": lambda rest: _r(names={"token_id": token_of(rest)}),
    "revoke_tokens": lambda rest: _r(params={"keep": token_of(rest)}),
    "list_sessions": _r(),
    "end_session": lambda rest: _r(names={"session_id": session_of(rest, rest.world.admin.username)}),
    "end_sessions": lambda rest: _r(params={"keep": session_of(rest, rest.world.admin.username)}),
    "list_sessions_of_user": _r(names=_USER),
    "end_session_of_user": lambda rest: _r(
        names={**_USER, "session_id": session_of(rest, _USER["username"])}
    ),
    "end_sessions_of_user": _r(names=_USER),
    "list_tokens_of_user": _r(names=_USER),
    "revoke_token_of_user": lambda rest: _r(
        names={"username": rest.world.admin.username, "token_id": token_of(rest)}
    ),
    "revoke_tokens_of_user": _r(names=_USER),
}
