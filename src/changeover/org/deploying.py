"""Deployment of a connected app: its whole file, with what a form is held to.

Source: Metadata API guide, ConnectedApp (key and secret are set at creation only; an empty element clears
profiles or permission sets); salesforce-reference 4.7 (creation). Our decision: a file replaces the app's
settings and policies as a whole, but for what it never shows (key, secret) or need not name (profiles and
permission sets).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from changeover.apps.connected_app import ConnectedApp
from changeover.migration.keys import visible_key
from changeover.migration.lifecycle import Act
from changeover.org import audit
from changeover.org.act import act
from changeover.org.assessing import assess_again
from changeover.org.connected_apps import new_record, refuse_creation, require_grants, write
from changeover.org.editing import difference, judge, side
from changeover.org.granting import refuse_unknown_names
from changeover.org.importing import refuse_taken_key
from changeover.org.model.apps import ConnectedAppRecord, Origin
from changeover.org.model.orgs import Actor
from changeover.org.own import state_after
from changeover.org.permissions import CONNECTED_APP_EDIT
from changeover.org.ports import Unit
from changeover.org.secrecy import bare, secrets_of
from changeover.org.values import refuse, shown

KEY, SECRET = "oauthConfig/consumerKey", "oauthConfig/consumerSecret"
AT_CREATION = "this is set at creation only; rotate it under Consumer Details."


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What became of one component."""

    created: bool
    changed: bool
    record_id: str = ""


@act(CONNECTED_APP_EDIT, "deploy connected apps")
def deploy_connected_app(unit: Unit, actor: Actor, document: ConnectedApp) -> Deployed:
    """Create a connected app as its file says, or write it anew.

    Args:
        unit: the transaction.
        actor: who deploys.
        document: the whole app; key and secret may stand in it where the app is new, or as they are.

    Raises:
        ChangeoverError: E-CREATION-OFF, E-NAME-TAKEN, E-APP-READ-ONLY, E-CONSUMER-KEY-TAKEN, E-VALUE-REFUSED,
            E-NOT-PERMITTED.
    """
    there = unit.apps.get(actor.org_id, document.full_name, lock=True)
    if there is None:
        return _create(unit, actor, document)
    return _replace(unit, actor, there, replace(document, full_name=there.api_name))


def _create(unit: Unit, actor: Actor, given: ConnectedApp) -> Deployed:
    refuse_creation(unit, actor, given.full_name)
    document = replace(given, profile_name=_named(given.profile_name))
    document = replace(document, permission_set_name=_named(given.permission_set_name))
    if document.oauth_config is not None:
        oauth = document.oauth_config
        key = visible_key(oauth.consumer_key) or unit.ids.consumer_key()
        secret = oauth.consumer_secret or unit.ids.consumer_secret()
        document = replace(document, oauth_config=replace(oauth, consumer_key=key, consumer_secret=secret))
        refuse_taken_key(unit, actor, document)
    empty = ConnectedApp(full_name=document.full_name)
    judge(empty, document)
    differs = difference(empty, document)
    require_grants(unit, actor, differs)
    refuse_unknown_names(unit, actor, differs.values())
    record = new_record(unit, actor, document, Origin.CREATED)
    unit.apps.add(actor.org_id, record)
    assess_again(unit, actor, replace(record, document=bare(document)), record.label.strip())
    audit.record(
        unit,
        actor,
        audit.Event.CONNECTED_APP_CREATED,
        record.api_name,
        f"Created the connected app {shown(record.label)} by deployment.",
        after=side(differs.values(), lambda change: change.after),
    )
    return Deployed(created=True, changed=True, record_id=record.app_id)


def _replace(unit: Unit, actor: Actor, there: ConnectedAppRecord, given: ConnectedApp) -> Deployed:
    state_after(there, Act.EDIT)
    document = _completed(unit, there, given)
    judge(there.document, bare(document))
    differs = difference(there.document, document)
    if not differs:
        return Deployed(created=False, changed=False, record_id=there.app_id)
    require_grants(unit, actor, differs)
    refuse_unknown_names(unit, actor, differs.values())
    write(unit, actor, there, document)
    audit.record(
        unit,
        actor,
        audit.Event.CONNECTED_APP_DEPLOYED,
        there.api_name,
        f"Changed the connected app {shown(there.label)} by deployment.",
        before=side(differs.values(), lambda change: change.before),
        after=side(differs.values(), lambda change: change.after),
    )
    return Deployed(created=False, changed=True, record_id=there.app_id)


def _completed(unit: Unit, there: ConnectedAppRecord, given: ConnectedApp) -> ConnectedApp:
    """Return what a file says with what the app keeps although the file does not say it."""
    old = there.document
    document = replace(
        given,
        profile_name=_named(given.profile_name) if given.profile_name else old.profile_name,
        permission_set_name=(
            _named(given.permission_set_name) if given.permission_set_name else old.permission_set_name
        ),
    )
    oauth = document.oauth_config
    if oauth is None and old.oauth_config is not None:
        raise refuse("oauthConfig", "a deployment does not take OAuth settings away; delete the app.")
    if oauth is not None:
        held = old.oauth_config.consumer_key if old.oauth_config else None
        said = visible_key(oauth.consumer_key)
        if said is not None and said != held:
            raise refuse(KEY, AT_CREATION)
        document = replace(
            document, oauth_config=replace(oauth, consumer_key=held or unit.ids.consumer_key())
        )
    return _without_known_secrets(document, secrets_of(unit.apps.unsealed(there)))


def _without_known_secrets(document: ConnectedApp, known: Mapping[str, str]) -> ConnectedApp:
    """Return a document without the secret that the app has already. E-VALUE-REFUSED for another one."""
    oauth = document.oauth_config
    if oauth is None or not oauth.consumer_secret:
        return document
    if oauth.consumer_secret != known.get(SECRET):
        raise refuse(SECRET, AT_CREATION)
    return replace(document, oauth_config=replace(oauth, consumer_secret=None))


def _named(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names without the empty one that clears all."""
    return tuple(name for name in names if name.strip())
