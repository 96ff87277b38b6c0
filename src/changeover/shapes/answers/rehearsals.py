"""What `changeover rehearse` prints with `--json`."""

from __future__ import annotations

from changeover.shapes.answers.common import Problem
from changeover.shapes.rehearsals import Figures, RehearsedApp, Setting


class Rehearse(Setting, frozen=True, kw_only=True):
    """The answer of `changeover rehearse`."""

    apps: tuple[RehearsedApp, ...]
    summary: Figures
    errors: tuple[Problem, ...]
