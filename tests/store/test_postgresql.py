"""PostgreSQL: opened by its URL, whatever the server is set up for, and left as it was found."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from changeover.org.installation import create_org, list_orgs
from changeover.org.model import Edition
from changeover.wiring import open_house
from tests.org.world import FAST
from tests.postgresql import Server


def test_an_installation_on_postgresql_is_there_again_when_it_is_opened_again(
    postgresql: Server, tmp_path: Path
) -> None:
    url = postgresql.url(postgresql.new())
    house = open_house(url, key_file=tmp_path / "key", passwords=FAST, environment={})
    person = "admin@acme.example"
    create_org(house.units, "Acme", Edition.DEVELOPER, my_domain="acme", username=person, email=person)
    house.close()
    house = open_house(url, key_file=tmp_path / "key", passwords=FAST, environment={})
    assert [org.name for org in list_orgs(house.units)] == ["Acme"]
    house.close()


STARTS = """
import sys
from tests.postgresql import Server
server = Server()
server.start()
print(server.folder, (server.folder / "data" / "postmaster.pid").read_text().split()[0], flush=True)
sys.stdin.read()
"""


def test_no_server_outlives_the_tests(root: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTS], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        folder, server = process.stdout.readline().split()
        os.kill(int(server), 0)
        process.send_signal(signal.SIGKILL)
    gone = Path(folder, "data", "postmaster.pid")
    for _ in range(600):
        if not gone.exists():
            break
        time.sleep(0.05)
    assert not gone.exists()
    shutil.rmtree(folder)
