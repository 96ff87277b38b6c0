"""Decisions taken the other way: what the copy does if Salesforce decided otherwise than we.

Each names the decision of `migration.decisions` that it turns round, says which apps it can matter to, and
changes the external client app on the copy right after the migration, or where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
    Part,
)
from changeover.migration import decisions
from changeover.migration.decisions import Decision
from changeover.oauth.client import OauthClient, RefreshPolicy
from changeover.org.model.apps import ExternalClientAppRecord
from changeover.org.ports import Unit

P = TypeVar("P", bound=Part)
OTHER_ORG = "other-org"
"""Where it is assumed, a key that nobody knows is the app's, in its own org."""


def _nothing_to_undo(unit: Unit, org_id: str, client: OauthClient) -> None:
    del unit, org_id, client


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """One decision, taken the other way."""

    name: str
    """As `--assume` takes it."""
    decision: Decision
    what: str
    """What is assumed, as a sentence without a full stop."""
    matters: Callable[[ConnectedApp, OauthClient], bool]
    """Whether it can matter to an app; where it cannot, it is not tried."""
    lasts: bool = False
    """Whether it may still be felt after the revert: what it changes is more than the external client app."""
    assume: Callable[[Unit, str, ExternalClientAppRecord], None]
    """Makes it so in an org of the copy."""
    undo: Callable[[Unit, str, OauthClient], None] = _nothing_to_undo
    """Takes away, before the revert, what it has made beside the external client app."""


def _always(app: ConnectedApp, client: OauthClient) -> bool:
    del app, client
    return True


def _with(app: ExternalClientApp, kind: type[P], **fields: Any) -> ExternalClientApp:  # noqa: ANN401 - of the part
    parts = tuple(replace(part, **fields) if isinstance(part, kind) else part for part in app.parts)
    return replace(app, parts=parts)


def _save(unit: Unit, record: ExternalClientAppRecord, app: ExternalClientApp) -> None:
    unit.external.save(replace(record, app=app, version=record.version + 1))


def _other_key(unit: Unit, org_id: str, record: ExternalClientAppRecord) -> None:
    del org_id
    key, secret = unit.ids.consumer_key(), unit.ids.consumer_secret()
    app = _with(record.app, ExtlClntAppGlobalOauthSettings, consumer_key=key, consumer_secret=secret)
    _save(unit, record, app)


def _other_secret(unit: Unit, org_id: str, record: ExternalClientAppRecord) -> None:
    del org_id
    secret = unit.ids.consumer_secret()
    _save(unit, record, _with(record.app, ExtlClntAppGlobalOauthSettings, consumer_secret=secret))


def _end_tokens(unit: Unit, org_id: str, record: ExternalClientAppRecord) -> None:
    if record.app.consumer_key is not None:
        unit.oauth.end_consumer(org_id, record.app.consumer_key)


def _force_pkce(unit: Unit, org_id: str, record: ExternalClientAppRecord) -> None:
    del org_id
    _save(unit, record, _with(record.app, ExtlClntAppGlobalOauthSettings, is_pkce_required=True))


def _limit_idle(unit: Unit, org_id: str, record: ExternalClientAppRecord) -> None:
    del org_id
    limited = _with(
        record.app,
        ExtlClntAppOauthConfigurablePolicies,
        refresh_token_policy_type=RefreshPolicy.SPECIFIC_INACTIVITY.value,
        refresh_token_validity_period=30,
        refresh_token_validity_unit="Days",  # noqa: S106 - a unit
    )
    _save(unit, record, limited)


def _leave_people_to_saml(unit: Unit, org_id: str, record: ExternalClientAppRecord) -> None:
    del org_id
    without = _with(
        record.app,
        ExtlClntAppOauthConfigurablePolicies,
        comma_separated_profile=None,
        comma_separated_permission_set=None,
    )
    _save(unit, record, without)


def _drop_attributes(unit: Unit, org_id: str, record: ExternalClientAppRecord) -> None:
    del org_id
    app = _with(record.app, ExtlClntAppOauthConfigurablePolicies, custom_attributes=())
    _save(unit, record, _with(app, ExtlClntAppOauthSettings, custom_attributes=()))


def _leave_to_its_own_org(unit: Unit, org_id: str, record: ExternalClientAppRecord) -> None:
    """Let the external client app be another org's: the one in which the client logs in has none of its key.

    Until then the connected app of this org stands for one that is installed here: its key is good in every
    org, that of a local external client app in its own only (salesforce-reference 4.8).
    """
    secret = unit.external.secret(record.app_id)
    _other_key(unit, org_id, record)
    app = _with(record.app, ExtlClntAppGlobalOauthSettings, consumer_secret=secret)
    home = replace(record, app_id=unit.ids.record("0xI"), app=app, connected_app=None)
    unit.external.add(_home_of_apps(unit, org_id), home)


def _take_from_its_own_org(unit: Unit, org_id: str, client: OauthClient) -> None:
    home = unit.external.get(_home_of_apps(unit, org_id), client.api_name)
    if home is not None:
        unit.external.delete(home.app_id)


def _home_of_apps(unit: Unit, org_id: str) -> str:
    """Return the id of the copy's other org (`population.populate`)."""
    return next(one.org_id for one in unit.orgs.list() if one.org_id != org_id)


ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        name="key-changes",
        decision=decisions.KEY_HANDED_OVER,
        what="the external client app gets a consumer key and secret of its own",
        matters=_always,
        assume=_other_key,
    ),
    Assumption(
        name="secret-changes",
        decision=decisions.KEY_HANDED_OVER,
        what="the consumer key is handed over, the secret is a new one",
        matters=_always,
        assume=_other_secret,
    ),
    Assumption(
        name="tokens-end",
        decision=decisions.TOKENS_GO_ON,
        what="tokens and approvals end with the migration",
        matters=lambda _app, client: bool(client.callback_urls),
        lasts=True,
        assume=_end_tokens,
    ),
    Assumption(
        name="people-in-saml-only",
        decision=decisions.PEOPLE_IN_BOTH_POLICIES,
        what="profiles and permission sets are written to the SAML policies alone",
        matters=lambda app, client: app.saml_config is not None and client.admin_approved,
        assume=_leave_people_to_saml,
    ),
    Assumption(
        name="attributes-dropped",
        decision=decisions.FORMULAS_UNCHANGED,
        what="custom attributes are dropped",
        matters=lambda _app, client: bool(client.attributes),
        assume=_drop_attributes,
    ),
    Assumption(
        name="pkce-forced",
        decision=decisions.PKCE_AS_IT_WAS,
        what="the external client app requires PKCE",
        matters=lambda _app, client: bool(client.callback_urls) and not client.pkce_required,
        assume=_force_pkce,
    ),
    Assumption(
        name="idle-30-days",
        decision=decisions.ENDLESS_IN_METADATA,
        what="refresh tokens that were valid until revoked end after 30 idle days",
        matters=lambda _app, client: client.refresh.policy is RefreshPolicy.INFINITE,
        assume=_limit_idle,
    ),
    Assumption(
        name=OTHER_ORG,
        decision=decisions.CLIENTS_AT_HOME,
        what="the clients log in to another org than the app's own",
        matters=lambda _app, client: client.local,
        assume=_leave_to_its_own_org,
        undo=_take_from_its_own_org,
    ),
)
"""A new one is an entry here; its decision says what else could be true and what one would see."""
BY_NAME = {one.name: one for one in ASSUMPTIONS}
