"""The metadata types that a local org has, one module a kind of thing."""

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.types import TYPES
from changeover.salesforce.metadata.kinds.connected_apps import ConnectedApps
from changeover.salesforce.metadata.kinds.external_client_apps import ExternalClientAppDocuments
from changeover.salesforce.metadata.kinds.kind import Component, Item, ItemRefused, Kind
from changeover.salesforce.metadata.kinds.notification_settings import NotificationTypeConfigs
from changeover.salesforce.metadata.kinds.permission_sets import PermissionSets
from changeover.salesforce.metadata.kinds.profiles import Profiles
from changeover.salesforce.metadata.kinds.user_provisioning import UserProvisioningConfigs

__all__ = ["BY_NAME", "BY_SUFFIX", "KINDS", "Component", "Item", "ItemRefused", "Kind", "kinds_in"]

KINDS: tuple[Kind, ...] = (
    PermissionSets(),
    Profiles(),
    ConnectedApps(),
    *(ExternalClientAppDocuments(entry) for entry in TYPES if entry.document is not ConnectedApp),
    UserProvisioningConfigs(),
    NotificationTypeConfigs(),
)
"""A new kind is a module here and one entry. A deployment goes in this order: what is named comes first."""

BY_SUFFIX = {kind.suffix: kind for kind in KINDS}
BY_NAME = {kind.name: kind for kind in KINDS}


def kinds_in(version: int) -> tuple[Kind, ...]:
    """Return the types that an API version has, by name."""
    return tuple(sorted((kind for kind in KINDS if kind.since <= version), key=lambda kind: kind.name))
