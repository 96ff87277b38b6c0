"""ORDER BY: the order of records, and of groups of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cmp_to_key
from typing import Any

from changeover.salesforce.soql.syntax import Sorting


def sort_key(order: Sequence[tuple[Callable[[Any], Any], Sorting]]) -> Callable[[Any], Any]:
    """Return a key to sort by: what reads each value of a row, and how it counts."""

    def compare(left: Any, right: Any) -> int:  # noqa: ANN401 - rows of any object
        for read, by in order:
            one, other = _sortable(read(left)), _sortable(read(right))
            if one == other:
                continue
            if one is None or other is None:
                return 1 if (one is None) == by.nulls_last else -1
            return -1 if (one < other) != by.descending else 1
        return 0

    return cmp_to_key(compare)


def _sortable(value: Any) -> Any:  # noqa: ANN401 - of any field
    return value.lower() if isinstance(value, str) else value
