"""Apps in a list as what is rehearsed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from changeover.apps.connected_app import Attribute, ConnectedApp, IpRange, SamlConfig
from changeover.org.model.orgs import Edition, Org
from changeover.rehearse.rehearsal import Rehearsal
from changeover.rehearse.rows import RehearsedApp, Row
from changeover.rehearse.source import People, SourceApp
from changeover.wiring import rehearsal_copy
from tests.org.world import app

BEFORE_THE_IDLE_LIMIT = datetime(2026, 10, 1, 12, tzinfo=UTC)
BEFORE_THE_DEVICE_LIMIT = datetime(2026, 11, 23, 12, tzinfo=UTC)
AFTER_THE_DEVICE_LIMIT = datetime(2026, 12, 5, 12, tzinfo=UTC)
AFTER_USERNAME_PASSWORD = datetime(2027, 2, 21, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Listed:
    """A source of given apps."""

    given: tuple[SourceApp, ...]
    people: People = field(default_factory=People)
    name: str = "list"
    org: Org = field(
        default_factory=lambda: Org(org_id="", name="list", edition=Edition.DEVELOPER, my_domain="")
    )

    def apps(self) -> Iterator[SourceApp]:
        yield from self.given


def source(one: ConnectedApp, *seen: str) -> SourceApp:
    """An app to rehearse, with the flows that Login History has seen."""
    return SourceApp(app=one, path=f"{one.full_name}.connectedApp", seen=frozenset(seen))


def rehearsed(
    *apps: ConnectedApp | SourceApp,
    at: datetime = BEFORE_THE_DEVICE_LIMIT,
    assumed: Collection[str] = (),
    org: dict[str, Any] | None = None,
    people: People | None = None,
) -> dict[str, RehearsedApp]:
    """Rehearse apps on a copy, and return what came of each by name."""
    given = tuple(one if isinstance(one, SourceApp) else source(one) for one in apps)
    listed = Listed(given, people or People())
    listed = replace(listed, org=replace(listed.org, **(org or {})))
    with rehearsal_copy(at) as copy:
        return {one.api_name: one for one in Rehearsal(copy, listed, assumed).apps()}


def rows(one: RehearsedApp) -> dict[str, Row]:
    return {row.flow: row for row in one.rows}


def errors(row: Row) -> tuple[str, str, str]:
    """What the client was told before, after, and after the revert."""
    assert row.before is not None
    assert row.after is not None
    assert row.after_revert is not None
    return row.before.error, row.after.error, row.after_revert.error


def portal(**changes: Any) -> ConnectedApp:
    """An app with users who approve it, ID tokens, and an attribute."""
    attribute = Attribute(key="mail", formula="$User.Email")
    oauth = {"scopes": ("Api", "OpenID", "RefreshToken"), "is_pkce_required": False}
    return app("Portal", oauth=oauth, attributes=(attribute,), **changes)


def partner() -> ConnectedApp:
    """An app for pre-authorized users, with SAML beside OAuth and PKCE required."""
    oauth = {"scopes": ("Api",), "is_admin_approved": True, "is_pkce_required": True}
    saml = SamlConfig(
        acs_url="https://partner.example.com/acs",
        entity_url="https://partner.example.com",
        saml_subject_type="Username",
    )
    return app("Partner", oauth=oauth, saml_config=saml, profile_name=("Partner User",))


def nightly(certificate: str) -> ConnectedApp:
    """An app without users before a browser: a certificate, a run-as user, trusted ranges."""
    oauth = {
        "scopes": ("Api",),
        "certificate": certificate,
        "is_admin_approved": True,
        "is_client_credential_enabled": True,
        "oauth_client_credential_user": "night@example.com",
        "is_pkce_required": True,
    }
    trusted = IpRange(start="203.0.113.16", end="203.0.113.31")
    return app("Nightly", oauth=oauth, permission_set_name=("Night_Shift",), ip_ranges=(trusted,))
