"""Refused logins of `sf`, where nothing can leave the machine: it says why, and so does Login History."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.cut_off import STRANGER
from tests.clients.served_org import PERSON
from tests.conftest import ROOT


@pytest.mark.slow
def test_refused_logins_by_jwt_say_why(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.clients.cut_off", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    wrong_key, not_approved, good = found["answers"]
    assert wrong_key["status"] == 1
    assert "invalid assertion" in wrong_key["message"], found
    assert not_approved["status"] == 1
    assert "user is not admin approved to access this app" in not_approved["message"], found
    # What it tried at login. and test.salesforce.com went nowhere, or came here too through the proxy.
    nowhere = 2 if found["alone"] else 0
    assert [one["message"].count("fetch failed") for one in (wrong_key, not_approved)] == [nowhere, nowhere]
    # The refusals were not for want of a network.
    assert good == {"status": 0, "message": ""}
    refused = {(username, status) for username, status in found["logins"] if status != "Success"}
    assert {username for username, _status in refused} == {PERSON, STRANGER}
    assert (PERSON, "Success") in {tuple(row) for row in found["logins"]}
