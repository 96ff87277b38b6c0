"""ConnectedApplication: no consumer key and no sign of a migration, as at Salesforce.

Source: Object Reference and Tooling API reference, ConnectedApplication. Where a field has no counterpart in
a local org it is empty.
"""

from __future__ import annotations

from changeover.apps.connected_app import ConnectedApp, OauthPolicy
from changeover.apps.policies import (
    REFRESH_TOKEN_POLICY_TYPES,
    RefreshTokenPolicy,
    read_refresh_token_policy,
)
from changeover.org.model.apps import ConnectedAppRecord
from changeover.org.permissions import SETUP
from changeover.salesforce.objects.app_rows import AppRow, connected_apps
from changeover.salesforce.objects.sobject import FieldType, SObject, computed, constant, reference

Row = AppRow[ConnectedAppRecord]


def _document(row: Row) -> ConnectedApp:
    return row.record.document


def _refresh_policy(row: Row) -> RefreshTokenPolicy | None:
    policy = _document(row).oauth_policy or OauthPolicy()
    return read_refresh_token_policy(policy.refresh_token_policy or "infinite")


def _refresh_period(row: Row) -> int | None:
    policy = _refresh_policy(row)
    return int(policy.period) if policy is not None and policy.period is not None else None


def _since_last_use(row: Row) -> bool:
    policy = _refresh_policy(row)
    return policy is not None and policy.policy_type == REFRESH_TOKEN_POLICY_TYPES["specific_inactivity"]


def _admin_approved(row: Row) -> bool:
    config = _document(row).oauth_config
    return bool(config is not None and config.is_admin_approved)


def _full_content(row: Row) -> bool:
    return any(one.full_content for one in row.view.unit.push.list(row.record.app_id))


def _session_timeout(row: Row) -> str | None:
    policy = _document(row).session_policy
    return str(policy.session_timeout) if policy is not None and policy.session_timeout is not None else None


def _session_action(row: Row) -> str | None:
    policy = _document(row).session_policy
    return policy.policy_action if policy is not None else None


CONNECTED_APPLICATION = SObject(
    name="ConnectedApplication",
    label="Connected App",
    plural="Connected Apps",
    prefix="0H4",
    needs=SETUP,
    fields=(
        computed("Id", FieldType.ID, lambda row: row.record.app_id),
        computed("Name", FieldType.STRING, lambda row: row.record.label),
        computed("CreatedDate", FieldType.DATETIME, lambda row: row.record.created_at),
        computed("LastModifiedDate", FieldType.DATETIME, lambda row: row.record.modified_at),
        computed("SystemModstamp", FieldType.DATETIME, lambda row: row.record.modified_at),
        reference(
            "LastModifiedById",
            "User",
            "LastModifiedBy",
            lambda row: row.view.user_id(row.record.modified_by),
        ),
        computed("StartUrl", FieldType.URL, lambda row: _document(row).start_url),
        computed("MobileStartUrl", FieldType.URL, lambda row: _document(row).mobile_start_url),
        computed("RefreshTokenValidityPeriod", FieldType.INT, _refresh_period),
        computed("OptionsRefreshTokenValidityMetric", FieldType.BOOLEAN, _since_last_use),
        computed("OptionsAllowAdminApprovedUsersOnly", FieldType.BOOLEAN, _admin_approved),
        computed(
            "OptionsHasSessionLevelPolicy",
            FieldType.BOOLEAN,
            lambda row: _document(row).session_policy is not None,
        ),
        constant("OptionsIsInternal", value=False, kind=FieldType.BOOLEAN),
        constant("OptionsCodeCredentialGuestEnabled", value=False, kind=FieldType.BOOLEAN),
        computed("OptionsFullContentPushNotifications", FieldType.BOOLEAN, _full_content),
        constant("OptionsTokenExchangeManageBitEnabled", value=False, kind=FieldType.BOOLEAN),
        constant("MobileSessionTimeout", None, FieldType.PICKLIST),
        constant("PinLength", None, FieldType.PICKLIST),
        computed("SessionTimeout", FieldType.PICKLIST, _session_timeout),
        constant("UvidTimeout", None, FieldType.PICKLIST),
        constant("NamedUserUvidTimeout", None, FieldType.PICKLIST),
        computed("DeveloperName", FieldType.STRING, lambda row: row.record.api_name, tooling=True),
        computed("ContactEmail", FieldType.EMAIL, lambda row: _document(row).contact_email, tooling=True),
        computed("ContactPhone", FieldType.STRING, lambda row: _document(row).contact_phone, tooling=True),
        computed("Description", FieldType.TEXTAREA, lambda row: _document(row).description, tooling=True),
        computed("IconUrl", FieldType.URL, lambda row: _document(row).icon_url, tooling=True),
        computed("InfoUrl", FieldType.URL, lambda row: _document(row).info_url, tooling=True),
        computed("LogoUrl", FieldType.URL, lambda row: _document(row).logo_url, tooling=True),
        computed("SessionPolicyAction", FieldType.PICKLIST, _session_action, tooling=True),
        reference(
            "ExecutionUserId",
            "User",
            "",
            lambda row: row.view.user_id(_document(row).plugin_execution_user or ""),
            tooling=True,
        ),
        # Nothing in a local org says who created an app; it has no Apex and no packages.
        *(constant(name, None, tooling=True) for name in ("CreatedById", "ConnAppPluginClassId", "Version")),
        constant("SamlLoginInformation", None, tooling=True),
    ),
    rows=connected_apps,
)
