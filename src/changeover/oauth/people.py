"""What tokens and the UserInfo endpoint tell of a user: standard claims and custom attributes.

A local org's users have a name, a username and an e-mail address; formulas that ask for anything else give an
empty value, as an empty field does in Salesforce.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from changeover.oauth.client import OauthClient
from changeover.org.model.orgs import Org
from changeover.org.model.people import User

_FIELD = re.compile(r"\$?User\.([A-Za-z_]+)", re.IGNORECASE)
_TEXT = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def _first(user: User) -> str:
    return user.name.rpartition(" ")[0]


def _last(user: User) -> str:
    return user.name.rpartition(" ")[2]


FIELDS: dict[str, Callable[[User], str]] = {
    "id": lambda user: user.user_id,
    "username": lambda user: user.username,
    "email": lambda user: user.email,
    "name": lambda user: user.name,
    "firstname": _first,
    "lastname": _last,
}
"""Fields of a user that a formula may name, in lower case."""


def attributes(client: OauthClient, user: User) -> dict[str, str]:
    """Return the custom attributes of an app for a user: of each formula a field of the user or a text."""
    return {key: _value(formula, user) for key, formula in client.attributes if key}


def _value(formula: str, user: User) -> str:
    text = _TEXT.fullmatch(formula.strip())
    if text is not None:
        return text[1] or text[2] or ""
    field = _FIELD.fullmatch(formula.strip())
    read = FIELDS.get(field[1].casefold()) if field is not None else None
    return read(user) if read is not None else ""


def standard_claims(user: User) -> dict[str, Any]:
    """Return the standard claims of a user (OpenID Connect Core section 5.1)."""
    return {
        "preferred_username": user.username,
        "name": user.name,
        "given_name": _first(user),
        "family_name": _last(user),
        "email": user.email,
        "email_verified": bool(user.email),
        "zoneinfo": "UTC",
    }


def user_info(org: Org, user: User, client: OauthClient | None, subject: str) -> dict[str, Any]:
    """Return what the UserInfo endpoint tells of a user.

    Args:
        org: the user's org.
        user: the user.
        client: the app that asks; its custom attributes are told. None for a session of no app.
        subject: the identity URL; equal to the `sub` of the ID token (OpenID Connect Core section 5.3.2).
    """
    answer = {
        "sub": subject,
        "user_id": user.user_id,
        "organization_id": org.org_id,
        **standard_claims(user),
        "nickname": user.username.partition("@")[0],
        "active": user.active,
        "user_type": "STANDARD",
    }
    held = attributes(client, user) if client is not None else None
    return {**answer, "custom_attributes": held} if held else answer
