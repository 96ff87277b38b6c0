"""What a local org knows of a connected app beside its document, and the verdict that follows from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from changeover.apps.document import Leaf
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.reference import Reference
from changeover.apps.types import app_of_usual_name
from changeover.migration.eligibility import assess
from changeover.migration.finding import Assessment, Severity, Verdict
from changeover.migration.mapping import expected_result
from changeover.migration.rules import BEARING
from changeover.migration.rules.flows import BY_USER
from changeover.migration.situation import (
    LoginEvidence,
    PushConfiguration,
    Situation,
    UsageEvidence,
)
from changeover.org.model.apps import ConnectedAppRecord, KeptVerdict, Surroundings
from changeover.org.model.beside_apps import Credential, PushSettings
from changeover.org.model.orgs import Actor, Org
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


def references_to(unit: Unit, record: ConnectedAppRecord, around: Surroundings) -> tuple[Reference, ...]:
    """Return every place of the org that names an app: imported references, deliveries, briefcases."""
    set_for = unit.notifications.of_app(record.app_id) if around.deliveries else {}
    assigned = unit.briefcases.of_app(record.app_id) if around.briefcases else ()
    imported = unit.references.of(record.app_id) if around.references else ()
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
        for notification_type, enabled in set_for.items()
    )
    briefcases = (
        Reference(
            kind="BriefcaseDefinition",
            file=f"Briefcase Builder/{briefcase}",
            path="connectedApps",
            app=record.api_name,
        )
        for briefcase in assigned
    )
    return (*imported, *deliveries, *briefcases)


def situation_of(
    unit: Unit, org: Org, record: ConnectedAppRecord, users_of: Collection[str] | None = None
) -> Situation:
    """Return everything beside the document that rules look at. A local org knows all there is to know.

    `users_of`: the flows of which it is told who used them; by default all, which costs a question each.
    """
    around = unit.apps.surroundings(org.org_id, record)
    push = unit.push.list(record.app_id) if around.push else ()
    situation = Situation(
        today=unit.today,
        in_org=True,
        local=not record.installed,
        migrated=record.read_only,
        neighbour=around.neighbour,
        logins=_logins(unit, org, record, around, users_of),
        username_password_blocked=org.username_password_blocked,
        push=tuple(push_configuration(settings) for settings in push),
        user_provisioning=record.user_provisioning,
        dynamic_registration=record.dynamic_registration,
        edition=org.edition.value,
        references=references_to(unit, record, around),
        # Which org it is, is nobody's business but that org's.
        key_used_in=(ANOTHER_ORG,) if around.in_other_orgs else (),
    )
    return _with_taken_parts(unit, org, record, situation) if around.part_names else situation


def _with_taken_parts(unit: Unit, org: Org, record: ConnectedAppRecord, situation: Situation) -> Situation:
    made = expected_result(record.document, situation.references, push=situation.push or ())
    taken = unit.external.part_holders(org.org_id, made.external_client_app)
    return replace(situation, taken_parts=tuple(sorted(taken.items())))


def _logins(
    unit: Unit,
    org: Org,
    record: ConnectedAppRecord,
    around: Surroundings,
    users_of: Collection[str] | None,
) -> LoginEvidence | None:
    if around.window is None:
        return None
    label = record.label.strip()
    start, end = around.window
    same = unit.apps.names(org.org_id, [label]) if around.label_shared else ()
    shared = tuple(name for name in same if name != record.api_name)
    flows, refused = unit.logins.flows(org.org_id, label, users_of) if around.logins else ((), ())
    return LoginEvidence(
        window_start=start,
        window_end=end,
        flows=flows,
        refused=refused,
        shared_with=shared,
    )


def situation_shown(unit: Unit, org: Org, record: ConnectedAppRecord) -> Situation:
    """Return the same, and what OAuth usage tells of the app's label.

    That bears on no verdict, only on the note that no use was seen: so it is looked up for who looks.
    """
    situation = situation_of(unit, org, record)
    label = record.label.strip()
    tokens = unit.oauth_usage.evidence(org.org_id, label)
    if tokens is None:
        return situation
    same = unit.apps.names(org.org_id, [label])
    shared = tuple(name for name in same if name != record.api_name)
    return replace(situation, usage=UsageEvidence(tokens=tokens, shared_with=shared))


def assess_record(unit: Unit, org: Org, record: ConnectedAppRecord) -> Assessment:
    """Return the assessment of an app as of today."""
    return assess(record.document, situation_shown(unit, org, record))


def verdict_of(record: ConnectedAppRecord, situation: Situation) -> KeptVerdict:
    """Return what is stored of the verdict on an app, by the act that feeds it and in its transaction.

    What depends on the date is left out of what is stored: the verdict is that of a day on which no
    certificate has expired, together with the day on which one has.
    """
    push = situation.push or ()
    if situation.migrated:
        # There is no button that anything could take away: what else would be told bears on nothing.
        assessment = Assessment(verdict=Verdict.MIGRATED, findings=(), not_visible=())
    else:
        timeless = [replace(entry, certificate_expires=None) for entry in push]
        assessment = assess(record.document, replace(situation, push=tuple(timeless)), BEARING)
    expiries = [entry.certificate_expires for entry in push if entry.certificate_expires is not None]
    blocked_from = min(expiries) + timedelta(days=1) if expiries else None
    digest = _digest(assessment, blocked_from)
    return KeptVerdict(verdict=assessment.verdict, blocked_from=blocked_from, digest=digest)


def reassess(unit: Unit, actor: Actor, api_name: str, *labels: str) -> ConnectedAppRecord:
    """Store an app's verdict anew, in the transaction of the act that feeds it, and return the app.

    Args:
        unit: the act's transaction.
        actor: whose org it is.
        api_name: the app.
        labels: every other app that bears one of them is assessed too: Login History cannot tell them apart.
    """
    assess_again(unit, actor, own_app(unit, actor, api_name), *labels)
    return own_app(unit, actor, api_name)


def assess_again(unit: Unit, actor: Actor, record: ConnectedAppRecord, *labels: str) -> None:
    """Do the same for an app that has been read, or added, in this transaction: it is not read again."""
    org = own_org(unit, actor)
    names = unit.apps.names(org.org_id, labels) if labels else ()
    for name in sorted({name for name in names if name != record.api_name}):
        _store(unit, org, own_app(unit, actor, name))
    _store(unit, org, record)


def reassess_named(unit: Unit, actor: Actor, *apps: ExternalClientApp) -> None:
    """Store anew the verdicts of the connected apps whose migration gives its parts names that these have.

    For an external client app that comes, changes or goes; nearly all parts are named after their own app.
    """
    usual = {(app_of_usual_name(part), app.api_name) for app in apps for part in app.parts}
    for name in sorted({name for name, own in usual if name.casefold() not in {"", own.casefold()}}):
        if unit.apps.get(actor.org_id, name) is not None:
            reassess(unit, actor, name)


def reassess_label(unit: Unit, org_id: str, label: str) -> None:
    """Store the verdicts of all apps that bear a label anew."""
    org = unit.orgs.get(org_id)
    for api_name in tuple(unit.apps.names(org_id, [label.strip()])) if org is not None else ():
        record = unit.apps.get(org_id, api_name)
        if org is not None and record is not None:
            _store(unit, org, record)


def _store(unit: Unit, org: Org, record: ConnectedAppRecord) -> None:
    unit.apps.assess(record.app_id, verdict_of(record, situation_of(unit, org, record, BY_USER)))


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
