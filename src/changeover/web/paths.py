"""Addresses of records: the name in a path is quoted in one place."""

from __future__ import annotations

from urllib.parse import quote

from changeover.org.lists import AppKind

APP_MANAGER = "/setup/app-manager"
EXTERNAL_CLIENT_APPS = "/setup/external-client-apps"
OAUTH_USAGE = "/setup/oauth-usage"
MIGRATIONS = "/setup/migrations"
REHEARSALS = "/setup/rehearsals"


def connected_app(api_name: str, *further: str) -> str:
    """Return the address of a connected app's page, or of one under it: `("Billing", "edit")`."""
    return "/".join((APP_MANAGER, quote(api_name, safe=""), *further))


def external_client_app(api_name: str, *further: str) -> str:
    """Return the address of an external client app's page, or of one under it."""
    return "/".join((EXTERNAL_CLIENT_APPS, quote(api_name, safe=""), *further))


def oauth_usage(kind: AppKind, *further: str) -> str:
    """Return the address of the OAuth usage of a kind of app, of an app's, or of a page under it."""
    return "/".join((OAUTH_USAGE, kind.value, *(quote(step, safe="") for step in further)))


def migration(batch_id: str, *further: str) -> str:
    """Return the address of a batch's page."""
    return "/".join((MIGRATIONS, quote(batch_id, safe=""), *further))


def rehearsal(rehearsal_id: str, *further: str) -> str:
    """Return the address of a rehearsal's page."""
    return "/".join((REHEARSALS, quote(rehearsal_id, safe=""), *further))
