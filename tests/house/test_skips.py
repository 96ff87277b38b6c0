"""Nothing is skipped in silence: with CI=true a skip is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

def test_skips():
    pytest.skip("no such program")

@pytest.mark.xfail(reason="known", strict=True)
def test_known():
    assert False

def test_passes():
    pass
"""


@pytest.mark.parametrize(
    ("ci", "code", "said"),
    [("", 0, "1 passed, 1 skipped, 1 xfailed"), ("true", 1, "1 failed, 1 passed, 1 xfailed")],
)
def test_a_skip(ci: str, code: int, said: str, root: Path, tmp_path: Path) -> None:
    (tmp_path / "test_inner.py").write_text(TESTS, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "-c",
        os.devnull,
        "--rootdir",
        str(tmp_path),
    ]
    answer = subprocess.run(
        [*command, str(tmp_path)],
        cwd=root,
        env={**os.environ, "CI": ci, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert said in answer.stdout
    assert answer.returncode == code
    assert ("no such program" in answer.stdout) == bool(ci)
