"""What it takes `sf` to deploy a thousand connected apps into a served org, and to retrieve them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from bench import peer
from bench.apps import CONNECTED_APPS, apps, write_project
from bench.measuring import COST_COLUMNS, Bench, Cost, Section, by, least
from bench.orgs import ADMIN, fill
from changeover.oauth import tokens
from changeover.org.built_in import SALESFORCE_CLI
from changeover.org.company import edit_org
from changeover.org.granting import add_placeholders
from changeover.org.installation import command_line_actor
from changeover.org.oauth_records import AccessToken, Flow
from tests.serving.served import Served, served

COUNT = 1_000
DATABASE, KEY = "changeover.db", "changeover.db.key"
TARGET = ("--target-org", ADMIN)
DEPLOY, RETRIEVE = "sf project deploy start", "sf project retrieve start"
CONVERT = "sf project convert source"
_TICKS = os.sysconf("SC_CLK_TCK")


class Org(NamedTuple):
    """An org that is served, and `sf` logged in to it."""

    server: Served
    sf: peer.Peer

    def run(self, used: list[float], *arguments: str | Path, cwd: Path) -> Cost:
        """Run a command of `sf` and return what it took, with the processor time that the server used.

        That is also added to `used`.
        """
        before = _processor_time(self.server.process.pid)
        took = self.sf.run(*arguments, cwd=cwd)
        used.append(_processor_time(self.server.process.pid) - before)
        return took._replace(processor=took.processor + used[-1])


def measure(bench: Bench) -> Section:
    """Deploy into an empty org, retrieve what is there then, and convert the same project."""
    project = bench.folder / "project"
    write_project(project, COUNT)
    empty, token = _prepared(bench.folder / "empty")
    used: dict[str, list[float]] = {CONVERT: [], DEPLOY: [], RETRIEVE: []}
    with ExitStack() as stack:
        there: list[Org] = []

        def deployed() -> Cost:
            data = bench.fresh()
            shutil.copytree(empty, data)
            there.append(stack.enter_context(_served(bench, data, token)))
            start = ("project", "deploy", "start", "--source-dir", "force-app")
            return there[-1].run(used[DEPLOY], *start, *TARGET, cwd=project)

        def retrieved() -> Cost:
            target = bench.fresh()
            write_project(target, 0)
            start = ("project", "retrieve", "start", "--metadata", "ConnectedApp")
            took = there[-1].run(used[RETRIEVE], *start, *TARGET, cwd=target)
            found = len(list((target / CONNECTED_APPS).iterdir()))
            if found != COUNT:
                sys.exit(f"{RETRIEVE} brought {found} apps")
            return took

        costs = least(
            {
                CONVERT: lambda: peer.peer(bench).convert_source(project),
                DEPLOY: deployed,
                RETRIEVE: retrieved,
            },
            bench.runs,
        )
    return Section(
        "Deployments",
        f"`sf` deploys {COUNT} made-up connected apps (`bench/apps.py`) into an org that has none and lets\n"
        "them be created, in one transaction, and retrieves them into an empty project; over https, one\n"
        "worker. The processor time is that of `sf` and of the server together.",
        ("command", *COST_COLUMNS, "of it the server"),
        [(f"`{what}`", *each.cells, _least(used[what])) for what, each in costs.items()],
        [
            by(f"`{what}` to `{CONVERT}`", costs[what], costs[CONVERT], at_most=3)
            for what in (DEPLOY, RETRIEVE)
        ],
        [peer.version()],
    )


def _prepared(folder: Path) -> tuple[Path, str]:
    """Make an installation with an org without apps that lets them be created; returns a token for `sf`.

    A deployment, unlike an import, makes no placeholders for the names that apps mention.
    """
    folder.mkdir()
    org = fill(str(folder / DATABASE), folder / KEY, 0)
    with org.opened() as house, house.units.unit() as unit:
        [acme] = unit.orgs.list()
        actor = command_line_actor(house.units, acme.org_id, ADMIN)
        edit_org(unit, actor, {"connected_app_creation_allowed": True}, seen_version=None)
        add_placeholders(unit, actor, apps(COUNT))
        token = tokens.access_token(acme.org_id, unit.now)
        unit.oauth.issue(
            AccessToken(
                digest=tokens.digest(token),
                org_id=acme.org_id,
                consumer_key=SALESFORCE_CLI.consumer_key,
                user_id=actor.user_id,
                scopes=("api", "web"),
                flow=Flow.WEB_SERVER,
                issued_at=unit.now,
                expires_at=unit.now + timedelta(days=1),
                authorization_id=None,
            )
        )
    return folder, token


@contextmanager
def _served(bench: Bench, data: Path, token: str) -> Iterator[Org]:
    with served(data, "--https-port", "0") as server:
        # `sf` minds no NO_PROXY, and asks nobody but the org that it is logged in to.
        reached = {"NODE_EXTRA_CA_CERTS": server.ca_file or "", "HTTP_PROXY": "", "HTTPS_PROXY": ""}
        sf = peer.peer(bench, reached)
        url = server.https_address
        login = ("org", "login", "access-token", "--no-prompt", "--instance-url", url)
        peer.peer(bench, {**reached, "SF_ACCESS_TOKEN": token}).run(*login, cwd=bench.folder)
        yield Org(server, sf)


def _least(used: list[float]) -> str:
    return f"{min(used):.2f} s" if used else ""


def _processor_time(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
