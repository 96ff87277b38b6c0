"""What a login meets is what was committed last, whichever process did it: nothing of an app is stale."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from changeover.org.permission_sets import save_permission_set
from tests.oauth.endpoint import INTEGRATION, Endpoint, secrets
from tests.oauth.other_process import SET
from tests.org.world import SECRET

TOKEN = {"grant_type": "client_credentials"}


class Other:
    """The other process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def do(self, act: str) -> str:
        """Have it do something, and return what it said once that is committed."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{act}\n")
        self._process.stdin.flush()
        return self.said()

    def said(self) -> str:
        assert self._process.stdout is not None
        said = self._process.stdout.readline().strip()
        assert said, "the other process failed"
        return said


@contextmanager
def another(endpoint: Endpoint) -> Iterator[Other]:
    command = [sys.executable, "-m", "tests.oauth.other_process"]
    where = [str(endpoint.world.folder), endpoint.world.org_id]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, *where], **pipes) as process:  # type: ignore[call-overload]
        other = Other(process)
        assert other.said() == "ready"
        yield other
        process.stdin.close()


def test_nothing_of_an_app_is_out_of_date(endpoint: Endpoint) -> None:
    def asked(secret: str = SECRET) -> str:
        answer = endpoint.token({**secrets(**TOKEN), "client_secret": secret})
        assert answer.body is not None
        return "token" if answer.status == 200 else str(answer.body["error_description"])

    assert asked() == "token"
    with another(endpoint) as other:
        secret = other.do("rotate")
        assert asked() == "invalid client credentials"
        assert asked(secret) == "token"
        other.do("flow off")
        assert "not enabled" in asked(secret)
        other.do("flow on")
        assert asked(secret) == "token"
        other.do("block")
        assert "blocked" in asked(secret)
        other.do("unblock")
        other.do("deactivate")
        assert "inactive" in asked(secret)
        other.do("activate")
        assert asked(secret) == "token"
        other.do("migrate")
        assert asked(secret) == "token"
        other.do("plugin off")
        assert "blocked" in asked(secret)
        other.do("plugin on")
        assert asked(secret) == "token"
        other.do("revert")
        assert asked(secret) == "token"


def test_nothing_of_an_org_and_a_user_is_out_of_date(endpoint: Endpoint) -> None:
    endpoint.world.do(save_permission_set, SET, "Integration", [])

    def seen() -> tuple[bool, tuple[str, ...], bool]:
        with endpoint.world.read() as unit:
            org, user = unit.orgs.only(), unit.users.in_org(endpoint.world.org_id, INTEGRATION)
        assert org is not None
        assert user is not None
        return org.username_password_blocked, user.permission_sets, user.active

    assert seen() == (False, (), True)
    with another(endpoint) as other:
        other.do("assign")
        assert seen() == (False, (SET,), True)
        other.do("passwords off")
        assert seen() == (True, (SET,), True)
        other.do("deactivate")
        assert seen() == (True, (SET,), False)
