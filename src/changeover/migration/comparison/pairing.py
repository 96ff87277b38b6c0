"""Which part stands against which, and which leaf against which.

Names of parts mean nothing, nor does the place of a trusted IP range in its list: repeated elements are
paired by what they hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from changeover.apps.document import Document, Element, Leaf, elements, leaves, segments
from changeover.apps.external_client_app import ExternalClientApp

Pair = tuple[Document | None, Document | None]


def pair_parts(first: ExternalClientApp | None, second: ExternalClientApp | None) -> Iterator[Pair]:
    """Pair the documents of two apps by their type: header with header, one part with one of its kind.

    Where an app has several parts of one kind (push settings of two services), equal ones are paired first.
    """
    ones, others = _by_type(first), _by_type(second)
    for kind in (*ones, *(kind for kind in others if kind not in ones)):
        left, right = list(ones.get(kind, ())), list(others.get(kind, ()))
        for mine in list(left):
            equal = next((other for other in right if _alike(mine, other)), None)
            if equal is not None:
                left.remove(mine)
                right.remove(equal)
                yield mine, equal
        longest = max(len(left), len(right))
        for place in range(longest):
            yield (
                left[place] if place < len(left) else None,
                right[place] if place < len(right) else None,
            )


def _by_type(app: ExternalClientApp | None) -> dict[type[Document], list[Document]]:
    found: dict[type[Document], list[Document]] = {}
    for document in app.documents if app else ():
        found.setdefault(type(document), []).append(document)
    return found


def _alike(first: Document, second: Document) -> bool:
    own = {"label", "externalClientApplication"}
    return {leaf for leaf in leaves(first) if leaf.path not in own} == {
        leaf for leaf in leaves(second) if leaf.path not in own
    }


def pair_leaves(first: Document | None, second: Document | None) -> dict[str, tuple[str | None, str | None]]:
    """Return by path what the first and the second document hold there; None where one holds nothing.

    Repeated elements of the second bear the index of the equal one in the first; paths of leaves that only
    the second has may therefore be others than they are in it.
    """
    document = first if first is not None else second
    if document is None:
        return {}
    left = {leaf.path: leaf.value for leaf in leaves(first)} if first else {}
    right = {leaf.path: leaf.value for leaf in leaves(second)} if second else {}
    for element in _repeated(type(document)):
        right = _renumbered(element, left, right)
    paths = dict.fromkeys((*left, *right))
    return {path: (left.get(path), right.get(path)) for path in sorted(paths, key=segments)}


def _repeated(kind: type) -> tuple[Element, ...]:
    return tuple(element for element in elements(kind) if element.repeats)


def _renumbered(element: Element, left: dict[str, str], right: dict[str, str]) -> dict[str, str]:
    """Give the second's occurrences of a repeated element the numbers of the equal ones of the first."""
    mine, theirs = _occurrences(element.name, left), _occurrences(element.name, right)
    free = dict(mine)
    numbers: dict[int, int] = {}
    # The same content, else the same beginning (key, start address, type), else the next free number.
    for same in (_content, _head):
        for number, content in theirs.items():
            if number in numbers:
                continue
            match = next((own for own, held in free.items() if same(held) == same(content)), None)
            if match is not None:
                numbers[number] = match
                del free[match]
    after = max(mine, default=0)
    for number in theirs:
        if number not in numbers:
            after += 1
            numbers[number] = after
    moved = {}
    for path, value in right.items():
        first = segments(path)[0]
        if first.name == element.name and first.index in numbers:
            rest = path.partition("/")[2]
            head = f"{element.name}[{numbers[first.index]}]"
            moved[f"{head}/{rest}" if rest else head] = value
        else:
            moved[path] = value
    return moved


def _occurrences(name: str, held: dict[str, str]) -> dict[int, tuple[Leaf, ...]]:
    found: dict[int, list[Leaf]] = {}
    for path, value in held.items():
        first = segments(path)[0]
        if first.name == name:
            found.setdefault(first.index, []).append(Leaf(path.partition("/")[2], value))
    return {number: tuple(sorted(group)) for number, group in found.items()}


def _content(group: tuple[Leaf, ...]) -> object:
    return group


# What names one occurrence of a repeated group among the others.
_NAMING = ("key", "startIpAddress", "notificationType")


def _head(group: tuple[Leaf, ...]) -> object:
    named = tuple(leaf for leaf in group if leaf.path in _NAMING)
    return named or group
