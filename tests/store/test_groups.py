"""Work of many requests in one transaction: each all or nothing, and told only once it is committed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.ports import Unit
from tests.org.world import World, app


class Waiting:
    """Takes what pieces of work come to."""

    def __init__(self, count: int) -> None:
        self.told: dict[int, tuple[Any, Exception | None]] = {}
        self._left = threading.Semaphore(0)
        self._count = count

    def taker(self, number: int) -> Callable[[Any, Exception | None], None]:
        def take(result: Any, error: Exception | None) -> None:
            assert number not in self.told
            self.told[number] = (result, error)
            self._left.release()

        return take

    def all(self) -> dict[int, tuple[Any, Exception | None]]:
        for _ in range(self._count):
            assert self._left.acquire(timeout=20)
        return self.told


def _rename(name: str, *, fail: Exception | None = None) -> Callable[[Unit], str]:
    """A piece of work: a user's name is changed, then perhaps it fails."""

    def work(unit: Unit) -> str:
        user = unit.users.by_username("admin@acme.example")
        assert user is not None
        unit.take_turn(user.org_id)
        unit.users.set_password(user.user_id, f"{unit.users.password_hash(user.user_id)}{name}")
        if fail is not None:
            raise fail
        return name

    return work


def _names(world: World) -> str:
    with world.read() as unit:
        return (unit.users.password_hash(world.admin.user_id) or "").rpartition("$")[2]


@contextmanager
def counted_begins(world: World) -> Iterator[list[int]]:
    """Count the transactions of the writer."""
    begun: list[int] = []

    def begin(_connection: Any) -> None:
        begun.append(1)

    engine = world.house.database._writer
    event.listen(engine, "begin", begin)
    yield begun
    event.remove(engine, "begin", begin)


def _at_once(world: World, works: list[Callable[[Unit], Any]], *, only_reads: bool = False) -> Any:
    """Have pieces of work done that all wait for the same turn."""
    waiting = Waiting(len(works))
    with world.house.database.write() if world.is_sqlite else world.read():
        for number, work in enumerate(works):
            world.house.units.together(work, waiting.taker(number), only_reads=only_reads)
    return waiting.all()


@pytest.mark.sqlite_only("PostgreSQL gathers commits itself")
def test_what_waits_for_the_writer_is_committed_at_once(world: World) -> None:
    before = len(_names(world))
    with counted_begins(world) as begun:
        told = _at_once(world, [_rename(letter) for letter in "abcdef"])
    # The one that all waited for, one that may have been alone in its group, and one for all others.
    assert len(begun) <= 3
    assert [told[number] for number in range(6)] == [(letter, None) for letter in "abcdef"]
    assert _names(world)[before:] == "abcdef"


def test_a_piece_that_fails_is_taken_back_and_fails_alone(world: World) -> None:
    before = len(_names(world))
    error = ValueError("of its own")
    told = _at_once(world, [_rename("a"), _rename("b", fail=error), _rename("c"), _refused_by_the_database])
    assert sorted(_names(world)[before:]) == ["a", "c"]
    assert told[0] == ("a", None)
    assert told[1] == (None, error)
    assert told[2] == ("c", None)
    assert told[3][1] is not None


def _refused_by_the_database(unit: Unit) -> None:
    _rename("d")(unit)
    unit.audit._connection.execute(text("DELETE FROM audit_event"))  # type: ignore[attr-defined]


def test_it_is_told_once_it_is_committed(world: World) -> None:
    before, seen, done = len(_names(world)), list[str](), threading.Event()

    def look(_result: Any, _error: Exception | None) -> None:
        seen.append(_names(world)[before:])
        done.set()

    world.house.units.together(_rename("a"), look)
    assert done.wait(20)
    assert seen == ["a"]


@pytest.mark.sqlite_only("a server's disk is not a test's to fill")
def test_a_full_disk_leaves_nobody_with_half(world: World) -> None:
    world.bring(app())
    before, names = world.everything(), len(_names(world))
    with world.house.database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    told = _at_once(world, [_rename("a"), _rename("b" * 2_000_000), _rename("c")])
    assert world.everything() == before or told[0] == ("a", None)
    failed = [error for _result, error in told.values() if error is not None]
    assert failed
    assert all(isinstance(error, ChangeoverError) and error.kind is errors.STORE_FAILED for error in failed)
    # For the log alone.
    assert all(isinstance(error.__cause__, DBAPIError) for error in failed)
    kept = _names(world)[names:]
    assert [letter for letter in "abc" if kept.endswith(letter)] == [
        letter for number, letter in enumerate("abc") if told[number][1] is None
    ][-1:]
    with world.house.database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert _at_once(world, [_rename("z")])[0] == ("z", None)


@pytest.mark.sqlite_only("on PostgreSQL nobody waits for the writer")
def test_all_are_told_that_the_turn_does_not_come(world: World) -> None:
    other = world.again(busy_seconds=0.2)
    waiting = Waiting(2)
    with world.house.database.write():
        for number in range(2):
            other.units.together(_rename("a"), waiting.taker(number))
        told = waiting.all()
    other.close()
    for result, error in told.values():
        assert result is None
        assert isinstance(error, ChangeoverError)
        assert error.kind is errors.STORE_BUSY


def test_what_only_reads_cannot_write(world: World) -> None:
    before = _names(world)
    told = _at_once(world, [_rename("a"), lambda unit: unit.users.get(world.admin.user_id)], only_reads=True)
    assert isinstance(told[0][1], ChangeoverError)
    assert told[1][1] is None
    assert told[1][0].user_id == world.admin.user_id
    assert _names(world) == before


def test_what_has_come_in_is_done_before_it_closes(world: World) -> None:
    other, before = world.again(), len(_names(world))
    waiting = Waiting(3)
    for number, letter in enumerate("abc"):
        other.units.together(_rename(letter), waiting.taker(number))
    other.close()
    assert [error for _result, error in waiting.all().values()] == [None] * 3
    assert sorted(_names(world)[before:]) == ["a", "b", "c"]
