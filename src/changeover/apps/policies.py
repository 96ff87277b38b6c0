"""Policies as the two kinds of app spell them.

Source: salesforce-reference 1.3 and section 3; Metadata API guide, ConnectedAppOauthPolicy and
ExtlClntAppOauthConfigurablePolicies.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# The one real file and the API's error text spell the last one so; the guide says Enforce_RelaxRefresh.
IP_RELAXATION_POLICY_TYPES = {
    "ENFORCE": "Enforce",
    "BYPASS": "Bypass",
    "BYPASS_2FACTOR": "Bypass_2factor",
    "ENFORCE_RELAXREFRESH": "Enforce_relaxrefresh",
}
IP_RELAXATION_SPELLINGS = frozenset({*IP_RELAXATION_POLICY_TYPES.values(), "Enforce_RelaxRefresh"})

REFRESH_TOKEN_POLICY_TYPES = {
    "infinite": "Infinite",
    "zero": "Zero",
    "specific_lifetime": "SpecificLifetime",
    "specific_inactivity": "SpecificInactivity",
}
VALIDITY_UNITS = {"HOURS": "Hours", "DAYS": "Days", "MONTHS": "Months"}

_REFRESH_TOKEN_POLICY = re.compile(
    r"(?P<plain>infinite|zero)"
    r"|(?P<timed>specific_lifetime|specific_inactivity):(?P<period>[0-9]{1,6}):(?P<unit>HOURS|DAYS|MONTHS)"
)


class RefreshTokenPolicy(NamedTuple):
    """A refresh token policy in the words of an external client app."""

    policy_type: str
    """`Infinite`, `Zero`, `SpecificLifetime` or `SpecificInactivity`."""
    period: str | None
    """How many units, digits as they stood; None for the first two."""
    unit: str | None
    """`Hours`, `Days` or `Months`; None for the first two."""


def read_refresh_token_policy(value: str) -> RefreshTokenPolicy | None:
    """Read a connected app's `refreshTokenPolicy`; None for what is none of Salesforce's four forms."""
    match = _REFRESH_TOKEN_POLICY.fullmatch(value)
    if match is None:
        return None
    if match["plain"]:
        return RefreshTokenPolicy(REFRESH_TOKEN_POLICY_TYPES[match["plain"]], None, None)
    return RefreshTokenPolicy(
        REFRESH_TOKEN_POLICY_TYPES[match["timed"]], match["period"], VALIDITY_UNITS[match["unit"]]
    )
