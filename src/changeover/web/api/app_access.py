"""Which apps a profile or a permission set gives access to. What is true stands in the apps themselves."""

from __future__ import annotations

from litestar import delete, get, put
from litestar.params import FromPath

from changeover import errors
from changeover.org import app_access as acts
from changeover.org.app_access import Grantee, permission_set, profile
from changeover.shapes.people import AppAccess
from changeover.web.api.call import Call, ThisCall
from changeover.web.api.people import PERMISSIONS
from changeover.web.api.refusals import refusals

_PROFILE = "/profiles/{name:str}"
_SET = "/permission-sets/{api_name:str}"
_APPS = "/apps"
_CONNECTED = "/connected-apps/{app:str}"
_EXTERNAL = "/external-client-apps/{app:str}"

_LOOK = refusals(errors.RECORD_NOT_FOUND)
_TAKE_CONNECTED = refusals(errors.RECORD_NOT_FOUND, errors.APP_NOT_FOUND, errors.APP_READ_ONLY)
_GIVE_CONNECTED = refusals(
    errors.RECORD_NOT_FOUND,
    errors.APP_NOT_FOUND,
    errors.APP_READ_ONLY,
    errors.SELF_AUTHORIZED,
    errors.PLACEHOLDER,
)
_TAKE_EXTERNAL = refusals(errors.RECORD_NOT_FOUND, errors.EXTERNAL_CLIENT_APP_NOT_FOUND)
_GIVE_EXTERNAL = refusals(
    errors.RECORD_NOT_FOUND,
    errors.EXTERNAL_CLIENT_APP_NOT_FOUND,
    errors.SELF_AUTHORIZED,
    errors.PLACEHOLDER,
    errors.VALUE_REFUSED,
)


def _list(call: Call, grantee: Grantee) -> list[AppAccess]:
    with call.read() as unit:
        return [AppAccess.of(each) for each in acts.list_app_access(unit, call.actor, grantee)]


@get(_PROFILE + _APPS, sync_to_thread=True, tags=PERMISSIONS, responses=_LOOK)
def list_apps_of_profile(call: ThisCall, name: FromPath[str]) -> list[AppAccess]:
    """List the apps that name a profile; external client apps only for who may view them."""
    return _list(call, profile(name))


@put(_PROFILE + _CONNECTED, sync_to_thread=True, status_code=204, tags=PERMISSIONS, responses=_GIVE_CONNECTED)
def give_connected_app_to_profile(call: ThisCall, name: FromPath[str], app: FromPath[str]) -> None:
    """Let a profile use a connected app."""
    with call.unit() as unit:
        acts.give_connected_app(unit, call.actor, app, profile(name))


@delete(_PROFILE + _CONNECTED, sync_to_thread=True, tags=PERMISSIONS, responses=_TAKE_CONNECTED)
def take_connected_app_from_profile(call: ThisCall, name: FromPath[str], app: FromPath[str]) -> None:
    """Take the access to a connected app back from a profile."""
    with call.unit() as unit:
        acts.take_connected_app(unit, call.actor, app, profile(name))


@put(_PROFILE + _EXTERNAL, sync_to_thread=True, status_code=204, tags=PERMISSIONS, responses=_GIVE_EXTERNAL)
def give_external_client_app_to_profile(call: ThisCall, name: FromPath[str], app: FromPath[str]) -> None:
    """Let a profile use an external client app."""
    with call.unit() as unit:
        acts.give_external_client_app(unit, call.actor, app, profile(name))


@delete(_PROFILE + _EXTERNAL, sync_to_thread=True, tags=PERMISSIONS, responses=_TAKE_EXTERNAL)
def take_external_client_app_from_profile(call: ThisCall, name: FromPath[str], app: FromPath[str]) -> None:
    """Take the access to an external client app back from a profile."""
    with call.unit() as unit:
        acts.take_external_client_app(unit, call.actor, app, profile(name))


@get(_SET + _APPS, sync_to_thread=True, tags=PERMISSIONS, responses=_LOOK)
def list_apps_of_permission_set(call: ThisCall, api_name: FromPath[str]) -> list[AppAccess]:
    """List the apps that name a permission set; external client apps only for who may view them."""
    return _list(call, permission_set(api_name))


@put(_SET + _CONNECTED, sync_to_thread=True, status_code=204, tags=PERMISSIONS, responses=_GIVE_CONNECTED)
def give_connected_app_to_permission_set(call: ThisCall, api_name: FromPath[str], app: FromPath[str]) -> None:
    """Let a permission set use a connected app."""
    with call.unit() as unit:
        acts.give_connected_app(unit, call.actor, app, permission_set(api_name))


@delete(_SET + _CONNECTED, sync_to_thread=True, tags=PERMISSIONS, responses=_TAKE_CONNECTED)
def take_connected_app_from_permission_set(
    call: ThisCall, api_name: FromPath[str], app: FromPath[str]
) -> None:
    """Take the access to a connected app back from a permission set."""
    with call.unit() as unit:
        acts.take_connected_app(unit, call.actor, app, permission_set(api_name))


@put(_SET + _EXTERNAL, sync_to_thread=True, status_code=204, tags=PERMISSIONS, responses=_GIVE_EXTERNAL)
def give_external_client_app_to_permission_set(
    call: ThisCall, api_name: FromPath[str], app: FromPath[str]
) -> None:
    """Let a permission set use an external client app."""
    with call.unit() as unit:
        acts.give_external_client_app(unit, call.actor, app, permission_set(api_name))


@delete(_SET + _EXTERNAL, sync_to_thread=True, tags=PERMISSIONS, responses=_TAKE_EXTERNAL)
def take_external_client_app_from_permission_set(
    call: ThisCall, api_name: FromPath[str], app: FromPath[str]
) -> None:
    """Take the access to an external client app back from a permission set."""
    with call.unit() as unit:
        acts.take_external_client_app(unit, call.actor, app, permission_set(api_name))


OPERATIONS = (
    list_apps_of_profile,
    give_connected_app_to_profile,
    take_connected_app_from_profile,
    give_external_client_app_to_profile,
    take_external_client_app_from_profile,
    list_apps_of_permission_set,
    give_connected_app_to_permission_set,
    take_connected_app_from_permission_set,
    give_external_client_app_to_permission_set,
    take_external_client_app_from_permission_set,
)
