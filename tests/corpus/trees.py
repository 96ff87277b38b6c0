"""Real metadata put together as a project folder, one repository at a time, and the command line run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = ("connected-apps", "external-client-apps", "related")
CHANGEOVER = Path(sys.executable).with_name("changeover")


@dataclass(frozen=True)
class Ran:
    """What came of one run of the command line."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, read as JSON."""
        return json.loads(self.out)


def changeover(
    *arguments: str | os.PathLike[str],
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> Ran:
    """Run the installed command line and wait for it."""
    done = subprocess.run(
        [CHANGEOVER, *arguments],
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", **(env or {})},
        timeout=timeout,
        stdin=subprocess.DEVNULL,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode("utf-8", "backslashreplace"))


def repositories(corpus: Path) -> list[str]:
    """The repositories that have connected apps."""
    return sorted(folder.name for folder in (corpus / "connected-apps").iterdir() if folder.is_dir())


def api_name(file: Path) -> str:
    """The API name that a connected app's file bears."""
    return file.name.split(".connectedApp", 1)[0]


def compose(corpus: Path, repository: str, into: Path, leave_out: frozenset[Path] = frozenset()) -> Path:
    """Copy one repository's metadata of all kinds; `leave_out` names files of the corpus."""
    for kind in KINDS:
        source = corpus / kind / repository
        for file in sorted(source.rglob("*")) if source.is_dir() else ():
            if file.is_file() and file not in leave_out:
                target = into / file.relative_to(corpus)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
    return into


def generations(corpus: Path, repository: str) -> Iterator[frozenset[Path]]:
    """Sets of files to leave out so that each name occurs once; every connected app is in some tree."""
    files = sorted((corpus / "connected-apps" / repository).rglob("*.connectedApp*"))
    folders = sorted({file.parent for file in files})
    newest = [file for file in files if file.parent == folders[0]]
    yield frozenset(files) - frozenset(newest)
    for folder in folders[1:]:
        here = [file for file in files if file.parent == folder]
        yield frozenset(files) - frozenset(here)
