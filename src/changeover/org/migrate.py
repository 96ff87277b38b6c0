"""Migrate: the checks one after another, then everything in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.eligibility import assess
from changeover.migration.finding import Assessment, Finding, Severity
from changeover.migration.lifecycle import Act
from changeover.migration.rules import BEARING
from changeover.migration.rules.features import PUSH_SETTINGS_INVALID
from changeover.migration.rules.flows import BY_USER, USERNAME_PASSWORD_SEEN
from changeover.migration.rules.origin import NOT_LOCAL, PART_NAME_TAKEN
from changeover.migration.situation import Neighbour
from changeover.org import audit
from changeover.org.act import act
from changeover.org.assessing import situation_of, verdict_of
from changeover.org.making import Expecting, made_of
from changeover.org.model.apps import Confirmation, ConnectedAppRecord, ExternalClientAppRecord, Origin
from changeover.org.model.orgs import Actor, Edition, Org
from changeover.org.own import own_app, own_org, refuse_stale, state_after
from changeover.org.permissions import MIGRATE
from changeover.org.planning import ByPlan, refuse_other_result, refuse_stale_plan
from changeover.org.ports import Unit
from changeover.org.values import shown

EDITIONS = frozenset({Edition.PROFESSIONAL, Edition.PERFORMANCE, Edition.UNLIMITED, Edition.DEVELOPER})
"""The article's list. The Winter '25 release note adds Enterprise: see `Org.enterprise_admitted`."""


@act(MIGRATE, "migrate connected apps")
def migrate(
    unit: Unit,
    actor: Actor,
    api_name: str,
    confirmation: Confirmation,
    by_plan: ByPlan | None = None,
    expecting: Expecting | None = None,
) -> ExternalClientAppRecord:
    """Create an external client app from a connected app, which stays as a read-only version.

    Whoever comes second, and whoever comes twice, is told so; nothing else has then happened.

    Args:
        unit: the transaction; all of it happens or none.
        actor: who migrates.
        api_name: the connected app.
        confirmation: what the admin confirmed, and of which state of the app.
        by_plan: the plan that is applied: what is made is what it says, or nothing.
        expecting: what works out the expected result, where that has begun before.

    Raises:
        ChangeoverError: E-EDITION, E-NOT-OPTED-IN, E-APP-NOT-FOUND, E-ALREADY-MIGRATED, E-STALE-PAGE,
            E-NOT-LOCAL, E-PUSH-INVALID, E-NOT-ELIGIBLE, E-CONFIRM-LOCAL, E-CONFIRM-NO-USERNAME-PASSWORD,
            E-USERNAME-PASSWORD-SEEN, E-EVIDENCE-AGAINST, E-PLAN-STALE, E-NAME-TAKEN where another app has
            a part of a name that is given here.
    """
    org = own_org(unit, actor)
    refuse_edition(org)
    record = own_app(unit, actor, api_name, lock=True)
    state = state_after(record, Act.MIGRATE)
    refuse_stale(record.label, record.version, confirmation.seen_version)
    if by_plan is not None:
        refuse_stale_plan(unit, org, record, by_plan.planned)
    situation = situation_of(unit, org, record, BY_USER)
    assessment = assess(record.document, situation, BEARING)
    refuse_blocked(record, assessment)
    refuse_unconfirmed(record, assessment, confirmation)
    made = made_of(unit, org, record, situation, with_secrets=True, expecting=expecting)
    if by_plan is not None:
        refuse_other_result(made, by_plan.planned)
    external = ExternalClientAppRecord(
        app_id=unit.ids.record("0xI"),
        app=made.external_client_app,
        at_migration=made.external_client_app,
        origin=Origin.MIGRATED,
        account=made.account,
        connected_app=record.api_name,
        made_by=actor.username,
        made_at=unit.now,
        modified_by=actor.username,
        modified_at=unit.now,
        version=1,
        secret_set=record.secret_set,
        secret_changed=False,
    )
    added = unit.external.add(actor.org_id, external, record.app_id)
    # Nothing else of its situation has changed in this transaction.
    itself = Neighbour(api_name=added.api_name, consumer_key=added.app.consumer_key)
    kept = verdict_of(record, replace(situation, migrated=True, neighbour=itself))
    # The document stays as it is, to the letter: a revert brings back what was there at this moment.
    unit.apps.turn(record, state, kept)
    audit.record(
        unit,
        actor,
        audit.Event.CONNECTED_APP_MIGRATED,
        record.api_name,
        f"Created the external client app {record.api_name} from the connected app {record.label}.",
        before={"state": record.state.value, "verdict": assessment.verdict.value, "version": record.version},
        after={
            "state": state.value,
            "external_client_app": record.api_name,
            "consumer_key": record.document.consumer_key,
            "confirmed": confirmed(assessment, confirmation),
            **({"plan": by_plan.told()} if by_plan is not None else {}),
        },
    )
    return added


def refuse_edition(org: Org) -> None:
    """Refuse an org whose edition the article does not name. Raises E-EDITION, E-NOT-OPTED-IN."""
    if org.edition not in EDITIONS and not (org.edition is Edition.ENTERPRISE and org.enterprise_admitted):
        message = (
            f"{shown(org.name)} is an org of {org.edition.value} Edition. Salesforce Help, “Create an"
            " External Client App from a Connected App”, names Professional, Performance, Unlimited and"
            " Developer Editions; the Winter '25 release note on the same feature names Enterprise too."
        )
        remedy = (
            "In Company Information, turn on “Admit Enterprise Edition” if you go by the release note."
            if org.edition is Edition.ENTERPRISE
            else "Migrate in an org of one of these editions."
        )
        raise ChangeoverError(errors.EDITION_REFUSED, message, remedy)
    if not org.external_client_apps_enabled:
        message = f"{shown(org.name)} has not opted in to external client apps."
        raise ChangeoverError(errors.NOT_OPTED_IN, message)


def refuse_blocked(record: ConnectedAppRecord, assessment: Assessment) -> None:
    """Refuse an app with a blocker. Raises E-NOT-LOCAL, E-PUSH-INVALID, E-NAME-TAKEN, E-NOT-ELIGIBLE."""
    blockers = assessment.with_severity(Severity.BLOCKER)
    if not blockers:
        return
    by_rule = {
        NOT_LOCAL.id: errors.NOT_LOCAL,
        PUSH_SETTINGS_INVALID.id: errors.PUSH_INVALID,
        PART_NAME_TAKEN.id: errors.NAME_TAKEN,
    }
    first = next((found for found in blockers if found.rule in by_rule), blockers[0])
    kind = by_rule.get(first.rule, errors.NOT_ELIGIBLE)
    reasons = " ".join(found.evidence for found in (first, *(one for one in blockers if one is not first)))
    message = f"{shown(record.label)} cannot be migrated: {reasons}"
    raise ChangeoverError(kind, message, first.remedy)


def refuse_unconfirmed(
    record: ConnectedAppRecord, assessment: Assessment, confirmation: Confirmation
) -> None:
    """Refuse what the admin did not confirm.

    The article's two confirmations are always asked; what speaks against them must be confirmed for this app
    in so many words. Raises E-CONFIRM-LOCAL, E-CONFIRM-NO-USERNAME-PASSWORD, E-USERNAME-PASSWORD-SEEN,
    E-EVIDENCE-AGAINST.
    """
    if not confirmation.local:
        message = f"It was not confirmed that {shown(record.label)} is local."
        raise ChangeoverError(errors.CONFIRM_LOCAL, message)
    if not confirmation.no_username_password:
        message = f"It was not confirmed that {shown(record.label)} does not use the username-password flow."
        raise ChangeoverError(errors.CONFIRM_NO_USERNAME_PASSWORD, message)
    against = assessment.with_severity(Severity.CONFIRM)
    if against and not confirmation.despite_evidence:
        first = next((found for found in against if found.rule == USERNAME_PASSWORD_SEEN.id), against[0])
        seen = first.rule == USERNAME_PASSWORD_SEEN.id
        kind = errors.USERNAME_PASSWORD_SEEN if seen else errors.EVIDENCE_AGAINST
        message = " ".join(found.evidence for found in (first, *(one for one in against if one is not first)))
        raise ChangeoverError(
            kind, message, None if seen else f"{first.remedy} Or confirm against this evidence."
        )


def confirmed(assessment: Assessment, confirmation: Confirmation) -> Mapping[str, Any]:
    """Return what was confirmed, for the audit trail: with the evidence against which it was."""

    def said(finding: Finding) -> Mapping[str, str]:
        return {"rule": finding.rule, "evidence": finding.evidence}

    by = {} if confirmation.given_by is None else {"by": confirmation.given_by}
    return {
        **by,
        "local": confirmation.local,
        "no_username_password": confirmation.no_username_password,
        "despite": [said(finding) for finding in assessment.with_severity(Severity.CONFIRM)],
    }
