"""What a comparison holds against nobody: what is never retrieved, and what Salesforce makes by itself.

Source: salesforce-reference section 2 and section 10; retrieved files.
"""

from __future__ import annotations

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
)

# Types that a retrieve may leave out, and where they can be seen then.
OFTEN_NOT_RETRIEVED: dict[type[Document], str] = {
    ExtlClntAppGlobalOauthSettings: "Retrieved only with “Allow Access to OAuth Consumer Secrets via Metadata"
    " API” and the permission for it; look in External Client App Manager, the app, Settings.",
    ExtlClntAppOauthSecuritySettings: "Not made and not retrieved by every org; look at the app's Settings.",
    ExtlClntAppCanvasSettings: "Retrieved from API 66 on; look at the app's Settings.",
    ExtlClntAppMobileSettings: "Beta: not retrieved by every org; look at the app's Settings.",
    ExtlClntAppMobileConfigurablePolicies: "Beta: not retrieved by every org; look at the app's Policies.",
    ExtlClntAppNotificationSettings: "Beta: not retrieved by every org; look at the app's Settings.",
    ExtlClntAppPushSettings: "Beta: not retrieved by every org; look at the app's Settings.",
    ExtlClntAppPushConfigurablePolicies: "Beta: not retrieved by every org; look at the app's Policies.",
}

# Leaves that may be missing from a part that was retrieved.
OFTEN_LEFT_OUT: dict[tuple[type[Document], str], str] = {
    (ExtlClntAppGlobalOauthSettings, "consumerSecret"): "Retrieved only where the org allows it.",
    (ExtlClntAppGlobalOauthSettings, "consumerKey"): "Retrieved only where the org allows it.",
}

# Leaves that Salesforce makes by itself; a connected app has nothing that they could have come from.
MADE_BY_SALESFORCE = frozenset(
    {
        (ExternalClientApplication, "orgScopedExternalApp"),
        (ExternalClientApplication, "managedType"),
        (ExtlClntAppOauthSettings, "oauthLink"),
        (ExtlClntAppConfigurablePolicies, "isAttestPluginEnabled"),
        # How long JWT access tokens live stands in no file of a connected app.
        (ExtlClntAppOauthConfigurablePolicies, "guestJwtSessionTimeoutType"),
        (ExtlClntAppOauthConfigurablePolicies, "guestJwtTimeout"),
        (ExtlClntAppOauthConfigurablePolicies, "namedUserJwtSessionTimeoutType"),
        (ExtlClntAppOauthConfigurablePolicies, "namedUserJwtTimeout"),
        # Deprecated here: the switch stands in the global OAuth settings.
        (ExtlClntAppOauthConfigurablePolicies, "isNamedUserJwtEnabled"),
    }
)
OF_EVERY_PART = frozenset({"label", "externalClientApplication"})
