"""Other people's apps in an org: imported, assessed, migrated, and reverted to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from changeover.migration.finding import Verdict
from changeover.org.app_manager import list_apps
from changeover.org.batch_runs import migrate_several
from changeover.org.doctor import examine
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.importing import import_apps
from changeover.org.lists import AppQuery
from changeover.project.incoming import incoming
from changeover.project.project import Project
from tests.org.world import YES, World


@pytest.mark.slow
def test_every_app_goes_there_and_back(world: World, corpus: Path) -> None:
    with Project(corpus) as project:
        outcomes = list(import_apps(world.house.units, world.admin, incoming(project)))
    codes = {outcome.code for outcome in outcomes if outcome.result == "refused"}
    # Names that occur twice, keys that two apps share, local apps of other orgs; nothing else is refused.
    assert codes <= {"E-IMPORTED-TWICE", "E-CONSUMER-KEY-TAKEN", "E-NOT-LOCAL"}
    rows = world.see(list_apps, AppQuery(page_size=500)).rows
    assert len(rows) >= 150
    may = [row.api_name for row in rows if row.verdict in {Verdict.ELIGIBLE, Verdict.CONFIRM}]
    before = {name: world.record(name) for name in may}
    for outcome in migrate_several(world.house.units, world.admin, may, YES, despite_evidence=may):
        assert outcome.result == "migrated", outcome
    assert [check for check in examine(world.house.units) if not check.ok] == []
    for name in may:
        world.do(delete_external_client_app, name, confirmed=True, seen_version=None)
        after = world.record(name)
        assert (after.document, after.verdict) == (before[name].document, before[name].verdict)
    assert [check for check in examine(world.house.units) if not check.ok] == []
