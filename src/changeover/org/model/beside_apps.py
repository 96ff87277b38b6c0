"""What an org sets for a connected app outside of it: push, notifications, briefcases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Credential(StrEnum):
    """Which push credential is stored."""

    APPLE_P12 = "Apple P12 certificate"
    APPLE_P8 = "Apple P8 key"
    ANDROID_SERVER_KEY = "Android server key"
    ANDROID_SERVICE_ACCOUNT = "Android service account"


@dataclass(frozen=True, kw_only=True)
class PushSettings:
    """Push settings of a connected app for one service. The credentials themselves stay sealed."""

    service: str
    """`Apple` or `Android`."""
    credential: Credential
    environment: str | None = None
    """Apple: `Sandbox` or `Production`."""
    application_bundle: str | None = None
    key_identifier: str | None = None
    team_identifier: str | None = None
    fcm_project: str | None = None
    certificate_expires: date | None = None
    """Read from the P12 certificate."""
    full_content: bool = False
    """Whether notifications hold the full content."""


@dataclass(frozen=True, kw_only=True)
class NotificationType:
    """A notification type of Notification Builder."""

    api_name: str
    label: str
    custom: bool


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Whether a notification type is delivered to a connected app."""

    app: str
    """API name."""
    label: str
    enabled: bool


@dataclass(frozen=True, kw_only=True)
class DeliverySettings:
    """A notification type with every connected app that it may go to; migrated apps are absent."""

    notification_type: NotificationType
    apps: tuple[Delivery, ...]


@dataclass(frozen=True, kw_only=True)
class Briefcase:
    """A briefcase of Briefcase Builder and its connected apps; migrated apps are absent."""

    api_name: str
    label: str
    description: str
    active: bool
    apps: tuple[str, ...]
    """API names."""
