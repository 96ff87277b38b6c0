"""Limits of an org. A local org sets none; the figures are those of a Developer Edition org, all of it left.

Source: REST API guide, List Organization Limits.
"""

from __future__ import annotations

from changeover.salesforce.rest.call import Reply, RestCall

LIMITS = {
    "DailyApiRequests": 15_000,
    "DailyBulkApiBatches": 15_000,
    "DailyAsyncApexExecutions": 250_000,
    "DataStorageMB": 5,
    "FileStorageMB": 20,
    "HourlyODataCallout": 1_000,
}


def limits(call: RestCall) -> Reply:
    """Answer with the limits."""
    with call.view():
        return Reply(body={name: {"Max": most, "Remaining": most} for name, most in LIMITS.items()})
