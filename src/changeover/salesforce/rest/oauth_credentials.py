"""`apps/oauth/credentials`: consumer key and secret of an external client app, where the org lets them out.

Source: Connect REST API guide, OAuth credentials resources, App Oauth Staged Credentials
(salesforce-reference section 10): the switch "Allow access to External Client App consumer secrets via REST
API", and the permissions to develop external client apps and to view client secrets. Each look is in the
audit trail. The names in the answers are those of the guide and those that clients of Salesforce read; where
the two differ (`url` of staged credentials) they are the clients'.
"""

from __future__ import annotations

from typing import Any

from changeover.org import staged_credentials as staged
from changeover.org.api_credentials import read_credentials, view_consumer
from changeover.org.model.apps import ExternalClientAppRecord
from changeover.org.ports import Unit
from changeover.org.record_ids import long_id, named
from changeover.salesforce.objects.sobject import spelled
from changeover.salesforce.refusals import INVALID_INPUT, NOT_FOUND, ApiRefused
from changeover.salesforce.rest.call import Reply, RestCall
from changeover.salesforce.rest.oauth_usage import external_client_app
from changeover.salesforce.session import ApiSession

PREFIX = "888"
PARTS = {
    "key": ("key",),
    "secret": ("secret",),
    "keyandsecret": ("key", "secret"),
}
"""What `part` may ask for."""
STAGED_SINCE = 65
ROTATE = "rotate"
_UNKNOWN = "This external client app has no staged credentials of this id."
_SECRET = {"Cache-Control": "no-store"}


def consumers(call: RestCall) -> Reply:
    """Answer with the consumers of an app: one, without its secret."""
    with call.act() as (unit, session):
        record = external_client_app(call, unit, session)
        consumer = view_consumer(unit, session.actor, record.api_name)
    url = _url(call, record)
    told = {
        "id": named(PREFIX, record.app_id),
        "key": consumer.consumer_key,
        "name": consumer.name,
        "url": url,
    }
    if call.version.number >= STAGED_SINCE:
        told["stagedCredentialsUrl"] = f"{url}/staged"
    here = f"{call.root}/apps/oauth/credentials/{record.app_id}"
    return Reply(body={"consumers": [told], "currentPageUrl": here, "nextPageUrl": None})


def consumer(call: RestCall) -> Reply:
    """Answer with key, secret, or both, as `part` asks; `keyandsecret` where it asks for nothing."""
    part = (call.one("part") or "keyandsecret").lower()
    if part not in PARTS:
        raise ApiRefused(INVALID_INPUT, f"part is one of {', '.join(PARTS)}.")
    with call.act() as (unit, session):
        record = _consumer(call, unit, session)
        details = read_credentials(unit, session.actor, record.api_name)
    held = {"key": details.consumer_key, "secret": details.consumer_secret}
    return Reply(
        body={"id": named(PREFIX, record.app_id), **{name: held[name] for name in PARTS[part]}},
        headers=_SECRET,
    )


def all_staged(call: RestCall) -> Reply:
    """Answer with the staged credentials of a consumer: one pair or none."""
    with call.act() as (unit, session):
        record = _of_staged(call, unit, session)
        found = staged.read_staged(unit, session.actor, record.api_name)
    return _collection(call, record, found)


def stage(call: RestCall) -> Reply:
    """Stage credentials; whatever the request's body holds is not read."""
    with call.act() as (unit, session):
        record = _of_staged(call, unit, session)
        made = staged.stage(unit, session.actor, record.api_name)
    return _collection(call, record, made, status=201)


def one_staged(call: RestCall) -> Reply:
    """Answer with the staged credentials of an id."""
    with call.act() as (unit, session):
        record = _of_staged(call, unit, session)
        found = staged.read_staged(unit, session.actor, record.api_name)
        if found is None or found.staged.staged_id != long_id(call.parameters["staged"]):
            raise ApiRefused(NOT_FOUND, _UNKNOWN)
    return Reply(body=_told(call, record, found), headers=_SECRET)


def rotate_staged(call: RestCall) -> Reply:
    """Make staged credentials the app's own; answer with the former ones, which are staged now."""
    sent = call.json()
    if not isinstance(sent, dict) or sent.get("command") != ROTATE:
        raise ApiRefused(INVALID_INPUT, f'command is "{ROTATE}".')
    with call.act() as (unit, session):
        record = _of_staged(call, unit, session)
        staged_id = long_id(call.parameters["staged"]) or ""
        former = staged.rotate_staged(unit, session.actor, record.api_name, staged_id)
    return Reply(body=_told(call, record, former), headers=_SECRET)


def delete_staged(call: RestCall) -> Reply:
    """Delete staged credentials."""
    with call.act() as (unit, session):
        record = _of_staged(call, unit, session)
        staged_id = long_id(call.parameters["staged"]) or ""
        staged.delete_staged(unit, session.actor, record.api_name, staged_id)
    return Reply(status=204)


def _consumer(call: RestCall, unit: Unit, session: ApiSession) -> ExternalClientAppRecord:
    """Return the app whose consumer stands in the address. Raises ApiRefused: NOT_FOUND."""
    record = external_client_app(call, unit, session)
    if long_id(call.parameters["consumer"]) != named(PREFIX, record.app_id):
        raise ApiRefused(NOT_FOUND, "This external client app has no consumer of this id.")
    return record


def _of_staged(call: RestCall, unit: Unit, session: ApiSession) -> ExternalClientAppRecord:
    if call.version.number < STAGED_SINCE:
        raise ApiRefused(NOT_FOUND, f"Staged credentials are there from version {STAGED_SINCE}.0 on.")
    return _consumer(call, unit, session)


def _url(call: RestCall, record: ExternalClientAppRecord) -> str:
    return f"{call.root}/apps/oauth/credentials/{record.app_id}/{named(PREFIX, record.app_id)}"


def _told(call: RestCall, record: ExternalClientAppRecord, found: staged.StagedDetails) -> dict[str, Any]:
    url = f"{_url(call, record)}/staged"
    return {
        "id": found.staged.staged_id,
        "key": found.staged.consumer_key,
        "secret": found.consumer_secret,
        "state": found.state.value,
        "createdBy": found.staged.created_by,
        "createdDate": spelled(found.staged.created_at),
        "expirationDate": spelled(found.staged.expires_at),
        "stagedCredentialsUrl": url,
        "url": f"{url}/{found.staged.staged_id}",
    }


def _collection(
    call: RestCall, record: ExternalClientAppRecord, found: staged.StagedDetails | None, *, status: int = 200
) -> Reply:
    told = [_told(call, record, found)] if found is not None else []
    body = {"stagedCredentials": told, "url": f"{_url(call, record)}/staged"}
    return Reply(body=body, status=status, headers=_SECRET)
