"""Logins in the order of their apps, however many there are."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import IO

from msgspec.json import Decoder, Encoder

from changeover.org.model.events import LoginRow

IN_MEMORY = 50_000
"""Rows that are sorted at once."""

_encode = Encoder().encode
_decode = Decoder(LoginRow).decode


@contextmanager
def by_application(rows: Iterable[LoginRow]) -> Iterator[Iterator[LoginRow]]:
    """Yield the rows by application, those of one application by time, and equal rows one after another.

    They are read to the end first, so that a file which breaks off has changed nothing. What memory is not to
    hold lies in files without a name, which are gone with the process.
    """
    left = iter(rows)
    with ExitStack() as stack:
        runs: list[Iterator[LoginRow]] = []
        while run := sorted(islice(left, IN_MEMORY), key=_place):
            if len(run) < IN_MEMORY:
                runs.append(iter(run))
                break
            runs.append(_put_away(stack.enter_context(tempfile.TemporaryFile()), run))
        yield heapq.merge(*runs, key=_place)


def _place(row: LoginRow) -> tuple[object, ...]:
    return (
        row.application,
        row.at,
        row.username,
        row.login_type,
        row.sub_type,
        row.status,
        row.source_ip,
        row.login_url,
    )


def _put_away(file: IO[bytes], run: list[LoginRow]) -> Iterator[LoginRow]:
    file.writelines(_encode(row) + b"\n" for row in run)
    # The next ones come before the caller lets go of these.
    run.clear()
    file.seek(0)
    return map(_decode, file)
