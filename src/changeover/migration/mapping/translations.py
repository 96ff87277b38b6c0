"""How one value of a connected app is said on an external client app: small functions, value in, values out.

A translation returns the values for a row's places in order (fewer are allowed), or None where the value is
none that it understands; the mapping then carries it raw. Source: salesforce-reference sections 1.2 to 1.4
and 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from changeover.apps.policies import IP_RELAXATION_POLICY_TYPES, read_refresh_token_policy
from changeover.apps.scopes import BY_CONNECTED_APP
from changeover.migration.mapping.losses import CANVAS_LOCATIONS_LOST


class Said(NamedTuple):
    """What a value becomes."""

    values: tuple[str, ...]
    note: str = ""


Translation = Callable[[str], Said | None]

NOT_UNDERSTOOD = "Not a value that Salesforce's type definitions know: carried as it stands."


def same(value: str) -> Said:
    """Say the value as it stands."""
    return Said((value,))


def twice(value: str) -> Said:
    """Say the value in both of two places: an external client app has two switches for it."""
    return Said((value, value))


def permitted_users(value: str) -> Said | None:
    """`isAdminApproved` as `permittedUsersPolicyType`."""
    words = {"true": "AdminApprovedPreAuthorized", "false": "AllSelfAuthorized"}
    return Said((words[value],)) if value in words else None


def ip_relaxation(value: str) -> Said | None:
    """`ipRelaxation` as `ipRelaxationPolicyType`."""
    word = IP_RELAXATION_POLICY_TYPES.get(value)
    return Said((word,)) if word is not None else None


def refresh_token_policy(value: str) -> Said | None:
    """`refreshTokenPolicy`, a little language, as type, period and unit."""
    policy = read_refresh_token_policy(value)
    if policy is None:
        return None
    if policy.period is None or policy.unit is None:
        return Said((policy.policy_type,))
    return Said((policy.policy_type, policy.period, policy.unit))


def scope(value: str) -> Said | None:
    """A scope as its token in `commaSeparatedOauthScopes`; one that nobody knows is carried as it stands."""
    known = BY_CONNECTED_APP.get(value)
    if known is None or known.external_client_app is None:
        return None
    return Said((known.external_client_app,))


def start_url(value: str) -> Said:
    """A start URL with the start page that makes it count; an empty one changes no start page."""
    return Said((value, "Custom")) if value.strip() else Said((value,))


def name_in_list(value: str) -> Said:
    """A name that becomes part of a comma separated list."""
    if "," in value:
        return Said((value,), "The name holds a comma: in the list it cannot be told from two names.")
    return Said((value,))


# How `CanvasMetadata` abbreviates (observed in seven retrieved files; it lists them in the order of the
# enum).
CANVAS_LOCATION_CODES = {
    "CT": "Chatter",
    "VF": "Visualforce",
    "AR": "Aura",
    "MP": "Publisher",
    "CF": "ChatterFeed",
    "SD": "ServiceDesk",
    "CTI": "OpenCTI",
    "MN": "MobileNav",
    "PL": "PageLayout",
}
CANVAS_OPTION_CODES = {"HS": "HideShare", "HH": "HideHeader"}


def canvas_locations(value: str) -> Said | None:
    """Codes such as `CT,VF` as canvas locations; what has no home is named in the note."""
    words = [CANVAS_LOCATION_CODES.get(code) for code in value.split(",")]
    if None in words:
        return None
    found = [word for word in words if word is not None]
    gone = [word for word in found if word in CANVAS_LOCATIONS_LOST]
    note = f"Not offered by external client apps: {', '.join(gone)}." if gone else ""
    return Said(tuple(word for word in found if word not in CANVAS_LOCATIONS_LOST), note)


def canvas_options(value: str) -> Said | None:
    """Codes such as `HS,HH` as canvas options."""
    words = [CANVAS_OPTION_CODES.get(code) for code in value.split(",")]
    return None if None in words else Said(tuple(word for word in words if word is not None))


def saml_initiation(value: str) -> Said | None:
    """The code `0` as `None`, the only one observed; the full words stay as they are."""
    return Said(("None",)) if value == "0" else same(value)
