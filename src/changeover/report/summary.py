"""The figures of a report, added up app by app: no app stays in memory for them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from changeover.migration.dates import DEADLINES, Deadline, written
from changeover.migration.decisions import DECISIONS, KEY_HANDED_OVER, SAME_API_NAME, TOKENS_GO_ON, Decision
from changeover.migration.finding import Severity, Status
from changeover.migration.readiness import Readiness
from changeover.report.app import ReportedApp

WORDS = {
    Readiness.READY: "ready",
    Readiness.CONFIRM: "to confirm",
    Readiness.BLOCKED: "blocked",
    Readiness.NOT_VISIBLE: "not fully visible",
    Readiness.MIGRATED: "migrated",
}
"""In the order of the top line."""
MEANING = {
    Readiness.READY: "may be migrated, as far as can be seen from here",
    Readiness.CONFIRM: "may be migrated once somebody has confirmed what speaks against it",
    Readiness.BLOCKED: "may not be migrated before something is changed",
    Readiness.NOT_VISIBLE: "nothing speaks against it in what was given, but what decides was not given",
    Readiness.MIGRATED: "has its external client app already",
}
NOBODY = "no contact e-mail"
MOST_NAMED = 12
"""Apps named in a row of a summary; the others are counted."""
_ALWAYS = (KEY_HANDED_OVER, TOKENS_GO_ON, SAME_API_NAME)
"""Decisions that every migration rests on."""


class Need(NamedTuple):
    """One thing to do or to know, whatever the app."""

    severity: Severity
    title: str
    remedy: str
    status: Status
    source: str


class Task(StrEnum):
    """What somebody has to do about an app."""

    UNBLOCK = "Change what blocks"
    CONFIRM = "Confirm"
    STOPS = "Move clients before they stop"
    EVIDENCE = "Say how its clients log in"


_TASKS = {
    Readiness.BLOCKED: Task.UNBLOCK,
    Readiness.CONFIRM: Task.CONFIRM,
    Readiness.NOT_VISIBLE: Task.EVIDENCE,
}


@dataclass(slots=True)
class Share:
    """The part of one contact: by task the names of apps, the first few, with how often each occurs."""

    apps: int = 0
    """Apps that need somebody."""
    names: dict[Task, Counter[str]] = field(default_factory=dict)
    more: Counter[Task] = field(default_factory=Counter)

    def add(self, app: ReportedApp) -> None:
        """Count an app in."""
        tasks = [_TASKS[app.readiness]] if app.readiness in _TASKS else []
        tasks += [Task.STOPS] if app.stops else []
        self.apps += bool(tasks)
        for task in tasks:
            names = self.names.setdefault(task, Counter())
            if app.name in names or len(names) < MOST_NAMED:
                names[app.name] += 1
            else:
                self.more[task] += 1

    @property
    def tasks(self) -> list[tuple[str, str]]:
        """Return each task with the apps that it is about, as a text."""
        return [(task.value, self._text(task)) for task in Task if task in self.names]

    def _text(self, task: Task) -> str:
        named = [f"{name} ({count})" if count > 1 else name for name, count in self.names[task].items()]
        more = f" and {self.more[task]} more" if self.more[task] else ""
        return ", ".join(named) + more


class Dated(NamedTuple):
    """A deadline with how many apps it touches; None where it touches no app in particular."""

    deadline: Deadline
    apps: int | None


class Resting(NamedTuple):
    """A decision, and how many apps rest on it; None where every app does."""

    decision: Decision
    apps: int | None


@dataclass(slots=True)
class Summary:
    """What a report says above its apps."""

    today: date
    apps: int = 0
    readiness: Counter[Readiness] = field(default_factory=Counter)
    stops: Counter[date] = field(default_factory=Counter)
    needs: Counter[Need] = field(default_factory=Counter)
    contacts: dict[str, Share] = field(default_factory=dict)
    only_setup: Counter[str] = field(default_factory=Counter)
    """Where to look for what no file shows."""
    hidden: Counter[str] = field(default_factory=Counter)
    """Where to look for what could have been given."""
    unreadable: int = 0
    """Files of connected apps that could not be read."""
    _dated: Counter[str] = field(default_factory=Counter)
    _decisions: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    """Apps that lose something."""

    def add(self, app: ReportedApp) -> None:
        """Count an app in."""
        self.apps += 1
        self.readiness[app.readiness] += 1
        self._decisions.update(app.decisions)
        if app.readiness is Readiness.MIGRATED:
            return
        self.lost += bool(app.lost)
        self.stops.update({day for day, _ in app.stops})
        self._dated.update(app.dated)
        self.needs.update(
            {Need(one.severity, one.title, one.remedy, one.status, one.source) for one in app.findings}
        )
        self.only_setup.update({each.where_to_look for each in app.hidden if each.only_setup})
        self.hidden.update({each.where_to_look for each in app.hidden if not each.only_setup})
        self.contacts.setdefault(app.whom or NOBODY, Share()).add(app)

    @property
    def top_line(self) -> str:
        """Say it in one line: `41 ready, 9 to confirm, 6 blocked; 3 stop on 20 February 2027`."""
        if not self.apps and not self.unreadable:
            return "No connected app was read"
        counts = Counter(self.readiness)
        counts[Readiness.NOT_VISIBLE] += self.unreadable
        parts = [f"{counts[each]} {WORDS[each]}" for each in WORDS if counts[each]]
        days = [
            f"{count} {self._stop(day, count)} {written(day)}" for day, count in sorted(self.stops.items())
        ]
        return "; ".join((", ".join(parts), *days))

    def _stop(self, day: date, count: int) -> str:
        if day <= self.today:
            return "has clients cut off since" if count == 1 else "have clients cut off since"
        return "stops on" if count == 1 else "stop on"

    @property
    def dates(self) -> tuple[Dated, ...]:
        """What Salesforce changes, the earliest first."""
        touching = sorted(DEADLINES, key=lambda deadline: deadline.day)
        return tuple(Dated(each, self._dated.get(each.id)) for each in touching)

    def to_do(self, *severities: Severity) -> list[tuple[Need, int]]:
        """Return the needs of some severities with how many apps have each, the gravest and most first."""
        rank = list(Severity)
        chosen = [(need, apps) for need, apps in self.needs.items() if need.severity in severities]
        return sorted(chosen, key=lambda each: (rank.index(each[0].severity), -each[1], each[0].title))

    @property
    def who(self) -> list[tuple[str, Share]]:
        """Return contacts who are needed with their part, those who are needed most first."""
        needed = (each for each in self.contacts.items() if each[1].apps)
        return sorted(needed, key=lambda each: (-each[1].apps, each[0].casefold()))

    @property
    def only_told(self) -> int:
        """How many contacts have nothing to do."""
        return sum(not share.apps for share in self.contacts.values())

    @property
    def decisions(self) -> list[Resting]:
        """Return the decisions that this result rests on: those of every migration, then those of some."""
        always = [Resting(decision, None) for decision in _ALWAYS]
        return always + [
            Resting(decision, self._decisions[decision.id])
            for decision in DECISIONS
            if self._decisions[decision.id] and decision not in _ALWAYS
        ]
