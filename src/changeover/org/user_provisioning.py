"""User provisioning of connected apps: a switch of the app, and the UserProvisioningConfig that says more.

Source: Metadata API guide, UserProvisioningConfig. Nothing provisions users here; what counts is that an app
with it may not be migrated (salesforce-reference 4.2). Our decision: an app has one configuration.
"""

from __future__ import annotations

from changeover.apps.reference import Reference
from changeover.migration.lifecycle import Act
from changeover.org import audit
from changeover.org.act import act
from changeover.org.assessing import reassess
from changeover.org.connected_apps import set_switches
from changeover.org.model.apps import Provisioning
from changeover.org.model.orgs import Actor
from changeover.org.own import own_app, state_after
from changeover.org.permissions import CONNECTED_APP_EDIT
from changeover.org.ports import Unit
from changeover.org.values import checked, shown

TYPE = "UserProvisioningConfig"


@act(CONNECTED_APP_EDIT, "look at user provisioning")
def list_user_provisioning(unit: Unit, actor: Actor) -> tuple[Provisioning, ...]:
    """Return the apps that have user provisioning on or a configuration of it, by API name."""
    return unit.references.provisioned(actor.org_id)


@act(CONNECTED_APP_EDIT, "change user provisioning")
def deploy_user_provisioning(unit: Unit, actor: Actor, given: Reference, *, enabled: bool) -> bool:
    """Write the configuration of an app anew, and switch its user provisioning on or off.

    Args:
        unit: the transaction.
        actor: who deploys.
        given: the configuration: its file, the app, and the other elements as its context.
        enabled: whether users are provisioned.

    Returns:
        Whether anything has changed.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-APP-READ-ONLY, E-VALUE-REFUSED.
    """
    record = own_app(unit, actor, given.app, lock=True)
    state_after(record, Act.EDIT)
    for leaf in given.context:
        checked(leaf.path, leaf.value)
    before = record.version
    switched = set_switches(unit, actor, record.api_name, user_provisioning=enabled, seen_version=None)
    others = [one for one in unit.references.of(record.app_id) if one.kind != TYPE]
    if not unit.references.replace(record.app_id, [*others, given]):
        return switched.version != before
    reassess(unit, actor, record.api_name)
    audit.record(
        unit,
        actor,
        audit.Event.USER_PROVISIONING_DEPLOYED,
        record.api_name,
        f"Deployed the user provisioning of {shown(record.label)}.",
        after={leaf.path: leaf.value for leaf in given.context},
    )
    return True


@act(CONNECTED_APP_EDIT, "change user provisioning")
def delete_user_provisioning(unit: Unit, actor: Actor, api_name: str) -> None:
    """Delete the configuration of an app, which switches its user provisioning off.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-APP-READ-ONLY.
    """
    record = own_app(unit, actor, api_name, lock=True)
    state_after(record, Act.EDIT)
    set_switches(unit, actor, record.api_name, user_provisioning=False, seen_version=None)
    others = [one for one in unit.references.of(record.app_id) if one.kind != TYPE]
    unit.references.replace(record.app_id, others)
    reassess(unit, actor, record.api_name)
    text = f"Deleted the user provisioning of {shown(record.label)}."
    audit.record(unit, actor, audit.Event.USER_PROVISIONING_DELETED, record.api_name, text)
