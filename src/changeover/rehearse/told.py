"""A rehearsal in the shape in which it is told: JSON, and what pages and reports are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date

from changeover.rehearse.assumptions import BY_NAME
from changeover.rehearse.outcome import Outcome
from changeover.rehearse.rehearsal import CAVEAT
from changeover.rehearse.rows import RehearsedApp, Row
from changeover.shapes import rehearsals as shapes


def app_told(app: RehearsedApp) -> shapes.RehearsedApp:
    """Return an app as it is told."""
    return shapes.RehearsedApp(
        api_name=app.api_name,
        label=app.label,
        path=app.path,
        rows=tuple(map(_row, app.rows)),
        notes=app.notes,
    )


def setting_told(source: str, day: date, assumed: Collection[str]) -> shapes.RehearsalSetting:
    """Return what a rehearsal is of, and on what terms.

    Args:
        source: name of the org, or the path.
        day: the day on the copy.
        assumed: names of assumptions.
    """
    taken = [one for name, one in BY_NAME.items() if name in assumed]
    return shapes.RehearsalSetting(
        source=source,
        day=day,
        assumed=tuple(
            shapes.Assumed(name=one.name, decision=one.decision.id, what=one.what) for one in taken
        ),
        caveat=CAVEAT,
    )


class Tally:
    """Counts what rows came to."""

    def __init__(self) -> None:
        self._apps = 0
        self._rows: Counter[str] = Counter()
        self._failing = 0

    def add(self, app: shapes.RehearsedApp) -> None:
        """Count an app's rows."""
        self._apps += 1
        for row in app.rows:
            self._rows[row.verdict.value] += 1
            self._failing += fails_alike(row)

    def of(self, verdict: shapes.LoginVerdict) -> int:
        """Return how many rows came to a verdict."""
        return self._rows[verdict.value]

    @property
    def figures(self) -> shapes.RehearsalFigures:
        """The figures."""
        rows = {one.value: self._rows[one.value] for one in shapes.LoginVerdict if self._rows[one.value]}
        return shapes.RehearsalFigures(apps=self._apps, rows=rows, failing_alike=self._failing)


def fails_alike(row: shapes.RehearsedFlow) -> bool:
    """Whether a login fails at every stage that was tried: nothing is done to it."""
    first = row.before or row.after
    return row.verdict is shapes.LoginVerdict.SAME and first is not None and not first.works


def _row(row: Row) -> shapes.RehearsedFlow:
    return shapes.RehearsedFlow(
        flow=row.flow,
        title=row.title,
        verdict=row.verdict,
        before=_outcome(row.before),
        after=_outcome(row.after),
        after_revert=_outcome(row.after_revert),
        reason=row.reason,
        remedy=row.remedy,
        depends_on=row.depends_on,
    )


def _outcome(outcome: Outcome | None) -> shapes.LoginOutcome | None:
    if outcome is None:
        return None
    return shapes.LoginOutcome(
        works=outcome.works,
        error=outcome.error,
        description=outcome.description,
        gained=tuple(sorted(outcome.gained)),
    )
