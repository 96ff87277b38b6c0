"""The runbook: its chapters in order, whose steps wait on the disk until their turn comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from tempfile import SpooledTemporaryFile, gettempdir
from typing import IO, Self

import msgspec

from changeover.errors import OUTPUT_FAILED
from changeover.guide.links import Links
from changeover.guide.steps import Mark, Part, Place, Step, part_of, place_of, step_of
from changeover.guide.ticks import Tick
from changeover.metadata.file_error import FileError
from changeover.plans.file import PlanFile

_CLICKED = frozenset({Part.WAVES, Part.PIPELINE})
_IN_MEMORY = 256 * 1024
_TITLES = {
    Part.PIPELINE: "Last: the apps that your own pipeline logs in with",
    Part.BLOCKED: "Not to be clicked yet",
    Part.MIGRATED: "Migrated before this plan",
}


@dataclass
class Chapter:
    """A wave, or what comes after the waves."""

    title: str
    id: str
    part: Part
    apps: list[tuple[str, int]] = field(default_factory=list)
    """Label and place on the disk of each step, in order of the labels."""


class Book:
    """All steps of a plan. Use it as a context manager.

    Args:
        plan: the plan.
        links: addresses in Setup.
        ticks: what `verify` found, by API name without case.

    Raises:
        FileError: PLAN_UNREADABLE, OUTPUT_FAILED where the disk is full.
    """

    def __init__(self, plan: PlanFile, links: Links, ticks: Mapping[str, Tick]) -> None:
        self.plan = plan
        self.links = links
        self._file: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._decoder = msgspec.json.Decoder(Step)
        self.marks: Counter[Mark] = Counter()
        """Of the apps that are to be clicked."""
        looks: Counter[str] = Counter()
        chapters: dict[Place, Chapter] = {}
        for app in plan.apps():
            place = place_of(app)
            chapter = chapters.get(place)
            if chapter is None:
                chapter = chapters[place] = Chapter(_title(place), "", part_of(app))
            step = step_of(app, links, ticks.get(app.api_name.casefold()))
            chapter.apps.append((step.label, self._file.tell()))
            if chapter.part in _CLICKED:
                self.marks[step.mark] += 1
                looks.update(step.look)
            self._keep(step)
        self.chapters = [chapters[place] for place in sorted(chapters)]
        self.look = tuple(where for where, apps in looks.items() if apps == self.marks.total() > 1)
        """What must be looked up of every app that is to be clicked."""
        for number, chapter in enumerate(self.chapters, 1):
            chapter.id = f"part-{number}"
            chapter.apps.sort(key=lambda app: (app[0].casefold(), app[1]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def steps(self, chapter: Chapter) -> Iterator[Step]:
        """Yield the steps of a chapter in order."""
        for _, place in chapter.apps:
            self._file.seek(place)
            step = self._decoder.decode(self._file.readline())
            own = tuple(where for where in step.look if where not in self.look)
            yield replace(step, look=own)

    def _keep(self, step: Step) -> None:
        try:
            self._file.write(msgspec.json.encode(step) + b"\n")
        except OSError as error:
            says = f"the steps wait there: {error.strerror or 'the disk refuses'}."
            raise FileError(OUTPUT_FAILED, gettempdir(), None, says) from None

    @property
    def top_line(self) -> str:
        """The whole in one line: `12 apps to migrate in 3 waves: 7 to do, 5 done`."""
        waves = sum(chapter.part is Part.WAVES for chapter in self.chapters)
        total = self.marks.total()
        if not total:
            return "No app of this plan can be migrated now"
        apps, times = "app" if total == 1 else "apps", f" in {waves} waves" if waves > 1 else ""
        counts = ", ".join(f"{self.marks[mark]} {mark}" for mark in Mark if self.marks[mark])
        return f"{total} {apps} to migrate{times}: {counts}"


def _title(place: Place) -> str:
    part = tuple(Part)[place[0]]
    if part is not Part.WAVES:
        return _TITLES[part]
    wave = place[3]
    if not wave:
        return "Apps without a wave"
    return wave[0].upper() + wave[1:] if wave.casefold().startswith("wave") else f"Wave {wave}"
