"""The external client app while it is written: places, and who put what there.

A value is put once; the account's entries hold the `Slot`s, whose values and paths are final after `settle`:
a comma separated list grows with each name, an unknown element is numbered among its namesakes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from changeover.apps.document import Document, Leaf, Segment, element_at, remembered
from changeover.migration.mapping.table import HEADER, RESERVED, RESERVED_IN_PARTS

# What would overwrite something of the part's own goes under this element.
QUARANTINE = "connectedApp"


@dataclass(eq=False, slots=True)
class Slot:
    """One leaf of the result."""

    part: type[Document]
    path: str
    value: str


@dataclass(eq=False, slots=True)
class _Wild:
    """A leaf of an element that the part's class does not know; its path is settled at the end."""

    slot: Slot
    parent: str
    """Path of the known group it stands in, `""` for the root."""
    origin: str
    """Source group it comes from: elements of two origins are never the same element."""
    steps: tuple[Segment, ...]


class _Held:
    """What has been put into one part."""

    def __init__(self) -> None:
        self.slots: dict[str, Slot] = {}
        self.inner: set[str] = set()
        """Paths of the elements that hold others: no leaf may stand there."""
        self.attributed: set[str] = set()
        """Paths of the elements that bear an attribute."""

    def crosses(self, path: str) -> bool:
        """Whether a leaf stands above the path, or elements stand below it."""
        if path in self.inner:
            return True
        # Most leaves stand right in the root.
        return "/" in path and not self.slots.keys().isdisjoint(_above(path))

    def add(self, part: type[Document], path: str, value: str) -> Slot:
        """Put a value of this part where nothing stands."""
        slot = self.slots[path] = Slot(part, path, value)
        if "/" in path:
            self.inner.update(_above(path))
            element, _, name = path.rpartition("/")
            if name.startswith("@"):
                self.attributed.add(element)
        return slot


@dataclass
class Draft:
    """The leaves of an external client app's header and parts, as they are gathered."""

    _held: dict[type[Document], _Held] = field(default_factory=lambda: defaultdict(_Held))
    _last: dict[tuple[type[Document], str], int] = field(default_factory=dict)
    """Number of the last one of a repeated element."""
    _joined: dict[Slot, dict[str, None]] = field(default_factory=dict)
    """The names of each comma separated list, in order, each once."""
    _wild: list[_Wild] = field(default_factory=list)

    def parts(self) -> frozenset[type[Document]]:
        """Return the classes of which something has been put."""
        return frozenset(part for part, held in self._held.items() if held.slots) | {
            wild.slot.part for wild in self._wild
        }

    def holds(self, part: type[Document], path: str) -> bool:
        """Whether something stands at a path or below it, be it only an attribute such as `xsi:nil`."""
        held = self._held[part]
        return path in held.slots or path in held.inner or path in held.attributed

    def text(self, part: type[Document], path: str) -> str | None:
        """Return the value at a path, None where there is none."""
        slot = self._held[part].slots.get(path)
        return slot.value if slot is not None else None

    def put(self, part: type[Document], path: str, value: str) -> Slot | None:
        """Put a value; None where another value stands in the way. The same value there is shared."""
        held = self._held[part]
        taken = held.slots.get(path)
        if taken is not None:
            return taken if taken.value == value and taken not in self._joined else None
        return None if held.crosses(path) else held.add(part, path, value)

    def fill(self, part: type[Document], path: str, value: str) -> Slot | None:
        """Put a value where nothing stands, not even an attribute; None where something does."""
        held = self._held[part]
        if path in held.slots or path in held.attributed or held.crosses(path):
            return None
        return held.add(part, path, value)

    def join(self, part: type[Document], path: str, name: str) -> Slot | None:
        """Add a name to a list, once; a blank name adds nothing. None where something is in the way."""
        held = self._held[part]
        slot = held.slots.get(path)
        if slot is None:
            if held.crosses(path):
                return None
            slot = held.add(part, path, "")
            self._joined[slot] = {}
        elif slot not in self._joined:
            return None
        if name.strip():
            self._joined[slot][name] = None
        return slot

    def append(self, part: type[Document], name: str, value: str) -> Slot:
        """Put a value at the next place of a repeated element."""
        number = self._last.get((part, name), 0) + 1
        self._last[part, name] = number
        return self.add(part, f"{name}[{number}]", value)

    def put_unknown(
        self, part: type[Document], parent: str, origin: str, steps: tuple[Segment, ...], value: str
    ) -> Slot | None:
        """Put a leaf that nobody knows, under its own name; None where that is the part's own name."""
        prefix = f"{parent}/" if parent else ""
        if steps[0].name.startswith("@"):
            # The attribute of a group that has become a part of its own has no element to stand on.
            return self.put(part, prefix + steps[0].name, value) if parent or not origin else None
        element = element_at(part, f"{prefix}{steps[0].name}")
        if element is not None:
            alone = len(steps) == 1 and steps[0].index == 1 and not element.repeats
            free = alone and not self._reserved(part, steps[0].name)
            return self.put(part, f"{prefix}{steps[0].name}", value) if free else None
        slot = Slot(part, "", value)
        self._wild.append(_Wild(slot, parent, origin, steps))
        return slot

    def put_aside(self, part: type[Document], parent: str, steps: tuple[Segment, ...], value: str) -> Slot:
        """Put a leaf under the element `connectedApp` of a group, `""` for the part itself."""
        slot = Slot(part, "", value)
        self._wild.append(_Wild(slot, parent, QUARANTINE, (Segment(QUARANTINE, 1), *steps)))
        return slot

    def settle(self) -> None:
        """Join the lists, and number the unknown elements among their namesakes: all slots are final then."""
        for slot, names in self._joined.items():
            slot.value = ", ".join(names)
        numbers: dict[tuple[type[Document], str], dict[tuple[str, str, int], int]] = {}
        last: dict[tuple[type[Document], str, str], int] = {}
        order = sorted(
            range(len(self._wild)),
            key=lambda place: (self._wild[place].origin, self._wild[place].steps),
        )
        for place in order:
            wild = self._wild[place]
            here, origin = wild.parent, wild.origin
            for step in wild.steps:
                among = numbers.setdefault((wild.slot.part, here), {})
                mine = (step.name, origin, step.index)
                if mine not in among:
                    namesakes = (wild.slot.part, here, step.name)
                    last[namesakes] = among[mine] = last.get(namesakes, 0) + 1
                number = among[mine]
                name = step.name if number == 1 else f"{step.name}[{number}]"
                here = f"{here}/{name}" if here else name
            wild.slot.path = here

    def written(self) -> Iterator[tuple[type[Document], tuple[Leaf, ...]]]:
        """Yield each part's leaves, once it is settled; by path, so that few combinations come."""
        for part in self.parts():
            slots = [*self._held[part].slots.values()]
            slots += [wild.slot for wild in self._wild if wild.slot.part is part]
            yield part, tuple(sorted([Leaf(slot.path, slot.value) for slot in slots]))

    def _reserved(self, part: type[Document], name: str) -> bool:
        return name in RESERVED.get(part, ()) or (part is not HEADER and name in RESERVED_IN_PARTS)

    def add(self, part: type[Document], path: str, value: str) -> Slot:
        """Put a value where nothing stands: the caller knows that the path is free."""
        return self._held[part].add(part, path, value)


@remembered
def _above(path: str) -> tuple[str, ...]:
    """Return the paths of the elements around a leaf; an attribute does not forbid its element a text."""
    above = []
    head, _, tail = path.rpartition("/")
    if tail.startswith("@"):
        head = head.rpartition("/")[0]
    while head:
        above.append(head)
        head = head.rpartition("/")[0]
    return tuple(above)
