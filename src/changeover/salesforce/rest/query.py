"""`query`, `queryAll` and `tooling/query`: a query, its columns, and the batches after the first.

Source: REST API guide, Query, QueryAll, Query Options Header. A batch has 200 to 2,000 records. Our decision:
a locator is good for 15 minutes after its last use, and only for the user who made the query; each batch is
read from what is there then.
"""

from __future__ import annotations

import json
import re
import secrets
from datetime import timedelta
from typing import Any, NamedTuple

from changeover.salesforce.objects.sobject import SObject, View
from changeover.salesforce.refusals import INVALID_QUERY_LOCATOR, MALFORMED_QUERY, ApiRefused
from changeover.salesforce.rest.call import Reply, RestCall
from changeover.salesforce.rest.records import group_record, metadata_of, metadata_of_groups, record
from changeover.salesforce.soql.grouping import Groups
from changeover.salesforce.soql.running import Batch, run

SMALLEST, LARGEST = 200, 2_000
ALIVE = timedelta(minutes=15)
_OPTION = re.compile(r"\s*batchSize\s*=\s*(\d{1,6})\s*", re.IGNORECASE)
_LOCATOR = re.compile(r"(01g[A-Za-z0-9]{15})-(\d{1,9})")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_NEXT = "invalid query locator"


class Asked(NamedTuple):
    """A query as it is remembered for its further batches."""

    user_id: str
    text: str
    size: int


def query(call: RestCall, *, tooling: bool) -> Reply:
    """Answer a query. Raises ApiRefused: what `run` raises."""
    text = call.one("q")
    if text is None:
        raise ApiRefused(MALFORMED_QUERY, "unexpected token: <EOF>")
    with call.view() as view:
        asked = Asked(view.session.user.user_id, text, _size(call))
        if (call.one("columns") or "").lower() == "true":
            found = run(view, text, Batch(0, 0), tooling=tooling)
            columns = metadata_of_groups(found) if isinstance(found, Groups) else metadata_of(found)
            return Reply(body=columns)
        body, rest = _batch(call, view, asked, 0, tooling=tooling)
    return Reply(body=_with_locator(call, body, asked, rest, _new_locator(), tooling=tooling))


def query_more(call: RestCall, *, tooling: bool) -> Reply:
    """Answer with a further batch of a query. Raises ApiRefused: INVALID_QUERY_LOCATOR."""
    named = _LOCATOR.fullmatch(call.parameters["locator"])
    kept = call.kept.read(named[1]) if named is not None else None
    if named is None or kept is None:
        with call.view():
            raise ApiRefused(INVALID_QUERY_LOCATOR, _NEXT)
    asked = Asked(*json.loads(kept))
    with call.view() as view:
        if view.session.user.user_id != asked.user_id:
            raise ApiRefused(INVALID_QUERY_LOCATOR, _NEXT)
        body, rest = _batch(call, view, asked, int(named[2]), tooling=tooling)
    return Reply(body=_with_locator(call, body, asked, rest, named[1], tooling=tooling))


def _size(call: RestCall) -> int:
    wanted = _OPTION.search(call.headers.get("sforce-query-options", ""))
    return min(max(int(wanted[1]), SMALLEST), LARGEST) if wanted is not None else LARGEST


def _batch(
    call: RestCall, view: View, asked: Asked, skip: int, *, tooling: bool
) -> tuple[dict[str, Any], int | None]:
    """Return one batch as it is answered, and where the next one begins, None where there is none."""
    found = run(view, asked.text, Batch(skip, asked.size), tooling=tooling)
    if isinstance(found, Groups):
        groups = [group_record(row) for row in found.rows]
        return _body(found.sobject, groups, len(groups), None, tooling=tooling), None
    root = f"{call.root}/tooling" if tooling else call.root
    records = [record(root, view, found.sobject, found.columns, row) for row in found.rows]
    after = skip + len(records)
    counts = not found.columns and not records
    rest = after if not counts and records and after < found.total else None
    return _body(found.sobject, records, found.total, rest, tooling=tooling), rest


def _body(
    sobject: SObject, records: list[dict[str, Any]], total: int, rest: int | None, *, tooling: bool
) -> dict[str, Any]:
    body: dict[str, Any] = {"totalSize": total, "done": rest is None, "records": records}
    if tooling:
        body = {"size": len(records), "entityTypeName": sobject.name, "queryLocator": None, **body}
    return body


def _new_locator() -> str:
    return "01g" + "".join(secrets.choice(_LETTERS) for _ in range(15))


def _with_locator(
    call: RestCall, body: dict[str, Any], asked: Asked, rest: int | None, locator: str, *, tooling: bool
) -> dict[str, Any]:
    """Add the address of the next batch, and remember the query for it. Outside a transaction."""
    if rest is None:
        return body
    call.kept.write(locator, json.dumps(asked).encode(), ALIVE)
    where = f"{call.root}/tooling/query" if tooling else f"{call.root}/query"
    return {**body, "nextRecordsUrl": f"{where}/{locator}-{rest}"}
