"""ConnectedApp: migrated ones are listed and read like others, and written by nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import leaves
from changeover.apps.types import BY_DOCUMENT
from changeover.errors import APP_NOT_FOUND, ChangeoverError
from changeover.metadata.files import path_of
from changeover.org.connected_apps import delete_app
from changeover.org.deploying import Deployed, deploy_connected_app
from changeover.org.exporting import retrieve_connected_apps
from changeover.org.model.apps import ConnectedAppRecord
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit
from changeover.salesforce.metadata.kinds.kind import Component, Item, newest_on

_TYPE = BY_DOCUMENT[ConnectedApp]


class ConnectedApps:
    """The type ConnectedApp."""

    name = _TYPE.name
    folder = _TYPE.folder
    suffix = _TYPE.suffix
    since = _TYPE.since

    def all(self, unit: Unit, actor: Actor) -> Iterator[Component]:
        """Yield every connected app. Raises E-NOT-PERMITTED."""
        return (_component(record) for record in retrieve_connected_apps(unit, actor))

    def get(self, unit: Unit, actor: Actor, full_name: str) -> Component | None:
        """Return one connected app. Raises E-NOT-PERMITTED."""
        found = next(retrieve_connected_apps(unit, actor, [full_name]), None)
        return _component(found) if found is not None else None

    def since_of(self, path: str) -> int | None:
        """Return the API version that brought the element of a leaf."""
        return newest_on(ConnectedApp, path)

    def belongs_to(self, item: Item) -> str:
        """Each connected app is written by itself."""
        return item.key.casefold()

    def write(self, unit: Unit, actor: Actor, items: Sequence[Item]) -> Mapping[str, Deployed]:
        """Create a connected app or write it anew, as `org.deploying` says."""
        return {item.key: deploy_connected_app(unit, actor, _document(item)) for item in items}

    def delete(self, unit: Unit, actor: Actor, full_name: str) -> bool:
        """Delete a connected app; the file that says so is the confirmation."""
        try:
            delete_app(unit, actor, full_name, confirmed=True, seen_version=None)
        except ChangeoverError as error:
            if error.kind is not APP_NOT_FOUND:
                raise
            return False
        return True


def _document(item: Item) -> ConnectedApp:
    if isinstance(item.document, ConnectedApp):
        return item.document
    message = f"not a connected app: {item.key}"
    raise TypeError(message)


def _component(record: ConnectedAppRecord) -> Component:
    return Component(
        type_name=_TYPE.name,
        full_name=record.api_name,
        path=path_of(record.document, source_format=False),
        content=leaves(record.document),
        document=record.document,
        record_id=record.app_id,
        created_at=record.created_at,
        modified_at=record.modified_at,
        modified_by=record.modified_by,
    )
