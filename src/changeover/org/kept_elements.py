"""What the file of a component holds beyond what a local org models.

A profile says much of objects, fields and classes that no local org has. Our decision: it is kept as it
stands and comes back with a retrieve, so that no deployment loses it; it has no effect.
"""

from __future__ import annotations

from changeover.apps.document import Leaf
from changeover.org.act import act
from changeover.org.model.orgs import Actor
from changeover.org.permissions import SETUP
from changeover.org.ports import Unit
from changeover.org.values import checked


@act(SETUP, "look at what files say beyond what the org has")
def view_kept_elements(unit: Unit, actor: Actor, type_name: str, name: str) -> tuple[Leaf, ...]:
    """Return what is kept of a component of a metadata type, nothing where nothing is."""
    return unit.kept_elements.of(actor.org_id, type_name, name)


def keep(unit: Unit, actor: Actor, type_name: str, name: str, leaves: tuple[Leaf, ...]) -> bool:
    """Keep this of a component instead of what was kept before, within an act that has audited it.

    Returns whether it is news. Raises E-VALUE-REFUSED for a text that no file can hold.
    """
    for leaf in leaves:
        checked(leaf.path, leaf.value)
    if leaves == unit.kept_elements.of(actor.org_id, type_name, name):
        return False
    unit.kept_elements.keep(actor.org_id, type_name, name, leaves)
    return True
