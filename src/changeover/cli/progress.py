"""How far a long command is: a bar on a terminal, a plain line an app everywhere else."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from changeover.cli.output import say
from changeover.cli.terminal import printable
from changeover.plans.results import Became, Result

Tell = Callable[[str], None]


class Counted:
    """How many apps became what."""

    def __init__(self) -> None:
        self.counts: Counter[Became] = Counter()

    def counting(self, results: Iterable[Result]) -> Iterator[Result]:
        """Pass results on, and count them."""
        for result in results:
            self.counts[result.outcome] += 1
            yield result


@contextmanager
def progress(total: int, what: str, *, quiet: bool = False) -> Iterator[Tell]:
    """Count apps for the length of a `with` block; call what it gives once an app, with its line.

    Args:
        total: how many apps there are.
        what: what is being done: `Applying`.
        quiet: whether to say nothing, because the command prints JSON.
    """
    if quiet:
        yield lambda _line: None
    elif sys.stdout.isatty() and not os.environ.get("CI"):
        # Loaded here: it takes a tenth of a second, and a pipe does without.
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415
        from rich.progress import TimeRemainingColumn as Remaining  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        console = Console(highlight=False)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(what, total=total)

            def tell(line: str) -> None:
                console.print(Text(printable(line)), soft_wrap=True)
                bar.advance(task)

            yield tell
    else:
        yield say
