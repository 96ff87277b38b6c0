"""The measure of many apps in one org, with a few of them: everything it asks for answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench import many_apps
from bench.many_apps import JUDGED, PAGES, Place
from bench.measuring import Bench


def test_pages_and_batches_are_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    @contextmanager
    def sqlite_alone(folder: Path) -> Iterator[tuple[Place, ...]]:
        yield (Place("SQLite", lambda name: str(folder / f"{name}.db")),)

    monkeypatch.setattr(many_apps, "_places", sqlite_alone)
    for name, count in (("FEW", 2), ("SOME", 10), ("MANY", 12), ("TIMES", 1), ("TURN", 5)):
        monkeypatch.setattr(many_apps, name, count)
    found = many_apps.measure(Bench(tmp_path, 1))
    assert {row[1] for row in found.rows} >= set(PAGES)
    assert len([ratio for ratio in found.ratios if ratio.at_most == 1.5]) == len(JUDGED) == len(PAGES) - 2
    [batch] = [ratio for ratio in found.ratios if ratio.at_least is not None]
    assert batch.what == "SQLite, 12 apps: apps migrated to bare commits"
    assert 0 < batch.value < 1
    rates = {row[1]: row[4] for row in found.rows}
    assert float(rates["bare commits a second"]) > float(rates["apps migrated a second"]) > 0
    assert rates["memory of the batch"].endswith(" MiB")
