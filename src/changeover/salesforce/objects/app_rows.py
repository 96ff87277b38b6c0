"""Rows of apps of both kinds: the record, and the ids of the users it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

from changeover.org.model.apps import ConnectedAppRecord, ExternalClientAppRecord
from changeover.salesforce.objects.sobject import Narrow, View

R = TypeVar("R")


class AppRow(NamedTuple, Generic[R]):
    """A row."""

    record: R
    view: View


def connected_apps(view: View, narrow: Narrow) -> Iterator[AppRow[ConnectedAppRecord]]:
    """Yield the org's connected apps: one by one where their ids are known."""
    wanted = narrow.one_of("Id")
    for app_id in sorted(wanted) if wanted is not None else (None,):
        for record in view.unit.apps.scan(view.org_id, app_id=app_id):
            yield AppRow(record, view)


def external_client_apps(view: View, wanted: frozenset[str] | None) -> Iterator[ExternalClientAppRecord]:
    """Yield the org's external client apps: one by one where their ids are known."""
    for app_id in sorted(wanted) if wanted is not None else (None,):
        yield from view.unit.external.scan(view.org_id, app_id=app_id)
