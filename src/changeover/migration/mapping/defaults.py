"""What an external client app must say although no leaf of the connected app says it, and why.

An external client app's defaults are not a connected app's (PKCE, asset tokens, refresh tokens): silence
would change the app. So each switch and policy of a part that is written is written out (decision
WRITTEN_OUT).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from changeover.apps.document import Document
from changeover.migration import decisions
from changeover.migration.decisions import Decision
from changeover.migration.mapping.source import Facts
from changeover.migration.mapping.table import (
    APP_POLICIES,
    GLOBAL,
    HEADER,
    POLICIES,
    SAML,
    SETTINGS,
)


class Default(NamedTuple):
    """One leaf to write where nothing else has been written at its path."""

    part: type[Document]
    path: str
    value: str
    reason: str
    decision: Decision | None = None
    """The decision that it rests on; None where a document says so."""
    only_with: str = ""
    """Name of the fact that must hold, see `Facts`."""

    @property
    def why(self) -> str:
        """The reason with the decision's id, as a sentence."""
        return f"{self.reason} ({self.decision.id})." if self.decision else f"{self.reason}."


def _silent(part: type[Document], default: str, *paths: str, value: str = "false") -> Iterator[Default]:
    """Yield the switches whose default on a connected app is documented."""
    reason = f"The connected app is silent; {default} is its default"
    yield from (Default(part, path, value, reason, decisions.WRITTEN_OUT) for path in paths)


def _unseen(part: type[Document], *paths: str) -> Iterator[Default]:
    """Yield the switches that older files do not show."""
    reason = "The connected app's file is silent: older API versions do not show the switch, most apps have"
    " it off"
    yield from (Default(part, path, "false", reason, decisions.SILENT_SWITCHES_OFF) for path in paths)


DEFAULTS: tuple[Default, ...] = (
    Default(HEADER, "distributionState", "Local", "A migrated app is of use in its own org only"),
    Default(HEADER, "isProtected", "false", "Protection is for packaged apps; a migrated one is local"),
    *_silent(
        GLOBAL,
        "off",
        "isClientCredentialsFlowEnabled",
        "isCodeCredFlowEnabled",
        "isCodeCredPostOnly",
        "isConsumerSecretOptional",
        "isIntrospectAllTokens",
        "isNamedUserJwtEnabled",
    ),
    Default(
        GLOBAL,
        "isPkceRequired",
        "false",
        "The connected app is silent; false is its default, true that of an external client app",
        decisions.PKCE_AS_IT_WAS,
    ),
    *_silent(GLOBAL, "true", "isSecretRequiredForRefreshToken", value="true"),
    *_unseen(
        GLOBAL,
        "isDPopEnabled",
        "isDeviceFlowEnabled",
        "isEnforceRefreshTokenTTL",
        "isMtlsEnabled",
        "isRefreshTokenRotationEnabled",
        "isSecretRequiredForTokenExchange",
        "isTokenExchangeEnabled",
    ),
    *(
        Default(GLOBAL, path, "false", "Key and secret are handed over", decisions.KEY_HANDED_OVER)
        for path in ("shouldRotateConsumerKey", "shouldRotateConsumerSecret")
    ),
    *(
        Default(
            SETTINGS,
            path,
            "true",
            "The connected app is silent; true is its default, false that of an external client app",
            decisions.WRITTEN_OUT,
            "asset_tokens",
        )
        for path in ("areAttributesIncludedInAssetToken", "areCustomPermsIncludedInAssetToken")
    ),
    Default(SETTINGS, "isFirstPartyAppEnabled", "false", "Only Salesforce's own apps are first-party apps"),
    *_silent(POLICIES, "ENFORCE", "ipRelaxationPolicyType", value="Enforce"),
    *_silent(POLICIES, "off", "isClientCredentialsFlowEnabled"),
    Default(
        POLICIES,
        "isGuestCodeCredFlowEnabled",
        "false",
        "The variant of the flow for guests has no switch on a connected app",
        decisions.WRITTEN_OUT,
    ),
    *_unseen(POLICIES, "isTokenExchangeFlowEnabled"),
    *_silent(POLICIES, "all users", "permittedUsersPolicyType", value="AllSelfAuthorized"),
    *_silent(POLICIES, "infinite", "refreshTokenPolicyType", value="Infinite"),
    *_silent(POLICIES, "any session", "requiredSessionLevel", value="STANDARD"),
    *_silent(SAML, "Unspecified", "nameIdFormat", value="Unspecified"),
    Default(APP_POLICIES, "isEnabled", "true", "The app was in use", decisions.ENABLED),
    Default(
        APP_POLICIES, "startPage", "None", "The connected app has no start URL", decisions.START_URL_CUSTOM
    ),
)


_LABELLED = f"A part is labelled with its own name ({decisions.PART_NAMES.id})."


def plugin_switches(facts: Facts, *, notifications: bool, push: bool) -> tuple[Default, ...]:
    """Return the plugin switches of the app policies: on where the app has such settings, else off.

    The switch of the attestation plugin is left out: its types are experimental and gone from the newest
    type definitions.
    """
    used = {
        "Canvas": facts.canvas,
        "Mobile": False,
        "Notification": notifications,
        "Oauth": facts.oauth,
        "Push": push,
        "Saml": facts.saml,
    }
    return tuple(
        Default(
            APP_POLICIES,
            f"is{name}PluginEnabled",
            "true" if on else "false",
            f"The connected app {'has' if on else 'has no'} such settings",
            decisions.WRITTEN_OUT,
        )
        for name, on in used.items()
    )


@lru_cache(maxsize=256)
def silent_leaves(
    wanted: frozenset[type[Document]], facts: Facts, *, notifications: bool, push: bool
) -> tuple[tuple[Default, str], ...]:
    """Return what an app of these parts and kinds must say where its source is silent, each with its why."""
    switches = plugin_switches(facts, notifications=notifications, push=push)
    return tuple(
        (default, default.why)
        for default in (*DEFAULTS, *switches)
        if default.part in wanted and (not default.only_with or getattr(facts, default.only_with))
    )


def own_leaves(api_name: str, name: str) -> tuple[tuple[str, str, str, Decision | None], ...]:
    """Return what every part says of itself: path, value, why, and the decision it rests on.

    Args:
        api_name: the app that the part belongs to.
        name: the part's own full name.
    """
    return (
        ("externalClientApplication", api_name, "Names the app that this part belongs to.", None),
        ("label", name, _LABELLED, decisions.PART_NAMES),
    )
