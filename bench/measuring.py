"""The pieces that measures are made of: what a command costs, the least of several turns, ratios with aims.

A measure is a function that takes a `Bench` and returns a `Section`; `run.py` lists them. Sections are data:
the page is written in one place, and aims are judged in one place.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple, TypeVar

K = TypeVar("K")


class Bench(NamedTuple):
    """What every measure gets."""

    folder: Path
    """An empty folder of its own, removed afterwards."""
    runs: int
    """How often to take each figure; the least of them counts."""

    def fresh(self) -> Path:
        """Return a path where nothing is, for a command to write to.

        What was written stays until the measure is over: creating files right after many were deleted is ten
        times as slow on ext4, which spares the inodes of the last seconds.
        """
        return Path(tempfile.mkdtemp(dir=self.folder)) / "new"


class Ratio(NamedTuple):
    """One figure by another of the same run: all that is worth comparing between machines."""

    what: str
    value: float
    at_most: float | None = None
    at_least: float | None = None
    processor: float | None = None
    """The same ratio of processor time, which other work on the machine disturbs less; None where it says
    nothing."""

    @property
    def aim(self) -> str:
        """What was aimed at, in words; `""` for a ratio that is shown without an aim."""
        aims = (("at most", self.at_most), ("at least", self.at_least))
        return " and ".join(f"{word} {limit:.3g}" for word, limit in aims if limit is not None)

    @property
    def met(self) -> bool | None:
        """Whether the aim is met, None where there is none."""
        if self.at_most is None and self.at_least is None:
            return None
        enough = self.at_least is None or self.value >= self.at_least
        return enough and (self.at_most is None or self.value <= self.at_most)


class Section(NamedTuple):
    """What one measure found."""

    title: str
    about: str
    """What was measured and how, in a few sentences."""
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    """The figures themselves, one row a thing measured."""
    ratios: Sequence[Ratio]
    versions: Sequence[str] = ()
    """Name and version of what was measured beside Changeover."""


def shown(value: float) -> str:
    """Return a ratio as the page shows it."""
    return f"{value:.3g}"


class Cost(NamedTuple):
    """What a command took."""

    wall: float
    """Seconds."""
    processor: float
    """Seconds, of all its processes."""
    memory: float
    """MiB, of the largest process."""

    @property
    def cells(self) -> tuple[str, str, str]:
        """The cells of a table under `COST_COLUMNS`."""
        return f"{self.wall:.2f} s", f"{self.processor:.2f} s", f"{self.memory:.0f} MiB"


COST_COLUMNS = ("time", "processor time", "memory")


def cost(
    command: Sequence[str | Path],
    *,
    may_end_with: Sequence[int] = (0,),
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    told: Path | None = None,
) -> Cost:
    """Run a command and return what it took. Ends the bench if the command fails.

    Its output goes to the file `told`, or is dropped.
    """
    start = perf_counter()
    with (
        (told or Path(os.devnull)).open("wb") as output,
        subprocess.Popen(command, stdout=output, cwd=cwd, env=environment) as process,
    ):
        # Its own and its children's, as it waits for them.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = perf_counter() - start
    if process.returncode not in may_end_with:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}")
    kibibytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Cost(wall, used.ru_utime + used.ru_stime, kibibytes / 1024)


def least(of: Mapping[K, Callable[[], Cost]], runs: int) -> dict[K, Cost]:
    """Take each cost so often and return the least time, the least processor time, and the most memory.

    All in turn, so that whatever else the machine does disturbs them alike.
    """
    taken: dict[K, list[Cost]] = {each: [] for each in of}
    for _ in range(runs):
        for each, take in of.items():
            taken[each].append(take())
    return {
        each: Cost(
            min(one.wall for one in costs),
            min(one.processor for one in costs),
            max(one.memory for one in costs),
        )
        for each, costs in taken.items()
    }


def by(what: str, ours: Cost, theirs: Cost, *, at_most: float | None = None) -> Ratio:
    """Return the ratio of two times."""
    return Ratio(what, ours.wall / theirs.wall, at_most, processor=ours.processor / theirs.processor)
