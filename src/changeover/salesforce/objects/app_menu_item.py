"""AppMenuItem: connected and external client apps as items of the app menu.

Source: Object Reference, AppMenuItem; `ApplicationId` of an external client app begins with `0xI`
(salesforce-reference 8.2). Salesforce lists Lightning and Classic apps too; a local org has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from changeover.apps.external_client_app import (
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppOauthConfigurablePolicies,
)
from changeover.org.model.apps import ConnectedAppRecord, ExternalClientAppRecord
from changeover.org.permissions import EXTERNAL_CLIENT_APP_VIEW, SETUP
from changeover.org.record_ids import named
from changeover.salesforce.objects.sobject import (
    FieldType,
    Narrow,
    SObject,
    View,
    attribute,
    constant,
    identifier,
    reference,
)

PREFIX = "0DS"
_APPROVED = "AdminApprovedPreAuthorized"


def menu_item_id(app_id: str) -> str:
    """Return the id of the menu item of an app."""
    return named(PREFIX, app_id)


class Item(NamedTuple):
    """A row."""

    item_id: str
    application_id: str
    name: str
    label: str
    description: str | None
    kind: str
    start_url: str | None
    admin_approved: bool


def _rows(view: View, _narrow: Narrow) -> Iterator[Item]:
    for app in view.unit.apps.scan(view.org_id):
        yield _connected(app)
    if view.may(EXTERNAL_CLIENT_APP_VIEW):
        for external in view.unit.external.scan(view.org_id):
            yield _external(external)


def _connected(record: ConnectedAppRecord) -> Item:
    document = record.document
    config = document.oauth_config
    return Item(
        item_id=menu_item_id(record.app_id),
        application_id=record.app_id,
        name=record.api_name,
        label=record.label,
        description=document.description,
        kind="ConnectedApplication",
        start_url=document.start_url,
        admin_approved=bool(config is not None and config.is_admin_approved),
    )


def _external(record: ExternalClientAppRecord) -> Item:
    oauth = record.app.part(ExtlClntAppOauthConfigurablePolicies)
    policies = record.app.part(ExtlClntAppConfigurablePolicies)
    return Item(
        item_id=menu_item_id(record.app_id),
        application_id=record.app_id,
        name=record.api_name,
        label=record.label,
        description=record.app.header.description,
        kind="ExternalClientApplication",
        start_url=policies.start_url if policies is not None else None,
        admin_approved=oauth is not None and oauth.permitted_users_policy_type == _APPROVED,
    )


APP_MENU_ITEM = SObject(
    name="AppMenuItem",
    label="AppMenuItem",
    plural="AppMenuItems",
    prefix=PREFIX,
    needs=SETUP,
    fields=(
        identifier("item_id"),
        attribute("Name", "name"),
        attribute("Label", "label"),
        attribute("Description", "description", FieldType.TEXTAREA),
        attribute("Type", "kind", FieldType.PICKLIST),
        attribute("StartUrl", "start_url", FieldType.URL),
        attribute("IsUsingAdminAuthorization", "admin_approved", FieldType.BOOLEAN),
        constant("IsVisible", value=True, kind=FieldType.BOOLEAN),
        reference("ApplicationId", "ConnectedApplication", "", lambda row: row.application_id),
    ),
    rows=_rows,
)
