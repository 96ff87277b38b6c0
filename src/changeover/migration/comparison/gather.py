"""Which parts belong to which external client app: by the app that a part names, never by its file's name."""

from __future__ import annotations

from collections.abc import Iterable

from changeover.apps.external_client_app import ExternalClientApp, ExternalClientApplication, Part
from changeover.apps.types import TYPES

_ORDER = {entry.document: place for place, entry in enumerate(TYPES)}


def belongs(part: Part, header: ExternalClientApplication) -> bool:
    """Whether a part names an app; without regard to case and to the namespace of a packaged app."""
    named = (part.external_client_application or "").strip().casefold()
    name = header.full_name.casefold()
    return named == name or named.endswith(f"__{name}")


def gather(
    headers: Iterable[ExternalClientApplication], parts: Iterable[Part]
) -> tuple[tuple[ExternalClientApp, ...], tuple[Part, ...]]:
    """Put headers and parts together.

    Returns:
        The external client apps in the order of their headers, each with its parts in the order of the types,
        and the parts whose header is missing.
    """
    by_name: dict[str, list[Part]] = {}
    for part in parts:
        by_name.setdefault((part.external_client_application or "").strip().casefold(), []).append(part)
    apps = []
    claimed: set[str] = set()
    for header in headers:
        name = header.full_name.casefold()
        mine = [named for named in by_name if named == name or named.endswith(f"__{name}")]
        claimed.update(mine)
        own = [part for named in mine for part in by_name[named]]
        own.sort(key=lambda part: (_ORDER.get(type(part), len(_ORDER)), part.full_name))
        apps.append(ExternalClientApp(header=header, parts=tuple(own)))
    left = tuple(part for named, group in by_name.items() if named not in claimed for part in group)
    return tuple(apps), left
