"""One served org for all clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.served_org import ServedOrg, serve_org
from tests.oauth.endpoint import Pair


@pytest.fixture(scope="session")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOrg]:
    """Return the org, served."""
    with serve_org(tmp_path_factory.mktemp("clients"), Pair()) as served:
        yield served
