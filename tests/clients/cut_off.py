"""Logins of `sf` that are refused, where nothing can leave the machine; prints what came of them as JSON.

    python -m tests.clients.cut_off FOLDER

A refused JWT makes `sf` try login.salesforce.com and test.salesforce.com as well. So this process, the server
and `sf` have a network of their own, in which there is nothing but loopback. Where the system lets nobody
make one (a container without the right to), the client proxy does it: it leads those two hosts to the local
org, and refuses every other.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import socket
import struct
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from changeover.org.lists import LoginQuery
from tests.clients.served_org import PERSON, ServedOrg, serve_org
from tests.clients.sf import Sf
from tests.oauth.endpoint import Pair
from tests.org.world import YES

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
OUTSIDE = "192.0.2.1"
"""An address that is nobody's (RFC 5737)."""
STRANGER = "stranger@acme.example"


def alone() -> bool:
    """Move this process and its children to a network of their own; returns whether the system lets it."""
    libc = ctypes.CDLL(None, use_errno=True)
    # Root needs no user of its own; anybody else needs one, where the system allows that.
    if libc.unshare(CLONE_NEWNET) and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))
    with socket.socket() as outwards:
        outwards.settimeout(1)
        assert outwards.connect_ex((OUTSIDE, 443)) == errno.ENETUNREACH
    return True


def logins(org: ServedOrg, environment: dict[str, str]) -> list[dict[str, Any]]:
    """Try to log in with a stranger's key, after the migration as a stranger, and as who may."""
    client = org.client("Cut_Off")
    other = org.folder / "other.pem"
    other.write_bytes(Pair().pem)
    org.world.user(STRANGER, "Read Only")

    def tried(number: int, username: str, key: Path) -> dict[str, Any]:
        sf = Sf(org.folder / f"home {number}", environment)
        done = sf.run(
            *("org", "login", "jwt", "--client-id", client.key, "--jwt-key-file", str(key)),
            *("--username", username, "--instance-url", org.url),
        )
        answer = json.loads(done.stdout)
        return {"status": answer["status"], "message": answer.get("message", "")}

    before = tried(1, PERSON, other)
    # Its callback is that of a pipeline.
    org.world.migrated(client.api_name, replace(YES, despite_evidence=True))
    return [before, tried(2, STRANGER, client.pem), tried(3, PERSON, client.pem)]


def main(folder: Path) -> None:
    """Log in, and print what came of it."""
    cut_off = alone()
    with serve_org(folder, Pair()) as org:
        answers = logins(org, org.environment if cut_off else org.proxied)
        with org.world.read() as unit:
            rows = unit.logins.page(org.world.org_id, LoginQuery(page_size=100)).rows
        told = [(row.username, row.status) for row in reversed(rows)]
    sys.stdout.write(json.dumps({"alone": cut_off, "answers": answers, "logins": told}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
