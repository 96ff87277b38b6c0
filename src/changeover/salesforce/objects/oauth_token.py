"""OauthToken: what apps were granted. Who manages users sees all, everybody else his own.

Source: Object Reference, OauthToken (salesforce-reference 8.2: at most 2,500 rows a query). Tokens themselves
are kept nowhere, only digests of them, so that AccessToken, RequestToken and DeleteToken are empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from changeover.oauth.registry import registered
from changeover.org.oauth_records import Authorization
from changeover.org.permissions import OAUTH_USAGE
from changeover.salesforce.objects.app_menu_item import menu_item_id
from changeover.salesforce.objects.connected_application import CONNECTED_APPLICATION
from changeover.salesforce.objects.sobject import (
    FieldType,
    Narrow,
    SObject,
    View,
    computed,
    constant,
    reference,
)

MOST_ROWS = 2_500


class App(NamedTuple):
    """The app of a consumer key."""

    label: str
    menu_item: str | None


class TokenRow(NamedTuple):
    """A row."""

    authorization: Authorization
    app: App


def _rows(view: View, narrow: Narrow) -> Iterator[TokenRow]:
    apps: dict[str, App] = {}
    for user_id in _whose(view, narrow):
        for one in view.unit.oauth.scan(view.org_id, user_id=user_id):
            if one.consumer_key not in apps:
                apps[one.consumer_key] = _app(view, one.consumer_key)
            yield TokenRow(one, apps[one.consumer_key])


def _whose(view: View, narrow: Narrow) -> list[str | None]:
    wanted = narrow.one_of("UserId")
    if view.may(OAUTH_USAGE):
        return [None] if wanted is None else sorted(wanted)
    own = view.session.user.user_id
    return [own] if wanted is None or own in wanted else []


def _app(view: View, consumer_key: str) -> App:
    found = registered(view.unit, view.org_id, consumer_key)
    if found is None:
        return App("", None)
    # An external client app's tokens often have no menu item (salesforce-reference 8.2); here never, nor
    # those of an app that every org has by itself.
    connected = found.app_id.startswith(CONNECTED_APPLICATION.prefix)
    return App(found.client.label, menu_item_id(found.app_id) if connected else None)


OAUTH_TOKEN = SObject(
    name="OauthToken",
    label="OAuth Token",
    plural="OAuth Tokens",
    prefix="0CQ",
    most_rows=MOST_ROWS,
    fields=(
        computed("Id", FieldType.ID, lambda row: row.authorization.authorization_id),
        computed("AppName", FieldType.STRING, lambda row: row.app.label),
        reference("AppMenuItemId", "AppMenuItem", "AppMenuItem", lambda row: row.app.menu_item),
        reference("UserId", "User", "User", lambda row: row.authorization.user_id),
        computed("CreatedDate", FieldType.DATETIME, lambda row: row.authorization.created_at),
        computed("LastUsedDate", FieldType.DATETIME, lambda row: row.authorization.last_used_at),
        computed("UseCount", FieldType.INT, lambda row: row.authorization.use_count),
        constant("AccessToken", None),
        constant("RequestToken", None),
        constant("DeleteToken", None),
    ),
    rows=_rows,
)
