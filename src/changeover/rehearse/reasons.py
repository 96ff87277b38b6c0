"""Why a login failed, in our words, and what to do about it.

What the client is told (salesforce-reference 7.4) is often the same for several causes; the flow and the
stage tell them apart. The first entry that fits is taken.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from changeover.rehearse.outcome import Outcome


class When(StrEnum):
    """What may be so when a login fails."""

    MIGRATED = "migrated"
    ELSEWHERE = "elsewhere"
    """The app is migrated, and the client logs in to another org than the app's."""
    PRE_AUTHORIZED = "pre-authorized"
    """The app lets pre-authorized users in only, and is neither blocked nor switched off."""
    REVERTED = "reverted"
    """The client is set up for an external client app that was deleted: the connected app is as it was."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One cause."""

    error: str
    """What the client is told as `error`."""
    description: str = ""
    """What its `error_description` begins with."""
    flows: Collection[str] = ()
    """Ids of flows; none for any."""
    only: When | None = None
    """When alone it is the cause; None for whenever."""
    said: str
    remedy: str


_OWN_ORG_ONLY = "A local external client app is known in its own org only."
_NOT_PERMITTED = (
    "Only pre-authorized users may use the app, and no profile or permission set lets this one in."
)
_GIVE_ACCESS = "Give the user's profile or a permission set of theirs access to the app."
_POINT_AT_IT = "Point the client at the app's own My Domain, or give the other org an app of its own."

REASONS: tuple[Reason, ...] = (
    Reason(
        error="invalid_grant",
        description="authentication failure: an external client app",
        said="An external client app has no username-password flow.",
        remedy="Move the client to client credentials or JWT bearer before the migration.",
    ),
    Reason(
        error="invalid_grant",
        description="authentication failure: the username-password flow is blocked",
        said="The username-password flow is blocked in the org.",
        remedy="Move the client to client credentials or JWT bearer.",
    ),
    Reason(
        error="invalid_grant",
        description="authentication failure: the username-password flow has ended",
        said="Salesforce has ended the username-password flow.",
        remedy="Move the client to client credentials or JWT bearer.",
    ),
    Reason(
        error="invalid_grant",
        description="authentication failure",
        said="The org has no such user.",
        remedy="Name a user of the org.",
    ),
    Reason(
        error="invalid_grant",
        description="this flow is not enabled",
        flows=("user-agent",),
        only=When.MIGRATED,
        said="An external client app has no user-agent flow.",
        remedy="Move the client to the web server flow with PKCE before the migration.",
    ),
    Reason(
        error="invalid_grant",
        description="this flow is not enabled",
        said="The flow is off, for the app or the org, or has ended for all.",
        remedy="Switch it on where it is to stay, or move the client to another flow.",
    ),
    Reason(
        error="unsupported_response_type",
        said="The app does not answer this kind of request.",
        remedy="Move the client to the web server flow with PKCE.",
    ),
    Reason(
        error="invalid_client_id",
        only=When.ELSEWHERE,
        said=_OWN_ORG_ONLY,
        remedy=_POINT_AT_IT,
    ),
    Reason(
        error="invalid_client_id",
        only=When.REVERTED,
        said="The consumer key was rotated since the migration: the connected app has its old one.",
        remedy="Give the client the connected app's consumer key and secret right after the revert.",
    ),
    Reason(
        error="invalid_client_id",
        said="The consumer key is not known: the external client app has another one.",
        remedy="Give the client the external client app's consumer key and secret right after the migration.",
    ),
    Reason(
        error="invalid_client",
        description="app must be installed",
        said="The app is another org's, and not installed in this one.",
        remedy="Point the client at the app's own org, or have the app installed.",
    ),
    Reason(
        error="invalid_client",
        only=When.REVERTED,
        said="The consumer secret was rotated since the migration: the connected app has its old one.",
        remedy="Give the client the connected app's consumer secret right after the revert.",
    ),
    Reason(
        error="invalid_client",
        said="The consumer secret is not the app's: the external client app has another one.",
        remedy="Give the client the external client app's consumer secret right after the migration.",
    ),
    Reason(
        error="invalid_grant",
        description="expired access/refresh token",
        flows=("refresh-token-idle",),
        said="A refresh token that lay idle for 30 days has ended.",
        remedy="Have the client refresh more often, or use a flow without refresh tokens.",
    ),
    Reason(
        error="invalid_grant",
        description="expired access/refresh token",
        said="The refresh token from before is no longer good.",
        remedy="Plan for every user to allow the app once more after the migration.",
    ),
    Reason(
        error="consent_required",
        said="The approval from before does not count any more.",
        remedy="Tell the users that they will be asked once more, or have an admin pre-authorize them.",
    ),
    Reason(
        error="invalid_request",
        description="missing required code challenge",
        said="The external client app requires PKCE, and the client sends no code challenge.",
        remedy="Have the client send a code challenge (S256), or turn PKCE off right after the migration.",
    ),
    Reason(
        error="invalid_app_access",
        said=_NOT_PERMITTED,
        remedy=_GIVE_ACCESS,
    ),
    Reason(
        error="invalid_grant",
        description="user hasn't approved",
        said="The user has not approved the app, or the approval from before does not count any more.",
        remedy="Pre-authorize the user through a profile or permission set.",
    ),
    Reason(
        error="invalid_grant",
        description="no client credentials user",
        said="The app has no run-as user in this org.",
        remedy="Choose the run-as user in the app's policies.",
    ),
    Reason(
        error="inactive_user",
        said="The user is not active.",
        remedy="Activate the user, or choose another one.",
    ),
    Reason(
        error="invalid_grant",
        description="ip restricted",
        said="The client comes from an address outside the app's trusted ranges.",
        remedy="Add the client's address to the app's trusted ranges, or relax IP restrictions.",
    ),
    Reason(
        error="invalid_grant",
        description="this app needs a high assurance session",
        said="The app demands a high assurance session, which a local org cannot give in this flow.",
        remedy="Try this login by hand in a sandbox.",
    ),
    Reason(
        error="invalid_scope",
        said="The client asks for a scope that the app does not have.",
        remedy="Add the scope to the app.",
    ),
    Reason(
        error="redirect_uri_mismatch",
        only=When.REVERTED,
        said="The callback URL was changed since the migration: the connected app has its old one.",
        remedy="Point the client back at the connected app's callback URL, or write its own into the app.",
    ),
    Reason(
        error="redirect_uri_mismatch",
        said="The callback URL is not the app's, to the letter, or can be no app's (`#…`, `javascript:`).",
        remedy="Write the client's callback URL into the app, one without a fragment.",
    ),
    Reason(
        error="OAUTH_APP_BLOCKED",
        only=When.PRE_AUTHORIZED,
        said=_NOT_PERMITTED,
        remedy=_GIVE_ACCESS,
    ),
    Reason(
        error="OAUTH_APP_BLOCKED",
        said="The app is blocked, or switched off.",
        remedy="Unblock it in OAuth usage, or enable the external client app and its OAuth plugin.",
    ),
    Reason(
        error="no_refresh_token",
        said="The app gets no refresh token.",
        remedy="Nothing to do, if no client keeps one.",
    ),
    Reason(
        error="invalid_grant",
        description="the device flow is limited",
        said="Salesforce limits the device flow to local external client apps with a localhost callback.",
        remedy="Move the client to another flow.",
    ),
    Reason(
        error="access_denied",
        flows=("device",),
        said="The user who typed the device's code may not use the app.",
        remedy="Give the user's profile or a permission set of theirs access to the app.",
    ),
    Reason(
        error="invalid_grant",
        said="What the client brought is not taken.",
        remedy="See what the client was told.",
    ),
    Reason(
        error="login_required",
        said="The user is not signed in, and the client lets nobody ask for that.",
        remedy="Have the client send its users to the authorization page without prompt=none.",
    ),
    Reason(
        error="OAUTH_EC_APP_NOT_FOUND",
        said=_OWN_ORG_ONLY,
        remedy=_POINT_AT_IT,
    ),
    Reason(
        error="invalid_request",
        said="The client asks in a way that the endpoint does not take.",
        remedy="See what the client was told.",
    ),
)


def reason_of(outcome: Outcome, flow: str, when: Collection[When] = ()) -> tuple[str, str]:
    """Return why a login failed, and the remedy.

    Args:
        outcome: of the login, which failed.
        flow: id of the flow.
        when: what was so at that time.
    """
    for one in REASONS:
        fits = one.error == outcome.error and outcome.description.startswith(one.description)
        if fits and (not one.flows or flow in one.flows) and (one.only is None or one.only in when):
            return one.said, one.remedy
    return "The server refused the login.", "See what the client was told."
