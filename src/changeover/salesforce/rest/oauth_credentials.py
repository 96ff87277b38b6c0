"""`apps/oauth/credentials`: consumer key and secret of an external client app, where the org lets them out.

Source: Connect REST API guide, OAuth credentials resources (salesforce-reference section 10): the switch
"Allow access to External Client App consumer secrets via REST API", and the permissions to develop external
client apps and to view client secrets. Each look is in the audit trail. The names in the answers are ours.
"""

from __future__ import annotations

from changeover.org.api_credentials import consumer_label, read_credentials
from changeover.org.record_ids import long_id, named
from changeover.salesforce.refusals import INVALID_INPUT, NOT_FOUND, ApiRefused
from changeover.salesforce.rest.call import Reply, RestCall
from changeover.salesforce.rest.oauth_usage import external_client_app

PREFIX = "888"
PARTS = {
    "key": ("key",),
    "secret": ("secret",),
    "keyandsecret": ("key", "secret"),
}
"""What `part` may ask for."""


def consumers(call: RestCall) -> Reply:
    """Answer with the consumers of an app: one, without key and secret."""
    with call.act() as (unit, session):
        record = external_client_app(call, unit, session)
        label = consumer_label(unit, session.actor, record.api_name)
    consumer_id = named(PREFIX, record.app_id)
    url = f"{call.root}/apps/oauth/credentials/{record.app_id}/{consumer_id}"
    return Reply(body={"consumers": [{"id": consumer_id, "name": label, "url": url}]})


def consumer(call: RestCall) -> Reply:
    """Answer with key, secret, or both, as `part` asks; `keyandsecret` where it asks for nothing."""
    part = (call.one("part") or "keyandsecret").lower()
    if part not in PARTS:
        raise ApiRefused(INVALID_INPUT, f"part is one of {', '.join(PARTS)}.")
    with call.act() as (unit, session):
        record = external_client_app(call, unit, session)
        if long_id(call.parameters["consumer"]) != named(PREFIX, record.app_id):
            raise ApiRefused(NOT_FOUND, "This external client app has no consumer of this id.")
        details = read_credentials(unit, session.actor, record.api_name)
    held = {"key": details.consumer_key, "secret": details.consumer_secret}
    return Reply(
        body={"id": named(PREFIX, record.app_id), **{name: held[name] for name in PARTS[part]}},
        headers={"Cache-Control": "no-store"},
    )
