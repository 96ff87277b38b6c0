"""LoginHistory: everybody sees his own logins; who manages users or monitors Login History sees all.

Source: Object Reference, LoginHistory (salesforce-reference 8.1; own rows for everyone since API 37.0). What
a local org does not know of a login is empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from changeover.org.model.events import LoginRow
from changeover.org.permissions import LOGIN_HISTORY as LOGIN_HISTORY_NEEDS
from changeover.org.record_ids import number_of, numbered
from changeover.salesforce.objects.sobject import (
    FieldType,
    Narrow,
    SObject,
    View,
    computed,
    constant,
    reference,
)

PREFIX = "0Ya"
API_VALUES = {"Remote Access 2.0": "Oauth2", "Remote Access Client": "Oauth"}
"""Values of LoginType by their label, which is what a download of Setup holds."""


class Login(NamedTuple):
    """A row."""

    login_id: str
    login: LoginRow
    user_id: str | None


def _rows(view: View, narrow: Narrow) -> Iterator[Login]:
    usernames = _usernames(view, narrow)
    since, until = narrow.since.get("logintime"), narrow.until.get("logintime")
    wanted = narrow.one_of("Id")
    numbers = [number_of(PREFIX, one) for one in sorted(wanted)] if wanted is not None else [None]
    for number in numbers:
        if wanted is not None and number is None:
            continue
        found = view.unit.logins.scan(
            view.org_id, since=since, until=until, usernames=usernames, number=number
        )
        for at, login in found:
            yield Login(numbered(PREFIX, at), login, view.user_id(login.username))


def _usernames(view: View, narrow: Narrow) -> list[str] | None:
    """Return whose logins may be looked at and are asked for, None for everybody's."""
    own = view.session.user
    everybody = view.may(LOGIN_HISTORY_NEEDS)
    wanted = narrow.one_of("UserId")
    if wanted is None:
        return None if everybody else [own.username]
    if not everybody:
        return [own.username] if own.user_id in wanted else []
    return [user.username for user_id in sorted(wanted) if (user := view.users.get(user_id)) is not None]


LOGIN_HISTORY = SObject(
    name="LoginHistory",
    label="Login History",
    plural="Login History",
    prefix=PREFIX,
    newest_first="LoginTime",
    fields=(
        computed("Id", FieldType.ID, lambda row: row.login_id),
        reference("UserId", "User", "User", lambda row: row.user_id),
        computed("LoginTime", FieldType.DATETIME, lambda row: row.login.at),
        computed(
            "LoginType",
            FieldType.PICKLIST,
            lambda row: API_VALUES.get(row.login.login_type, row.login.login_type),
        ),
        computed("LoginSubType", FieldType.PICKLIST, lambda row: row.login.sub_type),
        computed("SourceIp", FieldType.STRING, lambda row: row.login.source_ip),
        computed("LoginUrl", FieldType.STRING, lambda row: row.login.login_url),
        computed("Application", FieldType.STRING, lambda row: row.login.application),
        computed("Status", FieldType.STRING, lambda row: row.login.status),
        constant("Browser", None),
        constant("Platform", None),
        constant("ApiType", None),
        constant("ApiVersion", None),
        constant("ClientVersion", None),
        constant("CountryIso", None),
        constant("TlsProtocol", None),
        constant("CipherSuite", None),
    ),
    rows=_rows,
)
