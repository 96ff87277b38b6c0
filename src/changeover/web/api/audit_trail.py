"""The Setup Audit Trail."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from changeover.org.audit import list_audit
from changeover.org.lists import AuditQuery
from changeover.shapes.audit_trail import AuditEntry, AuditPage
from changeover.shapes.pages import page_of
from changeover.web.api.call import ThisCall
from changeover.web.api.parameters import PageNumber, PageSize
from changeover.web.api.refusals import refusals

Subject = Annotated[str, QueryParameter(description="Exactly this app, user or setting.", max_length=255)]
Event = Annotated[str, QueryParameter(description="Exactly this event.", max_length=255)]
ActorName = Annotated[str, QueryParameter(name="actor", description="Exactly this username.", max_length=255)]


@get("/audit-trail", sync_to_thread=True, tags=["Audit trail"], responses=refusals())
def list_audit_trail(
    call: ThisCall,
    subject: Subject = "",
    event: Event = "",
    actor: ActorName = "",
    page: PageNumber = 1,
    page_size: PageSize = 50,
) -> AuditPage:
    """List who changed what, through which door, the newest first. No row can be changed or deleted."""
    query = AuditQuery(subject=subject, event=event, actor=actor, page=page, page_size=page_size)
    with call.read() as unit:
        rows = list_audit(unit, call.actor, query)
    return page_of(AuditPage, rows, AuditEntry.of)


OPERATIONS = (list_audit_trail,)
