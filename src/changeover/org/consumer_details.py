"""Consumer key and secret: shown only to who proves anew who they are, and each look is on record."""

from __future__ import annotations

from dataclasses import dataclass, replace

from changeover import errors
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp, ExtlClntAppGlobalOauthSettings, Part
from changeover.apps.secrets import MASK
from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import Act
from changeover.org import audit
from changeover.org.act import act
from changeover.org.assessing import reassess
from changeover.org.connected_apps import write
from changeover.org.model.orgs import Actor
from changeover.org.own import own_app, own_external_client_app, refuse_stale, state_after
from changeover.org.permissions import (
    CONNECTED_APP_EDIT,
    CONNECTED_APP_ROTATION,
    EXTERNAL_CLIENT_APP_SECRET,
)
from changeover.org.ports import Unit
from changeover.org.proof import Proof, refuse_old_proof
from changeover.org.values import checked, refuse, shown

SHORTEST, LONGEST = 8, 256
"""Characters of a consumer secret (Metadata API guide, ConnectedAppOauthConfig)."""


@dataclass(frozen=True, kw_only=True)
class ConsumerDetails:
    """Consumer key and secret in clear. Never write it to a log; `repr` leaves the secret out."""

    consumer_key: str | None
    consumer_secret: str | None
    """None where none is set: metadata never holds it, so someone has to set it after an import."""

    def __repr__(self) -> str:
        shown_secret = MASK if self.consumer_secret else None
        return f"ConsumerDetails(consumer_key={self.consumer_key!r}, consumer_secret={shown_secret!r})"


@act(CONNECTED_APP_EDIT, "see consumer key and secret of connected apps")
def reveal_connected_app(unit: Unit, actor: Actor, api_name: str, proof: Proof) -> ConsumerDetails:
    """Return key and secret of a connected app; each look is written to the audit trail.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-PASSWORD-PROOF.
    """
    refuse_old_proof(unit, actor, proof)
    record = own_app(unit, actor, api_name)
    details = ConsumerDetails(
        consumer_key=record.document.consumer_key, consumer_secret=unit.apps.secret(record.app_id)
    )
    event = audit.Event.CONNECTED_APP_SECRET_REVEALED
    text = f"Looked at consumer key and secret of the connected app {record.label}."
    audit.record(unit, actor, event, record.api_name, text)
    return details


@act(EXTERNAL_CLIENT_APP_SECRET, "see consumer key and secret of external client apps")
def reveal_external_client_app(unit: Unit, actor: Actor, api_name: str, proof: Proof) -> ConsumerDetails:
    """Return key and secret of an external client app; each look is written to the audit trail.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-PASSWORD-PROOF.
    """
    refuse_old_proof(unit, actor, proof)
    record = own_external_client_app(unit, actor, api_name)
    details = ConsumerDetails(
        consumer_key=record.app.consumer_key, consumer_secret=unit.external.secret(record.app_id)
    )
    event = audit.Event.EXTERNAL_CLIENT_APP_SECRET_REVEALED
    text = f"Looked at consumer key and secret of the external client app {record.label}."
    audit.record(unit, actor, event, record.api_name, text)
    return details


@act(CONNECTED_APP_ROTATION, "rotate consumer key and secret of connected apps")
def rotate_connected_app(
    unit: Unit,
    actor: Actor,
    api_name: str,
    proof: Proof,
    *,
    key: bool = False,
    secret: bool = True,
    seen_version: int | None,
) -> ConsumerDetails:
    """Give a connected app a new key, a new secret, or both; the old ones end at once.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-PASSWORD-PROOF, E-APP-READ-ONLY, E-STALE-PAGE, E-VALUE-REFUSED.
    """
    refuse_old_proof(unit, actor, proof)
    record = own_app(unit, actor, api_name, lock=True)
    state_after(record, Act.EDIT)
    refuse_stale(record.label, record.version, seen_version)
    oauth = record.document.oauth_config
    if oauth is None:
        raise refuse("oauthConfig", f"{shown(record.label)} has no OAuth settings, so no key.")
    _refuse_nothing(key=key, secret=secret)
    document: ConnectedApp = record.document
    if key:
        new = unit.ids.consumer_key()
        replace_key(unit, actor, oauth.consumer_key, new)
        document = replace(document, oauth_config=replace(oauth, consumer_key=new))
    if secret:
        unit.apps.set_secret(record.app_id, unit.ids.consumer_secret())
    write(unit, actor, record, document)
    audit.record(
        unit,
        actor,
        audit.Event.CONNECTED_APP_ROTATED,
        record.api_name,
        f"Rotated {_what(key=key, secret=secret)} of the connected app {record.label}.",
        before={"consumer_key": oauth.consumer_key, "secret_set": record.secret_set},
        after={"consumer_key": document.consumer_key, "secret_set": record.secret_set or secret},
    )
    return ConsumerDetails(
        consumer_key=document.consumer_key, consumer_secret=unit.apps.secret(record.app_id)
    )


@act(CONNECTED_APP_EDIT, "set the consumer secret of connected apps")
def set_secret(unit: Unit, actor: Actor, api_name: str, secret: str, *, seen_version: int | None) -> None:
    """Give a connected app the secret that its integrations know: metadata never holds it.

    Raises:
        ChangeoverError: E-APP-NOT-FOUND, E-APP-READ-ONLY, E-STALE-PAGE, E-VALUE-REFUSED.
    """
    record = own_app(unit, actor, api_name, lock=True)
    state_after(record, Act.EDIT)
    refuse_stale(record.label, record.version, seen_version)
    if record.document.oauth_config is None:
        raise refuse("oauthConfig", f"{shown(record.label)} has no OAuth settings, so no secret.")
    given = checked("consumer secret", secret, longest=LONGEST).strip()
    if len(given) < SHORTEST:
        raise refuse("consumer secret", f"{SHORTEST} to {LONGEST} characters.")
    unit.apps.set_secret(record.app_id, given)
    write(unit, actor, record, record.document)
    audit.record(
        unit,
        actor,
        audit.Event.CONNECTED_APP_SECRET_SET,
        record.api_name,
        f"Set the consumer secret of the connected app {record.label}.",
        before={"secret_set": record.secret_set},
        after={"secret_set": True},
    )


@act(EXTERNAL_CLIENT_APP_SECRET, "rotate consumer key and secret of external client apps")
def rotate_external_client_app(
    unit: Unit,
    actor: Actor,
    api_name: str,
    proof: Proof,
    *,
    key: bool = False,
    secret: bool = True,
    seen_version: int | None,
) -> ConsumerDetails:
    """Give an external client app a new key, a new secret, or both. Its connected app keeps the old ones.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-PASSWORD-PROOF, E-STALE-PAGE, E-VALUE-REFUSED.
    """
    refuse_old_proof(unit, actor, proof)
    record = own_external_client_app(unit, actor, api_name, lock=True)
    refuse_stale(record.label, record.version, seen_version)
    oauth = record.app.part(ExtlClntAppGlobalOauthSettings)
    if oauth is None:
        raise refuse("ecaGlblOauth", f"{shown(record.label)} has no OAuth settings, so no key.")
    _refuse_nothing(key=key, secret=secret)
    new = unit.ids.consumer_key() if key else oauth.consumer_key
    if key:
        replace_key(unit, actor, oauth.consumer_key, new)
    rotated = replace(
        oauth,
        consumer_key=new,
        consumer_secret=unit.ids.consumer_secret() if secret else None,
    )
    parts: tuple[Part, ...] = tuple(rotated if part is oauth else part for part in record.app.parts)
    app: ExternalClientApp = replace(record.app, parts=parts)
    unit.external.save(
        replace(
            record,
            app=app,
            version=record.version + 1,
            modified_by=actor.username,
            modified_at=unit.now,
            secret_changed=record.secret_changed or secret,
        )
    )
    if record.connected_app is not None:
        reassess(unit, actor, record.connected_app)
    audit.record(
        unit,
        actor,
        audit.Event.EXTERNAL_CLIENT_APP_ROTATED,
        record.api_name,
        f"Rotated {_what(key=key, secret=secret)} of the external client app {record.label}.",
        before={"consumer_key": oauth.consumer_key, "secret_set": record.secret_set},
        after={"consumer_key": rotated.consumer_key, "secret_set": record.secret_set or secret},
    )
    return ConsumerDetails(
        consumer_key=rotated.consumer_key, consumer_secret=unit.external.secret(record.app_id)
    )


def replace_key(unit: Unit, actor: Actor, old: str | None, new: str | None) -> None:
    """End what was issued under a consumer key that is no more; a block holds for the new one too.

    Whoever bears the old key later must not find another app's tokens and approvals under it. It stays
    blocked: after a revert it is the connected app's again.
    """
    if old is None or old == new:
        return
    unit.oauth.end_consumer(actor.org_id, old)
    if new is not None and unit.oauth_usage.blocked(actor.org_id, old):
        unit.oauth_usage.block(actor.org_id, new, unit.now, actor.username)


def _refuse_nothing(*, key: bool, secret: bool) -> None:
    if not key and not secret:
        raise ChangeoverError(errors.VALUE_REFUSED, "Neither the key nor the secret was to be rotated.")


def _what(*, key: bool, secret: bool) -> str:
    return " and ".join(name for name, chosen in (("consumer key", key), ("secret", secret)) if chosen)
