"""Apps and situations for tests, each with one thing that matters."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf
from changeover.migration.situation import FlowUse, LoginEvidence, Situation

TODAY = date(2026, 11, 23)
KEY = "3MVG9.made_up.key"

OAUTH = {
    "label": "Billing",
    "contactEmail": "admin@example.com",
    "oauthConfig/callbackUrl": "https://billing.example.com/callback",
    "oauthConfig/consumerKey": KEY,
    "oauthConfig/scopes[1]": "Api",
    "oauthPolicy/ipRelaxation": "ENFORCE",
    "oauthPolicy/refreshTokenPolicy": "zero",
}
SAML = {
    "label": "Sign-on",
    "contactEmail": "admin@example.com",
    "samlConfig/acsUrl": "https://sp.example.com/acs",
    "samlConfig/entityUrl": "https://sp.example.com",
    "samlConfig/samlSubjectType": "Username",
}
BARE = {"label": "Tile", "contactEmail": "admin@example.com"}


def app(
    base: dict[str, str] | None = None, more: dict[str, str] | None = None, *, name: str = "Billing"
) -> ConnectedApp:
    """Make a connected app of leaves."""
    held = {**(OAUTH if base is None else base), **(more or {})}
    return from_leaves(ConnectedApp, name, [Leaf(path, value) for path, value in held.items()])


def files(**known: Any) -> Situation:
    """What a folder of files tells: next to nothing."""
    return Situation(**{"today": TODAY, "in_org": False, **known})


def org(**known: Any) -> Situation:
    """What a local org tells: everything."""
    told = {
        "today": TODAY,
        "in_org": True,
        "local": True,
        "push": (),
        "user_provisioning": False,
        "dynamic_registration": False,
        "username_password_blocked": False,
        "edition": "Developer",
        "logins": logins(),
    }
    return Situation(**{**told, **known})


def use(sub_type: str, count: int = 1, *users: str, last: datetime | None = None) -> FlowUse:
    """Make evidence of one flow."""
    return FlowUse(
        sub_type=sub_type,
        count=count,
        last=last or datetime(2026, 11, 3, 9, 30, tzinfo=UTC),
        users=users,
    )


def logins(*flows: FlowUse, **more: Any) -> LoginEvidence:
    """Make a Login History of half a year."""
    return LoginEvidence(
        window_start=datetime(2026, 5, 27, tzinfo=UTC),
        window_end=datetime(2026, 11, 22, tzinfo=UTC),
        flows=flows,
        **more,
    )
