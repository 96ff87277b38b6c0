"""What an external client app has no place for: the only things that an account may call lost.

Source: salesforce-reference section 3, the rows marked as gaps. Dynamic client registration and the PIN
length are lost too, but stand in no file: the rules `dynamic-registration` and `settings-without-home`
speak of them.
"""

from __future__ import annotations

from typing import NamedTuple


class Loss(NamedTuple):
    """One thing without a home, and what follows from that."""

    source: str
    """Key of a leaf (`canvasConfig/locations[]`), or the kind of a reference."""
    consequence: str
    """What the reader will miss, as a sentence."""
    values: frozenset[str] | None = None
    """Only these values are lost; None: any value."""
    below: bool = False
    """Whether everything under the element is lost with it."""


# Locations that the guide documents for connected apps and not for external client apps.
CANVAS_LOCATIONS_LOST = frozenset({"Chatter", "ServiceDesk", "OpenCTI", "UserProfile", "AppLauncher"})
CANVAS_OPTIONS_LOST = frozenset({"PersonalEnabled"})
SCOPES_LOST = frozenset({"A2A", "CmdbDiscovery", "SemanticLayer"})

IP_ALLOWLIST = Loss(
    "oauthConfig/isIpBindingEnabled",
    "The IP allowlist of refresh tokens is not migrated: enter its ranges again on the external client app,"
    " and touch one of the records afterwards.",
)
SCOPES = Loss(
    "oauthConfig/scopes[]",
    "No token of this scope is known for external client apps: tokens will be issued without it.",
    values=SCOPES_LOST,
)
CANVAS_LOCATIONS = Loss(
    "canvasConfig/locations[]",
    "External client apps do not offer this canvas location: the canvas app no longer appears there.",
    values=CANVAS_LOCATIONS_LOST,
)
CANVAS_LOCATION_CODES = Loss(
    "canvas/locationOptions",
    "External client apps offer none of these canvas locations: the canvas app no longer appears there.",
)
USER_PROVISIONING = Loss(
    "UserProvisioningConfig",
    "External client apps have no user provisioning: accounts in the connected system are no longer made,"
    " changed or frozen from here.",
)
BRIEFCASE = Loss(
    "BriefcaseDefinition",
    "A migrated connected app is not shown in the briefcase assignment, and nothing takes its place there:"
    " the app no longer loads this briefcase.",
)
NOTIFICATION_WITHOUT_TYPE = Loss(
    "NotificationTypeConfig",
    "The place that names the app does not say which notification type it means: the subscription cannot be"
    " written to the external client app.",
)

LOSSES: tuple[Loss, ...] = (
    Loss(
        "mobileStartUrl",
        "External client apps have no start URL for mobile devices: mobile users land on the app's start"
        " page.",
    ),
    Loss(
        "mobileAppConfig",
        "External client apps hold no store listing: platform, version, bundle and install URL are gone.",
        below=True,
    ),
    IP_ALLOWLIST,
    SCOPES,
    CANVAS_LOCATIONS,
    Loss(
        "canvasConfig/options[]",
        "External client apps do not offer this canvas option: users can no longer install the app"
        " themselves.",
        values=CANVAS_OPTIONS_LOST,
    ),
    CANVAS_LOCATION_CODES,
    USER_PROVISIONING,
    BRIEFCASE,
    NOTIFICATION_WITHOUT_TYPE,
)

_BY_SOURCE = {loss.source: loss for loss in LOSSES}
_BELOW = {loss.source: loss for loss in LOSSES if loss.below}


def loss_at(key: str) -> Loss | None:
    """Return the loss that is listed for a known leaf, be it for some values only.

    Args:
        key: the leaf's path with `[]` for every index of a repeated element.
    """
    return _BY_SOURCE.get(key) or loss_below(key)


def loss_below(path: str) -> Loss | None:
    """Return the loss of a whole group in which a leaf stands, known or not."""
    return _BELOW.get(path.partition("/")[0].partition("[")[0])
