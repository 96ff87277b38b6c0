"""One external client app at two times: what has changed since, and so what a revert would lose."""

from __future__ import annotations

from dataclasses import dataclass

from changeover.apps.document import Leaf
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.secrets import masked
from changeover.apps.types import component
from changeover.migration.comparison.pairing import pair_leaves, pair_parts


@dataclass(frozen=True, kw_only=True)
class LeafChange:
    """One leaf that is another than it was. Secrets are masked; that they changed is still told."""

    component: str
    path: str
    before: str | None
    """None: it was not there."""
    after: str | None
    """None: it is there no more."""


def changes(at_migration: ExternalClientApp, now: ExternalClientApp) -> tuple[LeafChange, ...]:
    """Return every leaf that differs between two states of one app, value by value. Pure."""
    found = []
    for before, after in pair_parts(at_migration, now):
        document = after if after is not None else before
        if document is None:
            continue
        for path, (old, new) in pair_leaves(before, after).items():
            if old != new:
                found.append(
                    LeafChange(
                        component=component(document),
                        path=path,
                        before=masked(Leaf(path, old)) if old is not None else None,
                        after=masked(Leaf(path, new)) if new is not None else None,
                    )
                )
    return tuple(found)
