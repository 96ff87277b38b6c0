"""An external client app that can be deployed beside the connected app, with credentials of its own.

Files that carry the old consumer key are for review only: keys are globally unique, a deployment fails. This
variant leaves key and secret out, bears a free API name, and says what each integration must change.
Source: salesforce-reference section 2 (what must not be deployed), 4.8 (OAUTH_EC_APP_NOT_FOUND), 7.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from changeover import errors
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.names import is_api_name
from changeover.apps.reference import Reference
from changeover.errors import ChangeoverError
from changeover.migration.account import Account
from changeover.migration.dates import USERNAME_PASSWORD_ENDS, written
from changeover.migration.mapping.losses import Loss
from changeover.migration.mapping.result import build
from changeover.migration.mapping.source import Facts, read

# Lost in this variant only; the expected result of the button hands both over.
LEFT_OUT: dict[str, Loss] = {
    "oauthConfig/consumerKey": Loss(
        "oauthConfig/consumerKey",
        "Left out: keys are unique over all of Salesforce, and the connected app keeps its own. Salesforce"
        " makes a new one; every client must be given it.",
    ),
    "oauthConfig/consumerSecret": Loss(
        "oauthConfig/consumerSecret",
        "Left out: Salesforce makes a new secret; every client that sends one must be given it.",
    ),
    # The button is not there for such an app, so only here its value must not stand in a file.
    "samlConfig/encryptionType": Loss(
        "samlConfig/encryptionType",
        "Left out: external client apps encrypt assertions with AES only. Agree on AES-128 or AES-256 with"
        " the service provider, and set it before anybody logs in.",
        values=frozenset({"Triple_Des"}),
    ),
}
_CREDENTIALS = frozenset({"oauthConfig/consumerKey", "oauthConfig/consumerSecret"})


@dataclass(frozen=True, kw_only=True)
class IntegrationChange:
    """One thing that whoever runs an integration must change to use the external client app."""

    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """A deployable external client app, its account, and what each integration must change."""

    external_client_app: ExternalClientApp
    account: Account
    changes: tuple[IntegrationChange, ...]


def side_by_side(app: ConnectedApp, api_name: str, references: tuple[Reference, ...] = ()) -> SideBySide:
    """Return an external client app to deploy beside a connected app. Pure.

    Args:
        app: any connected app.
        api_name: a free API name; neither another external client app nor a connected app may bear it.
        references: the places that name the connected app; those that name it by its API name go on meaning
            the connected app.

    Raises:
        ChangeoverError: E-API-NAME-INVALID, the name is none that Salesforce allows or is the connected
        app's.
    """
    if not is_api_name(api_name) or api_name.casefold() == app.full_name.casefold():
        raise ChangeoverError(
            errors.API_NAME_INVALID, f"{api_name!r} cannot be the name of an external client app."
        )
    source = read(app)
    made = build(source, api_name, references, left_out=LEFT_OUT)
    return SideBySide(
        external_client_app=made.external_client_app,
        account=made.account,
        changes=tuple(_changes(app, api_name, source.facts, made.account)),
    )


def free_api_name(wanted: str, taken: frozenset[str]) -> str:
    """Return the first free name among `wanted_eca`, `wanted_eca2` ...; names are compared without case.

    Args:
        wanted: the connected app's API name, or what is to be made one.
        taken: API names that are in use.
    """
    lower = {name.casefold() for name in taken} | {wanted.casefold()}
    word = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in wanted)
    stem = "_".join(filter(None, word.split("_"))) or "App"
    if not stem[0].isalpha():
        stem = f"App_{stem}"
    stem = stem[:70].rstrip("_")
    number = 1
    while True:
        name = f"{stem}_eca{number if number > 1 else ''}"
        if name.casefold() not in lower:
            return name
        number += 1


def _changes(app: ConnectedApp, api_name: str, facts: Facts, account: Account) -> Iterator[IntegrationChange]:
    if facts.oauth:
        yield from _oauth_changes(app, api_name)
    if facts.saml:
        yield IntegrationChange(
            what="Give the service provider the external client app's metadata, and users its login URL.",
            why="Metadata and login URLs of identity providers name the app; the issuer stays.",
        )
    if facts.canvas:
        yield IntegrationChange(
            what=f"Name {api_name} wherever a page embeds the canvas app, and check its signed requests with"
            " the new secret.",
            why="Pages name a canvas app by its API name, and Salesforce signs with the app's own secret.",
        )
    if app.plugin:
        yield IntegrationChange(
            what=f"Write the handler {app.plugin} anew on Auth.ExternalClientAppOauthHandler before you"
            " deploy.",
            why="The policies name it, and a handler of connected apps extends Auth.ConnectedAppPlugin.",
        )
    yield from _without(account)
    if app.start_url:
        yield IntegrationChange(
            what=f"Point tiles and bookmarks to {api_name}.",
            why="The app launcher shows both apps until the connected app is gone.",
        )
    yield IntegrationChange(
        what="When the last integration has moved, delete or block the connected app.",
        why="Until then two doors are open, each with its own credentials.",
    )


def _without(account: Account) -> Iterator[IntegrationChange]:
    """Yield what the new app will not have, one change a consequence; key and secret have their own."""
    by_note: dict[str, list[str]] = {}
    for entry in account.lost:
        if entry.source not in _CREDENTIALS:
            by_note.setdefault(entry.note, []).append(entry.source)
    for note, sources in by_note.items():
        yield IntegrationChange(what=f"Find another way for {', '.join(sources)}, or do without.", why=note)


def _oauth_changes(app: ConnectedApp, api_name: str) -> Iterator[IntegrationChange]:
    config = app.oauth_config
    yield IntegrationChange(
        what=f"Use the consumer key and secret of {api_name}: External Client App Manager, the app, Settings,"
        " OAuth Settings, Consumer Key and Secret.",
        why="An external client app of its own has credentials of its own.",
    )
    yield IntegrationChange(
        what="Log in through the org's My Domain, not through login.salesforce.com or test.salesforce.com.",
        why="A local external client app is known in its own org only; elsewhere the answer is"
        " OAUTH_EC_APP_NOT_FOUND.",
    )
    scopes = frozenset(config.scopes) if config else frozenset()
    if scopes & {"RefreshToken", "OfflineAccess"}:
        yield IntegrationChange(
            what="Have each user log in and approve once more.",
            why="Refresh tokens belong to the app that issued them.",
        )
    if config and config.certificate:
        yield IntegrationChange(
            what="Put the new consumer key into `iss` of the JWT; certificate and user stay.",
            why="The JWT bearer flow names the app by its key.",
        )
    if config and config.is_client_credential_enabled:
        yield IntegrationChange(
            what="Check the run-as user of the client credentials flow in the policies.",
            why="The flow has two switches on an external client app, and none of them works without that"
            " user.",
        )
    if config and config.is_admin_approved:
        yield IntegrationChange(
            what="Check profiles and permission sets in the policies before the first login.",
            why="Only pre-authorised users get in, and policies are made anew in each org.",
        )
    yield IntegrationChange(
        what="Move logins with username and password to another flow first.",
        why="No external client app has that flow; for connected apps it ends on"
        f" {written(USERNAME_PASSWORD_ENDS.day)}.",
    )
