"""A real `changeover serve` on free ports, as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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

    process: subprocess.Popen[str]
    address: str
    base_url: str | None
    https_address: str
    client_proxy: str
    ca_file: str | None
    users: list[dict[str, str]]
    log: Path


@contextmanager
def served(data: Path, *options: str) -> Iterator[Served]:
    """Serve an installation until the block ends."""
    command = [CHANGEOVER, "serve", "--data", str(data), "--port", "0", "--json", *options]
    log = data.parent / f"{data.name}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment(PYTHONUNBUFFERED="1")
        )
    assert process.stdout is not None
    try:
        said = ""
        for line in process.stdout:
            said += line
            if line == "}\n":
                break
        assert said, log.read_text()
        answer: dict[str, Any] = json.loads(said)
        yield Served(process=process, log=log, **answer)
    finally:
        process.terminate()
        try:
            process.wait(30)
        finally:
            process.kill()
            process.wait(10)
            process.stdout.close()
