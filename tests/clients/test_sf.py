"""Salesforce's command line, unmodified: one key logs in at every stage of a migration."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench.peer import CLI, NODE
from changeover.serving.clients import Reach, needs
from changeover.serving.whereabouts import whereabouts_in
from tests.clients.served_org import DOMAIN, PERSON, ServedOrg

QUIET = {"NO_COLOR": "1", "SF_DISABLE_LOG_FILE": "true", "SF_USE_GENERIC_UNIX_KEYCHAIN": "true"}


def sf(org: ServedOrg, home: Path, *words: str) -> dict[str, Any]:
    """Run a command with what `changeover org env` says, in a home of its own; nothing leaves the machine."""
    where = whereabouts_in(org.world.folder)
    assert where is not None
    (found,) = needs(Reach(where, DOMAIN), "sf")
    assert "HTTPS_PROXY" in found.environment
    done = subprocess.run(
        [NODE, CLI / "bin" / "run.js", *words, "--json"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), **QUIET, **found.environment},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.slow
def test_a_login_by_jwt_at_every_stage(org: ServedOrg, tmp_path: Path) -> None:
    client = org.client("Sf")
    where = whereabouts_in(org.world.folder)
    assert where is not None
    url = Reach(where, DOMAIN).login_url
    key = ("--jwt-key-file", str(client.pem))
    login = ("org", "login", "jwt", "--instance-url", url, "--username", PERSON, *key)
    home = tmp_path
    for stage in org.stages(client):
        home = tmp_path / stage.name.replace(" ", "-")
        home.mkdir()
        answer = sf(org, home, *login, "--client-id", client.key)
        assert answer["status"] == 0, (stage.name, answer)
        assert answer["result"]["username"] == PERSON
        assert answer["result"]["orgId"] == org.world.org_id
        assert answer["result"]["instanceUrl"] == url
    # A login that is refused makes it try Salesforce's own hosts: the proxy leads those here too.
    refused = sf(org, home, *login, "--client-id", "3MVG9.nobody")
    assert refused["status"] == 1
    assert "client identifier invalid" in refused["message"], refused
