"""What `changeover rehearse` prints with `--json`."""

from __future__ import annotations

from changeover.shapes.answers.common import Problem
from changeover.shapes.rehearsals import RehearsalFigures, RehearsalSetting, RehearsedApp


class Rehearse(RehearsalSetting, frozen=True, kw_only=True):
    """The answer of `changeover rehearse`."""

    apps: tuple[RehearsedApp, ...]
    summary: RehearsalFigures
    errors: tuple[Problem, ...]
