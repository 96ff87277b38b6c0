"""The page `docs/bench.md`, made of what the measures found."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence

from bench.measuring import Ratio, Section, shown

HEAD = """\
# Speed

Made by `make bench`, which measures everything below in one run on one machine; run it to have the figures of
yours. Compare the ratios, not the seconds. It takes several minutes, and nothing else should be running.
What it compares with comes from npm (`package.json`, `bench/package.json`); Changeover runs without it.
Processor time is that of all processes of a command together, memory that of the largest of them.
"""
RATIO_COLUMNS = ("ratio", "of time", "of processor time", "aim", "met")


def page(sections: Sequence[Section], runs: int, busy: float) -> str:
    """Return the whole page.

    Args:
        sections: what was measured.
        runs: how often each figure was taken.
        busy: the load of the machine at the start.
    """
    found = [ratio for section in sections for ratio in section.ratios]
    return "\n".join(
        (
            HEAD,
            *_verdict([ratio for ratio in found if ratio.met is not None]),
            *(line for section in sections for line in _section(section)),
            *_machine(sections, runs, busy),
            "",
        )
    )


def _verdict(aims: Sequence[Ratio]) -> Iterator[str]:
    missed = [ratio for ratio in aims if not ratio.met]
    yield f"{len(aims) - len(missed)} of {len(aims)} aims are met{'; not met:' if missed else '.'}"
    yield ""
    if missed:
        yield from (f"- {ratio.what}: {shown(ratio.value)}, aim {ratio.aim}" for ratio in missed)
        yield ""


def _section(section: Section) -> Iterator[str]:
    yield f"## {section.title}"
    yield ""
    yield section.about
    yield ""
    yield from _table(section.columns, section.rows)
    yield from _table(RATIO_COLUMNS, [_cells(each) for each in section.ratios])


def _cells(ratio: Ratio) -> tuple[str, ...]:
    processor = "" if ratio.processor is None else shown(ratio.processor)
    met = "" if ratio.met is None else "yes" if ratio.met else "**no**"
    return ratio.what, shown(ratio.value), processor, ratio.aim, met


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for line in (columns, ["---"] * len(columns), *rows):
        yield f"| {' | '.join(line)} |"
    yield ""


def _machine(sections: Sequence[Section], runs: int, busy: float) -> Iterator[str]:
    python = f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} processors"
    beside = dict.fromkeys(version for section in sections for version in section.versions)
    yield f"Measured with {python}, at a load of {busy:.1f} from other work at the start."
    if beside:
        yield f"Beside it: {', '.join(beside)}."
    taken = "of a single run" if runs == 1 else f"the least of {runs} runs, all commands in turn"
    yield f"Each figure is {taken}; of memory it is the most."
