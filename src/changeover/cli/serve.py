"""`changeover serve`: the Setup pages and the REST API on this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click
import uvicorn
from uvicorn.supervisors import Multiprocess

from changeover import errors
from changeover.cli.exit_codes import DONE, ERROR
from changeover.cli.limits import limit_options
from changeover.cli.output import emit, say
from changeover.cli.places import House, place_as_given, wiring, with_house
from changeover.cli.terminal import complain
from changeover.errors import ChangeoverError
from changeover.oauth.limits import Limits
from changeover.org.installation import list_orgs
from changeover.sample import Sample, fill
from changeover.sample.fill import ORG_NAME, is_there

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
FIRST_CLICKS = (
    ("An app that may migrate: App Manager > Customer Portal", "/setup/app-manager/Customer_Portal"),
    ("One that may not, and why: App Manager > Order Canvas", "/setup/app-manager/Order_Canvas"),
    ("Your own apps, looked at before anything is changed: Import", "/setup/import"),
)
HEALTH_SECONDS = 30
AGAIN_SECONDS = 1.0
BACKLOG = 1024
"""Connections that wait: clients of Salesforce's own open hundreds at once."""


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 for any that is free.",
)
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="A further name under which browsers may reach this server; may be repeated.",
)
@click.option(
    "--https",
    is_flag=True,
    help="Browsers come over https, through a proxy: cookies are sent over https only.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that serve, on one address.",
)
@limit_options
@click.option("--sample", is_flag=True, help="Make the sample org, if it is not there yet.")
@with_house(create=True)
def command(  # noqa: PLR0913 - an option each
    house: House,
    host: str,
    port: int,
    names: tuple[str, ...],
    workers: int,
    limits: Limits,
    *,
    https: bool,
    sample: bool,
    as_json: bool,
) -> int:
    """Serve the Setup pages and the REST API until stopped with Ctrl-C.

    With --sample an org is there to try things in: about a dozen apps, one for each verdict, and users whose
    passwords are made by chance and shown once.

    With --workers a process that dies is replaced, and none of them holds anything that the others need. On
    SQLite a server also runs the batches; on PostgreSQL `changeover worker` does.
    """
    made = fill(house.units) if sample and not is_there(house.units) else None
    hosts = frozenset((*LOOPBACK, _bracketed(host), *names))
    listening = _listen(host, port)
    address = f"http://{_bracketed(host)}:{listening.getsockname()[1]}"
    if as_json:
        emit({"address": address, "users": _users(made)})
    else:
        _tell(house, address, made, sample=sample)
    # uvicorn shuts down in order, and then raises what stopped it once more.
    with suppress(KeyboardInterrupt):
        if workers == 1:
            app = wiring().web_application(house, https=https, hosts=hosts, limits=limits)
            uvicorn.Server(_config(app)).run(sockets=[listening])
        else:
            # What is sent to the workers opens the installation there: this process only looks after them.
            one = Worker(wiring().served(house, https=https, hosts=hosts, limits=limits))
            house.close()
            Multiprocess(_config(one, factory=True, workers=workers), sockets=[listening]).run()
    return DONE


class Worker:
    """What one of several processes runs: it makes its application, and ends when its parent is gone.

    Args:
        make: makes the application.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __call__(self) -> Any:  # noqa: ANN401 - an ASGI application
        """Return the application. Where it cannot be made now, the parent tries again."""
        threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
        try:
            return self._make()
        except ChangeoverError as error:
            complain(str(error))
            time.sleep(AGAIN_SECONDS)
            raise SystemExit(ERROR) from None


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        # A killed parent ends nobody: without this its workers would go on, and hold the address.
        os.kill(os.getpid(), signal.SIGTERM)


def _config(app: Any, *, factory: bool = False, workers: int = 1) -> uvicorn.Config:  # noqa: ANN401 - ASGI
    return uvicorn.Config(
        app,
        factory=factory,
        workers=workers,
        backlog=BACKLOG,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # A worker on a busy machine is slow to say that it is alive, and not dead.
        timeout_worker_healthcheck=HEALTH_SECONDS,
    )


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections: the address is told when it is true. E-ADDRESS-TAKEN."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        message = f"Nothing can listen on {_bracketed(host)}:{port}: {error.strerror or error}."
        raise ChangeoverError(errors.ADDRESS_TAKEN, message) from None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _users(made: Sample | None) -> list[dict[str, str]]:
    found = made.users if made is not None else ()
    return [{"username": each.username, "password": each.password, "may": each.may} for each in found]


def _tell(house: House, address: str, made: Sample | None, *, sample: bool) -> None:
    say(f"Changeover is at {address}/ (stop it with Ctrl-C).")
    if made is not None:
        say(f"\nUsers of the org {made.org.name}, with passwords that are shown this once:")
        for user in made.users:
            say(f"  {user.username}   {user.password}   {user.may}")
    elif sample:
        how = f"changeover user password{place_as_given()} --org '{ORG_NAME}' USERNAME"
        say(f"The sample org is there already. For a new password: {how}")
    elif not list_orgs(house.units):
        say("There is no org yet: changeover org create, or start with --sample.")
    if sample:
        say("\nThe first three clicks, once signed in:")
        for number, (what, path) in enumerate(FIRST_CLICKS, 1):
            say(f"  {number}. {what}\n     {address}{path}")
