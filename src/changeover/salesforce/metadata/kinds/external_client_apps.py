"""ExternalClientApplication, and each type that is a part of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from changeover.apps.document import leaves
from changeover.apps.external_client_app import ExternalClientApplication, Part
from changeover.apps.types import MetadataType, component
from changeover.metadata.files import path_of
from changeover.org.deploying import Deployed
from changeover.org.deploying_external import (
    AppDocument,
    ComponentRefused,
    deploy_external_client_app,
)
from changeover.org.exporting import retrieve_external_client_apps
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.model.apps import ExternalClientAppRecord
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit
from changeover.org.values import refuse
from changeover.salesforce.metadata.kinds.kind import Component, Item, ItemRefused, newest_on


class ExternalClientAppDocuments:
    """A type of which external client apps have documents: the header, or a part.

    Args:
        metadata_type: its entry in the registry.
    """

    def __init__(self, metadata_type: MetadataType) -> None:
        self._type = metadata_type
        self.name = metadata_type.name
        self.folder = metadata_type.folder
        self.suffix = metadata_type.suffix
        self.since = metadata_type.since

    def all(self, unit: Unit, actor: Actor) -> Iterator[Component]:
        """Yield the components of every external client app. Raises E-NOT-PERMITTED."""
        return self._of(retrieve_external_client_apps(unit, actor))

    def get(self, unit: Unit, actor: Actor, full_name: str) -> Component | None:
        """Return one component. Raises E-NOT-PERMITTED."""
        # A part is named after its app as a rule; only where it is not, all apps are looked through.
        likely = full_name.removesuffix(self._type.part_suffix or "")
        wanted = full_name.casefold()
        near = self._of(retrieve_external_client_apps(unit, actor, [likely]))
        found = next((one for one in near if one.full_name.casefold() == wanted), None)
        if found is not None or self._type.document is ExternalClientApplication:
            return found
        return next((one for one in self.all(unit, actor) if one.full_name.casefold() == wanted), None)

    def since_of(self, path: str) -> int | None:
        """Return the API version that brought the element of a leaf."""
        return newest_on(self._type.document, path)

    def belongs_to(self, item: Item) -> str:
        """Header and parts of one app are written together."""
        return f"ExternalClientApplication/{_app_of(item)}"

    def write(self, unit: Unit, actor: Actor, items: Sequence[Item]) -> Mapping[str, Deployed]:
        """Create an external client app, or write parts of it anew, as `org.deploying_external` says."""
        keys = {component(_document(item)): item.key for item in items}
        try:
            done = deploy_external_client_app(unit, actor, _app_of(items[0]), map(_document, items))
        except ComponentRefused as error:
            raise ItemRefused(error, keys[error.component], error.field) from None
        return {key: done[name] for name, key in keys.items()}

    def delete(self, unit: Unit, actor: Actor, full_name: str) -> bool:
        """Delete an external client app, which makes its connected app active again.

        A part goes with its app and not alone (our decision). Raises E-VALUE-REFUSED for it.
        """
        found = self.get(unit, actor, full_name)
        if found is None:
            return False
        if self._type.document is not ExternalClientApplication:
            raise refuse("fullName", "a part is deleted with its external client app, not by itself.")
        delete_external_client_app(unit, actor, full_name, confirmed=True, seen_version=None)
        return True

    def _of(self, records: Iterator[ExternalClientAppRecord]) -> Iterator[Component]:
        for record in records:
            for document in record.app.documents:
                if type(document) is self._type.document:
                    yield self._component(record, document)

    def _component(
        self, record: ExternalClientAppRecord, document: ExternalClientApplication | Part
    ) -> Component:
        header = isinstance(document, ExternalClientApplication)
        return Component(
            type_name=self.name,
            full_name=document.full_name,
            path=path_of(document, source_format=False),
            content=leaves(document),
            document=document,
            # The org keeps one record an app: its parts have no id of their own.
            record_id=record.app_id if header else "",
            created_at=record.made_at,
            created_by=record.made_by,
            modified_at=record.modified_at,
            modified_by=record.modified_by,
        )


def _document(item: Item) -> AppDocument:
    if isinstance(item.document, ExternalClientApplication | Part):
        return item.document
    message = f"not of an external client app: {item.key}"
    raise TypeError(message)


def _app_of(item: Item) -> str:
    """Return the API name of the app that an item belongs to."""
    document = _document(item)
    if isinstance(document, Part):
        return (document.external_client_application or "").strip()
    return document.full_name
