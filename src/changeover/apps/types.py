"""The registry of metadata types, as data: how Salesforce names the folder, the file and the root of each.

Source: npm `@salesforce/source-deploy-retrieve` 12.37.2, `metadataRegistry.json`. A new type is one class and
one line here.
"""

from __future__ import annotations

from typing import NamedTuple

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Document
from changeover.apps.external_client_app import (
    ExternalClientApplication,
    ExtlClntAppCanvasSettings,
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppMobileConfigurablePolicies,
    ExtlClntAppMobileSettings,
    ExtlClntAppNotificationSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSecuritySettings,
    ExtlClntAppOauthSettings,
    ExtlClntAppPushConfigurablePolicies,
    ExtlClntAppPushSettings,
    ExtlClntAppSamlConfigurablePolicies,
)


class MetadataType(NamedTuple):
    """One metadata type that is an app or part of one."""

    document: type[Document]
    """Its class, which bears the type's name."""
    folder: str
    suffix: str
    part_suffix: str | None = None
    """What Changeover and Setup append to the app's API name; None for the app itself."""
    since: int = 59
    """API version that brought the type."""

    @property
    def name(self) -> str:
        """Name of the type: the root element, and the `name` in a package.xml."""
        return self.document.__name__


TYPES: tuple[MetadataType, ...] = (
    MetadataType(ConnectedApp, "connectedApps", "connectedApp", since=29),
    MetadataType(ExternalClientApplication, "externalClientApps", "eca"),
    MetadataType(ExtlClntAppGlobalOauthSettings, "extlClntAppGlobalOauthSets", "ecaGlblOauth", "_glbloauth"),
    MetadataType(ExtlClntAppOauthSettings, "extlClntAppOauthSettings", "ecaOauth", "_oauth"),
    MetadataType(
        ExtlClntAppOauthConfigurablePolicies, "extlClntAppOauthPolicies", "ecaOauthPlcy", "_oauthPlcy"
    ),
    MetadataType(ExtlClntAppConfigurablePolicies, "extlClntAppPolicies", "ecaPlcy", "_plcy", since=60),
    MetadataType(
        ExtlClntAppOauthSecuritySettings,
        "extlClntAppOauthSecuritySettings",
        "ecaOauthSecurity",
        "_oauthSecurity",
        since=66,
    ),
    MetadataType(
        ExtlClntAppSamlConfigurablePolicies,
        "extlClntAppSamlConfigurablePolicies",
        "ecaSamlPlcy",
        "_samlPlcy",
        since=63,
    ),
    MetadataType(
        ExtlClntAppCanvasSettings, "extlClntAppCanvasSettings", "ecaCanvas", "_canvasSettings", since=66
    ),
    MetadataType(ExtlClntAppMobileSettings, "extlClntAppMobileSettings", "ecaMobile", "_mobile", since=64),
    MetadataType(
        ExtlClntAppMobileConfigurablePolicies,
        "extlClntAppMobilePolicies",
        "ecaMobilePlcy",
        "_mobilePlcy",
        since=64,
    ),
    MetadataType(ExtlClntAppPushSettings, "extlClntAppPushSettings", "ecaPush", "_push", since=64),
    MetadataType(
        ExtlClntAppPushConfigurablePolicies, "extlClntAppPushPolicies", "ecaPushPlcy", "_pushPlcy", since=64
    ),
    MetadataType(
        ExtlClntAppNotificationSettings,
        "extlClntAppNotifSettings",
        "ecaNotifications",
        "_notifications",
        since=64,
    ),
)

BY_DOCUMENT = {entry.document: entry for entry in TYPES}
BY_NAME = {entry.name: entry for entry in TYPES}
BY_SUFFIX = {entry.suffix: entry for entry in TYPES}


def app_of_usual_name(document: Document) -> str:
    """Return the API name of the app whose part has a name by itself: `App` of `App_oauth`; empty for none.

    It is what Setup and a migration name the part of an app (docs/decisions.md, part names).
    """
    suffix = BY_DOCUMENT[type(document)].part_suffix
    name = document.full_name
    if suffix is None or not name.casefold().endswith(suffix.casefold()):
        return ""
    return name[: -len(suffix)]


def component(document: Document) -> str:
    """Return how the account names a document: `App_glbloauth.ecaGlblOauth`."""
    return f"{document.full_name}.{BY_DOCUMENT[type(document)].suffix}"
