"""What a local org knows of a connected app beside its document, and the verdict that follows from it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta

from changeover.apps.document import Leaf
from changeover.apps.reference import Reference
from changeover.migration.eligibility import assess
from changeover.migration.finding import Assessment, Severity
from changeover.migration.situation import LoginEvidence, Neighbour, PushConfiguration, Situation
from changeover.org.model import Actor, ConnectedAppRecord, Credential, Org, PushSettings
from changeover.org.own import own_app, own_org
from changeover.org.ports import Unit, Units

ANOTHER_ORG = "another org of this installation"


def push_configuration(settings: PushSettings) -> PushConfiguration:
    """Return push settings as rules look at them."""
    return PushConfiguration(
        service=settings.service,
        certificate_expires=settings.certificate_expires,
        server_key=settings.credential is Credential.ANDROID_SERVER_KEY,
        full_content=settings.full_content,
    )


def references_to(unit: Unit, record: ConnectedAppRecord) -> tuple[Reference, ...]:
    """Return every place of the org that names an app: imported references, deliveries, briefcases."""
    deliveries = (
        Reference(
            kind="NotificationTypeConfig",
            file=f"Notification Delivery Settings/{notification_type}",
            path="notificationTypeSettings[1]/appSettings[1]/connectedAppName",
            app=record.api_name,
            context=(
                Leaf("notificationTypeSettings[1]/appSettings[1]/enabled", "true" if enabled else "false"),
                Leaf("notificationTypeSettings[1]/notificationType", notification_type),
            ),
        )
        for notification_type, enabled in unit.notifications.of_app(record.app_id).items()
    )
    briefcases = (
        Reference(
            kind="BriefcaseDefinition",
            file=f"Briefcase Builder/{briefcase}",
            path="connectedApps",
            app=record.api_name,
        )
        for briefcase in unit.briefcases.of_app(record.app_id)
    )
    return (*unit.apps.references(record.app_id), *deliveries, *briefcases)


def situation_of(unit: Unit, org: Org, record: ConnectedAppRecord) -> Situation:
    """Return everything beside the document that rules look at. A local org knows all there is to know."""
    key = record.document.consumer_key
    elsewhere = unit.apps.key_in_other_orgs(org.org_id, key) if key else 0
    return Situation(
        today=unit.today,
        in_org=True,
        local=not record.installed,
        migrated=record.read_only,
        neighbour=_neighbour(unit, org, record),
        logins=_logins(unit, org, record),
        username_password_blocked=org.username_password_blocked,
        push=tuple(push_configuration(settings) for settings in unit.push.list(record.app_id)),
        user_provisioning=record.user_provisioning,
        dynamic_registration=record.dynamic_registration,
        edition=org.edition.value,
        references=references_to(unit, record),
        # Which org it is, is nobody's business but that org's.
        key_used_in=(ANOTHER_ORG,) if elsewhere else (),
    )


def _neighbour(unit: Unit, org: Org, record: ConnectedAppRecord) -> Neighbour | None:
    found = unit.external.key(org.org_id, record.api_name)
    return None if found is None else Neighbour(api_name=found[0], consumer_key=found[1])


def _logins(unit: Unit, org: Org, record: ConnectedAppRecord) -> LoginEvidence | None:
    window = unit.logins.window(org.org_id)
    if window is None:
        return None
    label = record.label.strip()
    return LoginEvidence(
        window_start=window[0],
        window_end=window[1],
        flows=unit.logins.flows(org.org_id, label, refused=False),
        refused=unit.logins.flows(org.org_id, label, refused=True),
        shared_with=tuple(name for name in unit.apps.names(org.org_id, [label]) if name != record.api_name),
    )


def assess_record(unit: Unit, org: Org, record: ConnectedAppRecord) -> Assessment:
    """Return the assessment of an app as of today."""
    return assess(record.document, situation_of(unit, org, record))


def reassess(unit: Unit, actor: Actor, api_name: str, *labels: str) -> ConnectedAppRecord:
    """Store an app's verdict anew, in the transaction of the act that feeds it, and return the app.

    What depends on the date is left out of what is stored: the verdict is that of a day on which no
    certificate has expired, together with the day on which one has.

    Args:
        unit: the act's transaction.
        actor: whose org it is.
        api_name: the app.
        labels: every other app that bears one of them is assessed too: Login History cannot tell them apart.
    """
    org = own_org(unit, actor)
    others = {name for name in unit.apps.names(org.org_id, labels) if name != api_name} if labels else set()
    for name in (*sorted(others), api_name):
        _store(unit, org, own_app(unit, actor, name))
    return own_app(unit, actor, api_name)


def reassess_label(unit: Unit, org_id: str, label: str) -> None:
    """Store the verdicts of all apps that bear a label anew."""
    org = unit.orgs.get(org_id)
    for api_name in tuple(unit.apps.names(org_id, [label.strip()])) if org is not None else ():
        record = unit.apps.get(org_id, api_name)
        if org is not None and record is not None:
            _store(unit, org, record)


def _store(unit: Unit, org: Org, record: ConnectedAppRecord) -> None:
    situation = situation_of(unit, org, record)
    push = situation.push or ()
    timeless = replace(situation, push=tuple(replace(entry, certificate_expires=None) for entry in push))
    assessment = assess(record.document, timeless)
    expiries = [entry.certificate_expires for entry in push if entry.certificate_expires is not None]
    blocked_from = min(expiries) + timedelta(days=1) if expiries else None
    unit.apps.assess(record.app_id, assessment.verdict, blocked_from, _digest(assessment, blocked_from))


def refresh(units: Units, org_id: str) -> int:
    """Store every verdict of an org anew, after rules have changed; returns how many were others.

    Each app has a transaction of its own, so nobody has to wait for ten thousand.
    """
    with units.read() as unit:
        org = unit.orgs.get(org_id)
        names = tuple(unit.apps.names(org_id))
    changed = 0
    for name in names if org is not None else ():
        with units.unit() as unit:
            unit.take_turn(org_id)
            org, record = unit.orgs.get(org_id), unit.apps.get(org_id, name, lock=True)
            if org is not None and record is not None:
                before = record.verdict
                _store(unit, org, record)
                after = unit.apps.get(org_id, name)
                changed += after is not None and after.verdict is not before
    return changed


def _digest(assessment: Assessment, blocked_from: date | None) -> str:
    """Return what tells two assessments apart, as far as it bears on the button and on what is confirmed."""
    bearing = [
        [finding.rule, finding.severity.value, finding.evidence]
        for finding in assessment.findings
        if finding.severity in {Severity.BLOCKER, Severity.CONFIRM}
    ]
    content = [assessment.verdict.value, str(blocked_from), bearing]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
