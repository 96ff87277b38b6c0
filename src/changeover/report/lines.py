"""Which line of an app's file a finding is about: the line of the element that its rule looks at."""

from __future__ import annotations

from typing import cast

from lxml import etree

from changeover.metadata.files import type_of
from changeover.metadata.reader import NAMESPACE, parse

# The first of the elements that is there. A rule that is not named looks at the app as a whole.
ELEMENTS: dict[str, tuple[str, ...]] = {
    "canvas": ("canvasConfig", "canvas"),
    "custom-handler": ("plugin",),
    "saml-triple-des": ("samlConfig/encryptionType",),
    "name-taken": ("oauthConfig/consumerKey", "label"),
    "key-not-visible": ("oauthConfig/consumerKey", "oauthConfig"),
    "key-used-elsewhere": ("oauthConfig/consumerKey",),
    "own-pipeline": ("oauthConfig/callbackUrl",),
    "too-many-ip-ranges": ("ipRanges",),
    "too-many-attributes": ("attributes",),
    "scope-without-token": ("oauthConfig/scopes",),
    "attribute-formula": ("attributes/formula",),
    "comma-in-name": ("profileName", "permissionSetName"),
    "settings-without-home": ("mobileStartUrl", "mobileAppConfig", "canvasConfig/locations", "canvasConfig"),
    "refresh-token-ip-allowlist": ("oauthConfig/isIpBindingEnabled",),
    "refresh-token-idle-limit": ("oauthPolicy/refreshTokenPolicy", "oauthConfig/scopes"),
    "device-flow-limited": ("oauthConfig/isDeviceFlowEnabled", "oauthConfig"),
    "user-agent-flow-ends": ("oauthConfig",),
    "username-password-seen": ("oauthConfig",),
    "username-password-possible": ("oauthConfig",),
    "no-use-seen": ("oauthConfig",),
    "shared-label": ("label",),
}


def lines_of(data: bytes, path: str) -> dict[str, int]:
    """Return the line of each rule's element in an app's file; rules whose element is not there are left out.

    Raises FileError as reading the file does.
    """
    metadata_type = type_of(path)
    if metadata_type is None:
        return {}
    root = cast("etree._Element", parse(data, path, metadata_type.name))  # noqa: SLF001 - lxml's name
    found: dict[str, int] = {}
    for rule, elements in ELEMENTS.items():
        for element in elements:
            place = root.find("/".join(f"{{{NAMESPACE}}}{step}" for step in element.split("/")))
            # lxml's stubs leave the type open.
            line = cast("int | None", place.sourceline) if place is not None else None
            if line is not None:
                found[rule] = line
                break
    return found
