"""Answers about leaf paths are kept, and hostile paths fill no memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from changeover.apps import document
from changeover.apps.document import remembered, remembered_of


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is kept, so that a test sees its end."""
    monkeypatch.setattr(document, "PATHS_KEPT", 3)
    monkeypatch.setattr(document, "LONGEST_KEPT", 5)


def noted() -> tuple[list[str], Callable[[str], str]]:
    """Return a function whose answers are kept, and what it was really asked."""
    asked: list[str] = []

    @remembered
    def upper(path: str) -> str:
        asked.append(path)
        return path.upper()

    return asked, upper


def test_an_answer_is_worked_out_once() -> None:
    asked, upper = noted()
    assert [upper("a"), upper("b"), upper("a")] == ["A", "B", "A"]
    assert asked == ["a", "b"]


def test_an_answer_belongs_to_all_that_was_asked() -> None:
    asked: list[tuple[int, str]] = []

    @remembered_of
    def times(number: int, path: str) -> str:
        """Repeat."""
        asked.append((number, path))
        return path * number

    assert [times(2, "a"), times(3, "a"), times(2, "a")] == ["aa", "aaa", "aa"]
    assert asked == [(2, "a"), (3, "a")]
    assert times.__doc__ == "Repeat."


def test_long_paths_are_not_kept() -> None:
    asked, upper = noted()
    assert [upper("abcdef"), upper("abcdef")] == ["ABCDEF", "ABCDEF"]
    assert asked == ["abcdef", "abcdef"]


def test_too_many_paths_begin_anew() -> None:
    asked, upper = noted()
    for path in "abcdc":
        assert upper(path) == path.upper()
    assert upper("a") == "A"
    assert asked == ["a", "b", "c", "d", "c", "a"]


def test_an_error_is_raised_each_time() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="not a leaf path"):
            document.segments("a//b")
