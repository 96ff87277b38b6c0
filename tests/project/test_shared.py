"""Work shared over processes: the same results in the same order, errors kept, nobody left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.project import shared
from changeover.project.project import ConnectedAppEntry, Project
from changeover.project.shared import processes_for, share
from tests.migration.make import TODAY
from tests.project.files import connected_app, lay

COUNT = 130
# More than the reader takes, and well-formed: it shows only when the app itself is read.
DEEP = "<a>" * 40 + "</a>" * 40


def name_and_process(entry: ConnectedAppEntry) -> tuple[str, int]:
    return entry.app.full_name, os.getpid()


def end_here(entry: ConnectedAppEntry) -> None:
    if entry.app.full_name == "App77":
        os._exit(9)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    files: dict[str, str | bytes] = {
        f"App{number:02}.connectedApp": connected_app(key=str(number)) for number in range(COUNT)
    }
    files["App05.connectedApp"] = connected_app(more=DEEP)
    files["App99.connectedApp"] = "<"
    return lay(tmp_path / "source", files)


@pytest.fixture
def archive(source: Path) -> Path:
    return Path(shutil.make_archive(str(source), "zip", source))


@pytest.mark.parametrize("place", ["source", "archive"])
def test_the_results_are_those_of_one_process_in_the_same_order(
    place: str, request: pytest.FixtureRequest
) -> None:
    told = []
    for processes in (1, 2):
        with Project(request.getfixturevalue(place)) as project:
            results = list(share(project, name_and_process, TODAY, processes=processes))
            told.append(([name for name, _ in results], [str(error) for error in project.errors]))
            workers = {process for _, process in results}
            assert (os.getpid() in workers) is (processes == 1)
    assert told[0] == told[1]
    names, wrong = told[0]
    assert len(names) == COUNT - 2
    assert names == sorted(names)
    assert [error.split(":")[0] for error in wrong] == ["E-XML-BROKEN", "E-XML-TOO-LARGE"]


def test_a_worker_that_ends_in_the_middle_is_one_error(source: Path) -> None:
    with Project(source) as project, pytest.raises(ChangeoverError) as caught:
        list(share(project, end_here, TODAY, processes=2))
    assert caught.value.kind is errors.WORKER_LOST


def test_who_stops_listening_leaves_no_process_behind(source: Path) -> None:
    with Project(source) as project:
        results = share(project, name_and_process, TODAY, processes=2)
        _, worker = next(results)
        results.close()  # type: ignore[attr-defined]  # it is a generator
    assert not alive(worker)


def test_few_apps_are_worked_on_right_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert processes_for(0) == processes_for(shared.WORTH_A_PROCESS) == 1
    assert processes_for(shared.WORTH_A_PROCESS * 2) == 2
    assert processes_for(1_000_000) == shared.MOST_PROCESSES
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert processes_for(1_000_000) == 1


SLOW = """
import sys, time
from datetime import date
from pathlib import Path
from changeover.project.project import Project
from changeover.project.shared import share

def work(entry):
    print("at work", flush=True)
    time.sleep(0.02)
    return entry.path

try:
    with Project(Path(sys.argv[1])) as project:
        for path in share(project, work, date(2026, 11, 23), processes=2):
            pass
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_stopped_or_killed_no_process_is_left(
    source: Path, tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    script = tmp_path / "slow.py"
    script.write_text(SLOW, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, script, source],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read(7) == "at work"
        if sent is signal.SIGINT:
            os.killpg(process.pid, sent)  # as Ctrl-C does: the whole group
        else:
            process.send_signal(sent)
        # The pipes close when the last of them has gone: a worker left behind would run into the limit.
        _, said = process.communicate(timeout=20)
    assert process.returncode == code
    assert "Traceback" not in said


def alive(process: int) -> bool:
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True
