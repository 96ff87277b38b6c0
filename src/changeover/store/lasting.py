"""Connections to PostgreSQL whose prepared statements outlast a rollback.

The driver drops them all at each rollback, because what they are about may have been made in that
transaction. No transaction of ours makes a table: only upgrades do, on connections of their own. And then the
server parses and plans every statement anew until it has come five times again, which took a fifth of a batch
in which one app in ten is refused.

Only a rollback that we want keeps them. Where the server has failed in the middle, what the driver believes
to be prepared may never have come that far, or not be there any more: then it begins anew.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus


class Lasting(psycopg.Connection[Any]):
    """A connection that keeps what is prepared, and its cursors: to make one takes longer than to use it."""

    _kept: tuple[psycopg.Cursor[Any], ...] = ()

    def cursors(self, count: int) -> tuple[psycopg.Cursor[Any], ...]:
        """Return so many cursors, for answers that are read before any of them is used again."""
        while len(self._kept) <= count:
            self._kept = (*self._kept, self.cursor())
        return self._kept[1 : count + 1]

    def execute(  # type: ignore[override]  # nobody gives it what else a connection takes
        self,
        query: str,
        params: Any = None,  # noqa: ANN401 - by name or in order
    ) -> psycopg.Cursor[Any]:
        """Run a statement whose rows are read before the next one: so all share a cursor.

        Raises psycopg.Error.
        """
        if not self._kept:
            self._kept = (self.cursor(),)
        return self._kept[0].execute(query, params)

    def rollback(self) -> None:
        """Roll back. Raises psycopg.Error as every connection does."""
        # In a pipeline there are answers to wait for, and a connection in trouble is the driver's to tell of.
        if self._pipeline is None and self.pgconn.transaction_status == TransactionStatus.INTRANS:
            done = self.pgconn.exec_(b"ROLLBACK")
            if done.status == ExecStatus.COMMAND_OK:
                return
        super().rollback()
