"""Checks of where a login comes from."""

from __future__ import annotations

from changeover.oauth.attempt import Attempt
from changeover.oauth.client import IpRelaxation
from changeover.oauth.refusals import IP_RESTRICTED, Refusal
from changeover.org.oauth_records import Flow

_BYPASSED = frozenset({IpRelaxation.BYPASS, IpRelaxation.BYPASS_2FACTOR})


def trusted_address(attempt: Attempt) -> Refusal | None:
    """An app that enforces IP restrictions and names trusted ranges lets nobody in from elsewhere.

    A local org has no login IP ranges of profiles; an app without ranges of its own restricts nothing here.
    "Relax for refresh tokens" lets refreshes pass. Source: Metadata API guide, ipRelaxation.
    """
    client, address = attempt.client, attempt.call.address
    if not client.trusted_ranges or client.ip_relaxation in _BYPASSED:
        return None
    if client.ip_relaxation is IpRelaxation.ENFORCE_RELAXREFRESH and attempt.flow is Flow.REFRESH_TOKEN:
        return None
    inside = address is not None and any(trusted.holds(address) for trusted in client.trusted_ranges)
    return None if inside else IP_RESTRICTED
