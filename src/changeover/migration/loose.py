"""What is still loose on an external client app, each with the one step that tightens it.

A migration leaves policies as they were, so that nothing breaks; what is looser than it need be is listed on
the external client app. A step is a change of leaves: pages and REST show it, and apply it where the admin
wants. Source: salesforce-reference sections 2 and 7; Salesforce's demands on partner apps of 11 May 2026
(PKCE, rotation, idle limit, IP allowlist).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from changeover import errors
from changeover.apps.building import from_leaves
from changeover.apps.document import Document, Leaf, leaves
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
    ExtlClntAppSamlConfigurablePolicies,
    Part,
)
from changeover.apps.scopes import split_scopes
from changeover.errors import ChangeoverError

GLOBAL = ExtlClntAppGlobalOauthSettings
SETTINGS = ExtlClntAppOauthSettings
POLICIES = ExtlClntAppOauthConfigurablePolicies
SAML = ExtlClntAppSamlConfigurablePolicies

D = TypeVar("D", bound=Document)


class Change(NamedTuple):
    """One leaf to set on a part of an external client app."""

    part: type[Part]
    path: str
    value: str


class Loose(NamedTuple):
    """Something that is looser than it need be."""

    id: str
    title: str
    why: str
    """What follows from leaving it as it is."""
    beforehand: str
    """What to make sure of before tightening."""
    changes: tuple[Change, ...]
    """The one step."""


@dataclass(frozen=True)
class Check:
    """One thing to look at; `find` returns the step, or nothing where the app is tight."""

    id: str
    title: str
    why: str
    beforehand: str
    find: Callable[[ExternalClientApp], tuple[Change, ...]]


def _issues_refresh_tokens(app: ExternalClientApp) -> bool:
    settings = app.part(SETTINGS)
    scopes = split_scopes(settings.comma_separated_oauth_scopes or "") if settings else ()
    return "RefreshToken" in scopes


def _pkce(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(GLOBAL)
    return () if part is None or part.is_pkce_required else (Change(GLOBAL, "isPkceRequired", "true"),)


def _endless(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(POLICIES)
    if part is None or not _issues_refresh_tokens(app) or part.refresh_token_policy_type != _ENDLESS:
        return ()
    return (
        Change(POLICIES, "refreshTokenPolicyType", "SpecificInactivity"),
        Change(POLICIES, "refreshTokenValidityPeriod", "30"),
        Change(POLICIES, "refreshTokenValidityUnit", "Days"),
    )


def _rotation(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(GLOBAL)
    if part is None or part.is_refresh_token_rotation_enabled or not _issues_refresh_tokens(app):
        return ()
    return (Change(GLOBAL, "isRefreshTokenRotationEnabled", "true"),)


def _everybody(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(POLICIES)
    if part is None or part.permitted_users_policy_type != "AllSelfAuthorized":
        return ()
    return (Change(POLICIES, "permittedUsersPolicyType", "AdminApprovedPreAuthorized"),)


def _secret_optional(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(GLOBAL)
    if part is None or not part.is_consumer_secret_optional:
        return ()
    return (Change(GLOBAL, "isConsumerSecretOptional", "false"),)


def _refresh_without_secret(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(GLOBAL)
    if part is None or part.is_secret_required_for_refresh_token is not False:
        return ()
    if not _issues_refresh_tokens(app):
        return ()
    return (Change(GLOBAL, "isSecretRequiredForRefreshToken", "true"),)


def _exchange_without_secret(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(GLOBAL)
    if part is None or not part.is_token_exchange_enabled or part.is_secret_required_for_token_exchange:
        return ()
    return (Change(GLOBAL, "isSecretRequiredForTokenExchange", "true"),)


def _any_address(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(POLICIES)
    if part is None or not (part.ip_relaxation_policy_type or "").casefold().startswith("bypass"):
        return ()
    return (Change(POLICIES, "ipRelaxationPolicyType", "Enforce"),)


def _introspects_all(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(GLOBAL)
    if part is None or not part.is_introspect_all_tokens:
        return ()
    return (Change(GLOBAL, "isIntrospectAllTokens", "false"),)


def _long_jwt(app: ExternalClientApp) -> tuple[Change, ...]:
    settings, policies = app.part(GLOBAL), app.part(POLICIES)
    if settings is None or policies is None or not settings.is_named_user_jwt_enabled:
        return ()
    minutes = policies.named_user_jwt_timeout
    short = minutes is not None and minutes <= _SHORT_JWT_MINUTES
    if policies.named_user_jwt_session_timeout_type == "Custom" and short:
        return ()
    return (
        Change(POLICIES, "namedUserJwtSessionTimeoutType", "Custom"),
        Change(POLICIES, "namedUserJwtTimeout", str(_SHORT_JWT_MINUTES)),
    )


PKCE_OFF = "pkce-off"
_ENDLESS = "Infinite"
_SHORT_JWT_MINUTES = 30
_PLAIN_HTTP = re.compile(r"(?im)^(\s*)http://(?!(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|\s|$))")


def _plain_http(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(GLOBAL)
    urls = part.callback_url if part else None
    if not urls or not _PLAIN_HTTP.search(urls):
        return ()
    return (Change(GLOBAL, "callbackUrl", _PLAIN_HTTP.sub(r"\1https://", urls)),)


def _full_access(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(SETTINGS)
    scopes = split_scopes(part.comma_separated_oauth_scopes or "") if part else ()
    if "Full" not in scopes:
        return ()
    narrower = dict.fromkeys("Api" if scope == "Full" else scope for scope in scopes)
    return (Change(SETTINGS, "commaSeparatedOauthScopes", ", ".join(narrower)),)


def _code_by_get(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(GLOBAL)
    if part is None or not part.is_code_cred_flow_enabled or part.is_code_cred_post_only:
        return ()
    return (Change(GLOBAL, "isCodeCredPostOnly", "true"),)


def _saml_sha1(app: ExternalClientApp) -> tuple[Change, ...]:
    part = app.part(SAML)
    if part is None or part.signing_algorithm_type != "SHA1":
        return ()
    return (Change(SAML, "signingAlgorithmType", "SHA256"),)


CHECKS: tuple[Check, ...] = (
    Check(
        PKCE_OFF,
        "PKCE is not required",
        "Whoever intercepts an authorization code can redeem it.",
        "Every client of the web server flow sends a code challenge.",
        _pkce,
    ),
    Check(
        "all-users",
        "All users may self-authorise",
        "Any user of the org can let the app act in their name.",
        "The right profiles or permission sets are assigned first, or everybody is locked out.",
        _everybody,
    ),
    Check(
        "endless-refresh-tokens",
        "Refresh tokens are valid until revoked",
        "A token that was stolen or forgotten stays good.",
        "The client refreshes at least once in 30 days.",
        _endless,
    ),
    Check(
        "no-rotation",
        "Refresh tokens are not rotated",
        "A stolen refresh token can be used beside the real one, unnoticed.",
        "The client stores the new refresh token that each answer brings.",
        _rotation,
    ),
    Check(
        "secret-optional",
        "The web server flow needs no consumer secret",
        "Whoever has an authorization code can redeem it without proving to be the client.",
        "The client sends its secret; public clients (mobile, single page) cannot, and need PKCE instead.",
        _secret_optional,
    ),
    Check(
        "refresh-without-secret",
        "The refresh token flow needs no consumer secret",
        "A stolen refresh token is enough to log in.",
        "The client sends its secret when it refreshes.",
        _refresh_without_secret,
    ),
    Check(
        "exchange-without-secret",
        "The token exchange needs no consumer secret",
        "Whoever has a foreign token can exchange it.",
        "The client sends its secret when it exchanges tokens.",
        _exchange_without_secret,
    ),
    Check(
        "any-address",
        "IP restrictions are relaxed",
        "Logins through this app ignore the IP ranges of profiles and org.",
        "The client's addresses are among the trusted ranges.",
        _any_address,
    ),
    Check(
        "full-access",
        "The scope is full access",
        "A token can do all that its user can, beyond any API.",
        "The client needs no more than the API and the scopes that are listed beside it.",
        _full_access,
    ),
    Check(
        "introspects-all",
        "It may introspect the tokens of all apps",
        "The app can look into tokens that were not issued to it.",
        "No gateway introspects tokens for other apps through this one.",
        _introspects_all,
    ),
    Check(
        "long-jwt",
        "JWT access tokens live as long as the user's session",
        "A JWT cannot be revoked before it expires.",
        "The client asks for a new token in time.",
        _long_jwt,
    ),
    Check(
        "plain-http",
        "A callback URL is not encrypted",
        "Authorization codes travel in the clear.",
        "The client answers at the same address over https.",
        _plain_http,
    ),
    Check(
        "code-by-get",
        "Authorization code and credentials may come by GET",
        "Users' credentials end up in the logs of proxies and servers.",
        "The client posts its requests.",
        _code_by_get,
    ),
    Check(
        "saml-sha1",
        "SAML assertions are signed with SHA-1",
        "SHA-1 is broken.",
        "The service provider accepts SHA-256.",
        _saml_sha1,
    ),
)


def loose(app: ExternalClientApp) -> tuple[Loose, ...]:
    """Return what is looser than it need be, in the order of the checks. Pure."""
    found = []
    for check in CHECKS:
        changes = check.find(app)
        if changes:
            found.append(Loose(check.id, check.title, check.why, check.beforehand, changes))
    return tuple(found)


def tighten(app: ExternalClientApp, loose_id: str) -> ExternalClientApp:
    """Take the one step that a check offers.

    Raises:
        ChangeoverError: E-RECORD-NOT-FOUND, nothing of that id is loose on the app.
    """
    for found in loose(app):
        if found.id == loose_id:
            return changed(app, found.changes)
    raise ChangeoverError(
        errors.RECORD_NOT_FOUND, f"Nothing called {loose_id} is loose on {app.header.label or app.api_name}."
    )


def changed(app: ExternalClientApp, changes: tuple[Change, ...]) -> ExternalClientApp:
    """Return an app with leaves set. A part that the app does not have stays missing."""
    parts = tuple(
        _with(part, {change.path: change.value for change in changes if isinstance(part, change.part)})
        for part in app.parts
    )
    return replace(app, parts=parts)


def _with(document: D, values: dict[str, str]) -> D:
    if not values:
        return document
    kept = [leaf for leaf in leaves(document) if leaf.path not in values]
    new = [Leaf(path, value) for path, value in values.items()]
    return from_leaves(type(document), document.full_name, [*kept, *new])
