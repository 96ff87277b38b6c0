"""Changes to an external client app: settings are the developer's, policies the admin's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from changeover.apps.document import element_at
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExternalClientApplication,
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppMobileConfigurablePolicies,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppPushConfigurablePolicies,
    ExtlClntAppSamlConfigurablePolicies,
    Part,
)
from changeover.apps.types import BY_DOCUMENT, BY_SUFFIX, component
from changeover.migration.loose import PKCE_OFF, Loose, loose
from changeover.migration.loose import tighten as tightened_app
from changeover.org import audit
from changeover.org.act import act, require
from changeover.org.assessing import reassess, reassess_named
from changeover.org.editing import Change, Changes, Value, changed, difference, side
from changeover.org.granting import refuse_unknown_names
from changeover.org.model.apps import ExternalClientAppRecord
from changeover.org.model.orgs import Actor
from changeover.org.own import own_external_client_app, own_org, refuse_stale
from changeover.org.permissions import (
    EXTERNAL_CLIENT_APP_POLICIES,
    EXTERNAL_CLIENT_APP_SETTINGS,
    EXTERNAL_CLIENT_APP_VIEW,
    Needs,
)
from changeover.org.ports import Unit
from changeover.org.values import refuse

Document = ExternalClientApplication | Part

POLICIES = (
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppMobileConfigurablePolicies,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppPushConfigurablePolicies,
    ExtlClntAppSamlConfigurablePolicies,
)
"""The admin's parts; the header and all other parts are the developer's."""

FIXED = frozenset(
    {
        "externalClientApplication",
        "managedType",
        "isProtected",
        "orgScopedExternalApp",
        "oauthLink",
        "shouldRotateConsumerKey",
        "shouldRotateConsumerSecret",
    }
)
"""Elements that Salesforce writes and nobody edits."""
CREDENTIALS = frozenset({"consumerKey", "consumerSecret"})
NEEDED = frozenset({"label", "contactEmail"})
"""Elements of the header without which Salesforce takes none."""
TOGETHER = frozenset(
    {
        "refreshTokenPolicyType",
        "refreshTokenValidityPeriod",
        "refreshTokenValidityUnit",
        "isClientCredentialsFlowEnabled",
        "clientCredentialsFlowUser",
    }
)
"""Policies that must agree with each other."""
TIMED = frozenset({"SpecificLifetime", "SpecificInactivity"})


@act(EXTERNAL_CLIENT_APP_SETTINGS, "edit settings of external client apps")
def edit_settings(
    unit: Unit, actor: Actor, api_name: str, changes: Changes, *, seen_version: int | None
) -> ExternalClientAppRecord:
    """Change the developer's settings: header, OAuth, canvas, mobile, push and notification settings.

    Args:
        unit: the transaction.
        actor: who edits.
        api_name: the external client app.
        changes: paths begin with the part's suffix: `ecaGlblOauth/callbackUrl`, `eca/label`.
        seen_version: the version that the page showed.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-STALE-PAGE, E-VALUE-REFUSED.
    """
    return _edit(unit, actor, api_name, changes, policies=False, seen_version=seen_version)


@act(EXTERNAL_CLIENT_APP_POLICIES, "edit policies of external client apps")
def edit_policies(
    unit: Unit, actor: Actor, api_name: str, changes: Changes, *, seen_version: int | None
) -> ExternalClientAppRecord:
    """Change the admin's policies. Every policy stays written out: none can be taken away.

    Arguments and errors are those of `edit_settings`: `ecaOauthPlcy/permittedUsersPolicyType`.
    """
    return _edit(unit, actor, api_name, changes, policies=True, seen_version=seen_version)


def _edit(
    unit: Unit, actor: Actor, api_name: str, changes: Changes, *, policies: bool, seen_version: int | None
) -> ExternalClientAppRecord:
    record = own_external_client_app(unit, actor, api_name, lock=True)
    refuse_stale(record.label, record.version, seen_version)
    documents = _by_name(record.app)
    for name, inner in _by_component(record.app, changes).items():
        documents[name] = _changed(documents[name], inner, policies=policies)
    event = (
        audit.Event.EXTERNAL_CLIENT_APP_POLICIES_EDITED
        if policies
        else audit.Event.EXTERNAL_CLIENT_APP_SETTINGS_EDITED
    )
    what = "policies" if policies else "settings"
    text = f"Changed {what} of the external client app {record.api_name}."
    return write(unit, actor, record, _assembled(documents), event, text)


@act(EXTERNAL_CLIENT_APP_VIEW, "tighten external client apps")
def loose_points(unit: Unit, actor: Actor, api_name: str) -> tuple[Loose, ...]:
    """Return what is looser on an external client app than it need be, each with its one step.

    What the whole org sees to is not among it: PKCE, where the org requires it of every app.

    Raises E-EXTERNAL-CLIENT-APP-NOT-FOUND.
    """
    found = loose(own_external_client_app(unit, actor, api_name).app)
    if own_org(unit, actor).pkce_required:
        return tuple(point for point in found if point.id != PKCE_OFF)
    return found


def needed_to_tighten(point: Loose) -> tuple[Needs, ...]:
    """Return all that the one step of a loose point needs: it may touch settings, policies or both."""
    kinds = sorted({issubclass(step.part, POLICIES) for step in point.changes})
    return tuple(
        EXTERNAL_CLIENT_APP_POLICIES if policies else EXTERNAL_CLIENT_APP_SETTINGS for policies in kinds
    )


@act(EXTERNAL_CLIENT_APP_VIEW, "tighten external client apps")
def tighten(
    unit: Unit, actor: Actor, api_name: str, point: str, *, seen_version: int | None
) -> ExternalClientAppRecord:
    """Take the one step of a loose point: settings take the developer's permission, policies the admin's.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-STALE-PAGE, E-RECORD-NOT-FOUND where nothing of
            that id is loose, E-NOT-PERMITTED.
    """
    record = own_external_client_app(unit, actor, api_name, lock=True)
    refuse_stale(record.label, record.version, seen_version)
    found = (one for one in loose(record.app) if one.id == point)
    for needs in (needs for one in found for needs in needed_to_tighten(one)):
        kind = "policies" if needs is EXTERNAL_CLIENT_APP_POLICIES else "settings"
        require(unit, actor, needs, f"edit {kind} of external client apps")
    tightened = tightened_app(record.app, point)
    text = f"Tightened the external client app {record.api_name}: {point}."
    return write(unit, actor, record, tightened, audit.Event.EXTERNAL_CLIENT_APP_TIGHTENED, text)


def write(
    unit: Unit,
    actor: Actor,
    record: ExternalClientAppRecord,
    app: ExternalClientApp,
    event: audit.Event,
    text: str,
) -> ExternalClientAppRecord:
    """Write an external client app as it is to be, with its audit row; nothing where nothing has changed."""
    before, after = _by_name(record.app), _by_name(app)
    found: dict[str, Mapping[str, Change]] = {}
    for name, document in (before | after).items():
        empty = type(document)(full_name=document.full_name)
        found[name] = difference(before.get(name, empty), after.get(name, empty))
    if not any(found.values()):
        return record
    refuse_unknown_names(unit, actor, [change for part in found.values() for change in part.values()])
    new_secret = any("consumerSecret" in part for part in found.values())
    written = replace(record, app=app, secret_changed=record.secret_changed or new_secret)
    unit.external.save(
        replace(written, version=record.version + 1, modified_by=actor.username, modified_at=unit.now)
    )
    reassess_named(unit, actor, record.app, app)

    def told(which: Callable[[Change], str | None]) -> dict[str, Any]:
        return {name: side(part.values(), which) for name, part in found.items() if part}

    audit.record(
        unit,
        actor,
        event,
        record.api_name,
        text,
        before=told(lambda change: change.before),
        after=told(lambda change: change.after),
    )
    if record.connected_app is not None:
        # What its connected app rests on has not changed; only the name's holder is looked at again.
        reassess(unit, actor, record.connected_app)
    return own_external_client_app(unit, actor, record.api_name)


def _by_name(app: ExternalClientApp) -> dict[str, Document]:
    return {component(document): document for document in app.documents}


def _assembled(documents: Mapping[str, Document]) -> ExternalClientApp:
    header = next(one for one in documents.values() if isinstance(one, ExternalClientApplication))
    return ExternalClientApp(
        header=header, parts=tuple(one for one in documents.values() if isinstance(one, Part))
    )


def _by_component(app: ExternalClientApp, changes: Changes) -> dict[str, dict[str, Value]]:
    """Sort changes by the component that they touch. A path begins with its suffix or with its whole name."""
    names = {component(document) for document in app.documents}
    first: dict[str, str] = {}
    for document in app.documents:
        first.setdefault(BY_DOCUMENT[type(document)].suffix, component(document))
    found: dict[str, dict[str, Value]] = {}
    for path, value in changes.items():
        part, _, inner = path.partition("/")
        name = part if part in names else first.get(part)
        if name is None or not inner:
            known = part in BY_SUFFIX
            why = (
                "the app has no such part."
                if known
                else "a path begins with the suffix of a part, as eca/label."
            )
            raise refuse(path[:60], why)
        found.setdefault(name, {})[inner] = value
    return found


def _changed(document: Document, changes: Changes, *, policies: bool) -> Document:
    suffix = BY_DOCUMENT[type(document)].suffix
    if isinstance(document, POLICIES) is not policies:
        other = "settings, the developer's" if policies else "policies, the admin's"
        raise refuse(suffix, f"these are {other}.")
    for path in changes:
        # Named is enough: who writes what stands there already has not understood whose it is.
        _refuse_fixed(suffix, path)
    result = changed(document, changes)
    differs = difference(document, result)
    for change in differs.values():
        _refuse_fixed(suffix, change.path)
        _refuse_gap(suffix, document, change)
    if isinstance(result, ExtlClntAppOauthConfigurablePolicies) and TOGETHER & differs.keys():
        refuse_half_policies(result)
    return result


def _refuse_fixed(suffix: str, path: str) -> None:
    """Refuse what nobody edits, and what is edited elsewhere."""
    if path.partition("/")[0] in FIXED:
        raise refuse(f"{suffix}/{path}", "Salesforce writes this, nobody edits it.")
    if path in CREDENTIALS:
        raise refuse(f"{suffix}/{path}", "key and secret are set and rotated under Consumer Details.")


def _refuse_gap(suffix: str, document: Document, change: Change) -> None:
    """Refuse to take away what must be said, and a distribution state other than Local."""
    where = f"{suffix}/{change.path}"
    if change.path == "distributionState" and change.after != "Local":
        raise refuse(where, "an external client app that came from a connected app is Local.")
    if change.after:
        return
    if suffix == "eca" and change.path in NEEDED:
        raise refuse(where, "a value is needed.")
    if isinstance(document, POLICIES) and _stays(document, change.path):
        raise refuse(where, "a policy is written out, never left to a default.")


def _stays(document: Document, path: str) -> bool:
    """Whether a policy must be written out: a switch or a choice, not a name, an address or a number."""
    if path == "refreshTokenValidityUnit":
        return False
    element = element_at(type(document), path)
    return element is not None and (element.kind == "boolean" or element.values is not None)


def refuse_half_policies(policies: ExtlClntAppOauthConfigurablePolicies) -> None:
    """Refuse policies that contradict themselves: a period without a unit, a flow without its user."""
    timed = policies.refresh_token_policy_type in TIMED
    period, unit = policies.refresh_token_validity_period, policies.refresh_token_validity_unit
    if timed and (period is None or period < 1 or unit is None):
        raise refuse("ecaOauthPlcy/refreshTokenValidityPeriod", "this policy needs a period and its unit.")
    if not timed and (period is not None or unit is not None):
        raise refuse(
            "ecaOauthPlcy/refreshTokenValidityPeriod", "only a timed policy has a period and a unit."
        )
    if policies.is_client_credentials_flow_enabled and not policies.client_credentials_flow_user:
        raise refuse("ecaOauthPlcy/clientCredentialsFlowUser", "the flow needs the user whom it runs as.")
