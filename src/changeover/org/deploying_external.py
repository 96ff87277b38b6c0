"""Deployment of an external client app: header and parts in one, or parts of an app that is there.

Source: salesforce-reference section 2 (deploy order, automatic policy records, one record of each kind,
defaults, an update of policies replaces the whole record) and the Metadata API guide's pages of each type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from changeover import errors
from changeover.apps.building import from_leaves
from changeover.apps.document import Document, Leaf, leaves
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExternalClientApplication,
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
    ExtlClntAppPushSettings,
    Part,
)
from changeover.apps.names import is_api_name
from changeover.apps.types import BY_DOCUMENT, app_of_usual_name, component
from changeover.errors import ChangeoverError
from changeover.migration.keys import visible_key
from changeover.org import audit
from changeover.org.act import act, require
from changeover.org.assessing import reassess
from changeover.org.deploying import AT_CREATION, Deployed
from changeover.org.editing import difference, judge, side
from changeover.org.external_client_app_edits import POLICIES, refuse_half_policies, write
from changeover.org.granting import refuse_unknown_names
from changeover.org.importing_external import (
    add_new,
    name_held,
    refuse_another_orgs,
    refuse_taken_key,
)
from changeover.org.model.apps import ExternalClientAppRecord, Origin
from changeover.org.model.orgs import Actor, Org
from changeover.org.own import own_org
from changeover.org.permissions import (
    EXTERNAL_CLIENT_APP_POLICIES,
    EXTERNAL_CLIENT_APP_SETTINGS,
    EXTERNAL_CLIENT_APP_VIEW,
)
from changeover.org.ports import Unit
from changeover.org.secrecy import bare, secrets_of
from changeover.org.values import ValueRefused, refuse, shown

AppDocument = ExternalClientApplication | Part
_FULL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}")

DEFAULT_POLICY = "_defaultPolicy"
"""What Salesforce appends to the settings' name where a deployment brings no policies."""

DEFAULTS: Mapping[type[Document], Mapping[str, str]] = {
    ExternalClientApplication: {"distributionState": "Local", "isProtected": "false"},
    ExtlClntAppGlobalOauthSettings: {
        "isConsumerSecretOptional": "false",
        "isIntrospectAllTokens": "false",
        "isPkceRequired": "true",
        "isSecretRequiredForRefreshToken": "true",
    },
    ExtlClntAppOauthConfigurablePolicies: {
        "ipRelaxationPolicyType": "Enforce",
        "isClientCredentialsFlowEnabled": "false",
        "isGuestCodeCredFlowEnabled": "false",
        "isTokenExchangeFlowEnabled": "false",
        "permittedUsersPolicyType": "AllSelfAuthorized",
        "refreshTokenPolicyType": "SpecificLifetime",
        "requiredSessionLevel": "STANDARD",
    },
    ExtlClntAppConfigurablePolicies: {
        "isEnabled": "true",
        "isOauthPluginEnabled": "true",
        "startPage": "None",
    },
}
"""What a component says where its file is silent."""
LIFETIME = {"refreshTokenValidityPeriod": "365", "refreshTokenValidityUnit": "Days"}
"""Of refresh tokens, where the policies say nothing of them at all."""


class ComponentRefused(ChangeoverError):  # noqa: N818 - what happened to it
    """A refusal that is about one component of several: `component` and `field` say where to look."""

    def __init__(self, error: ChangeoverError, document: AppDocument) -> None:
        super().__init__(error.kind, error.message, error.remedy)
        self.component = component(document)
        self.field = error.field if isinstance(error, ValueRefused) else None


@dataclass(frozen=True, kw_only=True)
class _Deployment:
    """One deployment to one app."""

    unit: Unit
    actor: Actor
    org: Org
    api_name: str
    there: ExternalClientAppRecord | None
    before: Mapping[str, AppDocument]
    """What the app has, by component."""


@act(EXTERNAL_CLIENT_APP_VIEW, "deploy external client apps")
def deploy_external_client_app(
    unit: Unit, actor: Actor, api_name: str, documents: Iterable[AppDocument]
) -> Mapping[str, Deployed]:
    """Create an external client app, or write parts of one anew.

    Settings take the developer's permission, policies the admin's. A part that is deployed replaces what it
    was; key and secret are given at creation only, and made where they are not given.

    Args:
        unit: the transaction.
        actor: who deploys.
        api_name: the app: full name of the header, which every part names.
        documents: header and parts; without a header the app must be there.

    Returns:
        What became of each, by component (`App_oauth.ecaOauth`); policies that were made of themselves too.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND without a header, E-PART-TAKEN, E-NAME-TAKEN,
            E-CONSUMER-KEY-TAKEN, E-NOT-LOCAL, E-NOT-OPTED-IN, E-VALUE-REFUSED, E-NOT-PERMITTED.
    """
    given = tuple(documents)
    for policies in sorted({isinstance(one, POLICIES) for one in given}):
        needs = EXTERNAL_CLIENT_APP_POLICIES if policies else EXTERNAL_CLIENT_APP_SETTINGS
        what = f"deploy {'policies' if policies else 'settings'} of external client apps"
        require(unit, actor, needs, what)
    there = unit.external.get(actor.org_id, api_name, lock=True)
    org = own_org(unit, actor)
    before = {component(one): one for one in there.app.documents} if there is not None else {}
    name = there.api_name if there is not None else api_name
    deployment = _Deployment(unit=unit, actor=actor, org=org, api_name=name, there=there, before=before)
    after = _after(deployment, given)
    _refuse_incomplete(after)
    if there is None:
        return _create(deployment, after)
    text = f"Changed the external client app {shown(name)} by deployment."
    write(unit, actor, there, _assembled(after), audit.Event.EXTERNAL_CLIENT_APP_DEPLOYED, text)
    return {
        key: Deployed(
            created=key not in before,
            changed=key not in before or bool(difference(before[key], one)),
            record_id=there.app_id if isinstance(one, ExternalClientApplication) else "",
        )
        for key, one in after.items()
    }


def _after(deployment: _Deployment, given: tuple[AppDocument, ...]) -> dict[str, AppDocument]:
    """Return the app's documents as they are to be, by component."""
    unit, actor, there = deployment.unit, deployment.actor, deployment.there
    if there is None and not any(isinstance(one, ExternalClientApplication) for one in given):
        message = f"no ExternalClientApplication named {shown(deployment.api_name)} found"
        raise ChangeoverError(errors.EXTERNAL_CLIENT_APP_NOT_FOUND, message)
    if there is None and not deployment.org.external_client_apps_enabled:
        message = f"{shown(deployment.org.name)} has not opted in to external client apps."
        raise ChangeoverError(errors.NOT_OPTED_IN, message)
    after = dict(deployment.before)
    for document in given:
        try:
            _refuse_second(after, document)
            held = deployment.before.get(component(document))
            after[component(document)] = _completed(deployment, document, held)
        except ChangeoverError as error:
            raise ComponentRefused(error, document) from None
    for document in _automatic(deployment.api_name, after):
        after[component(document)] = document
    app = _assembled(after)
    _refuse_held_names(deployment, app)
    refuse_another_orgs(actor, app)
    refuse_taken_key(unit, actor, app)
    key = app.consumer_key
    holder = unit.apps.holder_of_key(actor.org_id, key) if key and there is None else None
    if holder is not None:
        message = f"The connected app {shown(holder)} has the consumer key of {shown(app.api_name)} already."
        raise ChangeoverError(errors.CONSUMER_KEY_TAKEN, message)
    return after


def _refuse_held_names(deployment: _Deployment, app: ExternalClientApp) -> None:
    """Refuse new parts with the name of a part of another app, be it one that a migration will make.

    Names of parts are unique in an org by type, as all full names of metadata. Our decision: the names that a
    migration gives are kept for the connected app, so that none stands in its way.
    """
    unit, actor = deployment.unit, deployment.actor
    held = unit.external.part_holders(actor.org_id, app)
    for part in app.parts:
        name = component(part)
        if name in deployment.before:
            continue
        if name in held:
            raise ComponentRefused(name_held(name, held[name]), part)
        usual = app_of_usual_name(part)
        another = usual and usual.casefold() != app.api_name.casefold()
        if another and unit.apps.get(actor.org_id, usual) is not None:
            message = f"{shown(name)} is kept for the migration of the connected app {shown(usual)}."
            error = ChangeoverError(errors.NAME_TAKEN, message, "Give the part another name in its file.")
            raise ComponentRefused(error, part)


def _refuse_second(after: Mapping[str, AppDocument], document: AppDocument) -> None:
    """Refuse a second part of a kind: an app has one record of each, but push settings one a service."""
    if isinstance(document, ExtlClntAppPushSettings):
        return
    for name, held in after.items():
        if type(held) is type(document) and name != component(document):
            kind = BY_DOCUMENT[type(document)].name
            message = (
                f"duplicate value found: {kind} {shown(held.full_name)} has the external client app already,"
                f" and {shown(document.full_name)} would be a second one"
            )
            raise ChangeoverError(errors.PART_TAKEN, message)


def _completed(deployment: _Deployment, given: AppDocument, held: AppDocument | None) -> AppDocument:
    """Return a document with what its file need not say, judged."""
    if held is None and _FULL_NAME.fullmatch(given.full_name) is None:
        raise refuse("fullName", "letters, digits and underscores, a letter first, at most 255.")
    if isinstance(given, Part) and given.external_client_application != deployment.api_name:
        why = f"no ExternalClientApplication named {shown(given.external_client_application or '')} found"
        raise refuse("externalClientApplication", why)
    document = _with_defaults(given)
    match document:
        case ExternalClientApplication():
            document = _own_header(deployment, document)
        case ExtlClntAppGlobalOauthSettings():
            document = _own_credentials(deployment, document, held)
        case ExtlClntAppOauthSettings():
            document = _own_link(document, held)
    before = held if held is not None else type(document)(full_name=document.full_name)
    judge(before, bare(document))
    if isinstance(document, ExtlClntAppOauthConfigurablePolicies):
        refuse_half_policies(document)
    return document


def _with_defaults(document: AppDocument) -> AppDocument:
    said = {leaf.path for leaf in leaves(document)}
    silent = dict(DEFAULTS.get(type(document), {}))
    if isinstance(document, ExtlClntAppOauthConfigurablePolicies) and not any(
        path.startswith("refreshToken") for path in said
    ):
        silent.update(LIFETIME)
    more = [Leaf(path, value) for path, value in silent.items() if path not in said]
    return from_leaves(type(document), document.full_name, (*leaves(document), *more)) if more else document


def _own_header(deployment: _Deployment, header: ExternalClientApplication) -> ExternalClientApplication:
    if header.distribution_state != "Local":
        raise refuse("distributionState", "a local org makes no packages: an app of it is Local.")
    for path, value in (("contactEmail", header.contact_email), ("label", header.label)):
        if not (value or "").strip():
            raise refuse(path, "a value is needed.")
    if deployment.there is None and not is_api_name(header.full_name):
        why = "letters, digits and single underscores, a letter first, no underscore last, at most 80."
        raise refuse("fullName", why)
    org_id, name = deployment.org.org_id, deployment.api_name
    return replace(header, org_scoped_external_app=header.org_scoped_external_app or f"{org_id}:{name}")


def _own_credentials(
    deployment: _Deployment, given: ExtlClntAppGlobalOauthSettings, held: AppDocument | None
) -> ExtlClntAppGlobalOauthSettings:
    """Return global OAuth settings with the key that the app has, or is given now."""
    for path, asked in (
        ("shouldRotateConsumerKey", given.should_rotate_consumer_key),
        ("shouldRotateConsumerSecret", given.should_rotate_consumer_secret),
    ):
        if asked:
            raise refuse(path, "a deployment rotates nothing here; rotate it under Consumer Details.")
    key = visible_key(given.consumer_key)
    if held is None:
        new_key, new_secret = deployment.unit.ids.consumer_key(), deployment.unit.ids.consumer_secret()
        return replace(
            given, consumer_key=key or new_key, consumer_secret=given.consumer_secret or new_secret
        )
    there = deployment.there
    old = there.app.consumer_key if there is not None else None
    if key is not None and key != old:
        raise refuse("consumerKey", AT_CREATION)
    if given.consumer_secret:
        known = secrets_of(held)
        if there is not None:
            whole = {component(one): one for one in deployment.unit.external.unsealed(there.app_id).documents}
            known = secrets_of(whole[component(given)])
        if given.consumer_secret != known.get("consumerSecret"):
            raise refuse("consumerSecret", AT_CREATION)
    return replace(given, consumer_key=old, consumer_secret=None)


def _own_link(given: ExtlClntAppOauthSettings, held: AppDocument | None) -> ExtlClntAppOauthSettings:
    """Return OAuth settings with the link that the app has; a file brings no other one."""
    old = held.oauth_link if isinstance(held, ExtlClntAppOauthSettings) else None
    if given.oauth_link is not None and given.oauth_link != old:
        raise refuse("oauthLink", "this names a consumer of another org; take it out of the file.")
    return replace(given, oauth_link=old)


def _automatic(api_name: str, after: Mapping[str, AppDocument]) -> Iterable[Part]:
    """Yield the policies that an app gets where a deployment brings none."""
    settings = next((one for one in after.values() if isinstance(one, ExtlClntAppOauthSettings)), None)
    kinds = {type(one) for one in after.values()}
    name = f"{settings.full_name if settings is not None else api_name}{DEFAULT_POLICY}"
    wanted: list[type[Part]] = []
    if settings is not None and ExtlClntAppOauthConfigurablePolicies not in kinds:
        wanted.append(ExtlClntAppOauthConfigurablePolicies)
    if ExtlClntAppConfigurablePolicies not in kinds:
        wanted.append(ExtlClntAppConfigurablePolicies)
    for kind in wanted:
        document = _with_defaults(kind(full_name=name, external_client_application=api_name, label=name))
        if isinstance(document, Part):
            yield document


def _refuse_incomplete(after: Mapping[str, AppDocument]) -> None:
    """Refuse OAuth halves: settings, global settings and policies go together."""
    kinds = {type(one) for one in after.values()}
    has_settings, has_global = ExtlClntAppOauthSettings in kinds, ExtlClntAppGlobalOauthSettings in kinds
    if has_settings is not has_global:
        missing = "ExtlClntAppGlobalOauthSettings" if has_settings else "ExtlClntAppOauthSettings"
        raise refuse("externalClientApplication", f"OAuth needs {missing} of the app too.")
    if ExtlClntAppOauthConfigurablePolicies in kinds and not has_settings:
        why = "OAuth policies need the app's OAuth settings first."
        raise refuse("externalClientApplication", why)


def _assembled(documents: Mapping[str, AppDocument]) -> ExternalClientApp:
    header = next(one for one in documents.values() if isinstance(one, ExternalClientApplication))
    return ExternalClientApp(
        header=header, parts=tuple(one for one in documents.values() if isinstance(one, Part))
    )


def _create(deployment: _Deployment, after: Mapping[str, AppDocument]) -> Mapping[str, Deployed]:
    unit, actor = deployment.unit, deployment.actor
    differs = {name: difference(type(one)(full_name=one.full_name), one) for name, one in after.items()}
    refuse_unknown_names(unit, actor, [change for part in differs.values() for change in part.values()])
    app = _assembled(after)
    app_id = add_new(unit, actor, app, Origin.CREATED)
    if unit.apps.get(actor.org_id, app.api_name) is not None:
        # A connected app whose name it takes.
        reassess(unit, actor, app.api_name)
    audit.record(
        unit,
        actor,
        audit.Event.EXTERNAL_CLIENT_APP_CREATED,
        app.api_name,
        f"Created the external client app {shown(app.header.label or app.api_name)} by deployment.",
        after={name: side(part.values(), lambda change: change.after) for name, part in differs.items()},
    )
    return {
        name: Deployed(
            created=True,
            changed=True,
            record_id=app_id if isinstance(one, ExternalClientApplication) else "",
        )
        for name, one in after.items()
    }
