"""A table's rows with its search, its order and its pages, and the links that change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import urlencode

T = TypeVar("T")

PAGE_SIZE = 25


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a table shows: as the address says it, with everything out of range put right."""

    sort: str
    """Key of the column."""
    descending: bool = False
    page: int = 1
    """Counted from 1."""
    search: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    """Further parameters of the address, as names and values."""
    size: int = PAGE_SIZE

    @property
    def offset(self) -> int:
        """How many rows stand before the page."""
        return (self.page - 1) * self.size


def order(
    columns: Sequence[str],
    *,
    sort: str | None,
    page: int = 1,
    search: str | None = None,
    filters: Mapping[str, str | None] | None = None,
    size: int = PAGE_SIZE,
) -> Order:
    """Read a table's parameters from an address.

    Args:
        columns: keys that may be sorted by; the first is the default.
        sort: a key, with `-` before it for descending; anything else means the default.
        page: counted from 1.
        search: what is searched for; leading and trailing blanks do not count.
        filters: further parameters; those without a value are left out.
        size: rows a page.
    """
    key = (sort or "").removeprefix("-")
    known = key in columns
    return Order(
        sort=key if known else columns[0],
        descending=known and (sort or "").startswith("-"),
        page=max(page, 1),
        search=(search or "").strip(),
        filters=tuple((name, value) for name, value in (filters or {}).items() if value),
        size=size,
    )


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[T]):
    """One page of a table."""

    rows: Sequence[T]
    total: int
    """Rows on all pages."""
    order: Order
    path: str
    """Address of the page without parameters."""
    open_ended: bool = False
    """Whether there are more rows than `total` says: nobody counted them."""
    parameters: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        given = dict(self.order.filters)
        if self.order.search:
            given["q"] = self.order.search
        object.__setattr__(self, "parameters", given)

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.order.size))

    @property
    def beyond(self) -> bool:
        """Whether the page stands behind the last one that has rows."""
        return not self.rows and self.total > 0 and self.order.page > 1

    @property
    def first(self) -> int:
        """Position of the page's first row among all, counted from 1; 0 where there is none."""
        return self.order.offset + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Position of the page's last row."""
        return self.order.offset + len(self.rows)

    @property
    def sort_parameter(self) -> str:
        """The order as an address writes it."""
        return ("-" if self.order.descending else "") + self.order.sort

    def sort_url(self, column: str) -> str:
        """Return the address that sorts by a column; for the present column, the other way round."""
        turn = column == self.order.sort and not self.order.descending
        return self._url(sort=("-" if turn else "") + column)

    def page_url(self, page: int) -> str:
        """Return the address of another page in the same order."""
        return self._url(sort=self.sort_parameter, page=str(page))

    def aria_sort(self, column: str) -> str:
        """Return what `aria-sort` says of a column."""
        if column != self.order.sort:
            return "none"
        return "descending" if self.order.descending else "ascending"

    def _url(self, **more: str) -> str:
        return f"{self.path}?{urlencode({**self.parameters, **more})}"


def found_at(path: str, search: str, page: int) -> str:
    """Return the address of a page of a table in its own order; what says nothing is left out."""
    given = {"q": search} if search else {}
    return f"{path}?{urlencode({**given, 'page': page})}" if page > 1 or given else path


def holds(search: str, *texts: str) -> bool:
    """Whether every word of a search is part of one of the texts, without regard to case."""
    held = [text.lower() for text in texts]
    return all(any(word in text for text in held) for word in search.lower().split())


def paged(rows: Sequence[T], shown: Order, path: str) -> Listing[T]:
    """Cut one page out of rows that are all at hand and in order. A page beyond the last shows the last."""
    last = max(1, -(-len(rows) // shown.size))
    held = shown if shown.page <= last else _at(shown, last)
    return Listing(rows=rows[held.offset : held.offset + held.size], total=len(rows), order=held, path=path)


def _at(shown: Order, page: int) -> Order:
    return Order(
        sort=shown.sort,
        descending=shown.descending,
        page=page,
        search=shown.search,
        filters=shown.filters,
        size=shown.size,
    )
