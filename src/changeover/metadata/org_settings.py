"""Settings files of an org, as far as assessing an app needs them.

Source: Metadata API guide, OauthOidcSettings (salesforce-reference, section 6, Settings).
"""

from __future__ import annotations

from changeover.metadata.files import split_name
from changeover.metadata.reader import read


def is_oauth_settings(path: str) -> bool:
    """Whether a file's name is that of the OAuth and OpenID Connect Settings."""
    name = split_name(path)
    return name is not None and name.suffix == "settings" and name.full_name == "OauthOidc"


def username_password_blocked(data: bytes, path: str) -> bool | None:
    """Read whether the org blocks the username-password flow as a whole (`blockOAuthUnPwFlow`).

    Args:
        data: the file's bytes.
        path: its name for messages.

    Returns:
        The switch, None where the file does not tell.

    Raises:
        FileError: the file is broken, hostile, or not what its name says.
    """
    for leaf in read(data, path, "OauthOidcSettings").leaves:
        if leaf.path == "blockOAuthUnPwFlow":
            return {"true": True, "false": False}.get(leaf.value.strip())
    return None
