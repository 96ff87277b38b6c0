"""On which databases a test with a `world` runs.

Acts and the store run on both: there the two could differ. So do the OAuth flows that keep the most in the
store, and the article over REST, REST's migrations and strange requests, to show that every error comes
through alike. The rooms in front (pages, browser, command line, the other operations of REST) reach the store
through the same acts; a second run of them would test the acts a third time, so they run on SQLite only.
"""

from __future__ import annotations

from pathlib import Path

import pytest

SQLITE, POSTGRESQL = "sqlite", "postgresql"
BOTH = (
    "tests/org/",
    "tests/store/",
    "tests/oauth/test_device.py",
    "tests/oauth/test_web_server.py",
    "tests/article/test_rest.py",
    "tests/api/test_migration.py",
    "tests/api/test_strange_requests.py",
    "tests/attack/test_at_once.py",
)
_ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks of tests for one database."""
    config.addinivalue_line("markers", "sqlite_only(why): what is tested is SQLite's own")
    config.addinivalue_line("markers", "postgresql_only(why): what is tested is PostgreSQL's own")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test with a database of its own run on each that it is about."""
    if "backend" not in metafunc.fixturenames:
        return
    place = metafunc.definition.path.relative_to(_ROOT).as_posix()
    kinds = [SQLITE, POSTGRESQL] if place.startswith(BOTH) else [SQLITE]
    for kind in (SQLITE, POSTGRESQL):
        if metafunc.definition.get_closest_marker(f"{kind}_only") is not None:
            kinds = [kind]
    metafunc.parametrize(
        "backend", kinds, indirect=True, ids=kinds if len(kinds) > 1 else [pytest.HIDDEN_PARAM]
    )


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database of a test."""
    kind: str = request.param
    return kind
