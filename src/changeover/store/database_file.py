"""The file of a SQLite database, which somebody may move away, remove or replace while it is open.

A connection goes on with the file that it has opened, whatever is at its place since: what it commits nobody
would ever see again.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Any

from sqlalchemy import URL, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

Identity = tuple[int, int]
"""Device and inode."""
_FILE = "file"


class DatabaseFile:
    """The file at the place of a SQLite database.

    Args:
        url: of the database.
    """

    def __init__(self, url: URL) -> None:
        self._path = url.database or ""
        # A name that is itself a URL says more than a path, and is its author's to look after.
        self._known = "uri" not in url.query
        self._seen = False

    def now(self) -> Identity | None:
        """Return what tells the file at this place from any other; None where there is none."""
        if not self._known:
            return None
        try:
            found = os.stat(self._path)  # noqa: PTH116 - each commit asks, and a Path takes four times as long
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def watch(self, engine: Engine) -> None:
        """Have connections opened anew once there is another file; where it is gone, none is made."""

        @event.listens_for(engine, "do_connect")
        def look(_dialect: Any, _record: Any, _given: Any, _named: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
            # SQLite would make an empty database in its place, which anybody may read.
            if self._known and self._seen and self.now() is None:
                message = "its file is gone"
                raise sqlite3.OperationalError(message)

        @event.listens_for(engine, "connect")
        def note(_connection: Any, record: ConnectionPoolEntry) -> None:  # noqa: ANN401 - the driver's own connection
            record.info[_FILE] = self.now()
            self._seen = self._seen or record.info[_FILE] is not None

        @event.listens_for(engine, "checkout")
        def compare(_connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:  # noqa: ANN401 - the same
            if record.info.get(_FILE) != self.now():
                raise DisconnectionError
