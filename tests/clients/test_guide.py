"""Every command and program in docs/clients.md does what the guide says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.peer import NODE
from changeover.serving.clients import CLIENTS, NAMES
from tests.clients.served_org import PERSON, ServedOrg
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^## ", GUIDE, flags=re.MULTILINE)[1:]}
PROGRAM = re.compile(r"`(login\.\w+)`:\n\n```\w+\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^\$ (.+)$", re.MULTILINE)
RUN = [name for name, text in SECTIONS.items() if COMMAND.search(text)]
BIN = ROOT / "node_modules" / ".bin"
_SERVE = "changeover serve --https-port 8443 --client-proxy 8792"


def test_these_are_the_clients() -> None:
    """A new section gets its test by itself; a client without one is named among the others."""
    assert len(NAMES) == len(CLIENTS)
    others = SECTIONS["Others"]
    for name in NAMES:
        assert name in (each.lower() for each in RUN) or f"`{name}`" in others, name
    # The server that the other commands need is the one that the tests start, on free ports.
    (serve,) = COMMAND.findall(GUIDE.partition("\n## ")[0])
    assert serve == _SERVE


@pytest.mark.parametrize("section", RUN)
def test_a_section_logs_in(org: ServedOrg, section: str, tmp_path: Path) -> None:
    text = SECTIONS[section]
    for name, program in PROGRAM.findall(text):
        (tmp_path / name).write_text(program, encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    bin_folder = Path(sys.executable).parent
    client = org.client(f"Guide_{section.replace('-', '_')}")
    environment = {
        "PATH": os.pathsep.join((str(bin_folder), str(NODE.parent), str(BIN), "/usr/bin", "/bin")),
        "CHANGEOVER_DATA": str(org.world.folder),
        "CONSUMER_KEY": client.key,
        "CONSUMER_SECRET": client.secret,
        "KEY_FILE": str(client.pem),
        "USERNAME": PERSON,
        # Where sf keeps who is logged in.
        "HOME": str(tmp_path),
        "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
    }
    script = "\n".join(("set -eu", *COMMAND.findall(text)))
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    if section == "sf":
        assert f"Successfully authorized {PERSON} with org ID {org.world.org_id}" in done.stdout
    else:
        assert done.stdout == f"{PERSON}\n"
