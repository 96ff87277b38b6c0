"""Which apps name a profile or a permission set: read from the apps' own documents, which alone say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Text, cast, or_, select

from changeover.apps.document import Leaf
from changeover.migration.lifecycle import State
from changeover.org.granting import PERMISSION_SET, PROFILE, names_in
from changeover.org.lists import AppAccess, AppKind, AppNames
from changeover.store.schema.apps import connected_app, external_client_app

# Documents are stored as `store.codec` writes them; JSON keeps a text as it was written in both databases.
_CONNECTED = cast(connected_app.c.document, Text)
_EXTERNAL = cast(external_client_app.c.documents, Text)
_ELEMENTS: Mapping[str, tuple[str, str]] = {
    PROFILE: ("profileName", "commaSeparatedProfile"),
    PERMISSION_SET: ("permissionSetName", "commaSeparatedPermissionSet"),
}


def _holds(document: ColumnElement[str], part: str) -> ColumnElement[bool]:
    return document.contains(part, autoescape=True)


# What a value holds has its quotes escaped: none of it looks like the beginning of a leaf or a part.
# Documents of before have blanks between.
def _holds_leaf(document: ColumnElement[str], path: str, value: str) -> ColumnElement[bool]:
    return or_(_holds(document, f'["{path}","{value}"]'), _holds(document, f'["{path}", "{value}"]'))


def _holds_part(type_name: str) -> ColumnElement[bool]:
    return or_(
        _holds(_EXTERNAL, f'"type":"{type_name}"'),
        _holds(_EXTERNAL, f'"type": "{type_name}"'),
    )


# A service provider of SAML asks for its profiles and permission sets whatever Permitted Users says.
_CONNECTED_IN_FORCE = or_(
    _holds_leaf(_CONNECTED, "oauthConfig/isAdminApproved", "true"), _holds(_CONNECTED, '["samlConfig/')
)
_EXTERNAL_IN_FORCE = or_(
    _holds_leaf(_EXTERNAL, "permittedUsersPolicyType", "AdminApprovedPreAuthorized"),
    _holds_part("ExtlClntAppSamlConfigurablePolicies"),
)
_CONNECTED_ROW = select(
    connected_app.c.api_name,
    connected_app.c.label,
    connected_app.c.state,
    _CONNECTED_IN_FORCE.label("in_force"),
)
_EXTERNAL_ROW = select(
    external_client_app.c.api_name, external_client_app.c.label, _EXTERNAL_IN_FORCE.label("in_force")
)


class SqlAppAccess:
    """What apps say of profiles and permission sets."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def naming(self, org_id: str, kind: str, apps: AppKind) -> Iterator[AppNames]:
        """Yield the apps that name any profile or permission set, by label, with the names."""
        connected, external = _ELEMENTS[kind]
        if apps is AppKind.CONNECTED:
            table, document = connected_app, connected_app.c.document
            query = _CONNECTED_ROW.where(_holds(_CONNECTED, f'"{connected}'))
        else:
            table, document = external_client_app, external_client_app.c.documents
            query = _EXTERNAL_ROW.where(_holds(_EXTERNAL, f'"{external}"'))
        query = query.add_columns(document.label("document")).where(table.c.org_id == org_id)
        for row in self._connection.execute(
            query.order_by(table.c.label_folded, table.c.api_name_folded)
        ).mappings():
            leaves = (Leaf(path, value) for path, value in _pairs(apps, row["document"]))
            names = frozenset(name for found, name in names_in(leaves) if found == kind)
            if names:
                yield AppNames(access=_access(apps, row), names=names)

    def in_force(self, org_id: str, apps: AppKind) -> tuple[AppAccess, ...]:
        """Return the apps whose profiles and permission sets decide and may be changed, by label."""
        if apps is AppKind.CONNECTED:
            table = connected_app
            query = _CONNECTED_ROW.where(_CONNECTED_IN_FORCE, table.c.state == State.ACTIVE.value)
        else:
            table, query = external_client_app, _EXTERNAL_ROW.where(_EXTERNAL_IN_FORCE)
        ordered = query.where(table.c.org_id == org_id).order_by(
            table.c.label_folded, table.c.api_name_folded
        )
        return tuple(_access(apps, row) for row in self._connection.execute(ordered).mappings())


def _pairs(apps: AppKind, document: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON as it is stored
    if apps is AppKind.CONNECTED:
        yield from document
        return
    for part in document:
        yield from part["leaves"]


def _access(apps: AppKind, row: RowMapping) -> AppAccess:
    return AppAccess(
        kind=apps,
        api_name=row["api_name"],
        label=row["label"],
        read_only=apps is AppKind.CONNECTED and row["state"] == State.MIGRATED.value,
        in_force=bool(row["in_force"]),
    )
