"""SetupAuditTrail: what was changed in Setup, the newest first.

Source: Object Reference, SetupAuditTrail. The values of Action are Changeover's own events, since nobody has
published Salesforce's (salesforce-reference 8.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from changeover.org.model.events import AuditEntry
from changeover.org.permissions import SETUP
from changeover.org.record_ids import number_of, numbered
from changeover.salesforce.objects.sobject import (
    FieldType,
    Narrow,
    SObject,
    View,
    computed,
    constant,
    reference,
)

PREFIX = "0Ym"


class AuditRow(NamedTuple):
    """A row."""

    audit_id: str
    entry: AuditEntry
    user_id: str | None


def _rows(view: View, narrow: Narrow) -> Iterator[AuditRow]:
    since, until = narrow.since.get("createddate"), narrow.until.get("createddate")
    wanted = narrow.one_of("Id")
    numbers = [number_of(PREFIX, one) for one in sorted(wanted)] if wanted is not None else [None]
    for number in numbers:
        if wanted is not None and number is None:
            continue
        for entry in view.unit.audit.scan(view.org_id, since=since, until=until, number=number):
            yield AuditRow(numbered(PREFIX, entry.number), entry, view.user_id(entry.actor))


SETUP_AUDIT_TRAIL = SObject(
    name="SetupAuditTrail",
    label="Setup Audit Trail Entry",
    plural="Setup Audit Trail",
    prefix=PREFIX,
    needs=SETUP,
    newest_first="CreatedDate",
    fields=(
        computed("Id", FieldType.ID, lambda row: row.audit_id),
        computed("Action", FieldType.STRING, lambda row: row.entry.event),
        computed("Section", FieldType.STRING, lambda row: row.entry.event.partition(":")[0]),
        computed("CreatedDate", FieldType.DATETIME, lambda row: row.entry.at),
        reference("CreatedById", "User", "CreatedBy", lambda row: row.user_id),
        computed("Display", FieldType.STRING, lambda row: row.entry.text),
        constant("CreatedByContext", None),
        constant("DelegateUser", None),
        constant("ResponsibleNamespacePrefix", None),
    ),
    rows=_rows,
)
