"""An apply killed at random moments, then given again: equal to one that nobody disturbed.

The suite kills a few times; `make campaign-plans` kills fifty times over two hundred apps.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from changeover.metadata.files import path_of, write_document
from changeover.org.app_manager import list_apps
from changeover.org.external_client_apps import view_external_client_app
from changeover.org.installation import NewOrg
from changeover.org.lists import AppQuery
from changeover.plans.results import Became, Results
from tests.org.world import DATABASE, World, app, open_world
from tests.plans.project import BOTH, files, run, tree

APPS = int(os.environ.get("CHANGEOVER_CAMPAIGN_APPS", "20"))
KILLS = int(os.environ.get("CHANGEOVER_CAMPAIGN_KILLS", "3"))
CHANGEOVER = Path(sys.executable).with_name("changeover")

apps = [app(f"App{number:03}", oauth={"consumer_secret": f"secret-{number}"}) for number in range(APPS)]


def _killed(words: list[str], chance: random.Random, folder: Path) -> bool:
    """Start a command and kill it after some of its lines; return whether it was still running."""
    after = chance.randrange(APPS)
    with subprocess.Popen(
        [CHANGEOVER, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder
    ) as process:
        assert process.stdout is not None
        # Counted in apps, not in seconds: a busy machine is slower, not less likely to be killed.
        for _ in range(after):
            process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.02))
        running = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
    return running


@pytest.fixture
def chance() -> random.Random:
    seed = time.time_ns()
    print(f"seed {seed}")  # noqa: T201 - shown where the test fails
    return random.Random(seed)  # noqa: S311 - when to kill


def _results(folder: Path) -> dict[str, tuple[Any, ...]]:
    return {one.api_name: (one.outcome, one.files, one.left_out) for one in Results(folder).all()}


@pytest.mark.slow
def test_files(tmp_path: Path, chance: random.Random) -> None:
    for one in apps:
        file = tmp_path / "src" / path_of(one)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(write_document(one))
    run("plan", tmp_path / "src", "-o", tmp_path / "plan.json")
    words = ["apply", "plan.json", *BOTH, "-o"]
    assert (
        run(
            "apply", tmp_path / "plan.json", *BOTH, "-o", tmp_path / "whole", "--results", tmp_path / "w"
        ).code
        == 0
    )
    whole, said = files(tmp_path / "whole"), _results(tmp_path / "w")
    disturbed = 0
    while disturbed < KILLS:
        out = f"out{disturbed}"
        shutil.rmtree(tmp_path / "plan.results", ignore_errors=True)
        disturbed += _killed([*words, out], chance, tmp_path)
        if disturbed % 2:
            _killed([*words, out], chance, tmp_path)
        assert run("apply", tmp_path / "plan.json", *BOTH, "-o", tmp_path / out).code == 0
        assert files(tmp_path / out) == whole
        assert _results(tmp_path / "plan.results") == said
        # What two runs wrote is taken back as what one wrote.
        _killed(["revert", "--plan", "plan.json", "--yes"], chance, tmp_path)
        assert run("revert", "--plan", tmp_path / "plan.json", "--yes").code == 0
        assert files(tmp_path / out) == {}
    assert tree(tmp_path / "whole") != "nothing"


@pytest.mark.slow
def test_org(prepared: tuple[Path, NewOrg], tmp_path: Path, chance: random.Random) -> None:
    made = prepared[1]
    fresh = tmp_path / "fresh"
    _copy(prepared[0], fresh)
    world = open_world(fresh, made)
    world.bring(*apps)
    world.house.close()
    at = ["--data", ".", "--user", made.username]
    words = ["apply", "plan.json", *BOTH, *at]
    run("plan", "--org", "Acme", "-o", tmp_path / "plan.json", "--data", fresh)
    for name in ("whole", *(f"killed{number}" for number in range(KILLS))):
        _copy(fresh, tmp_path / name)
        shutil.copy2(tmp_path / "plan.json", tmp_path / name / "plan.json")
    subprocess.run([CHANGEOVER, *words], cwd=tmp_path / "whole", check=True, capture_output=True)
    whole, said = _there(tmp_path / "whole", made), _results(tmp_path / "whole" / "plan.results")
    for number in range(KILLS):
        folder = tmp_path / f"killed{number}"
        while not _killed(words, chance, folder):
            shutil.rmtree(folder)
            _copy(fresh, folder)
            shutil.copy2(tmp_path / "plan.json", folder / "plan.json")
        subprocess.run([CHANGEOVER, *words], cwd=folder, check=True, capture_output=True)
        assert _there(folder, made) == whole
        assert _results(folder / "plan.results") == said
    assert {outcome for outcome, *_ in said.values()} == {Became.APPLIED}


def _copy(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for name in (DATABASE, f"{DATABASE}.key"):
        shutil.copy2(source / name, target / name)


def _there(folder: Path, made: NewOrg) -> list[Any]:
    """Return what an org holds, but for ids and times."""
    world: World = open_world(folder, made)
    found: list[Any] = []
    for row in world.see(list_apps, AppQuery(page_size=500, sort="api_name")).rows:
        external = world.see(view_external_client_app, row.api_name)
        with world.read() as unit:
            secret = unit.external.secret(external.app_id)
        found.append(
            (row.api_name, row.state, row.verdict, row.version, external.app, external.account, secret)
        )
    world.house.close()
    return found
