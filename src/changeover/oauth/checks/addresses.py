"""Checks of where a login comes from."""

from __future__ import annotations

from changeover.oauth.attempt import Attempt
from changeover.oauth.client import Address, IpRelaxation, OauthClient
from changeover.oauth.refusals import IP_RESTRICTED, Refusal
from changeover.org.oauth_records import Flow

BYPASSED = frozenset({IpRelaxation.BYPASS, IpRelaxation.BYPASS_2FACTOR})


def trusted_address(attempt: Attempt) -> Refusal | None:
    """An app that enforces IP restrictions and names trusted ranges lets nobody in from elsewhere.

    A local org has no login IP ranges of profiles; an app without ranges of its own restricts nothing here.
    "Relax for refresh tokens" lets refreshes pass. Source: Metadata API guide, ipRelaxation.
    """
    return None if lets_in(attempt.client, attempt.call.address, attempt.flow) else IP_RESTRICTED


def lets_in(client: OauthClient, address: Address | None, flow: str) -> bool:
    """Whether an app lets a login in from an address; of an unknown one only where any will do."""
    if not client.trusted_ranges or client.ip_relaxation in BYPASSED:
        return True
    if client.ip_relaxation is IpRelaxation.ENFORCE_RELAXREFRESH and flow == Flow.REFRESH_TOKEN:
        return True
    return address is not None and any(trusted.holds(address) for trusted in client.trusted_ranges)
