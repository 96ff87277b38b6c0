"""ExternalClientApplication: the header of an external client app; no consumer key, as at Salesforce.

Source: npm `@salesforce/types`, and the field list in salesforce-reference 8.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from changeover.org.model.apps import ExternalClientAppRecord
from changeover.org.permissions import EXTERNAL_CLIENT_APP_VIEW
from changeover.salesforce.objects.app_rows import AppRow, external_client_apps
from changeover.salesforce.objects.sobject import (
    FieldType,
    Narrow,
    SObject,
    View,
    computed,
    constant,
    reference,
)


def _rows(view: View, narrow: Narrow) -> Iterator[AppRow[ExternalClientAppRecord]]:
    for record in external_client_apps(view, narrow.one_of("Id")):
        yield AppRow(record, view)


EXTERNAL_CLIENT_APPLICATION = SObject(
    name="ExternalClientApplication",
    label="External Client App",
    plural="External Client Apps",
    prefix="0xI",
    needs=EXTERNAL_CLIENT_APP_VIEW,
    fields=(
        computed("Id", FieldType.ID, lambda row: row.record.app_id),
        computed("DeveloperName", FieldType.STRING, lambda row: row.record.api_name),
        computed("MasterLabel", FieldType.STRING, lambda row: row.record.label),
        constant("Language", "en_US", FieldType.PICKLIST),
        constant("NamespacePrefix", None),
        computed(
            "DistributionState", FieldType.PICKLIST, lambda row: row.record.app.header.distribution_state
        ),
        computed("ManagedType", FieldType.PICKLIST, lambda row: row.record.app.header.managed_type),
        computed(
            "OrgScopedExternalApp",
            FieldType.STRING,
            lambda row: row.record.app.header.org_scoped_external_app,
        ),
        constant("IsDeleted", value=False, kind=FieldType.BOOLEAN),
        constant("ManageableState", "unmanaged", FieldType.PICKLIST),
        constant("Version", None),
        computed("ContactEmail", FieldType.EMAIL, lambda row: row.record.app.header.contact_email),
        computed("ContactPhone", FieldType.STRING, lambda row: row.record.app.header.contact_phone),
        computed("Description", FieldType.TEXTAREA, lambda row: row.record.app.header.description),
        computed("IconUrl", FieldType.URL, lambda row: row.record.app.header.icon_url),
        computed("InfoUrl", FieldType.URL, lambda row: row.record.app.header.info_url),
        computed("LogoUrl", FieldType.URL, lambda row: row.record.app.header.logo_url),
        computed("CreatedDate", FieldType.DATETIME, lambda row: row.record.made_at),
        computed("LastModifiedDate", FieldType.DATETIME, lambda row: row.record.modified_at),
        computed("SystemModstamp", FieldType.DATETIME, lambda row: row.record.modified_at),
        reference("CreatedById", "User", "CreatedBy", lambda row: row.view.user_id(row.record.made_by)),
        reference(
            "LastModifiedById",
            "User",
            "LastModifiedBy",
            lambda row: row.view.user_id(row.record.modified_by),
        ),
    ),
    rows=_rows,
)
