"""Plans of an org's apps: whether a plan still fits an app, and that a migration makes what the plan says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from changeover import errors
from changeover.apps.connected_app import ConnectedApp
from changeover.errors import ChangeoverError
from changeover.migration.mapping import Migration
from changeover.migration.plan import (
    Confirmation,
    PlannedApp,
    fingerprint,
    planned_external_client_app,
    planned_leaves,
    visible_leaves,
)
from changeover.migration.situation import Situation
from changeover.org.act import act
from changeover.org.assessing import situation_of
from changeover.org.model.apps import ConnectedAppRecord
from changeover.org.model.orgs import Actor, Org
from changeover.org.own import own_org
from changeover.org.permissions import SETUP
from changeover.org.ports import Unit
from changeover.org.values import shown


class Standing(StrEnum):
    """How an app stands to its record in a plan."""

    FRESH = "fresh"
    """All that the plan rests on is as it was."""
    DONE = "done"
    """It has been migrated, and became what the plan says."""
    STALE = "stale"


@dataclass(frozen=True, kw_only=True)
class ByPlan:
    """A migration that a plan asks for."""

    planned: PlannedApp
    name: str
    """Name of the plan file."""
    digest: str
    """SHA-256 of the plan file."""
    given: tuple[Confirmation, ...] = ()
    """What was confirmed in the plan itself, by whom and when."""

    def told(self) -> Mapping[str, Any]:
        """Return which plan it was, for the audit trail."""
        given = [
            {"what": one.what.value, "rule": one.rule, "by": one.given.by, "at": one.given.at.isoformat()}
            for one in self.given
            if one.given is not None
        ]
        return {"file": self.name, "sha256": self.digest, "confirmed": given}


def switches_of(org: Org) -> dict[str, bool | None]:
    """Return the settings of the whole org that bear on a migration."""
    return {
        "enterprise_admitted": org.enterprise_admitted,
        "external_client_apps_enabled": org.external_client_apps_enabled,
        "user_agent_blocked": org.user_agent_blocked,
        "username_password_blocked": org.username_password_blocked,
    }


def fingerprint_of(org: Org, app: ConnectedApp, situation: Situation) -> str:
    """Return the fingerprint of an app of an org, see `migration.plan.fingerprint`."""
    return fingerprint(app, situation, {**switches_of(org), f"org {org.org_id}": True})


@act(SETUP, "look at connected apps")
def standing(unit: Unit, actor: Actor, planned: PlannedApp) -> Standing:
    """Say how an app stands to its record in a plan; one that is no longer there is stale."""
    org = own_org(unit, actor)
    record = unit.apps.get(org.org_id, planned.api_name)
    if record is None:
        return Standing.STALE
    if _fingerprint(unit, org, record) == planned.fingerprint:
        return Standing.FRESH
    external = unit.external.get(org.org_id, record.api_name) if record.read_only else None
    if external is None or visible_leaves(external.at_migration) != planned_leaves(planned):
        return Standing.STALE
    return Standing.DONE


def refuse_stale_plan(unit: Unit, org: Org, record: ConnectedAppRecord, planned: PlannedApp) -> None:
    """Refuse a plan that rests on another state of an app. Raises E-PLAN-STALE."""
    if _fingerprint(unit, org, record) != planned.fingerprint:
        message = f"{shown(record.label)} is no longer as it was when the plan was made."
        raise ChangeoverError(errors.PLAN_STALE, message)


def refuse_other_result(made: Migration, planned: PlannedApp) -> None:
    """Refuse a plan that says something else than what a migration makes. Raises E-PLAN-STALE."""
    if planned_external_client_app(made) != planned.external_client_app:
        message = f"The external client app {shown(planned.api_name)} would not be the one of the plan."
        raise ChangeoverError(errors.PLAN_STALE, message)


def _fingerprint(unit: Unit, org: Org, record: ConnectedAppRecord) -> str:
    return fingerprint_of(org, unit.apps.unsealed(record), situation_of(unit, org, record))
