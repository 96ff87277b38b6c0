"""Push settings of connected apps. Metadata does not hold them; invalid ones make a migration fail."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import Act
from changeover.org import audit
from changeover.org.act import act
from changeover.org.assessing import reassess
from changeover.org.model.apps import ConnectedAppRecord
from changeover.org.model.beside_apps import Credential, PushSettings
from changeover.org.model.orgs import Actor
from changeover.org.own import own_app, refuse_stale, state_after
from changeover.org.permissions import CONNECTED_APP_EDIT, SETUP
from changeover.org.ports import Unit
from changeover.org.values import one_of, required, shown

APPLE, ANDROID = "Apple", "Android"
ENVIRONMENTS = ("Sandbox", "Production")
LARGEST_P12 = 64 * 1024
"""Bytes; an Apple push certificate with its key has about 3 KB."""
LONGEST_SERVICE_ACCOUNT = 8000
"""Characters in base64 (Metadata API guide, AndroidPushConfig)."""


@dataclass(frozen=True, kw_only=True)
class AppleP12:
    """An Apple push certificate with its key."""

    p12: bytes
    password: str
    environment: str
    application_bundle: str = ""
    full_content: bool = False


@dataclass(frozen=True, kw_only=True)
class AppleP8:
    """An Apple signing key with its ids; it does not expire."""

    signing_key: str
    key_identifier: str
    team_identifier: str
    environment: str
    application_bundle: str
    full_content: bool = False


@dataclass(frozen=True, kw_only=True)
class AndroidServerKey:
    """The legacy server key, with which a migration fails."""

    server_key: str
    fcm_project: str = ""
    full_content: bool = False


@dataclass(frozen=True, kw_only=True)
class AndroidServiceAccount:
    """A Google service account: the JSON file as Google gives it."""

    service_account: str
    fcm_project: str = ""
    full_content: bool = False


Given = AppleP12 | AppleP8 | AndroidServerKey | AndroidServiceAccount
Sealed = Mapping[str, str]


@act(SETUP, "look at push settings")
def view_push(unit: Unit, actor: Actor, api_name: str) -> tuple[PushSettings, ...]:
    """Return a connected app's push settings, one a service, without credentials. E-APP-NOT-FOUND."""
    return unit.push.list(own_app(unit, actor, api_name).app_id)


@act(CONNECTED_APP_EDIT, "change push settings")
def set_push(
    unit: Unit, actor: Actor, api_name: str, given: Given, *, seen_version: int | None
) -> PushSettings:
    """Store push settings of a service in place of those that were there.

    An expired certificate or a server key is stored, as an org may hold one; it blocks the migration.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-APP-READ-ONLY, E-STALE-PAGE, E-PUSH-CREDENTIAL-UNREADABLE,
            E-VALUE-REFUSED.
    """
    record = _own(unit, actor, api_name, seen_version)
    settings, sealed = _read(unit, given)
    before = {found.service: found for found in unit.push.list(record.app_id)}.get(settings.service)
    unit.push.put(record.app_id, settings, sealed)
    text = f"Set the {settings.service} push settings of {record.label}: {settings.credential.value}."
    _written(unit, actor, record, audit.Event.PUSH_SET, text, before, settings)
    return settings


@act(CONNECTED_APP_EDIT, "remove push settings")
def remove_push(unit: Unit, actor: Actor, api_name: str, service: str, *, seen_version: int | None) -> None:
    """Remove the push settings of a service.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-APP-READ-ONLY, E-STALE-PAGE, E-RECORD-NOT-FOUND.
    """
    record = _own(unit, actor, api_name, seen_version)
    before = {found.service: found for found in unit.push.list(record.app_id)}.get(service)
    if before is None or not unit.push.remove(record.app_id, service):
        message = f"{shown(record.label)} has no push settings for “{shown(service)}”."
        raise ChangeoverError(errors.RECORD_NOT_FOUND, message)
    text = f"Removed the {service} push settings of {record.label}."
    _written(unit, actor, record, audit.Event.PUSH_REMOVED, text, before, None)


def _own(unit: Unit, actor: Actor, api_name: str, seen_version: int | None) -> ConnectedAppRecord:
    record = own_app(unit, actor, api_name, lock=True)
    state_after(record, Act.EDIT)
    refuse_stale(record.label, record.version, seen_version)
    return record


def _written(
    unit: Unit,
    actor: Actor,
    record: ConnectedAppRecord,
    event: audit.Event,
    text: str,
    before: PushSettings | None,
    after: PushSettings | None,
) -> None:
    unit.apps.save(
        replace(record, version=record.version + 1, modified_at=unit.now, modified_by=actor.username)
    )
    reassess(unit, actor, record.api_name)
    audit.record(unit, actor, event, record.api_name, text, before=_told(before), after=_told(after))


def _told(settings: PushSettings | None) -> dict[str, Any] | None:
    if settings is None:
        return None
    told = {name: value for name, value in asdict(settings).items() if value is not None}
    told["credential"] = settings.credential.value
    if settings.certificate_expires is not None:
        told["certificate_expires"] = settings.certificate_expires.isoformat()
    return told


def _read(unit: Unit, given: Given) -> tuple[PushSettings, Sealed]:
    """Return what is shown of push settings, and what is sealed."""
    match given:
        case AppleP12():
            return _read_p12(unit, given)
        case AppleP8():
            return _read_p8(unit, given)
        case AndroidServerKey():
            settings = PushSettings(
                service=ANDROID,
                credential=Credential.ANDROID_SERVER_KEY,
                fcm_project=given.fcm_project.strip() or None,
                full_content=given.full_content,
            )
            return settings, {"serverKey": required("server key", given.server_key, longest=4096)}
        case AndroidServiceAccount():
            return _read_service_account(given)


def _read_p12(unit: Unit, given: AppleP12) -> tuple[PushSettings, Sealed]:
    if len(given.p12) > LARGEST_P12:
        message = f"The P12 file has {len(given.p12)} bytes; a push certificate has a few thousand."
        raise ChangeoverError(errors.PUSH_CREDENTIAL_UNREADABLE, message)
    settings = PushSettings(
        service=APPLE,
        credential=Credential.APPLE_P12,
        environment=one_of("environment", given.environment, ENVIRONMENTS),
        application_bundle=given.application_bundle.strip() or None,
        certificate_expires=unit.certificates.p12_expiry(given.p12, given.password),
        full_content=given.full_content,
    )
    return settings, {"certificate": base64.b64encode(given.p12).decode(), "password": given.password}


def _read_p8(unit: Unit, given: AppleP8) -> tuple[PushSettings, Sealed]:
    unit.certificates.refuse_unreadable_key(given.signing_key.strip())
    settings = PushSettings(
        service=APPLE,
        credential=Credential.APPLE_P8,
        environment=one_of("environment", given.environment, ENVIRONMENTS),
        application_bundle=required("application bundle", given.application_bundle),
        key_identifier=required("key identifier", given.key_identifier),
        team_identifier=required("team identifier", given.team_identifier),
        full_content=given.full_content,
    )
    return settings, {"signingKey": given.signing_key.strip()}


def _read_service_account(given: AndroidServiceAccount) -> tuple[PushSettings, Sealed]:
    message = (
        "The service account is not the JSON file that Google gives: it has type, project_id, private_key."
    )
    try:
        found = json.loads(given.service_account)
        encoded = base64.b64encode(given.service_account.strip().encode()).decode()
    except (ValueError, RecursionError, binascii.Error):
        raise ChangeoverError(errors.PUSH_CREDENTIAL_UNREADABLE, message) from None
    if not isinstance(found, dict) or found.get("type") != "service_account" or not found.get("private_key"):
        raise ChangeoverError(errors.PUSH_CREDENTIAL_UNREADABLE, message)
    if len(encoded) > LONGEST_SERVICE_ACCOUNT:
        too_long = f"The service account has {len(encoded)} characters in base64; Salesforce takes 8000."
        raise ChangeoverError(errors.PUSH_CREDENTIAL_UNREADABLE, too_long)
    settings = PushSettings(
        service=ANDROID,
        credential=Credential.ANDROID_SERVICE_ACCOUNT,
        fcm_project=required("FCM project", given.fcm_project or str(found.get("project_id") or "")),
        full_content=given.full_content,
    )
    return settings, {"serviceAccount": encoded}
