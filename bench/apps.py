"""Projects of made-up connected apps, for measurements: as many as one likes, of the variety of real orgs.

    python -m bench.apps 10000 DIR

Nothing in them is anybody's: names, keys and certificates are made from the number of the app, the same each
time.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from changeover.apps.connected_app import (
    Attribute,
    CanvasConfig,
    ConnectedApp,
    IdTokenConfig,
    IpRange,
    MobileAppConfig,
    OauthConfig,
    OauthPolicy,
    SamlConfig,
    SessionPolicy,
)
from changeover.metadata.files import path_of, write_document

FOLDER = "force-app/main/default"
CONNECTED_APPS = f"{FOLDER}/connectedApps"
PROJECT = '{"packageDirectories": [{"path": "force-app", "default": true}], "sourceApiVersion": "66.0"}\n'
WHAT = ("Billing", "Warehouse", "Portal", "Payroll", "Survey", "Courier", "Ledger", "Kiosk", "Chat")
HOW = ("Sync", "Gateway", "Mobile", "Export", "Import", "Alerts", "Console", "Bridge")
SCOPES = ("Api", "Web", "Full", "RefreshToken", "OpenID", "CustomPermissions", "Chatter", "Basic", "Wave")
REFRESH = ("infinite", "zero", "specific_lifetime:365:DAYS", "specific_inactivity:90:DAYS")
RELAXATION = ("ENFORCE", "BYPASS", "BYPASS_2FACTOR", "ENFORCE_RELAXREFRESH")


def apps(count: int) -> Iterator[ConnectedApp]:
    """Yield made-up apps, the same for the same number: nine in ten with OAuth, one in seven with SAML."""
    for number in range(count):
        yield _app(number, Random(number))


def write_project(folder: Path, count: int) -> None:
    """Write an SFDX project of so many connected apps, each in a file of its own."""
    (folder / CONNECTED_APPS).mkdir(parents=True, exist_ok=True)
    (folder / "sfdx-project.json").write_text(PROJECT, encoding="utf-8")
    for app in apps(count):
        (folder / FOLDER / path_of(app)).write_bytes(write_document(app))


def _app(number: int, chance: Random) -> ConnectedApp:
    name = f"{chance.choice(WHAT)}_{chance.choice(HOW)}_{number}"
    host = f"{name.lower().replace('_', '-')}.example.com"
    oauth, saml = chance.random() < 0.9, chance.random() < 0.14
    canvas, mobile = chance.random() < 0.05, chance.random() < 0.08
    people = [f"{chance.choice(WHAT)} {chance.choice(('User', 'Agent', 'Manager'))}" for _ in range(3)]
    return ConnectedApp(
        full_name=name,
        label=name.replace("_", " "),
        contact_email=f"owner{number % 97}@example.com",
        contact_phone=f"+44 20 7946 {number % 10000:04}" if chance.random() < 0.2 else None,
        description=f"Connects {host} & the org; <{number}>" if chance.random() < 0.6 else None,
        info_url=f"https://{host}/about" if chance.random() < 0.2 else None,
        logo_url=f"https://{host}/logo.png" if chance.random() < 0.2 else None,
        start_url=f"https://{host}/" if chance.random() < 0.2 else None,
        mobile_start_url=f"https://{host}/m" if mobile else None,
        attributes=tuple(
            Attribute(key=f"key{each}", formula=f"$User.Field{each}__c")
            for each in range(chance.choice((0, 0, 0, 0, 1, 3)))
        ),
        ip_ranges=tuple(
            IpRange(start=f"203.0.113.{each}", end=f"203.0.113.{each + 3}", description=f"Office {each}")
            for each in range(chance.choice((0, 0, 0, 1, 2, 8)))
        ),
        permission_set_name=tuple(people[: chance.choice((0, 0, 1, 2))]),
        profile_name=tuple(people[: chance.choice((0, 0, 0, 3))]),
        plugin=f"Handler{number}" if chance.random() < 0.02 else None,
        canvas_config=_canvas(host) if canvas else None,
        mobile_app_config=_mobile() if mobile else None,
        oauth_config=_oauth(number, host, chance) if oauth else None,
        oauth_policy=_policy(host, chance) if oauth and chance.random() < 0.8 else None,
        saml_config=_saml(number, host, chance) if saml else None,
        session_policy=_session() if chance.random() < 0.2 else None,
    )


def _oauth(number: int, host: str, chance: Random) -> OauthConfig:
    def often() -> bool:
        return chance.random() < 0.5

    def seldom() -> bool:
        return chance.random() < 0.1

    callbacks = [f"https://{host}/oauth/callback", "http://localhost:1717/OauthRedirect", f"{host}://done"]
    return OauthConfig(
        callback_url="\n".join(callbacks[: chance.choice((1, 1, 1, 2, 3))]),
        certificate=certificate(number) if chance.random() < 0.25 else None,
        consumer_key=consumer_key(number),
        id_token_config=_id_token(host) if seldom() else None,
        is_admin_approved=often(),
        is_client_credential_enabled=seldom() if often() else None,
        is_code_credential_enabled=seldom() if often() else None,
        is_consumer_secret_optional=seldom(),
        is_introspect_all_tokens=False,
        is_named_user_jwt_enabled=seldom() if often() else None,
        is_pkce_required=chance.choice((True, False, None, None)),
        is_refresh_token_rotation_enabled=seldom() if often() else None,
        is_secret_required_for_refresh_token=True,
        is_secret_required_for_token_exchange=True if often() else None,
        is_token_exchange_enabled=seldom() if often() else None,
        scopes=tuple(chance.sample(SCOPES, chance.choice((1, 2, 2, 3, 4)))),
        single_logout_url=f"https://{host}/logout" if seldom() else None,
    )


def _policy(host: str, chance: Random) -> OauthPolicy:
    return OauthPolicy(
        ip_relaxation=chance.choice(RELAXATION),
        refresh_token_policy=chance.choice(REFRESH),
        single_logout_url=f"https://{host}/logout" if chance.random() < 0.1 else None,
    )


def _id_token(host: str) -> IdTokenConfig:
    return IdTokenConfig(
        id_token_audience=f"https://{host}", id_token_include_standard_claims=True, id_token_validity=10
    )


def _saml(number: int, host: str, chance: Random) -> SamlConfig:
    return SamlConfig(
        acs_url=f"https://{host}/saml/acs",
        certificate=certificate(number) if chance.random() < 0.5 else None,
        encryption_type=chance.choice(("AES_128", "AES_256", "AES_256", "Triple_Des")),
        entity_url=f"https://{host}",
        issuer="https://acme.my.salesforce.com",
        saml_name_id_format="EmailAddress",
        saml_signing_algo_type="SHA256",
        saml_subject_type="FederationId",
    )


def _session() -> SessionPolicy:
    return SessionPolicy(policy_action="Block", session_level="HIGH_ASSURANCE", session_timeout=120)


def _canvas(host: str) -> CanvasConfig:
    return CanvasConfig(
        access_method="Post",
        canvas_url=f"https://{host}/canvas",
        locations=("Visualforce", "PageLayout", "Chatter"),
        options=("HideHeader",),
    )


def _mobile() -> MobileAppConfig:
    return MobileAppConfig(device_platform="ios", device_type="phone", private_app=True, version="4.2")


def consumer_key(number: int) -> str:
    """Return a made-up consumer key of the usual length."""
    return f"3MVG9{hashlib.sha512(b'%d' % number).hexdigest()[:80]}"


def certificate(number: int) -> str:
    """Return what looks like a certificate of the usual length; nothing reads it."""
    lines = [hashlib.sha256(b"%d %d" % (number, line)).hexdigest() for line in range(20)]
    return "\n".join(("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"))


if __name__ == "__main__":
    write_project(Path(sys.argv[2]), int(sys.argv[1]))
