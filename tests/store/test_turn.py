"""Whose turn it is: who has waited longest."""

from __future__ import annotations

import threading
import time

from changeover.store.turns import Turn


def test_who_waits_comes_before_who_has_just_had_it() -> None:
    turn, order = Turn(), list[str]()
    assert turn.acquire(1)

    def wait(name: str) -> None:
        assert turn.acquire(5)
        order.append(name)
        turn.release()

    threads = []
    for name in ("first", "second"):
        threads.append(threading.Thread(target=wait, args=(name,)))
        threads[-1].start()
        _until_waiting(turn, len(threads))
    # A lock of Python would go to this thread again and again.
    turn.release()
    assert turn.acquire(5)
    order.append("again")
    turn.release()
    for thread in threads:
        thread.join(5)
    assert order == ["first", "second", "again"]


def test_who_gives_up_is_passed_over() -> None:
    turn, late = Turn(), list[bool]()
    assert turn.acquire(1)
    assert not turn.acquire(0.01)
    thread = threading.Thread(target=lambda: late.append(turn.acquire(5)))
    thread.start()
    _until_waiting(turn, 1)
    turn.release()
    thread.join(5)
    assert late == [True]
    turn.release()
    assert turn.acquire(0)


def _until_waiting(turn: Turn, count: int) -> None:
    end = time.monotonic() + 5
    while len(turn._waiting) < count:
        assert time.monotonic() < end
        time.sleep(0.001)
