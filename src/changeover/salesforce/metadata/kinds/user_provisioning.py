"""UserProvisioningConfig: user provisioning of a connected app.

Source: Metadata API guide, UserProvisioningConfig. `enabled` is the app's switch in Setup, which stands in
the way of a migration. An app whose switch was set in Setup alone has a configuration of its own name here
(our decision).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from changeover import errors
from changeover.apps.document import Leaf
from changeover.apps.reference import Reference
from changeover.errors import ChangeoverError
from changeover.metadata.files import split_name
from changeover.org.deploying import Deployed
from changeover.org.model.apps import Provisioning
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit
from changeover.org.user_provisioning import (
    TYPE,
    delete_user_provisioning,
    deploy_user_provisioning,
    list_user_provisioning,
)
from changeover.org.values import refuse, shown
from changeover.salesforce.metadata.entries import content_of, entries, text_entry
from changeover.salesforce.metadata.kinds.kind import Component, Item, ItemRefused

APP, ENABLED, LABEL = "connectedApp", "enabled", "masterLabel"
ELEMENTS: Mapping[str, int] = dict.fromkeys(
    (
        "approvalRequired",
        APP,
        ENABLED,
        "enabledOperations",
        "flow",
        LABEL,
        "namedCredential",
        "notes",
        "onUpdateAttributes",
        "reconFilter",
        "userAccountMapping",
    ),
    34,
)


class UserProvisioningConfigs:
    """The type UserProvisioningConfig."""

    name = TYPE
    folder = "userProvisioningConfigs"
    suffix = "userProvisioningConfig"
    since = 34

    def all(self, unit: Unit, actor: Actor) -> Iterator[Component]:
        """Yield every configuration. Raises E-NOT-PERMITTED."""
        seen: set[str] = set()
        for found in list_user_provisioning(unit, actor):
            # A file that was imported and then deployed is one configuration.
            if _full_name(found).casefold() not in seen:
                seen.add(_full_name(found).casefold())
                yield self._component(found)

    def get(self, unit: Unit, actor: Actor, full_name: str) -> Component | None:
        """Return one configuration. Raises E-NOT-PERMITTED."""
        wanted = full_name.casefold()
        return next((one for one in self.all(unit, actor) if one.full_name.casefold() == wanted), None)

    def since_of(self, path: str) -> int | None:
        """Return the API version that brought the element of a leaf."""
        return 0 if "@" in path else ELEMENTS.get(path.partition("[")[0])

    def belongs_to(self, item: Item) -> str:
        """Each configuration is written by itself."""
        return item.key.casefold()

    def write(self, unit: Unit, actor: Actor, items: Sequence[Item]) -> Mapping[str, Deployed]:
        """Write the configuration of an app, and switch its user provisioning.

        Raises E-APP-READ-ONLY, E-VALUE-REFUSED, E-NOT-PERMITTED, ItemRefused.
        """
        return {item.key: self._write(unit, actor, item) for item in items}

    def delete(self, unit: Unit, actor: Actor, full_name: str) -> bool:
        """Delete a configuration, which switches its app's user provisioning off."""
        wanted = full_name.casefold()
        for found in list_user_provisioning(unit, actor):
            if _full_name(found).casefold() == wanted:
                delete_user_provisioning(unit, actor, found.app)
                return True
        return False

    def _write(self, unit: Unit, actor: Actor, item: Item) -> Deployed:
        said = {one.name: one.value() or "" for one in entries(item.content)}
        for name in (APP, LABEL):
            if not said.get(name):
                raise refuse(name, f"Required fields are missing: [{name}]")
        if said.get(ENABLED, "false") not in {"true", "false"}:
            raise refuse(ENABLED, "it is true or false.")
        there = list_user_provisioning(unit, actor)
        self._refuse_second(item, said[APP], there)
        given = Reference(
            kind=TYPE,
            file=f"{self.folder}/{item.full_name}.{self.suffix}",
            path=APP,
            app=said[APP],
            context=tuple(Leaf(name, value) for name, value in sorted(said.items()) if name != APP),
        )
        try:
            enabled = said.get(ENABLED) == "true"
            changed = deploy_user_provisioning(unit, actor, given, enabled=enabled)
        except ChangeoverError as error:
            if error.kind is errors.APP_NOT_FOUND:
                raise ItemRefused(error, item.key, APP) from None
            raise
        created = item.full_name.casefold() not in {_full_name(one).casefold() for one in there}
        return Deployed(created=created, changed=changed)

    def _refuse_second(self, item: Item, app: str, there: Sequence[Provisioning]) -> None:
        """Refuse a second configuration of an app, and one that goes over to another app."""
        for one in there:
            same = _full_name(one).casefold() == item.full_name.casefold()
            if same is not (one.app.casefold() == app.casefold()) and one.reference is not None:
                config, other = shown(_full_name(one)), shown(one.app)
                raise refuse(APP, f"{config} is the user provisioning of {other}; delete it first.")

    def _component(self, found: Provisioning) -> Component:
        full_name = _full_name(found)
        said = {APP: found.app, LABEL: found.app}
        if found.reference is not None:
            # References of imported files hold the other elements; of deployed ones all of them.
            said |= {leaf.path: leaf.value for leaf in found.reference.context if "/" not in leaf.path}
        said[ENABLED] = "true" if found.enabled else "false"
        return Component(
            type_name=TYPE,
            full_name=full_name,
            path=f"{self.folder}/{full_name}.{self.suffix}",
            content=content_of(text_entry(name, value) for name, value in said.items()),
        )


def _full_name(found: Provisioning) -> str:
    name = split_name(found.reference.file) if found.reference is not None else None
    return name.full_name if name is not None else found.app
