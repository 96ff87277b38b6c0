"""References: places outside an app that name it."""

from __future__ import annotations

from dataclasses import dataclass

from changeover.apps.document import Leaf


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One place in another file, or in an org, that names an app.

    Example: in `notificationtypes/Case.config` the path
    `notificationTypeSettings[3]/appSettings[1]/connectedAppName` holds `Billing`.
    """

    kind: str
    """The metadata type of the referring file, or `BriefcaseDefinition` for an assignment in an org."""
    file: str
    """The referring file as the project names it, or the referring record in an org."""
    path: str
    """The leaf that names the app."""
    app: str
    """The app's name as it stands there."""
    context: tuple[Leaf, ...] = ()
    """The leaves beside it that say what the reference means, paths relative to the file's root."""
