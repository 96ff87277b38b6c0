"""User: the people of the org. Who may not look at Setup sees only himself."""

from __future__ import annotations

from collections.abc import Iterator

from changeover.oauth.people import FIELDS
from changeover.org.model.people import User
from changeover.org.permissions import SETUP
from changeover.salesforce.objects.profile import profile_ids
from changeover.salesforce.objects.sobject import (
    FieldType,
    Narrow,
    SObject,
    View,
    attribute,
    computed,
    constant,
    identifier,
    reference,
)

_ALIAS = 8
"""Characters of an alias (Object Reference, User)."""


class Person:
    """A row: the user and the profile's id."""

    def __init__(self, user: User, profile_id: str | None) -> None:
        self.user_id = user.user_id
        self.username = user.username
        self.name = user.name
        self.email = user.email
        self.active = user.active
        self.profile_id = profile_id
        self.user = user


def _rows(view: View, narrow: Narrow) -> Iterator[Person]:
    ids, wanted = profile_ids(view), narrow.one_of("Id")
    for user in _users(view, narrow):
        if user.placeholder or (wanted is not None and user.user_id not in wanted):
            continue
        yield Person(user, ids.get(user.profile or ""))


def _users(view: View, narrow: Narrow) -> Iterator[User]:
    if not view.may(SETUP):
        yield view.session.user
        return
    wanted, names = narrow.one_of("Id"), narrow.one_of("Username")
    if wanted is not None:
        found = (view.unit.users.get(one) for one in sorted(wanted))
    elif names is not None:
        found = (view.unit.users.in_org(view.org_id, one) for one in sorted(names))
    else:
        yield from view.users.values()
        return
    yield from (user for user in found if user is not None and user.org_id == view.org_id)


USER = SObject(
    name="User",
    label="User",
    plural="Users",
    prefix="005",
    fields=(
        identifier("user_id"),
        attribute("Username", "username"),
        attribute("Name", "name"),
        computed("FirstName", FieldType.STRING, lambda row: FIELDS["firstname"](row.user)),
        computed("LastName", FieldType.STRING, lambda row: FIELDS["lastname"](row.user)),
        attribute("Email", "email", FieldType.EMAIL),
        computed("Alias", FieldType.STRING, lambda row: row.username.partition("@")[0][:_ALIAS]),
        computed("CommunityNickname", FieldType.STRING, lambda row: row.username.partition("@")[0]),
        attribute("IsActive", "active", FieldType.BOOLEAN),
        constant("UserType", "Standard", FieldType.PICKLIST),
        reference("ProfileId", "Profile", "Profile", lambda row: row.profile_id),
        constant("TimeZoneSidKey", "GMT", FieldType.PICKLIST),
        constant("LocaleSidKey", "en_US", FieldType.PICKLIST),
        constant("LanguageLocaleKey", "en_US", FieldType.PICKLIST),
        constant("EmailEncodingKey", "UTF-8", FieldType.PICKLIST),
    ),
    rows=_rows,
)
