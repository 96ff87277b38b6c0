"""What all tests share: where other people's metadata lies, and how hard Hypothesis looks."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.oracle.salesforce import Oracle, Problem

# One browser and one PostgreSQL a worker, wherever their tests stand: Playwright starts once a process only.
pytest_plugins = ["tests.chromium", "tests.databases", "tests.postgresql"]

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"

# No deadline: two cores, shared with a browser. In CI the same examples each run.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Other people's metadata, beside the repository; never part of it.

    Where the folder is missing the test is skipped (and with CI=true fails, as every skip does).
    """
    if not CORPUS.is_dir():
        pytest.skip(f"no metadata of other people at {CORPUS}")
    return CORPUS


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true no test is skipped: what a test needs must be there."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and in CI nothing is: {call.excinfo}"
    return report


@pytest.fixture(scope="session")
def oracle(root: Path) -> Iterator[Callable[[Path], list[Problem]]]:
    """Ask Salesforce's own library what is wrong with a folder in source format; an empty list is good.

    One Node process serves a whole run.
    """
    if not (root / "node_modules" / "@salesforce" / "source-deploy-retrieve").is_dir():
        pytest.fail("Salesforce's library is missing: `make test` installs it")
    asking = Oracle()
    yield asking.ask
    asking.close()
