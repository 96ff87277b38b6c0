"""`apps/oauth/usage`: who uses which external client app, and taking it back.

Source: Connect REST API guide, OAuth usage resources (salesforce-reference 8.4: addresses, `page`, `pageSize`
of 100 by default, external client apps only). The names in the answers are ours, since the reference has none
of them, but for `identifier` and `developerName`, which clients of Salesforce read.
"""

from __future__ import annotations

from typing import Any

from changeover.org import oauth_usage as acts
from changeover.org.lists import AppKind, UsageQuery
from changeover.org.model.apps import ExternalClientAppRecord
from changeover.org.model.people import User
from changeover.org.oauth_records import Authorization, Use
from changeover.org.ports import Unit
from changeover.org.record_ids import long_id
from changeover.salesforce.objects.sobject import spelled
from changeover.salesforce.refusals import INVALID_INPUT, NOT_FOUND, ApiRefused
from changeover.salesforce.rest.call import Reply, RestCall
from changeover.salesforce.session import ApiSession

PAGE_SIZE, LARGEST_PAGE = 100, 500
_MOST_DIGITS = 6
_NO_APP = "This org has no external client app of this id."
_NO_TOKEN = "This external client app holds no authorization of this id."  # noqa: S105 - a message


def external_client_app(call: RestCall, unit: Unit, session: ApiSession) -> ExternalClientAppRecord:
    """Return the app whose id stands in the address. Raises ApiRefused: NOT_FOUND."""
    app_id = long_id(call.parameters["app"])
    found = unit.external.scan(session.org.org_id, app_id=app_id) if app_id is not None else iter(())
    record = next(iter(found), None)
    if record is None:
        raise ApiRefused(NOT_FOUND, _NO_APP)
    return record


def _page(call: RestCall) -> UsageQuery:
    return UsageQuery(
        page=_number(call, "page", 0, 10**_MOST_DIGITS) + 1,
        page_size=_number(call, "pageSize", PAGE_SIZE, LARGEST_PAGE) or 1,
    )


def _number(call: RestCall, name: str, otherwise: int, most: int) -> int:
    text = call.one(name)
    if not text:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise ApiRefused(INVALID_INPUT, f"{name} is a whole number, 0 or more.")
    return min(int(text), most)


def _use(use: Use) -> dict[str, Any]:
    return {
        "firstUsed": spelled(use.first_used_at),
        "lastUsed": spelled(use.last_used_at),
        "useCount": use.use_count,
        "tokenCount": use.tokens,
    }


def apps(call: RestCall) -> Reply:
    """Answer with the external client apps that hold authorizations, a page at a time, counted from 0."""
    query = _page(call)
    with call.view() as view:
        page = acts.list_usage(view.unit, view.session.actor, AppKind.EXTERNAL, query)
        rows = []
        for one in page.rows:
            record = view.unit.external.get(view.org_id, one.api_name)
            rows.append(
                {
                    "id": record.app_id if record is not None else None,
                    "identifier": record.app_id if record is not None else None,
                    "developerName": one.api_name,
                    "name": one.label,
                    "userCount": one.users,
                    **_use(one.use),
                }
            )
    where = f"{call.root}/apps/oauth/usage?pageSize={query.page_size}&page="
    more = page.page < page.pages
    return Reply(
        body={
            "apps": rows,
            "total": page.total,
            "currentPageUrl": f"{where}{query.page - 1}",
            "nextPageUrl": f"{where}{query.page}" if more else None,
        }
    )


def users(call: RestCall) -> Reply:
    """Answer with the users of an app."""
    query = _page(call)
    with call.view() as view:
        record = external_client_app(call, view.unit, view.session)
        page = acts.users_of(view.unit, view.session.actor, AppKind.EXTERNAL, record.api_name, query)
    rows = [
        {"id": one.user_id, "username": one.username, "name": one.name, **_use(one.use)} for one in page.rows
    ]
    return Reply(body={"users": rows, "total": page.total})


def _user(call: RestCall, unit: Unit, session: ApiSession) -> User:
    user_id = long_id(call.parameters["user"])
    user = unit.users.get(user_id) if user_id is not None else None
    if user is None or user.org_id != session.org.org_id:
        raise ApiRefused(NOT_FOUND, "This org has no user of this id.")
    return user


def _token(one: Authorization) -> dict[str, Any]:
    return {
        "id": one.authorization_id,
        "created": spelled(one.created_at),
        "lastUsed": spelled(one.last_used_at),
        "useCount": one.use_count,
        "scopes": list(one.scopes),
    }


def tokens(call: RestCall) -> Reply:
    """Answer with what a user has authorized an app to; never a token itself."""
    with call.view() as view:
        record = external_client_app(call, view.unit, view.session)
        actor, user = view.session.actor, _user(call, view.unit, view.session)
        held = acts.authorizations_of(view.unit, actor, AppKind.EXTERNAL, record.api_name, user.username)
    return Reply(body={"tokens": [_token(one) for one in held]})


def revoke_user(call: RestCall) -> Reply:
    """End all that a user has authorized an app to."""
    with call.act() as (unit, session):
        record = external_client_app(call, unit, session)
        username = _user(call, unit, session).username
        acts.revoke_user(unit, session.actor, AppKind.EXTERNAL, record.api_name, username)
    return Reply(status=204)


def revoke_app(call: RestCall) -> Reply:
    """End all that an app holds."""
    with call.act() as (unit, session):
        record = external_client_app(call, unit, session)
        acts.revoke_app(unit, session.actor, AppKind.EXTERNAL, record.api_name)
    return Reply(status=204)


def revoke_token(call: RestCall) -> Reply:
    """End one authorization of an external client app."""
    with call.act() as (unit, session):
        token_id = long_id(call.parameters["token"])
        held = unit.oauth.authorization(token_id) if token_id is not None else None
        org_id = session.org.org_id
        name = unit.external.holder_of_key(org_id, held.consumer_key) if held is not None else None
        if held is None or name is None:
            raise ApiRefused(NOT_FOUND, _NO_TOKEN)
        acts.revoke_authorization(unit, session.actor, AppKind.EXTERNAL, name, held.authorization_id)
    return Reply(status=204)
