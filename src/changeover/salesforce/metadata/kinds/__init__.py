"""The metadata types that a local org has, one module a kind of thing."""

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.types import TYPES
from changeover.salesforce.metadata.kinds.connected_apps import ConnectedApps
from changeover.salesforce.metadata.kinds.external_client_apps import ExternalClientAppDocuments
from changeover.salesforce.metadata.kinds.kind import Component, Item, ItemRefused, Kind

__all__ = ["BY_NAME", "BY_SUFFIX", "KINDS", "Component", "Item", "ItemRefused", "Kind", "kinds_in"]

KINDS: tuple[Kind, ...] = (
    ConnectedApps(),
    *(ExternalClientAppDocuments(entry) for entry in TYPES if entry.document is not ConnectedApp),
)
"""A new kind is a module here and one entry."""

BY_SUFFIX = {kind.suffix: kind for kind in KINDS}
BY_NAME = {kind.name: kind for kind in KINDS}


def kinds_in(version: int) -> tuple[Kind, ...]:
    """Return the types that an API version has, by name."""
    return tuple(sorted((kind for kind in KINDS if kind.since <= version), key=lambda kind: kind.name))
