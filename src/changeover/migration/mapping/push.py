"""Push settings: in no file, so no leaf of the source; a local org knows which services an app has."""

from __future__ import annotations

from changeover.apps.document import leaves
from changeover.apps.external_client_app import (
    ExtlClntAppPushConfigurablePolicies,
    ExtlClntAppPushSettings,
    Part,
)
from changeover.apps.types import BY_DOCUMENT, component
from changeover.migration.account import Added, Target
from changeover.migration.situation import PushConfiguration

WHY = "Push settings stand in no file: the org's own record says so; the credentials are taken over sealed."


def push_parts(
    api_name: str, push: tuple[PushConfiguration, ...]
) -> tuple[tuple[Part, ...], tuple[Added, ...]]:
    """Return the push parts of an external client app, one a service, and why each leaf is there."""
    if not push:
        return (), ()
    parts: list[Part] = []
    for number, configuration in enumerate(push, 1):
        suffix = BY_DOCUMENT[ExtlClntAppPushSettings].part_suffix or ""
        name = f"{api_name}{suffix}{number if number > 1 else ''}"
        parts.append(
            ExtlClntAppPushSettings(
                full_name=name,
                external_client_application=api_name,
                label=name,
                push_service_type=configuration.service,
            )
        )
    name = api_name + (BY_DOCUMENT[ExtlClntAppPushConfigurablePolicies].part_suffix or "")
    parts.append(
        ExtlClntAppPushConfigurablePolicies(
            full_name=name,
            external_client_application=api_name,
            label=name,
            is_full_content=any(configuration.full_content for configuration in push),
        )
    )
    added = tuple(
        Added(target=Target(component=component(part), path=leaf.path, value=leaf.value), why=WHY)
        for part in parts
        for leaf in leaves(part)
    )
    return tuple(parts), added
