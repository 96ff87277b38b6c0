"""Notification Delivery Settings and Briefcase Builder."""

from __future__ import annotations

from typing import Annotated, Self

from msgspec import Meta, Struct

from changeover.org.model import beside_apps


class Delivery(Struct, frozen=True, kw_only=True):
    """Whether a notification type is delivered to a connected app."""

    api_name: Annotated[str, Meta(description="Of the connected app.")]
    label: str
    enabled: bool


class DeliverySettings(Struct, frozen=True, kw_only=True):
    """A notification type with every connected app that it may go to; migrated apps are absent."""

    notification_type: str
    label: str
    custom: bool
    connected_apps: tuple[Delivery, ...]

    @classmethod
    def of(cls, settings: beside_apps.DeliverySettings) -> Self:
        """Return the shape of a notification type's settings."""
        return cls(
            notification_type=settings.notification_type.api_name,
            label=settings.notification_type.label,
            custom=settings.notification_type.custom,
            connected_apps=tuple(
                Delivery(api_name=each.app, label=each.label, enabled=each.enabled) for each in settings.apps
            ),
        )


class Briefcase(Struct, frozen=True, kw_only=True):
    """A briefcase with the connected apps assigned to it; migrated apps are absent."""

    api_name: str
    label: str
    description: str
    active: bool
    connected_apps: Annotated[tuple[str, ...], Meta(description="API names.")]

    @classmethod
    def of(cls, briefcase: beside_apps.Briefcase) -> Self:
        """Return the shape of a briefcase."""
        return cls(
            api_name=briefcase.api_name,
            label=briefcase.label,
            description=briefcase.description,
            active=briefcase.active,
            connected_apps=briefcase.apps,
        )
