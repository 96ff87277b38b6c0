"""From a connected app of an org to its external client app: the mapping, with what only an org can add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import leaves
from changeover.apps.external_client_app import (
    AndroidPushConfig,
    ApplePushConfig,
    ExtlClntAppPushSettings,
    Part,
)
from changeover.apps.reference import Reference
from changeover.apps.types import component
from changeover.migration.account import Added, Target
from changeover.migration.mapping import Migration, expected_result
from changeover.migration.situation import PushConfiguration, Situation
from changeover.org.model.apps import ConnectedAppRecord
from changeover.org.model.beside_apps import Credential, PushSettings
from changeover.org.model.orgs import Org
from changeover.org.ports import Unit
from changeover.org.secrecy import bare_app, masked_account

WHY_ORG_SCOPED = (
    "Salesforce names the org on the first deployment; a local external client app is of use there only."
)
WHY_PUSH = "Push settings stand in no file: taken over from the connected app's push settings."


class Expecting:
    """Works out expected results, one of them before it is asked for.

    It is the same result: it is given only for the very app that it was made of, with no references and no
    push settings.
    """

    def __init__(self) -> None:
        self._ahead: tuple[ConnectedApp, Migration] | None = None

    def look_ahead(self, app: ConnectedApp) -> None:
        """Work out the result of an app that will be asked for next."""
        self._ahead = app, expected_result(app)

    def result(
        self, app: ConnectedApp, references: tuple[Reference, ...], push: tuple[PushConfiguration, ...]
    ) -> Migration:
        """Return the expected result, as `expected_result` does."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and not references and not push and ahead[0] == app:
            return ahead[1]
        return expected_result(app, references, push=push)


def made_of(
    unit: Unit,
    org: Org,
    record: ConnectedAppRecord,
    situation: Situation,
    *,
    with_secrets: bool,
    expecting: Expecting | None = None,
) -> Migration:
    """Return the external client app that a migration makes, and its account.

    Args:
        unit: the transaction.
        org: the app's org.
        record: the connected app.
        situation: what the org knows of it.
        with_secrets: whether both hold consumer secret, push credentials and pasted keys in clear, to be
            stored; else they are left out of the parts and masked in the account.
        expecting: what works out the expected result.
    """
    app = unit.apps.unsealed(record)
    made = (expecting or Expecting()).result(app, situation.references or (), situation.push or ())
    push = unit.push.list(record.app_id) if situation.push else ()
    scoped = _org_scoped(made, org)
    credentials = {
        settings.service: unit.push.credentials(record.app_id, settings.service) for settings in push
    }
    whole = _with_push(scoped, push, credentials)
    if with_secrets:
        return whole
    return Migration(
        external_client_app=bare_app(whole.external_client_app), account=masked_account(whole.account)
    )


def _org_scoped(made: Migration, org: Org) -> Migration:
    app = made.external_client_app
    value = f"{org.org_id}:{app.api_name}"
    header = replace(app.header, org_scoped_external_app=value)
    target = Target(component=component(header), path="orgScopedExternalApp", value=value)
    account = replace(made.account, added=(*made.account.added, Added(target=target, why=WHY_ORG_SCOPED)))
    return Migration(external_client_app=replace(app, header=header), account=account)


def _with_push(
    made: Migration, push: tuple[PushSettings, ...], credentials: Mapping[str, Mapping[str, str]]
) -> Migration:
    """Put the credentials of each service into its push part, and account for them."""
    by_service = {settings.service: settings for settings in push}
    parts: list[Part] = []
    added: list[Added] = []
    for part in made.external_client_app.parts:
        filled = part
        if isinstance(part, ExtlClntAppPushSettings) and part.push_service_type in by_service:
            settings = by_service[part.push_service_type]
            filled = _filled(part, settings, credentials[settings.service])
            before = {leaf.path for leaf in leaves(part)}
            added += [
                Added(
                    target=Target(component=component(part), path=leaf.path, value=leaf.value), why=WHY_PUSH
                )
                for leaf in leaves(filled)
                if leaf.path not in before
            ]
        parts.append(filled)
    return Migration(
        external_client_app=replace(made.external_client_app, parts=tuple(parts)),
        account=replace(made.account, added=(*made.account.added, *added)),
    )


def _filled(
    part: ExtlClntAppPushSettings, settings: PushSettings, credentials: Mapping[str, str]
) -> ExtlClntAppPushSettings:
    if settings.credential in {Credential.ANDROID_SERVICE_ACCOUNT, Credential.ANDROID_SERVER_KEY}:
        android = AndroidPushConfig(
            fcm_project=settings.fcm_project, service_account=credentials.get("serviceAccount")
        )
        return replace(part, android_push_config=android)
    apple = ApplePushConfig(
        application_bundle=settings.application_bundle,
        certificate=credentials.get("certificate"),
        environment=settings.environment,
        key_identifier=settings.key_identifier,
        password=credentials.get("password"),
        signing_key=credentials.get("signingKey"),
        team_identifier=settings.team_identifier,
    )
    return replace(part, apple_push_config=apple)
