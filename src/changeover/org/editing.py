"""Changes to a document as a form or a JSON body says them: leaf paths to new values."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from changeover.apps.building import from_leaves
from changeover.apps.document import Document, Element, Leaf, element_at, elements, leaves
from changeover.apps.policies import read_refresh_token_policy
from changeover.apps.secrets import masked
from changeover.org.values import MAX_NAME, checked, one_of, refuse

Value = str | bool | int | None | Sequence[str] | Sequence[Mapping[str, str]]
"""A text, a switch, a number; None to take it out; texts or groups of a repeated element."""
Changes = Mapping[str, Value]
D = TypeVar("D", bound=Document)

_LABELS = frozenset({"label"})


def changed(document: D, changes: Changes) -> D:
    """Return a document with changes made.

    Args:
        document: as it is now; secrets in it are no matter of a change.
        changes: by leaf path without the last index (`oauthConfig/scopes`, `ipRanges`, `label`).

    Raises:
        ChangeoverError: E-VALUE-REFUSED for an element that the type does not have or a value that it cannot
            hold; nothing that stands unchanged is judged, whatever a file brought in.
    """
    held = list(leaves(document))
    for path, value in changes.items():
        held = [leaf for leaf in held if not _within(leaf.path, path)]
        held.extend(_leaves_of(type(document), path, value))
    result = from_leaves(type(document), document.full_name, held)
    misplaced = set(result.unknown) - set(document.unknown)
    if misplaced:
        path = min(leaf.path for leaf in misplaced)
        raise refuse(path, "a list has no gaps: this does not follow what stands before it.")
    for leaf in difference(document, result).values():
        if leaf.after is not None:
            _judge(leaf.path, leaf.after)
    _judge_whole(document, result)
    return result


def judge(before: D, after: D) -> None:
    """Hold a document that came whole, in a file, to what a form is held to.

    What stands in it as it stood before is not judged.

    Raises:
        ChangeoverError: E-VALUE-REFUSED.
    """
    for change in difference(before, after).values():
        if change.after is None:
            continue
        element = element_at(type(after), change.path)
        if element is None:
            raise refuse(change.path, f"{type(after).__name__} has no such element.")
        if element.group is not None:
            raise refuse(change.path, "this is a group of elements, not a value.")
        _text(element, change.path, change.after)
        _judge(change.path, change.after)
    misplaced = set(after.unknown) - set(before.unknown)
    if misplaced:
        raise refuse(min(leaf.path for leaf in misplaced), "the type has no place for it there.")
    _judge_whole(before, after)


def _judge_whole(before: Document, after: Document) -> None:
    missing = set(_missing(after)) - set(_missing(before))
    if missing:
        raise refuse(min(missing), "a value is needed.")
    _judge_ranges(before, after)


class Change:
    """One leaf before and after; None where it was not or is no longer there."""

    __slots__ = ("after", "before", "path")

    def __init__(self, path: str, before: str | None, after: str | None) -> None:
        self.path = path
        self.before = before
        self.after = after


def difference(before: Document, after: Document) -> dict[str, Change]:
    """Return what differs between two documents of one type, by leaf path."""
    old = {leaf.path: leaf.value for leaf in leaves(before)}
    new = {leaf.path: leaf.value for leaf in leaves(after)}
    return {
        path: Change(path, old.get(path), new.get(path))
        for path in dict.fromkeys((*old, *new))
        if old.get(path) != new.get(path)
    }


def side(changes: Iterable[Change], which: Callable[[Change], str | None]) -> dict[str, str | None]:
    """Return one side of changes for the audit trail, secrets masked."""
    shown: dict[str, str | None] = {}
    for change in changes:
        value = which(change)
        shown[change.path] = None if value is None else masked(Leaf(change.path, value))
    return shown


def _within(path: str, changed_path: str) -> bool:
    return path == changed_path or path.startswith((f"{changed_path}/", f"{changed_path}["))


def _leaves_of(cls: type[Document], path: str, value: Value) -> Iterator[Leaf]:
    """Yield the leaves that a changed value comes to."""
    try:
        element = element_at(cls, path)
    except ValueError:
        raise refuse(path[:60], "this is not the path of an element.") from None
    if element is None:
        raise refuse(path[:60], f"{cls.__name__} has no such element.")
    if value is None:
        return
    # A path that ends in an index names one of several.
    if not element.repeats or path.endswith("]"):
        if element.group is not None:
            raise refuse(path, "this is a group of elements; name the element within it.")
        yield Leaf(path, _text(element, path, value))
        return
    if isinstance(value, str | bool | int):
        raise refuse(path, "this takes a list.")
    for number, entry in enumerate(value, 1):
        if element.group is None:
            yield Leaf(f"{path}[{number}]", _text(element, path, entry))
        else:
            yield from _group(cls, f"{path}[{number}]", entry)


def _group(cls: type[Document], path: str, entry: object) -> Iterator[Leaf]:
    if not isinstance(entry, Mapping):
        raise refuse(path, "this is a group of elements.")
    for name, text in entry.items():
        yield from _leaves_of(cls, f"{path}/{name}", text)


def _text(element: Element, path: str, value: object) -> str:
    """Return the text that a value stands as, held to what its element allows."""
    if isinstance(value, bool):
        value = "true" if value else "false"
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        raise refuse(path, "this takes one text.")
    if element.kind == "boolean":
        return one_of(path, value, ("true", "false"))
    if element.kind == "integer":
        if not (value.isascii() and value.isdecimal()) or len(value) > 9 or str(int(value)) != value:  # noqa: PLR2004 - nine digits fit everywhere
            raise refuse(path, "this takes a whole number.")
        return value
    if element.values is not None and value:
        one_of(path, value, element.values)
    return checked(path, value, longest=MAX_NAME if path in _LABELS else 32_000)


def _judge(path: str, value: str) -> None:
    """Hold a changed value to what its element means."""
    if path == "oauthPolicy/refreshTokenPolicy" and read_refresh_token_policy(value) is None:
        timed = "specific_lifetime:N:HOURS|DAYS|MONTHS or specific_inactivity:N:HOURS|DAYS|MONTHS"
        raise refuse(path, f"this takes infinite, zero, {timed}.")


def _missing(document: Document) -> Iterator[str]:
    """Yield the paths of required elements that a document lacks, in the groups that it has."""
    yield from _missing_in(document, "")


def _missing_in(holder: Any, prefix: str) -> Iterator[str]:  # noqa: ANN401 - a document or a group of one
    for element in elements(holder.__class__):
        value = getattr(holder, element.attribute)
        path = prefix + element.name
        if element.required and value in (None, ""):
            yield path
        elif element.kind == "one" and value is not None:
            yield from _missing_in(value, f"{path}/")
        elif element.kind == "each":
            for number, entry in enumerate(value, 1):
                yield from _missing_in(entry, f"{path}[{number}]/")


_RANGES = (("ipRanges", "start", "end"), ("trustedIpRanges", "startIpAddress", "endIpAddress"))


def _judge_ranges(before: Document, after: Document) -> None:
    """Refuse a changed IP range that is none: both ends belong to it, the first is not above the last."""
    touched = {change.path.split("/")[0] for change in difference(before, after).values()}
    found = {leaf.path: leaf.value for leaf in leaves(after)}
    for group in sorted(touched):
        for name, first, last in _RANGES:
            if not group.startswith(f"{name}[") or f"{group}/{first}" not in found:
                continue
            try:
                start = ipaddress.ip_address(found[f"{group}/{first}"])
                end = ipaddress.ip_address(found.get(f"{group}/{last}", ""))
            except ValueError:
                raise refuse(group, "both ends must be IP addresses.") from None
            if start.version != end.version or int(start) > int(end):
                raise refuse(group, "the range must begin before it ends.")
