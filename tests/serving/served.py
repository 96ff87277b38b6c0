"""A real `changeover serve` on free ports, as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

CHANGEOVER = str(Path(sys.executable).with_name("changeover"))


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what would change where Changeover looks."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CHANGEOVER_")} | more


class Served(NamedTuple):
    """A server."""

    process: subprocess.Popen[bytes]
    address: str
    base_url: str | None
    https_address: str
    client_proxy: str
    ca_file: str | None
    users: list[dict[str, str]]
    log: Path
    """What it has printed."""


@contextmanager
def served(data: Path, *options: str) -> Iterator[Served]:
    """Serve an installation until the block ends."""
    command = [CHANGEOVER, "serve", "--data", str(data), "--port", "0", "--json", *options]
    log = data.parent / f"{data.name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env=environment(PYTHONUNBUFFERED="1")
        )
    try:
        yield Served(process=process, log=log, **_answer(process, log))
    finally:
        process.terminate()
        try:
            process.wait(30)
        finally:
            process.kill()
            process.wait(10)


def _answer(process: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    """Return what a server says when it listens."""
    for _ in range(1200):
        document, end, _ = log.read_text(encoding="utf-8").partition("\n}\n")
        if end:
            answer: dict[str, Any] = json.loads(document + end)
            return answer
        assert process.poll() is None, document
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))
