"""The mapping: what an external client app must say so that a connected app goes on working, and the account.

`expected_result` is what Salesforce's button should make of a connected app, and the account of it;
`result_of` and `account_of` are one of the two alone, in less time.
`side_by_side` is an external client app of its own that can be deployed beside it. All are total: blocked
apps, elements nobody knows and values nobody understands are mapped too, and the account says where each of
them went.
"""

from changeover.migration.mapping.losses import LOSSES, Loss
from changeover.migration.mapping.result import Migration, account_of, expected_result, result_of
from changeover.migration.mapping.side_by_side import IntegrationChange, SideBySide, side_by_side

__all__ = [
    "LOSSES",
    "IntegrationChange",
    "Loss",
    "Migration",
    "SideBySide",
    "account_of",
    "expected_result",
    "result_of",
    "side_by_side",
]
