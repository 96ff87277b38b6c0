"""App Manager: list, view, assess, and what a migration would change. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.reference import Reference
from changeover.migration.account import Account
from changeover.migration.dates import DEADLINES, Deadline
from changeover.migration.eligibility import assess
from changeover.migration.finding import Assessment, Verdict
from changeover.migration.situation import LoginEvidence
from changeover.org.act import act, held
from changeover.org.assessing import assess_record, references_to, situation_shown
from changeover.org.lists import AppQuery, AppRow, ExternalClientAppQuery, Page
from changeover.org.making import made_of
from changeover.org.model.apps import ConnectedAppRecord
from changeover.org.model.orgs import Actor
from changeover.org.own import own_app, own_org
from changeover.org.permissions import LOGIN_HISTORY, SETUP
from changeover.org.planning import fingerprint_of
from changeover.org.ports import Unit


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What Setup's home page shows."""

    verdicts: Mapping[Verdict, int]
    """How many connected apps have which verdict, zeros included."""
    external_client_apps: int
    deadlines: tuple[Deadline, ...]
    """What Salesforce changes and when."""


@dataclass(frozen=True, kw_only=True)
class PlannedMigration:
    """What a migration would make of an app, secrets masked or left out."""

    app: ConnectedAppRecord
    assessment: Assessment
    external_client_app: ExternalClientApp
    account: Account
    fingerprint: str
    """What all of it rests on, see `migration.plan`."""
    logins: LoginEvidence | None
    """What Login History tells of the app; None where there is none, or the actor may not look at it."""


@act(SETUP, "open Setup")
def overview(unit: Unit, actor: Actor) -> Overview:
    """Return what needs attention: apps by verdict, and the dates."""
    return Overview(
        verdicts=unit.apps.counts(actor.org_id),
        external_client_apps=unit.external.page(actor.org_id, ExternalClientAppQuery(page_size=1)).total,
        deadlines=DEADLINES,
    )


@act(SETUP, "open App Manager")
def list_apps(unit: Unit, actor: Actor, query: AppQuery | None = None) -> Page[AppRow]:
    """Return a page of App Manager: searched, filtered by verdict, state and app type, sorted."""
    return unit.apps.page(actor.org_id, query or AppQuery())


@act(SETUP, "look at connected apps")
def view_app(unit: Unit, actor: Actor, api_name: str) -> ConnectedAppRecord:
    """Return a connected app with all its settings and policies, without its secret. E-APP-NOT-FOUND."""
    return own_app(unit, actor, api_name)


@act(SETUP, "look at connected apps")
def assess_app(unit: Unit, actor: Actor, api_name: str) -> Assessment:
    """Return the verdict as of today with every finding. E-APP-NOT-FOUND."""
    return assess_record(unit, own_org(unit, actor), own_app(unit, actor, api_name))


@act(SETUP, "look at connected apps")
def plan_migration(unit: Unit, actor: Actor, api_name: str) -> PlannedMigration:
    """Return what a migration would make of an app, whether or not it is eligible. E-APP-NOT-FOUND."""
    org, record = own_org(unit, actor), own_app(unit, actor, api_name)
    situation = situation_shown(unit, org, record)
    made = made_of(unit, org, record, situation, with_secrets=False)
    return PlannedMigration(
        app=record,
        assessment=assess(record.document, situation),
        external_client_app=made.external_client_app,
        account=made.account,
        fingerprint=fingerprint_of(org, unit.apps.unsealed(record), situation),
        logins=situation.logins if LOGIN_HISTORY.met_by(held(unit, actor)) else None,
    )


@act(SETUP, "look at connected apps")
def references_of(unit: Unit, actor: Actor, api_name: str) -> tuple[Reference, ...]:
    """Return the places of the org that name an app. E-APP-NOT-FOUND."""
    record = own_app(unit, actor, api_name)
    return references_to(unit, record, unit.apps.surroundings(actor.org_id, record))
