"""Notification Delivery Settings and Briefcase Builder: a migrated connected app is in neither."""

from __future__ import annotations

from typing import Annotated

from litestar import delete, get, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from changeover import errors
from changeover.org import briefcases, notifications
from changeover.org.model.beside_apps import NotificationType
from changeover.shapes.connected_apps import ConnectedAppRow
from changeover.shapes.deliveries import Briefcase, DeliverySettings
from changeover.web.api.call import ThisCall
from changeover.web.api.refusals import refusals

NOTIFICATIONS = ["Notifications"]
BRIEFCASES = ["Briefcases"]

_BRIEFCASE = "/briefcases/{api_name:str}"
_ASSIGN = _BRIEFCASE + "/connected-apps/{app:str}"
_ASSIGNING = (errors.RECORD_NOT_FOUND, errors.APP_NOT_FOUND, errors.APP_READ_ONLY)


class DeliverySwitch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a notification type is delivered to a connected app."""

    enabled: bool


class NotificationTypeEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A notification type of Notification Builder."""

    label: str
    custom: bool = True


class BriefcaseEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A briefcase; its assignments stay as they are."""

    label: str
    description: str = ""
    active: Annotated[bool, Meta(description="An inactive briefcase is primed on no device.")] = True


@get("/notification-delivery-settings", sync_to_thread=True, tags=NOTIFICATIONS, responses=refusals())
def list_delivery_settings(call: ThisCall) -> list[DeliverySettings]:
    """List notification types with the connected apps that each may go to; migrated apps are absent."""
    with call.read() as unit:
        found = notifications.list_delivery_settings(unit, call.actor)
    return [DeliverySettings.of(each) for each in found]


@put(
    "/notification-delivery-settings/{notification_type:str}/connected-apps/{app:str}",
    sync_to_thread=True,
    status_code=204,
    tags=NOTIFICATIONS,
    responses=refusals(*_ASSIGNING, body=True),
)
def set_delivery(
    call: ThisCall, notification_type: FromPath[str], app: FromPath[str], data: JSONBody[DeliverySwitch]
) -> None:
    """Set whether a notification type is delivered to a connected app."""
    with call.unit() as unit:
        notifications.set_delivery(unit, call.actor, notification_type, app, enabled=data.enabled)


@put(
    "/notification-types/{api_name:str}",
    sync_to_thread=True,
    status_code=204,
    tags=NOTIFICATIONS,
    responses=refusals(errors.VALUE_REFUSED, body=True),
)
def save_notification_type(
    call: ThisCall, api_name: FromPath[str], data: JSONBody[NotificationTypeEdit]
) -> None:
    """Add a notification type, or write it anew."""
    saved = NotificationType(api_name=api_name, label=data.label, custom=data.custom)
    with call.unit() as unit:
        notifications.save_notification_type(unit, call.actor, saved)


@get("/briefcases", sync_to_thread=True, tags=BRIEFCASES, responses=refusals())
def list_briefcases(call: ThisCall) -> list[Briefcase]:
    """List briefcases with the connected apps assigned to each; migrated apps are absent."""
    with call.read() as unit:
        return [Briefcase.of(each) for each in briefcases.list_briefcases(unit, call.actor)]


@put(
    _BRIEFCASE,
    sync_to_thread=True,
    status_code=204,
    tags=BRIEFCASES,
    responses=refusals(errors.VALUE_REFUSED, body=True),
)
def save_briefcase(call: ThisCall, api_name: FromPath[str], data: JSONBody[BriefcaseEdit]) -> None:
    """Add a briefcase, or write label, description and `active` anew."""
    with call.unit() as unit:
        briefcases.save_briefcase(
            unit, call.actor, api_name, data.label, data.description, active=data.active
        )


@get("/briefcase-assignable-apps", sync_to_thread=True, tags=BRIEFCASES, responses=refusals())
def list_assignable_apps(call: ThisCall) -> list[ConnectedAppRow]:
    """List the connected apps that may be assigned to a briefcase; migrated apps are absent."""
    with call.read() as unit:
        return [ConnectedAppRow.of(each) for each in briefcases.assignable_apps(unit, call.actor)]


@put(
    _ASSIGN,
    sync_to_thread=True,
    status_code=204,
    tags=BRIEFCASES,
    responses=refusals(*_ASSIGNING),
)
def assign_to_briefcase(call: ThisCall, api_name: FromPath[str], app: FromPath[str]) -> None:
    """Assign a connected app to a briefcase."""
    with call.unit() as unit:
        briefcases.assign(unit, call.actor, api_name, app)


@delete(
    _ASSIGN,
    sync_to_thread=True,
    tags=BRIEFCASES,
    responses=refusals(*_ASSIGNING),
)
def unassign_from_briefcase(call: ThisCall, api_name: FromPath[str], app: FromPath[str]) -> None:
    """Take a connected app out of a briefcase."""
    with call.unit() as unit:
        briefcases.unassign(unit, call.actor, api_name, app)


OPERATIONS = (
    list_delivery_settings,
    set_delivery,
    save_notification_type,
    list_briefcases,
    save_briefcase,
    list_assignable_apps,
    assign_to_briefcase,
    unassign_from_briefcase,
)
