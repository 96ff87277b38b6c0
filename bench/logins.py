"""Logins: tokens for client credentials, and their introspection, beside two servers of others."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, NamedTuple, cast
from urllib.parse import quote
from urllib.request import Request, urlopen

from bench.measuring import Bench, Ratio, Section
from bench.orgs import ADMIN
from bench.ours import COMMAND
from bench.peer import NODE
from changeover.apps.connected_app import ConnectedApp, OauthConfig
from changeover.org.importing import Incoming, import_apps
from changeover.org.installation import command_line_actor, create_org
from changeover.org.model.orgs import Edition
from changeover.org.people import NewUser, create_user
from changeover.wiring import open_house
from tools import prepare

BENCH = Path(__file__).resolve().parent
CLIENT_ID, CLIENT_SECRET = "3MVG9.Bench_key", "secret-of-the-bench-0123456789"
CONNECTIONS = 16
WARM, SECONDS = 1.0, 5.0
SERVER_CPU, LOAD_CPU = 0, 1
TOKEN, INTROSPECTION = "token", "introspection"
OURS, PROVIDER, TOOLKIT = "Changeover", "oidc-provider", "django-oauth-toolkit"
AIMS = {
    (TOKEN, PROVIDER): 0.3,
    (TOKEN, TOOLKIT): 4,
    (INTROSPECTION, PROVIDER): 0.4,
    (INTROSPECTION, TOOLKIT): 4,
}


class Server(NamedTuple):
    """A server, how it is started, and what it is asked."""

    command: Sequence[str | Path]
    environment: Mapping[str, str]
    port: int
    paths: Mapping[str, str]
    form: str
    """Of the token endpoint."""

    def request(self, what: str, form: str) -> bytes:
        """Return a request as it goes over the wire."""
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        head = (
            f"POST {self.paths[what]} HTTP/1.1",
            f"Host: localhost:{self.port}",
            f"Authorization: Basic {basic}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(form)}",
        )
        return "\r\n".join((*head, "", form)).encode()


class Taken(NamedTuple):
    """What an endpoint did."""

    rate: float
    """Answers a second."""
    processor: float
    """Seconds of the server's processor an answer."""
    p50: float
    p99: float


def measure(bench: Bench) -> Section:
    """Put the same load on each server in turn."""
    servers = {
        OURS: _ours(bench.folder),
        PROVIDER: _provider(),
        TOOLKIT: _toolkit(bench.folder),
    }
    taken: dict[tuple[str, str], list[Taken]] = {}
    for _ in range(bench.runs):
        for name, server in servers.items():
            with _running(server) as pid:
                for what in (TOKEN, INTROSPECTION):
                    taken.setdefault((what, name), []).append(_load(server, what, pid))
    best = {
        key: Taken(
            max(one.rate for one in each),
            min(one.processor for one in each),
            min(one.p50 for one in each),
            min(one.p99 for one in each),
        )
        for key, each in taken.items()
    }
    return Section(
        "Logins",
        f"{CONNECTIONS} connections, each asking for the next token as soon as it has the last\n"
        "(client credentials, the secret by HTTP Basic, opaque tokens); then what one token is good for.\n"
        "Each server has one worker and one processor, the load the other. Changeover and\n"
        "django-oauth-toolkit write each token to SQLite before they answer (WAL, synchronous = FULL), and\n"
        "Changeover a row of Login History; oidc-provider keeps them in memory.\n"
        "django-oauth-toolkit compares secrets unhashed, behind gunicorn with four threads.\n"
        "The second ratio is of answers by processor time.",
        ("endpoint", "server", "answers a second", "processor time each", "median", "99th percentile"),
        [
            (
                what,
                name,
                f"{each.rate:.0f}",
                f"{each.processor * 1000:.2f} ms",
                f"{each.p50 * 1000:.1f} ms",
                f"{each.p99 * 1000:.1f} ms",
            )
            for (what, name), each in best.items()
        ],
        [
            _ratio(what, best[what, OURS], other, best[what, other], aim)
            for (what, other), aim in AIMS.items()
        ],
        [f"oidc-provider {_npm_version()}", f"{TOOLKIT} {version(TOOLKIT)}"],
    )


def _ratio(what: str, ours: Taken, other: str, theirs: Taken, aim: float) -> Ratio:
    return Ratio(
        f"{what}: answers a second, to {other}",
        ours.rate / theirs.rate,
        at_least=aim,
        processor=theirs.processor / ours.processor,
    )


def _npm_version() -> str:
    package = BENCH / "node_modules" / "oidc-provider" / "package.json"
    return str(json.loads(package.read_text(encoding="utf-8"))["version"])


def _ours(folder: Path) -> Server:
    database, key_file, port = folder / "changeover.db", folder / "changeover.db.key", _free_port()
    house = open_house(database, key_file=key_file, environment={})
    made = create_org(house.units, "Acme", Edition.DEVELOPER, my_domain="acme", username=ADMIN, email=ADMIN)
    actor = command_line_actor(house.units, made.org.org_id)
    integration = "integration@acme.example"
    new = NewUser(username=integration, name="Integration", email=integration, profile="Standard User")
    create_user(house.units, actor, new)
    app = ConnectedApp(
        full_name="Bench",
        label="Bench",
        contact_email=ADMIN,
        oauth_config=OauthConfig(
            callback_url="https://bench.example/callback",
            consumer_key=CLIENT_ID,
            consumer_secret=CLIENT_SECRET,
            is_client_credential_enabled=True,
            oauth_client_credential_user=integration,
            scopes=("Api",),
        ),
    )
    [outcome] = import_apps(house.units, actor, [Incoming(app=app, path="Bench.connectedApp")])
    if outcome.result != "created":
        sys.exit(outcome.message)
    house.close()
    return Server(
        (COMMAND, "serve", "--database", database, "--port", str(port)),
        {},
        port,
        {TOKEN: "/services/oauth2/token", INTROSPECTION: "/services/oauth2/introspect"},
        "grant_type=client_credentials",
    )


def _provider() -> Server:
    prepare.once("bench-npm", [BENCH / "package-lock.json"], _npm_packages)
    port = _free_port()
    return Server(
        (NODE, BENCH / "provider.mjs", str(port), CLIENT_ID, CLIENT_SECRET),
        {"NODE_ENV": "production"},
        port,
        {TOKEN: "/token", INTROSPECTION: "/token/introspection"},
        "grant_type=client_credentials&scope=api",
    )


def _npm_packages() -> None:
    npm = prepare.VENV / "bin" / "npm"
    prepare.run(
        npm, "ci", "--prefix", BENCH, "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"
    )


def _toolkit(folder: Path) -> Server:
    environment, port = {"TOOLKIT_DATABASE": str(folder / "toolkit.db")}, _free_port()
    making = [sys.executable, "-m", "bench.toolkit", CLIENT_ID, CLIENT_SECRET]
    subprocess.run(making, check=True, env=os.environ | environment)
    serving = ("-m", "gunicorn", "bench.toolkit:application", "--bind", f"127.0.0.1:{port}")
    return Server(
        (sys.executable, *serving, "--worker-class", "gthread", "--threads", "4", "--log-level", "error"),
        environment,
        port,
        {TOKEN: "/o/token/", INTROSPECTION: "/o/introspect/"},
        "grant_type=client_credentials&scope=api",
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@contextmanager
def _running(server: Server) -> Iterator[int]:
    """Run a server on its processor; yields the id of its process, which is that of its process group."""
    with _on(SERVER_CPU):
        process = subprocess.Popen(
            server.command,
            env=os.environ | server.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        _wait_for(server.port, process)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


@contextmanager
def _on(cpu: int) -> Iterator[None]:
    """Have what is started here run on one processor."""
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu} & all_of_them or all_of_them)
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("a server did not start")


def _load(server: Server, what: str, pid: int) -> Taken:
    form = server.form if what == TOKEN else f"token={quote(_token(server), safe='')}"
    command = [
        sys.executable,
        "-m",
        "bench.load",
        str(server.port),
        str(CONNECTIONS),
        str(WARM),
        str(SECONDS),
    ]
    with (
        _on(LOAD_CPU),
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as loading,
    ):
        to, come = cast("IO[bytes]", loading.stdin), cast("IO[bytes]", loading.stdout)
        to.write(server.request(what, form))
        to.close()
        # It begins to count.
        come.readline()
        before = _processor(pid)
        told: dict[str, Any] = json.loads(come.readline())
        used = _processor(pid) - before
    if set(told["statuses"]) != {"200"}:
        sys.exit(f"{' '.join(map(str, server.command))} answered {told['statuses']}")
    answers = told["answers"]
    return Taken(answers / told["wall"], used / answers, told["p50"], told["p99"])


def _token(server: Server) -> str:
    """Ask for one token."""
    head, _, body = server.request(TOKEN, server.form).partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    with urlopen(Request(f"http://127.0.0.1:{server.port}{server.paths[TOKEN]}", body, headers)) as answer:
        return str(json.load(answer)["access_token"])


def _processor(group: int) -> float:
    """Return the seconds of processor that a process group has taken so far."""
    ticks = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
