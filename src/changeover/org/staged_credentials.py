"""Staged credentials: a second consumer key and secret of an external client app, beside its own.

Both pairs log in. A rotation makes the staged pair the app's own and puts the former one in its place, where
it is valid for another 30 days, so that integrations can be moved one after another.

Source: Connect REST API guide, OAuth Staged Credentials (one pair a consumer; valid for 30 days unless
deleted before; states Active, Expired, Rotated); salesforce-reference section 10. What is ours: see
`migration.decisions`, "Staged credentials".

Two doors lead here. In the browser the user's password stands before it (`proof`); where no proof is given,
it is a program, and the org must let secrets out over REST.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from changeover import errors
from changeover.apps.external_client_app import ExtlClntAppGlobalOauthSettings
from changeover.apps.secrets import MASK
from changeover.errors import ChangeoverError
from changeover.org import audit
from changeover.org.act import act
from changeover.org.api_credentials import refuse_closed
from changeover.org.assessing import reassess
from changeover.org.model.apps import ExternalClientAppRecord, StagedCredentials, StagedState
from changeover.org.model.orgs import Actor
from changeover.org.own import own_external_client_app
from changeover.org.permissions import EXTERNAL_CLIENT_APP_SECRET
from changeover.org.ports import Unit
from changeover.org.proof import Proof, refuse_old_proof
from changeover.org.values import refuse, shown

LIFETIME = timedelta(days=30)
_PREFIX = "9sc"
"""Of their ids: ours, no page names Salesforce's."""


@dataclass(frozen=True, kw_only=True)
class StagedDetails:
    """Staged credentials in clear. Never write them to a log; `repr` leaves the secret out."""

    staged: StagedCredentials
    state: StagedState
    consumer_secret: str | None

    def __repr__(self) -> str:
        shown_secret = MASK if self.consumer_secret else None
        return (
            f"StagedDetails(staged={self.staged!r}, state={self.state!r}, consumer_secret={shown_secret!r})"
        )


def _admitted(
    unit: Unit, actor: Actor, api_name: str, proof: Proof | None, *, lock: bool = False
) -> ExternalClientAppRecord:
    if proof is None:
        refuse_closed(unit, actor)
    else:
        refuse_old_proof(unit, actor, proof)
    return own_external_client_app(unit, actor, api_name, lock=lock)


def _details(unit: Unit, staged: StagedCredentials) -> StagedDetails:
    return StagedDetails(
        staged=staged, state=staged.state(unit.now), consumer_secret=unit.staged.secret(staged)
    )


@act(EXTERNAL_CLIENT_APP_SECRET, "see staged credentials of external client apps")
def read_staged(unit: Unit, actor: Actor, api_name: str, proof: Proof | None = None) -> StagedDetails | None:
    """Return the staged credentials of an app, None where there are none; each look is on record.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-PASSWORD-PROOF, E-SECRETS-OVER-REST.
    """
    record = _admitted(unit, actor, api_name, proof)
    staged = unit.staged.of(record.app_id)
    if staged is None:
        return None
    event = audit.Event.EXTERNAL_CLIENT_APP_SECRET_REVEALED
    text = f"Looked at the staged credentials of the external client app {record.label}."
    audit.record(unit, actor, event, record.api_name, text)
    return _details(unit, staged)


@act(EXTERNAL_CLIENT_APP_SECRET, "see staged credentials of external client apps")
def view_staged(unit: Unit, actor: Actor, api_name: str, staged_id: str) -> StagedCredentials:
    """Return the staged credentials of an app without their secret: no look at it, so none on record.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-RECORD-NOT-FOUND where they are no longer there.
    """
    return _held(unit, own_external_client_app(unit, actor, api_name), staged_id)


@act(EXTERNAL_CLIENT_APP_SECRET, "stage credentials of external client apps")
def stage(unit: Unit, actor: Actor, api_name: str, proof: Proof | None = None) -> StagedDetails:
    """Make a second consumer key and secret for an app, good for 30 days; they log in from now on.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-PASSWORD-PROOF, E-SECRETS-OVER-REST,
            E-STAGED-THERE, E-VALUE-REFUSED.
    """
    record = _admitted(unit, actor, api_name, proof, lock=True)
    if record.app.consumer_key is None:
        raise refuse("ecaGlblOauth", f"{shown(record.label)} has no OAuth settings, so no key.")
    held = unit.staged.of(record.app_id, lock=True)
    if held is not None and held.state(unit.now) is not StagedState.EXPIRED:
        message = (
            f"{record.label} has staged credentials already, until {held.expires_at:%Y-%m-%d %H:%M} UTC."
        )
        raise ChangeoverError(errors.STAGED_THERE, message)
    staged = StagedCredentials(
        staged_id=unit.ids.record(_PREFIX),
        app_id=record.app_id,
        consumer_key=unit.ids.consumer_key(),
        secret_set=True,
        rotated=False,
        created_by=actor.username,
        created_at=unit.now,
        expires_at=unit.now + LIFETIME,
    )
    unit.staged.put(actor.org_id, staged, unit.ids.consumer_secret())
    audit.record(
        unit,
        actor,
        audit.Event.EXTERNAL_CLIENT_APP_STAGED,
        record.api_name,
        f"Staged a consumer key and secret for the external client app {record.label}.",
        after={"consumer_key": staged.consumer_key, "expires_at": staged.expires_at.isoformat()},
    )
    return _details(unit, staged)


def _held(
    unit: Unit, record: ExternalClientAppRecord, staged_id: str, *, lock: bool = False
) -> StagedCredentials:
    held = unit.staged.of(record.app_id, lock=lock)
    if held is None or held.staged_id != staged_id:
        message = f"{shown(record.label)} has no staged credentials of this id."
        raise ChangeoverError(errors.RECORD_NOT_FOUND, message)
    return held


@act(EXTERNAL_CLIENT_APP_SECRET, "rotate consumer key and secret of external client apps")
def rotate_staged(
    unit: Unit, actor: Actor, api_name: str, staged_id: str, proof: Proof | None = None
) -> StagedDetails:
    """Make the staged pair the app's own; the former one is staged in its place and good for 30 days.

    Tokens and approvals go on: they hang on the app, whichever of the two keys a client names itself by.

    Returns:
        The former pair, as it is staged now.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-RECORD-NOT-FOUND, E-PASSWORD-PROOF,
            E-SECRETS-OVER-REST, E-STAGED-UNFIT, E-VALUE-REFUSED.
    """
    record = _admitted(unit, actor, api_name, proof, lock=True)
    held = _held(unit, record, staged_id, lock=True)
    secret = unit.staged.secret(held)
    state = held.state(unit.now)
    if state is not StagedState.ACTIVE or secret is None:
        what = "have no secret any more" if state is StagedState.ACTIVE else f"are {state.value.lower()}"
        message = f"The staged credentials of {record.label} {what}."
        raise ChangeoverError(errors.STAGED_UNFIT, message)
    oauth = record.app.part(ExtlClntAppGlobalOauthSettings)
    if oauth is None or oauth.consumer_key is None:
        raise refuse("ecaGlblOauth", f"{shown(record.label)} has no OAuth settings, so no key.")
    former_key, former_secret = oauth.consumer_key, unit.external.secret(record.app_id)
    former = replace(
        held,
        consumer_key=former_key,
        secret_set=former_secret is not None,
        rotated=True,
        created_by=actor.username,
        created_at=unit.now,
        expires_at=unit.now + LIFETIME,
    )
    unit.staged.put(actor.org_id, former, former_secret)
    rotated = replace(oauth, consumer_key=held.consumer_key, consumer_secret=secret)
    parts = tuple(rotated if part is oauth else part for part in record.app.parts)
    unit.external.save(
        replace(
            record,
            app=replace(record.app, parts=parts),
            version=record.version + 1,
            modified_by=actor.username,
            modified_at=unit.now,
            secret_changed=True,
        )
    )
    unit.oauth.move_consumer(actor.org_id, former_key, held.consumer_key)
    if unit.oauth_usage.blocked(actor.org_id, former_key):
        # The former key stays blocked as well: after a revert it is the connected app's again.
        unit.oauth_usage.block(actor.org_id, held.consumer_key, unit.now, actor.username)
    if record.connected_app is not None:
        reassess(unit, actor, record.connected_app)
    audit.record(
        unit,
        actor,
        audit.Event.EXTERNAL_CLIENT_APP_ROTATED,
        record.api_name,
        f"Rotated the staged consumer key and secret of the external client app {record.label}: they are its"
        f" own now; the former ones are valid until {former.expires_at:%Y-%m-%d}.",
        before={"consumer_key": former_key, "secret_set": record.secret_set},
        after={"consumer_key": held.consumer_key, "secret_set": True},
    )
    return _details(unit, former)


@act(EXTERNAL_CLIENT_APP_SECRET, "delete staged credentials of external client apps")
def delete_staged(
    unit: Unit, actor: Actor, api_name: str, staged_id: str, proof: Proof | None = None
) -> None:
    """Delete the staged credentials of an app: they end at once.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-RECORD-NOT-FOUND, E-PASSWORD-PROOF,
            E-SECRETS-OVER-REST.
    """
    record = _admitted(unit, actor, api_name, proof, lock=True)
    held = _held(unit, record, staged_id, lock=True)
    unit.staged.remove(record.app_id)
    audit.record(
        unit,
        actor,
        audit.Event.EXTERNAL_CLIENT_APP_STAGED_DELETED,
        record.api_name,
        f"Deleted the staged credentials of the external client app {record.label}.",
        before={"consumer_key": held.consumer_key, "state": held.state(unit.now).value},
    )
