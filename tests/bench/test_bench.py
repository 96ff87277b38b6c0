"""The bench takes the least of several turns, judges aims, and writes them on its page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench import run
from bench.apps import CONNECTED_APPS, write_project
from bench.measuring import Bench, Cost, Ratio, Section, by, cost, least
from bench.page import page


def test_the_least_of_several_turns_counts_and_the_most_memory() -> None:
    turns: list[str] = []

    def taking(name: str, *costs: Cost) -> Callable[[], Cost]:
        left = iter(costs)

        def take() -> Cost:
            turns.append(name)
            return next(left)

        return take

    found = least(
        {
            "a": taking("a", Cost(3, 1, 10), Cost(2, 2, 30)),
            "b": taking("b", Cost(1, 1, 1), Cost(4, 4, 4)),
        },
        2,
    )
    assert found == {"a": Cost(2, 1, 30), "b": Cost(1, 1, 4)}
    assert turns == ["a", "b", "a", "b"]


def test_a_command_costs_what_its_processes_took() -> None:
    busy = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**7))'])"
    found = cost([sys.executable, "-c", busy])
    assert found.wall > 0.05
    assert found.processor > 0.05
    assert found.memory > 5


def test_a_command_that_fails_ends_the_bench() -> None:
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    with pytest.raises(SystemExit, match="ended with 3"):
        cost(command)
    cost(command, may_end_with=(3,))


@pytest.mark.parametrize(
    ("ratio", "aim", "met"),
    [
        (Ratio("x", 0.4, at_most=0.4), "at most 0.4", True),
        (Ratio("x", 0.404, at_most=0.4), "at most 0.4", False),
        (Ratio("x", 1 / 11, at_least=1 / 12), "at least 0.0833", True),
        (Ratio("x", 1 / 13, at_least=1 / 12), "at least 0.0833", False),
        (Ratio("x", 7), "", None),
    ],
)
def test_an_aim_is_judged(ratio: Ratio, aim: str, met: bool | None) -> None:  # noqa: FBT001
    assert (ratio.aim, ratio.met) == (aim, met)


def test_the_page_tells_first_which_aims_are_missed() -> None:
    ratios = (by("`a` to `b`", Cost(3, 1, 1), Cost(1, 2, 1), at_most=2), Ratio("`c` to `d`", 1.0, at_most=1))
    text = page([Section("Things", "About them.", ("command", "time"), [("`a`", "3 s")], ratios)], 3, 0.5)
    assert text.index("1 of 2 aims are met; not met:\n\n- `a` to `b`: 3, aim at most 2\n") < text.index("##")
    assert "| `a` | 3 s |" in text
    assert "| `a` to `b` | 3 | 0.5 | at most 2 | **no** |" in text
    assert "| `c` to `d` | 1 |  | at most 1 | yes |" in text


def test_one_measure_alone_leaves_the_page_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(bench: Bench) -> Section:
        assert bench.runs == 2
        assert bench.folder.is_dir()
        return Section("Things", "", (), (), [Ratio("x", 3, at_most=2)])

    monkeypatch.setitem(sys.modules, "things", SimpleNamespace(measure=measure))
    monkeypatch.setattr(run, "MEASURES", {"things": "things"})
    monkeypatch.setattr(run, "PAGE", tmp_path / "bench.md")
    monkeypatch.setattr(sys, "argv", ["bench", "--runs", "2", "things"])
    assert run.main() == run.MISSED
    assert "## Things" in capsys.readouterr().out
    assert not run.PAGE.exists()
    monkeypatch.setattr(sys, "argv", ["bench", "--runs", "2"])
    assert run.main() == run.MISSED
    assert run.PAGE.read_text(encoding="utf-8").startswith("# Speed")


def test_made_up_apps_are_the_same_each_time(tmp_path: Path) -> None:
    for name in ("once", "again"):
        write_project(tmp_path / name, 3)
    once, again = (
        {file.name: file.read_bytes() for file in (tmp_path / name / CONNECTED_APPS).iterdir()}
        for name in ("once", "again")
    )
    assert once == again
    assert len(once) == 3
