"""NotificationTypeConfig: Notification Delivery Settings, all types in one component of the type's own name.

Source: Metadata API guide, NotificationTypeConfig. Deliveries to connected apps are the org's; a migrated app
is shown in none. Our decisions: a file overlays what is set (types and apps that it does not name stay as
they are); a type that the org lacks is added; channels, and deliveries to external client apps, are kept and
have no effect, since what a migrated app is sent stands in its ExtlClntAppNotificationSettings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from changeover.apps.document import Leaf
from changeover.errors import ChangeoverError
from changeover.org.deploying import Deployed
from changeover.org.kept_elements import view_kept_elements
from changeover.org.model.beside_apps import DeliverySettings, NotificationType
from changeover.org.model.orgs import Actor
from changeover.org.notifications import (
    SETTINGS,
    keep_type_elements,
    list_delivery_settings,
    save_notification_type,
    set_delivery,
)
from changeover.org.ports import Unit
from changeover.org.values import ValueRefused, refuse
from changeover.salesforce.metadata.entries import Entry, content_of, entries, entry, text_entry
from changeover.salesforce.metadata.kinds.kind import Component, Item, ItemRefused

TYPES, APPS, TYPE = "notificationTypeSettings", "appSettings", "notificationType"
APP, ENABLED, APP_TYPE = "connectedAppName", "enabled", "appType"
CONNECTED_APP = "CONNECTED_APP"
ELEMENTS: Mapping[str, int] = {
    f"{TYPES}/{APPS}/{APP_TYPE}": 64,
    f"{TYPES}/{APPS}/{APP}": 48,
    f"{TYPES}/{APPS}/{ENABLED}": 48,
    f"{TYPES}/notificationChannels/desktopEnabled": 48,
    f"{TYPES}/notificationChannels/mobileEnabled": 48,
    f"{TYPES}/notificationChannels/slackEnabled": 49,
    f"{TYPES}/{TYPE}": 48,
}
"""Elements and since when (npm `@salesforce/types` 1.9.0; `appType` is not in the WSDL 63 yet)."""


class NotificationTypeConfigs:
    """The type NotificationTypeConfig, of which an org has one."""

    name = SETTINGS
    folder = "notificationTypeConfig"
    suffix = "config"
    since = 48

    def all(self, unit: Unit, actor: Actor) -> Iterator[Component]:
        """Yield the settings, where the org has any notification type. Raises E-NOT-PERMITTED."""
        settings = list_delivery_settings(unit, actor)
        if settings:
            yield Component(
                type_name=SETTINGS,
                full_name=SETTINGS,
                path=f"{self.folder}/{SETTINGS}.{self.suffix}",
                content=content_of(_settings(unit, actor, one) for one in settings),
            )

    def get(self, unit: Unit, actor: Actor, full_name: str) -> Component | None:
        """Return the settings under their own name. Raises E-NOT-PERMITTED."""
        found = next(iter(self.all(unit, actor)), None)
        return found if full_name.casefold() == SETTINGS.casefold() else None

    def since_of(self, path: str) -> int | None:
        """Return the API version that brought the element of a leaf."""
        if "@" in path:
            return 0
        return ELEMENTS.get("/".join(step.partition("[")[0] for step in path.split("/")))

    def belongs_to(self, item: Item) -> str:
        """There is one."""
        return item.key.casefold()

    def write(self, unit: Unit, actor: Actor, items: Sequence[Item]) -> Mapping[str, Deployed]:
        """Set deliveries, type by type.

        Raises ItemRefused: E-APP-NOT-FOUND, E-APP-READ-ONLY, E-VALUE-REFUSED; E-NOT-PERMITTED.
        """
        return {item.key: self._write(unit, actor, item) for item in items}

    def delete(self, unit: Unit, actor: Actor, full_name: str) -> bool:
        """Refuse: an org has its delivery settings. False for another name."""
        if self.get(unit, actor, full_name) is None:
            return False
        raise refuse("fullName", "Notification Delivery Settings are not deleted.")

    def _write(self, unit: Unit, actor: Actor, item: Item) -> Deployed:
        if item.full_name.casefold() != SETTINGS.casefold():
            raise refuse("fullName", f"an org has one, and it is {SETTINGS}.")
        there = {one.notification_type.api_name for one in list_delivery_settings(unit, actor)}
        before = list_delivery_settings(unit, actor)
        changed = False
        for settings in entries(item.content):
            changed |= self._write_type(unit, actor, item, settings, there)
        return Deployed(created=not before, changed=changed or list_delivery_settings(unit, actor) != before)

    def _write_type(self, unit: Unit, actor: Actor, item: Item, settings: Entry, there: set[str]) -> bool:
        """Set what one type is delivered to; returns whether what is kept of it is news."""
        name = settings.value(TYPE)
        if not name:
            raise refuse(settings.at(TYPE), f"Required field is missing: {TYPE}")
        if name not in there:
            try:
                new = NotificationType(api_name=name, label=name, custom=True)
                save_notification_type(unit, actor, new)
            except ValueRefused as error:
                raise ItemRefused(error, item.key, settings.at(TYPE)) from None
            there.add(name)
        kept: list[Entry] = []
        for one in entries(settings.content):
            if one.name != APPS or one.value(APP_TYPE) not in {None, CONNECTED_APP}:
                kept += [one] if one.name != TYPE else []
                continue
            app, enabled = one.value(APP), one.value(ENABLED) or "false"
            if not app:
                raise refuse(settings.at(one.at(APP)), f"Required field is missing: {APP}")
            if enabled not in {"true", "false"}:
                raise refuse(settings.at(one.at(ENABLED)), "it is true or false.")
            try:
                set_delivery(unit, actor, name, app, enabled=enabled == "true")
            except ChangeoverError as error:
                raise ItemRefused(error, item.key, settings.at(one.at(APP))) from None
        before = entries(view_kept_elements(unit, actor, SETTINGS, name))
        given = {one.name for one in kept}
        stays = [one for one in before if one.name not in given]
        return keep_type_elements(unit, actor, name, content_of([*stays, *kept]))


def _settings(unit: Unit, actor: Actor, found: DeliverySettings) -> Entry:
    name = found.notification_type.api_name
    deliveries = [
        entry(APPS, connectedAppName=one.app, enabled="true" if one.enabled else "false")
        for one in found.apps
    ]
    kept = entries(view_kept_elements(unit, actor, SETTINGS, name))
    held = content_of([*deliveries, *kept, text_entry(TYPE, name)])
    return Entry(TYPES, tuple(Leaf(leaf.path, leaf.value) for leaf in held), "")
