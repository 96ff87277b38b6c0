"""Briefcase Builder and its connected-app assignment, in which a migrated connected app is not shown."""

from __future__ import annotations

from changeover.apps.names import is_api_name
from changeover.migration.lifecycle import Act
from changeover.org import audit
from changeover.org.act import act
from changeover.org.assessing import reassess
from changeover.org.lists import AppRow
from changeover.org.model.beside_apps import Briefcase
from changeover.org.model.orgs import Actor
from changeover.org.notifications import shown_apps
from changeover.org.own import own_app, own_briefcase, state_after
from changeover.org.permissions import CUSTOMIZE, SETUP
from changeover.org.ports import Unit
from changeover.org.values import checked, refuse, required


@act(SETUP, "look at Briefcase Builder")
def list_briefcases(unit: Unit, actor: Actor) -> tuple[Briefcase, ...]:
    """Return the briefcases with their connected apps; migrated apps are absent.

    After a revert an app is there again with what it had.
    """
    return unit.briefcases.list(actor.org_id)


@act(SETUP, "look at Briefcase Builder")
def assignable_apps(unit: Unit, actor: Actor) -> tuple[AppRow, ...]:
    """Return the connected apps that a briefcase can be assigned to; migrated apps are absent."""
    return shown_apps(unit, actor)


@act(CUSTOMIZE, "change briefcases")
def save_briefcase(
    unit: Unit, actor: Actor, api_name: str, label: str, description: str = "", *, active: bool = True
) -> Briefcase:
    """Add a briefcase, or write it anew; its assignments stay. Raises E-VALUE-REFUSED."""
    if not is_api_name(api_name):
        raise refuse("API name", "letters, digits and single underscores, a letter first.")
    there = {found.api_name: found for found in unit.briefcases.list(actor.org_id)}.get(api_name)
    saved = Briefcase(
        api_name=api_name,
        label=required("label", label),
        description=checked("description", description),
        active=active,
        apps=there.apps if there else (),
    )
    if saved == there:
        return saved
    unit.briefcases.save(actor.org_id, saved)
    audit.record(
        unit,
        actor,
        audit.Event.BRIEFCASE_SAVED,
        api_name,
        f"Saved the briefcase {saved.label}.",
        before={"label": there.label, "active": there.active} if there else None,
        after={"label": saved.label, "active": saved.active},
    )
    return saved


@act(CUSTOMIZE, "assign briefcases")
def assign(unit: Unit, actor: Actor, briefcase: str, app: str) -> None:
    """Assign a briefcase to a connected app.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-RECORD-NOT-FOUND, E-APP-READ-ONLY.
    """
    found = own_briefcase(unit, actor, briefcase)
    record = own_app(unit, actor, app, lock=True)
    state_after(record, Act.ASSIGN)
    if not unit.briefcases.assign(actor.org_id, found.api_name, record.app_id):
        return
    reassess(unit, actor, record.api_name)
    text = f"Assigned the briefcase {found.label} to the connected app {record.label}."
    after = {"app": record.api_name}
    audit.record(unit, actor, audit.Event.BRIEFCASE_APP_ASSIGNED, found.api_name, text, after=after)


@act(CUSTOMIZE, "assign briefcases")
def unassign(unit: Unit, actor: Actor, briefcase: str, app: str) -> None:
    """Take a briefcase from a connected app.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-RECORD-NOT-FOUND, E-APP-READ-ONLY.
    """
    found = own_briefcase(unit, actor, briefcase)
    record = own_app(unit, actor, app, lock=True)
    state_after(record, Act.ASSIGN)
    if not unit.briefcases.unassign(actor.org_id, found.api_name, record.app_id):
        return
    reassess(unit, actor, record.api_name)
    text = f"Took the briefcase {found.label} from the connected app {record.label}."
    before = {"app": record.api_name}
    audit.record(unit, actor, audit.Event.BRIEFCASE_APP_UNASSIGNED, found.api_name, text, before=before)
