"""Pages of lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from msgspec import Meta, Struct

from changeover.org.lists import Page as Rows

T = TypeVar("T")
P = TypeVar("P", bound="Page")


class Page(Struct, frozen=True, kw_only=True):
    """One page of a list. Each list adds its `items`."""

    total: Annotated[int, Meta(description="How many items all pages hold.", ge=0)]
    page: Annotated[int, Meta(description="Counted from 1.", ge=1)]
    page_size: Annotated[int, Meta(ge=1)]
    pages: Annotated[int, Meta(description="How many pages there are, at least one.", ge=1)]


def page_of(shape: type[P], rows: Rows[T], item: Callable[[T], Any]) -> P:
    """Return the shape of a page.

    Args:
        shape: the list's own page.
        rows: what the act returned.
        item: makes the shape of one row.
    """
    return shape(
        items=tuple(item(row) for row in rows),  # type: ignore[call-arg]  # each list's own field
        total=rows.total,
        page=rows.page,
        page_size=rows.page_size,
        pages=rows.pages,
        **({"open_ended": rows.open_ended} if "open_ended" in shape.__struct_fields__ else {}),
    )
