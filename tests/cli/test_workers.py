"""`changeover serve --workers` and `changeover worker`: processes die, and what they did goes on."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from changeover.org.batches import start_batch, view_batch
from tests.cli.test_serving import CHANGEOVER, address, answered, environment, serving
from tests.org.world import YES, World, app


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    """Return the workers of a server: multiprocessing's own helper is none."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    every = (child for task in tasks for child in (task / "children").read_text().split())
    return sorted(int(one) for one in every if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes())


def sign_in(base: str, said: str) -> httpx.Client:
    """Sign the sample org's administrator in."""
    username, password = re.findall(r"^  (admin@\S+)   (\S+)", said, re.MULTILINE)[0]
    browser = httpx.Client(base_url=base, timeout=60)
    # A connection of its own for each request: any worker may take it.
    browser.headers["Connection"] = "close"
    browser.get("/sign-in")
    form = {"_csrf_token": browser.cookies["csrf"], "username": username, "password": password}
    assert browser.post("/sign-in", data=form).status_code == 303
    return browser


@pytest.mark.slow
def test_workers_share_everything_and_one_that_dies_is_replaced(tmp_path: Path) -> None:
    with serving(tmp_path, "--sample", "--workers", "2") as (process, said):
        base = address(said)
        assert answered(f"{base}/sign-in").status_code == 200
        until(lambda: len(children(process.pid)) == 2)
        first, second = children(process.pid)
        # Only one of them at a time: what was begun at one goes on at the other.
        os.kill(first, signal.SIGSTOP)
        with closing(sign_in(base, said)) as browser:
            os.kill(second, signal.SIGSTOP)
            os.kill(first, signal.SIGCONT)
            assert browser.get("/setup").status_code == 200
            form = {"_csrf_token": browser.cookies["csrf"], "name": "ci"}
            assert browser.post("/setup/api-tokens", data=form).status_code == 200
            os.kill(first, signal.SIGKILL)
            os.kill(second, signal.SIGCONT)
            assert "ci" in browser.get("/setup/api-tokens").text
            until(lambda: len(children(process.pid)) == 2 and first not in children(process.pid))
            assert browser.get("/setup").status_code == 200
        workers = children(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


@pytest.mark.slow
def test_workers_end_with_their_parent_and_leave_the_address_free(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as (process, said):
        base = address(said)
        assert answered(f"{base}/sign-in").status_code == 200
        until(lambda: len(children(process.pid)) == 2)
        process.kill()
        process.wait(10)
        port = int(base.rpartition(":")[2])

        def free() -> bool:
            try:
                socket.create_server(("127.0.0.1", port)).close()
            except OSError:
                return False
            return True

        until(free)


@pytest.mark.slow
def test_a_worker_on_sqlite_runs_what_waits_and_ends_when_it_is_asked_to(world: World) -> None:
    names = [f"App{number}" for number in range(5)]
    world.bring(*(app(name) for name in names))
    # Nobody is at it, by any clock.
    batch = world.do(start_batch, names, YES)
    command = [*CHANGEOVER, "worker", "--data", str(world.folder)]
    with subprocess.Popen(command, env=environment(world.folder)) as worker:
        until(lambda: world.see(view_batch, batch.batch_id).done)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    assert world.see(view_batch, batch.batch_id).results == {"migrated": len(names)}
