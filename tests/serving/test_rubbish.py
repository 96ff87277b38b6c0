"""Rubbish is looked at less for the length of a batch, and as before after it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from changeover.serving.rubbish import YOUNG, less_rubbish


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """A process that no other test has told to look less."""
    found = gc.get_threshold()
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*found)


def test_afterwards_all_is_as_before() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    assert before[0] < YOUNG

    def fail() -> None:
        with less_rubbish():
            assert gc.get_threshold()[0] == YOUNG
            assert gc.get_freeze_count() > frozen
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == frozen == 0


def test_what_is_made_meanwhile_and_forgotten_goes() -> None:
    with less_rubbish():
        made: list[object] = []
        made.append(made)
        del made
        assert gc.collect() > 0
