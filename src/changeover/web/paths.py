"""Addresses of records: the name in a path is quoted in one place."""

from __future__ import annotations

from urllib.parse import quote

APP_MANAGER = "/setup/app-manager"
EXTERNAL_CLIENT_APPS = "/setup/external-client-apps"
MIGRATIONS = "/setup/migrations"
REHEARSALS = "/setup/rehearsals"


def connected_app(api_name: str, *further: str) -> str:
    """Return the address of a connected app's page, or of one under it: `("Billing", "edit")`."""
    return "/".join((APP_MANAGER, quote(api_name, safe=""), *further))


def external_client_app(api_name: str, *further: str) -> str:
    """Return the address of an external client app's page, or of one under it."""
    return "/".join((EXTERNAL_CLIENT_APPS, quote(api_name, safe=""), *further))


def migration(batch_id: str, *further: str) -> str:
    """Return the address of a batch's page."""
    return "/".join((MIGRATIONS, quote(batch_id, safe=""), *further))


def rehearsal(rehearsal_id: str, *further: str) -> str:
    """Return the address of a rehearsal's page."""
    return "/".join((REHEARSALS, quote(rehearsal_id, safe=""), *further))
