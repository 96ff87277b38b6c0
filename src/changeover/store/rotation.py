"""Another key for everything sealed, while servers and workers run.

The new key comes first in the key file and the old one stays behind it; then every sealed value is opened and
sealed anew, a few at a time. Wherever this is killed, each value is sealed with one of the keys in the file,
and the next run goes on. The old key is dropped only once nothing is sealed with it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, select, tuple_, update

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.custody import KeyUse, Rotation
from changeover.store.engine import Database
from changeover.store.key_source import KEY_VARIABLE, KeySource, new_key
from changeover.store.sealed import SEALED, SealedColumn, counts, identity
from changeover.store.vault import Vault, hold_keys, key_id

_BATCH = 100
_PAUSE = 0.05
"""Seconds for others to let go of rows that they held."""


def status(database: Database, source: KeySource) -> tuple[KeyUse, ...]:
    """Return every key that is here or needed, and how many values are sealed with it; the current one first.

    Raises:
        ChangeoverError: E-KEY-MISSING, E-KEY-OPEN.
    """
    with database.read() as connection:
        sealed = counts(connection)
    here = [key_id(key) for key in source.load()]
    away = sorted(sealed.keys() - set(here))
    return tuple(
        KeyUse(key=used.hex(), here=used in here, current=used == here[0], sealed=sealed[used])
        for used in (*here, *away)
    )


def rotate(database: Database, source: KeySource) -> Rotation:
    """Make a new key, and seal everything with it; or go on where an earlier run was stopped.

    Where CHANGEOVER_KEY holds the keys, its first one is the new one.

    Raises:
        ChangeoverError: E-KEY-ELSEWHERE where there is nothing to seal anew and CHANGEOVER_KEY would have to
            name a new key first; E-SEAL-BROKEN where some values could not be opened: all others are done;
            E-KEY-MISSING, E-KEY-OPEN, E-OUTPUT-FAILED, E-STORE-BUSY.
    """
    with _alone(database) as connection:
        keys = source.load()
        behind = {key_id(key) for key in keys[1:]} - {key_id(keys[0])}
        unfinished = any(counts(connection)[used] for used in behind)
        if not unfinished:
            if source.in_variable:
                message = f"Everything is sealed with the first key of {KEY_VARIABLE}: there is no newer."
                raise ChangeoverError(errors.KEY_ELSEWHERE, message)
            source.replace((new_key(), *keys))
    vault = Vault.of(source)
    done, failed = 0, set[str]()
    while _left(database, vault) > len(failed):
        time.sleep(_PAUSE if done else 0)
        for column in SEALED:
            for name, is_done in _seal_anew(database, vault, column):
                done += is_done
                failed |= set() if is_done else {name}
    if failed:
        shown = ", ".join(sorted(failed)[:10])
        message = f"{done} values were sealed anew, {len(failed)} could not be opened: {shown}."
        remedy = (
            "`changeover key status` names the keys that are missing: put them behind the others, and rotate"
            " again. If they are lost for good, docs/operations.md says how to go on."
        )
        raise ChangeoverError(errors.SEAL_BROKEN, message, remedy)
    return Rotation(key=vault.current.hex(), sealed=done, resumed=unfinished)


def retire(database: Database, source: KeySource) -> tuple[str, ...]:
    """Drop every key but the current one, and return their ids. Nothing may be sealed with them any more.

    Raises:
        ChangeoverError: E-KEY-IN-USE, and nothing is dropped; E-KEY-ELSEWHERE where CHANGEOVER_KEY holds the
            keys; E-KEY-MISSING, E-KEY-OPEN, E-OUTPUT-FAILED, E-STORE-BUSY.
    """
    with _alone(database) as connection:
        keys = source.load()
        old = [key_id(key) for key in keys[1:] if key != keys[0]]
        sealed = counts(connection)
        in_use = [used for used in old if sealed[used]]
        if in_use:
            said = ", ".join(f"{sealed[used]} with {used.hex()}" for used in in_use)
            raise ChangeoverError(errors.KEY_IN_USE, f"Values are still sealed with an old key: {said}.")
        if not old:
            return ()
        if source.in_variable:
            said = ", ".join(used.hex() for used in old)
            message = f"Nothing is sealed any more with the old keys in {KEY_VARIABLE} ({said})."
            remedy = f"Take all keys but the first out of {KEY_VARIABLE}, and restart servers and workers."
            raise ChangeoverError(errors.KEY_ELSEWHERE, message, remedy)
        source.replace(keys[:1])
    return tuple(used.hex() for used in old)


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """Give a transaction in which nobody else seals or changes keys."""
    with database.write() as connection:
        hold_keys(connection, to_change=True)
        yield connection


def _left(database: Database, vault: Vault) -> int:
    """Return how many values are sealed with another key than the current one."""
    with database.read() as connection:
        return sum(count for used, count in counts(connection).items() if used != vault.current)


def _seal_anew(database: Database, vault: Vault, column: SealedColumn) -> Iterator[tuple[str, bool]]:
    """Seal what other keys have sealed; yield each row's identity, and whether its value could be opened.

    Rows that somebody holds just now are left for the next time round: waiting for them, and they for others
    of these rows, would end in a deadlock.
    """
    table = column.table
    key = tuple(table.primary_key.columns)
    last: tuple[str, ...] | None = None
    while True:
        told = []
        with database.write() as connection:
            query = select(*key, table.c.sealed).where(column.used != vault.current)
            if last is not None:
                query = query.where(tuple_(*key) > tuple_(*last))
            query = query.order_by(*key).limit(_BATCH).with_for_update(skip_locked=True)
            rows = connection.execute(query).all()
            # Once the rows are held: whoever has made a newer key since finds them again.
            vault.refresh()
            for *names, sealed in rows:
                name = identity(table, *names)
                try:
                    again = vault.seal(name, vault.unseal(name, sealed))
                except ChangeoverError:
                    told.append((name, False))
                    continue
                here = (part == value for part, value in zip(key, names, strict=True))
                connection.execute(update(table).where(*here).values(sealed=again))
                told.append((name, True))
        yield from told
        if not rows:
            return
        last = tuple(rows[-1][:-1])
